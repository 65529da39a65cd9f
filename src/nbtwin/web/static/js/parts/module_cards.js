// A module in a card: what it is, does and waits for.

import { html } from "../base/view.js";
import { countdown } from "../base/format.js";
import { t, wordsOf } from "../base/i18n.js";
import { link } from "../base/router.js";
import { andlinkPill, attachPill, operatorPill, powerPill } from "./module_state.js";
import { labNow, sameImei } from "../state/lab.js";

/** @param {LabModule[]} modules */
export const cards = (modules) => html` <div class="modcards" id="modules">${modules.map(moduleCard)}</div> `;

/** @param {LabModule} module */
export function moduleCard(module) {
  return html`
    <a key=${module.name} class="card modcard" href=${link("modules", module.name)}>
      <div class="title">
        <b>${module.name}</b>
        <span class="soft">${module.model}</span>
        <span class="grow"></span>
        <span class="mono faint small">${module.imei}</span>
      </div>
      <div class="row">
        ${powerPill(module)}${attachPill(module)}${operatorPill(module)}${andlinkPill(module)}${sharedPill(module)}
      </div>
      <div class="waits" title=${module.waiting ? wordsOf(module.waiting) : null}>
        ${
          module.waiting
            ? [
                html` <b key="n">${countdown(Math.max(0, module.waiting.at - labNow()))}</b> `,
                ` · ${wordsOf(module.waiting)}`,
              ]
            : stands(module)
        }
      </div>
    </a>
  `;
}

/**
 * Why it waits for nothing.
 * @param {LabModule} module
 */
const stands = ({ standing }) => (standing?.length ? wordsOf(standing[0]) : t("deadlines-none"));

/** @param {LabModule} module */
function sharedPill(module) {
  const others = sameImei(module);
  return (
    others.length > 0 &&
    html` <span key="imei" class="pill warm" data-shared="imei">${t("module-same_imei", { others })}</span> `
  );
}
