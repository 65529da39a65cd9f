// Plots of the values of a device over time: what was observed or read, number for number.

import { Island, html } from "../base/view.js";
import { get, query } from "../base/api.js";
import { span, stamp } from "../base/format.js";
import { t } from "../base/i18n.js";
import { numbersIn, readable } from "../base/values.js";
import { resource, throttled } from "../base/lifecycle.js";
import { chart } from "../parts/chart.js";
import { card, segments, shown } from "../parts/states.js";
import { labNow } from "../state/lab.js";

const POINTS = 1000;
const PLOT_RANGES = [3600, 86400, 7 * 86400, 30 * 86400];
const MOST = 6;
const TONES = ["accent", "packet", "good", "warm", "platform", "bad"];

/** @param {Lifecycle} lifecycle @param {string} path */
export function newPlots(lifecycle, path) {
  const all = resource(lifecycle, fetchAll);
  const own = { range: 0 }; // 0: all there is

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
      all.value?.some((one) => numbersIn(one.points, 1).names.length) ? picker() : null,
      shown(all, (list) => {
        const some = list.filter((one) => one.points?.length);
        return some.length ? some.map(plotOf) : html` <p class="soft">${t("plots-none")}</p> `;
      }),
    );
  }

  const picker = () => {
    /** @type {[number, string, string?][]} */
    const ranges = PLOT_RANGES.map((range) => [range, span(range), t("chart-range_of", { span: span(range) })]);
    return segments(t("chart-range"), [[0, t("chart-all")], ...ranges], own.range, (range) => {
      own.range = range;
      lifecycle.redraw();
    });
  };

  /** @param {Series} series @param {number} i */
  function plotOf({ path: name, points }, i) {
    const lines = numbersIn(points, TONES.length);
    /** @param {number} j */
    const tone = (j) => TONES[(i + j) % TONES.length];
    if (!lines.names.length)
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
            name,
            span: own.range ? [labNow() - own.range, labNow()] : undefined,
            steps: true,
            fits: true,
            version: [own.range && labNow(), points.length, points[points.length - 1].at, lines.names].join(),
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
