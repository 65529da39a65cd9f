// A module's state in a word and a colour: the same everywhere.

import { html } from "../base/view.js";
import { spaced } from "../base/format.js";
import { ANDLINK_TONES, CMDMP_STATES, STANDING_TONES } from "../base/facts.js";
import { t, word } from "../base/i18n.js";
import { pill } from "./states.js";

/** @type {Record<string, string>} */
const POWER = { on: "good", off: "", booting: "warm", asleep: "accent" };

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

/**
 * Where it is with the operator of its card: a state of CMDMP is China Mobile's alone.
 * @param {LabModule} module
 */
export function operatorPill(module) {
  const one = (module.standing ?? []).find(({ service }) => service && service !== "andlink");
  if (!one) return null;
  if (one.service === "mobile" && module.cmdmp_state) return cmdmpPill(module);
  const text = word("stands", one.code.replace("standing-", ""), () => "");
  return text && pill(STANDING_TONES[one.code] ?? "", `${word("card", one.service)} · ${text}`);
}

/** @param {LabModule} module */
function cmdmpPill(module) {
  const kind = CMDMP_STATES[module.cmdmp_state_name]?.tone ?? "warm";
  return html`
    <span class=${`pill ${kind}`} title=${`${module.cmdmp_state_name} · AT+QDMPCFG=6`}>
      ${`${module.cmdmp_state} ${stateWord(module.cmdmp_state_name)}`}
    </span>
  `;
}

/** @param {LabModule} module */
export function andlinkPill(module) {
  if (!module.andlink?.state) return null;
  const { state } = module.andlink;
  return pill(ANDLINK_TONES[state] ?? "", `Andlink · ${stateWord(state)}`);
}

/** @param {string} name of a state, as the documents write it */
export const stateWord = (name) => word("state", name, () => spaced(name));
