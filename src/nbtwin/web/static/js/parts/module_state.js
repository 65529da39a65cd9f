// A module's state in a word and a colour: the same everywhere.

import { html } from "../base/view.js";
import { spaced } from "../base/format.js";
import { t, word } from "../base/i18n.js";
import { stateName } from "../i18n/events.js";
import { pill } from "./states.js";

/** @type {Record<string, string>} */
const POWER = { on: "good", off: "", booting: "warm", asleep: "accent" };
const DONE = new Set([6, 11]); // DOC-C 3.2.1, type 6: registered, updated
const FAILED = new Set([5, 7, 8, 9, 12, 13]);

/** @param {LabModule} module */
export const powerDot = (module) => html`
  <span class=${`dot ${POWER[module.power] ?? ""}`} title=${word("power", module.power)}></span>
`;

/** @param {LabModule} module */
export const powerPill = (module) => pill(POWER[module.power] ?? "", word("power", module.power));

/** @param {LabModule} module */
export const attachPill = (module) =>
  module.attached
    ? pill("good", t("module-attached"), module.operator ? ` · ${word("operator", module.operator)}` : "")
    : pill(module.power === "on" ? "warm" : "", t("module-detached"));

/** @param {LabModule} module */
export function cmdmpPill(module) {
  if (module.cmdmp_state === undefined || module.cmdmp_state === null) return null;
  const kind = DONE.has(module.cmdmp_state)
    ? "good"
    : FAILED.has(module.cmdmp_state)
      ? "bad"
      : module.cmdmp_state
        ? "warm"
        : "";
  return html`
    <span class=${`pill ${kind}`} title=${`${module.cmdmp_state_name} · AT+QDMPCFG=6`}>
      ${`${module.cmdmp_state} ${stateName(module.cmdmp_state_name, spaced(module.cmdmp_state_name))}`}
    </span>
  `;
}

/** @param {LabModule} module */
export function andlinkPill(module) {
  if (!module.andlink?.state) return null;
  const state = String(module.andlink.state).toLowerCase();
  const kind = /registered|enabled|ready/.test(state) ? "good" : /fail|error|refus/.test(state) ? "bad" : "";
  return pill(kind, `Andlink · ${stateName(module.andlink.state, spaced(state))}`);
}
