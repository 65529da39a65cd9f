// The lab's clock: what time it is, how fast it runs, and how to be done with waiting.

import { html } from "../base/view.js";
import { post } from "../base/api.js";
import { countdown, dateOf, span, timeOfDay } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, wordsOf } from "../base/i18n.js";
import { fixed } from "../base/zone.js";
import { may } from "../state/access.js";
import { tryRequest } from "../state/actions.js";
import { requireRole } from "../parts/require_role.js";
import { lab, labNow, setClock } from "../state/lab.js";

const SPANS = ["1min", "1h", "24h", "30d"];
const OFFSETS = Array.from({ length: 27 }, (_, i) => {
  const hours = i - 12;
  return `${hours < 0 ? "-" : "+"}${String(Math.abs(hours)).padStart(2, "0")}:00`;
});
const RATES = [0.1, 1, 10, 60, 600];
let busy = false;

export const clockFace = () => html`
  <div class="clock" title=${t("clock-title")}>
    <span class="date">${lab.loaded ? dateOf(labNow()) : ""}</span>
    <time id="time">${lab.loaded ? timeOfDay(labNow(), 0) : "–"}</time>
    ${lab.loaded && zonePicker()}
    ${
      lab.clock.ahead > 1 &&
      html` <span class="ahead" id="ahead" title=${t("clock-ahead")}>${`+${span(lab.clock.ahead)}`}</span> `
    }
  </div>
`;

/** In which zone times are shown, for everybody who looks at this lab (D196). */
function zonePicker() {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const named = [...new Set(["UTC", here, ...(fixed(lab.clock.zone) === null ? [lab.clock.zone] : [])])];
  const option = (/** @type {string} */ zone) => html`
    <option key=${zone} value=${zone} selected=${zone === lab.clock.zone}>${zone}</option>
  `;
  return html`
    <select
      id="zone"
      class="zone"
      aria-label=${t("clock-zone")}
      title=${t("clock-zone")}
      value=${lab.clock.zone}
      disabled=${!may("operator")}
      onchange=${(e) => tell("/clock/zone", { zone: e.target.value })}>
      ${named.map(option)}
      <optgroup label=${t("clock-offsets")}>${OFFSETS.map(option)}</optgroup>
    </select>
  `;
}

/** @param {Redraw} redraw */
export function clockwork(redraw) {
  const { paused, mode, rate } = lab.clock;
  const live = mode !== "simulated";
  return html`
    <div class="clockwork" role="group" aria-label=${t("clock-title")}>
      ${requireRole(
        "operator",
        live &&
          html`
            <button
              class="plain"
              id="pause"
              aria-label=${t(paused ? "clock-resume" : "clock-pause")}
              title=${t(paused ? "clock-resume" : "clock-pause")}
              onclick=${() => tell(paused ? "/clock/resume" : "/clock/pause")}>
              ${icon(paused ? "play" : "pause")}
            </button>
          `,
        live &&
          html`
            <select
              aria-label=${t("clock-rate")}
              title=${t("clock-rate")}
              value=${String(rate || 1)}
              onchange=${(e) => tell("/clock/rate", { rate: Number(e.target.value) })}>
              ${[...new Set([...RATES, rate || 1])]
                .sort((a, b) => a - b)
                .map((r) => html` <option value=${String(r)} selected=${r === rate}>${`${r}×`}</option> `)}
            </select>
          `,
        html`
          <div class="seg" role="group" aria-label=${t("clock-advance")} title=${t("clock-advance")}>
            ${SPANS.map(
              (text) => html`
                <button
                  key=${text}
                  data-span=${text}
                  disabled=${busy}
                  aria-label=${`${t("clock-advance")} ${shown(text)}`}
                  onclick=${() => advance(text, redraw)}>
                  ${`+${shown(text)}`}
                </button>
              `,
            )}
          </div>
        `,
        lab.clock.advancing &&
          html` <button class="small bad-act" onclick=${() => tell("/clock/stop")}>${t("clock-stop")}</button> `,
      )}
    </div>
  `;
}

/** @param {string} text */
const shown = (text) => text.replace(/([a-z]+)$/, " $1");

export function nextDeadline() {
  const next = lab.clock.next;
  if (!next) return html` <div class="next"></div> `;
  return html`
    <div class="next" title=${`${t("clock-next")}: ${wordsOf(next)}`}>
      <b>${countdown(next.at - labNow())}</b>
      ${` ${next.source ? `${next.source}: ` : ""}${wordsOf(next)}`}
    </div>
  `;
}

/** @param {string} path @param {object} [body] */
async function tell(path, body = {}) {
  const clock = await tryRequest(() => post(path, body));
  if (clock) setClock(clock);
}

/** @param {string} text @param {Redraw} redraw */
async function advance(text, redraw) {
  busy = true;
  redraw();
  const clock = await tryRequest(() => post("/clock/advance", { span: text }));
  if (clock) setClock(clock);
  busy = false;
  redraw();
}
