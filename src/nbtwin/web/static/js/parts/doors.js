// The four doors into a lab, as the README has them: what one may want to see first.

import { html } from "../base/view.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";

/** @type {[door: string, shape: string][]} */
export const DOORS = [
  ["registration", "timeline"],
  ["losses", "faults"],
  ["firmware", "docs"],
  ["real", "modules"],
];

export const doors = () => html`
  <section class="doors" aria-label=${t("start-title")}>
    ${DOORS.map(
      ([door, shape]) => html`
        <a key=${door} class="card door" href=${`#/start/${door}`}>
          ${icon(shape)}
          <b>${t(`start-${door}`)}</b>
          <span class="soft">${t(`start-${door}_about`)}</span>
        </a>
      `,
    )}
  </section>
`;
