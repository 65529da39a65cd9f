// The platforms of the lab, with how many devices each knows, and the definitions of objects.

import { html } from "../base/view.js";
import { count, counted } from "../base/format.js";
import { t, word } from "../base/i18n.js";
import { link } from "../base/router.js";
import { empty, header, loading, pill, wrong } from "../parts/states.js";
import { lab, loadLab, loadPlatforms } from "../state/lab.js";
import { newDefinitions } from "./definitions.js";

/** @param {Params} _ @param {Lifecycle} lifecycle */
export function platformsPage(_, lifecycle) {
  const definitions = newDefinitions(lifecycle);
  loadPlatforms().catch(() => {});
  return {
    title: () => t("nav-platforms"),
    view: () => [
      header(t("nav-platforms")),
      lab.error && !lab.loaded
        ? wrong(lab.error, loadLab)
        : !lab.loaded
          ? loading()
          : !lab.platforms.length
            ? html` <div class="card">${empty("platforms", t("platform-none"))}</div> `
            : html`
                <div class="modcards">
                  ${lab.platforms.map(
                    (p) => html`
                      <a key=${p.name} class="card modcard" href=${link("platforms", p.name)}>
                        <div class="title">
                          <b>${p.name}</b>
                          <span class="soft mono small">${p.udp}</span>
                        </div>
                        <div class="row">
                          ${pill("", t("platform-n_devices", { n: counted(p.devices) }))}
                          ${pill("good", `${count(p.registered)} ${word("devstate", "registered")}`)}
                          ${p.expired > 0 && pill("bad", `${count(p.expired)} ${word("devstate", "expired")}`)}
                        </div>
                        <div class="waits mono">
                          ${(p.addresses || []).map((a) => (Array.isArray(a) ? a.join(":") : a)).join(" ")}
                        </div>
                      </a>
                    `,
                  )}
                </div>
              `,
      html` <div key="definitions" style=${{ "margin-top": "16px" }}>${definitions.view()}</div> `,
    ],
  };
}
