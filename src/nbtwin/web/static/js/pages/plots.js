// Plots of the values of a device over time: what was observed or read, number for number.

import { Island, html } from "../base/view.js";
import { get, query } from "../base/api.js";
import { stamp } from "../base/format.js";
import { t } from "../base/i18n.js";
import { numbersIn, readable } from "../base/values.js";
import { resource, throttled } from "../base/lifecycle.js";
import { chart } from "../parts/chart.js";
import { card, shown } from "../parts/states.js";

const POINTS = 1000;
const MOST = 6;
const TONES = ["accent", "packet", "good", "warm", "platform", "bad"];

/** @param {Lifecycle} lifecycle @param {string} path */
export function newPlots(lifecycle, path) {
  const all = resource(lifecycle, fetchAll);

  async function fetchAll() {
    const observed = await get(`${path}/observations`, { signal: lifecycle.signal });
    const paths = [...new Set(observed.map((/** @type {Observation} */ one) => one.path))].slice(0, MOST);
    return Promise.all(
      paths.map((one) => get(`${path}/data${query({ path: one, limit: POINTS })}`, { signal: lifecycle.signal })),
    );
  }

  function view() {
    if (all.state === "error" && all.error.status === 404) return null; // a platform without operations
    return card(
      t("plots-title"),
      null,
      shown(all, (list) => {
        const some = list.filter((one) => one.points?.length);
        return some.length ? some.map(plotOf) : html` <p class="soft">${t("plots-none")}</p> `;
      }),
    );
  }

  /** @param {Series} own @param {number} i */
  function plotOf({ path: name, points }, i) {
    const lines = numbersIn(points, TONES.length);
    /** @param {number} j */
    const tone = (j) => TONES[(i + j) % TONES.length];
    if (!lines.names.length || points.length < 2)
      return html`
        <div key=${name}>
          <h3 class="mono">${name}</h3>
          <ul class="small mono plain-values">
            ${points
              .slice(-5)
              .reverse()
              .map((p, j) => html` <li key=${j}>${`${stamp(p.at)}  ${readable(p.value)}`}</li> `)}
          </ul>
        </div>
      `;
    return html`
      <div key=${name}>
        <h3 class="mono">${name}</h3>
        <${Island}
          make=${chart}
          own=${{
            data: lines.data,
            steps: true,
            tall: 150,
            version: `${points.length}/${points[points.length - 1].at}/${lines.names}`,
            series: lines.names.map((label, j) => ({
              label: label || name,
              tone: tone(j),
              fill: lines.names.length === 1,
            })),
          }} />
      </div>
    `;
  }

  return { view, reload: throttled(500, all.reload) };
}
