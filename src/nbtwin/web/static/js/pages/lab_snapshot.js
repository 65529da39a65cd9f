// The whole lab at once: its state as a file, a state from a file, and a fresh start. For admins.

import { html } from "../base/view.js";
import { API, call, post } from "../base/api.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";
import { card, toggle } from "../parts/states.js";
import { tryDestructive } from "../state/actions.js";
import { loadLab } from "../state/lab.js";

const PARTS = ["faults", "devices", "modules"];

/** @param {Lifecycle} lifecycle */
export function newLabSnapshot(lifecycle) {
  /** @type {Record<string, boolean>} */
  const own = { faults: true, devices: true, modules: false };

  async function reset() {
    const question = { title: t("lab-reset"), text: t("lab-reset_text"), word: t("lab-reset") };
    await tryDestructive(question, () => post("/lab/reset", own), t("lab-done"));
    loadLab();
  }

  /** @param {File | undefined} file */
  async function take(file) {
    if (!file) return;
    const question = { title: t("lab-import"), text: t("lab-import_text"), word: t("lab-import") };
    const bring = async () => call("PUT", "/lab/import", await file.arrayBuffer(), { raw: true });
    await tryDestructive(question, bring, t("lab-done"));
    loadLab();
  }

  return {
    view: () =>
      card(
        t("lab-title"),
        null,
        html`
          <div class="stack">
            <div class="row">
              <a class="button" id="lab-export" href=${`${API}/lab/export`} download="nbtwin-lab.tar.gz">
                ${icon("save")}${t("lab-export")}
              </a>
              <label class="field grow">
                ${t("lab-import")}
                <input type="file" id="lab-import" onchange=${(e) => take(e.target.files[0])} />
              </label>
            </div>
            <div class="row">
              ${PARTS.map(
                (part) => html`
                  <span key=${part}>
                    ${toggle(t(`lab-${part}`), own[part], (on) => {
                      own[part] = on;
                      lifecycle.redraw();
                    })}
                  </span>
                `,
              )}
              <span class="grow"></span>
              <button class="bad-act" id="lab-reset" onclick=${reset}>${t("lab-reset")}</button>
            </div>
          </div>
        `,
      ),
  };
}
