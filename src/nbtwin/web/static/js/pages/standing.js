// Why a module is where it is, and the button that helps: of the whole module, of its card's operator, of Andlink.

import { html } from "../base/view.js";
import { post, seg } from "../base/api.js";
import { STANDING_TONES } from "../base/facts.js";
import { t, word, wordsOf } from "../base/i18n.js";
import { requireRole } from "../parts/require_role.js";
import { tryRequest } from "../state/actions.js";
import { sameImei, setModule } from "../state/lab.js";

/**
 * @param {LabModule} module
 * @param {{ send: (line: string) => unknown, begin: (line: string) => unknown }} terminal
 */
export function standingView(module, terminal) {
  const others = sameImei(module);
  return html`
    <ul class="standing" id="standing">
      ${
        others.length > 0 &&
        html`
          <li key="imei" id="same-imei">
            <span class="dot warm"></span>
            <span class="grow">${t("module-same_imei_about", { others })}</span>
          </li>
        `
      }
      ${(module.standing ?? []).map(
        (one) => html`
          <li key=${one.service} data-code=${one.code}>
            <span class=${`dot ${STANDING_TONES[one.code] ?? ""}`}></span>
            <span class="grow">
              ${one.service && html` <b>${word("operator", one.service)}</b> `}
              ${one.service ? " · " : ""}${wordsOf(one)}
            </span>
            ${remedy(module, one, terminal)}
          </li>
        `,
      )}
    </ul>
  `;
}

/**
 * @param {LabModule} module
 * @param {Standing} one
 * @param {{ send: (line: string) => unknown, begin: (line: string) => unknown }} terminal
 */
function remedy(module, { remedy: kind, line }, terminal) {
  const path = `/modules/${seg(module.name)}`;
  /** @param {string} address @param {object} body */
  const act = async (address, body) => {
    const now = await tryRequest(() => post(`${path}/${address}`, body));
    if (now?.name) setModule(now);
  };
  /** @type {Record<string, [label: string, action: () => unknown]>} */
  const remedies = {
    line: [line, () => terminal.send(line)],
    beginning: [`${line}…`, () => terminal.begin(line)],
    power: [t("standing-switch_on"), () => act("power", { action: "on" })],
    wake: [t("switches-wake"), () => act("power", { action: "wake" })],
    coverage: [t("standing-into_coverage"), () => act("coverage", { coverage: true })],
    card: [t("standing-card"), () => /** @type {any} */ (document.querySelector("#usim button"))?.focus()],
  };
  const [label, action] = remedies[kind] ?? [];
  if (!label) return null;
  return requireRole(
    "operator",
    html`
      <button class=${`small ${line ? "mono" : ""}`} data-remedy=${kind} title=${t("standing-helps")} onclick=${action}>
        ${label}
      </button>
    `,
  );
}
