// All modules: what each is, does and waits for.

import { html } from "../base/view.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";
import { requireRole } from "../parts/require_role.js";
import { empty, header, loading, search, wrong } from "../parts/states.js";
import { pageShortcuts } from "../shell/shortcuts.js";
import { may } from "../state/access.js";
import { lab, loadLab } from "../state/lab.js";
import { addModule } from "./add_module.js";
import { cards } from "../parts/module_cards.js";

const SHOWN = 60;

/** @param {unknown} _ @param {Lifecycle} lifecycle */
export function modulesPage(_, lifecycle) {
  const own = { text: "", shown: SHOWN };
  if (may("operator")) lifecycle.onEnd(pageShortcuts([["a", "module-add", () => addModule()]]));
  return {
    title: () => t("nav-modules"),
    view: () => {
      const text = own.text.toLowerCase();
      const found = [...lab.modules.values()].filter(
        (m) =>
          !text ||
          `${m.name} ${m.model} ${m.imei} ${m.imsi} ${m.power} ${m.cmdmp_state_name}`.toLowerCase().includes(text),
      );
      return [
        header(t("nav-modules"), {
          sub: `${lab.modules.size}`,
          acts: [
            search(t("module-search"), own.text, (value) => {
              Object.assign(own, { text: value, shown: SHOWN });
              lifecycle.redraw();
            }),
            requireRole(
              "operator",
              html`
                <button class="main-act" id="add-module" onclick=${addModule}>${icon("plus")}${t("module-add")}</button>
              `,
            ),
          ],
        }),
        !lab.loaded
          ? lab.error
            ? wrong(lab.error, loadLab)
            : loading()
          : !found.length
            ? noneYet(lab.modules.size)
            : cards(found.slice(0, own.shown)),
        found.length > own.shown &&
          html`
            <div class="empty">
              <button
                onclick=${() => {
                  own.shown += SHOWN;
                  lifecycle.redraw();
                }}>
                ${t("more", { n: found.length - own.shown })}
              </button>
            </div>
          `,
      ];
    },
  };
}

/** @param {number} some */
const noneYet = (some) => html`
  <div class="card">
    ${
      some
        ? empty("search", t("none_fit"))
        : empty("modules", t("module-none"), html` <p><a class="button" href="#/start">${t("start-title")}</a></p> `)
    }
  </div>
`;
