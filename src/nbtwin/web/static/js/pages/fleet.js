// The whole fleet as live charts: rates, delays of answers, errors; and how well this page itself keeps up.

import { Island, html } from "../base/view.js";
import { get } from "../base/api.js";
import { count, milliseconds, rate } from "../base/format.js";
import { CMDMP_STATES } from "../base/facts.js";
import { t } from "../base/i18n.js";
import { resource } from "../base/lifecycle.js";
import { chart } from "../parts/chart.js";
import { stateWord } from "../parts/module_state.js";
import { card, facts, header, segments } from "../parts/states.js";
import { columnsOf, percentiles, perSecond, rates } from "../state/rates.js";
import { lateness } from "../state/stream.js";
import { timeline } from "../state/timeline.js";
import { kpi, loopKpi } from "./overview.js";

const SPANS = [60, 300, 599];

/** @type {[name: string, series: [key: string, tone: string][]][]} */
const CHARTS = [
  [
    "packets",
    [
      ["up", "packet"],
      ["down", "platform"],
    ],
  ],
  [
    "registrations",
    [
      ["registrations", "good"],
      ["updates", "accent"],
    ],
  ],
  [
    "trouble",
    [
      ["again", "warm"],
      ["lost", "bad"],
      ["errors", "faint"],
    ],
  ],
  [
    "lines",
    [
      ["at", "at-in"],
      ["entries", "faint"],
    ],
  ],
];

/** @param {unknown} _ @param {Lifecycle} lifecycle */
export function fleetPage(_, lifecycle) {
  const own = { seconds: 300 };
  /** @type {Resource<Overview>} */
  const overview = resource(lifecycle, () => get("/overview", { signal: lifecycle.signal }));
  lifecycle.every(1000, () => lifecycle.redraw());
  lifecycle.every(5000, overview.reload);

  return {
    title: () => t("nav-fleet"),
    view: () => [
      header(t("nav-fleet"), {
        acts: segments(
          t("fleet-span"),
          SPANS.map((s) => [s, `${Math.round(s / 60)} min`]),
          own.seconds,
          (seconds) => {
            own.seconds = seconds;
            lifecycle.redraw();
          },
        ),
      }),
      kpis(),
      html`
        <div class="fleet-charts">
          ${CHARTS.map(([name, series]) => rateChart(name, series))}${delays()}${byState()}${platformDelays()}${self()}
        </div>
      `,
    ],
  };

  function kpis() {
    const [p50, p95, p99] = percentiles([0.5, 0.95, 0.99]);
    return html`
      <div class="kpis">
        ${kpi(t("series-registrations"), rate(perSecond("registrations")), "/s")}
        ${kpi(t("series-updates"), rate(perSecond("updates")), "/s")}
        ${kpi(t("kpi-packets"), rate(perSecond("up") + perSecond("down")), "/s")}
        ${kpi(t("series-again"), rate(perSecond("again")), "/s", perSecond("again") > 0)}
        ${[p50, p95, p99].map((value, i) => kpi(t("fleet-answers"), milliseconds(value), ["p50", "p95", "p99"][i]))}
        ${loopKpi()}
      </div>
    `;
  }

  /** @param {string} name @param {[key: string, tone: string][]} series */
  function rateChart(name, series) {
    const data = columnsOf(
      series.map(([key]) => key),
      own.seconds,
    );
    return card(
      t(`fleet-${name}`),
      null,
      html`
        <${Island}
          make=${chart}
          own=${{
            data,
            unit: "/s",
            series: series.map(([key, tone], i) => ({ label: t(`series-${key}`), tone, fill: i === 0 })),
            version: `${data[0].at(-1)}/${own.seconds}`,
          }} />
      `,
    );
  }

  function delays() {
    const list = rates.percentiles.slice(-own.seconds);
    const data = list.length
      ? [0, 1, 2, 3].map((i) => list.map((row) => row[i]))
      : [[rates.second], [null], [null], [null]];
    return card(
      t("fleet-delays"),
      null,
      html`
        <${Island}
          make=${chart}
          own=${{
            data,
            unit: "s",
            series: [
              ["p50", "good"],
              ["p95", "warm"],
              ["p99", "bad"],
            ].map(([label, tone]) => ({ label, tone })),
            version: `${data[0].at(-1)}/${own.seconds}`,
          }} />
      `,
    );
  }

  function byState() {
    const states = overview.value?.modules?.by_state;
    if (!states) return null;
    const total = Object.values(states).reduce((sum, n) => sum + n, 0) || 1;
    return card(
      t("fleet-states"),
      null,
      html`
        <table class="table">
          <tbody>
            ${Object.entries(states)
              .sort((a, b) => b[1] - a[1])
              .map(
                ([state, n]) => html`
                  <tr key=${state}>
                    <td class="nowrap">${stateWord(state)}</td>
                    <td style=${{ width: "55%" }}>
                      <div class="bar">
                        <i class=${CMDMP_STATES[state]?.tone ?? ""} style=${{ width: `${(n / total) * 100}%` }}></i>
                      </div>
                    </td>
                    <td class="num">${count(n)}</td>
                  </tr>
                `,
              )}
          </tbody>
        </table>
      `,
      { flush: true },
    );
  }

  function platformDelays() {
    const latency = Object.entries(overview.value?.latency || {});
    if (!latency.length) return null;
    return card(
      t("fleet-platforms"),
      null,
      html`
        <table class="table">
          <thead>
            <tr>
              <th>${t("platform-name")}</th>
              ${["n", "p50", "p95", "p99"].map((name) => html` <th key=${name} class="num">${name}</th> `)}
            </tr>
          </thead>
          <tbody>
            ${latency.map(
              ([name, p]) => html`
                <tr key=${name}>
                  <td>${name}</td>
                  <td class="num">${count(p.count)}</td>
                  ${[p.p50, p.p95, p.p99].map((q) => html` <td class="num">${milliseconds(q)}</td> `)}
                </tr>
              `,
            )}
          </tbody>
        </table>
      `,
      { flush: true },
    );
  }

  function self() {
    const some = Array.from(lateness.delays.slice(0, Math.min(1000, lateness.measured)));
    const [p50, p95, p99] = percentiles([0.5, 0.95, 0.99], some);
    const memory = /** @type {any} */ (performance).memory?.usedJSHeapSize;
    return card(
      t("fleet-self"),
      null,
      facts([
        [t("fleet-received"), `${count(lateness.received)} · ${rate(perSecond("entries"))} /s`],
        [
          t("fleet-lateness"),
          some.length ? `${milliseconds(p50)} p50 · ${milliseconds(p95)} p95 · ${milliseconds(p99)} p99` : "–",
        ],
        [t("fleet-kept"), count(timeline.entries.length)],
        [t("fleet-memory"), memory ? `${(memory / 1048576).toFixed(0)} MiB` : null],
        [t("fleet-nodes"), count(document.getElementsByTagName("*").length)],
      ]),
    );
  }
}
