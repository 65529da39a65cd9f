// The whole fleet as live charts: rates, delays of answers, errors; and how well this page itself keeps up.

import { Island, html } from "../base/view.js";
import { count, milliseconds, rate } from "../base/format.js";
import { CMDMP_STATES } from "../base/facts.js";
import { t } from "../base/i18n.js";
import { chart } from "../parts/chart.js";
import { recall, remember } from "../base/prefs.js";
import { stateWord } from "../parts/module_state.js";
import { card, facts, header } from "../parts/states.js";
import { lab } from "../state/lab.js";
import { columnsOf, percentiles, perSecond, rates } from "../state/rates.js";
import { lateness } from "../state/stream.js";
import { timeline } from "../state/timeline.js";
import { subscribe } from "../state/topics.js";
import { countedSince, kpi, loopKpi, perStep, rangePicker } from "./overview.js";

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
  const own = { seconds: recall("range", 300) };
  lifecycle.onEnd(subscribe("counted", () => lifecycle.redraw()));

  return {
    title: () => t("nav-fleet"),
    view: () => [
      header(t("nav-fleet"), {
        acts: rangePicker(own.seconds, (seconds) => {
          own.seconds = seconds;
          remember("range", seconds);
          lifecycle.redraw();
        }),
      }),
      kpis(),
      html` <p class="soft small" id="counted">${countedSince()}</p> `,
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
    const { step, ...drawn } = columnsOf(
      series.map(([key]) => key),
      own.seconds,
    );
    const title = t(`fleet-${name}`);
    return card(
      title,
      html` <span class="soft small">${perStep(step)}</span> `,
      html`
        <${Island}
          make=${chart}
          own=${{
            ...drawn,
            name: title,
            unit: perStep(step),
            series: series.map(([key, tone], i) => ({ label: t(`series-${key}`), tone, fill: i === 0 })),
            version: `${drawn.span}/${drawn.data.map((line) => line.at(-1))}`,
          }} />
      `,
    );
  }

  function delays() {
    const { span } = columnsOf([], own.seconds);
    const list = rates.percentiles.filter(([at]) => (at ?? 0) >= span[0]);
    const title = t("fleet-delays");
    return card(
      title,
      null,
      !list.length
        ? html` <p class="soft">${t("chart-none")}</p> `
        : html`
            <${Island}
              make=${chart}
              own=${{
                data: [0, 1, 2, 3].map((i) => list.map((row) => row[i])),
                span,
                name: title,
                unit: "s",
                series: [
                  ["p50", "good"],
                  ["p95", "warm"],
                  ["p99", "bad"],
                ].map(([label, tone]) => ({ label, tone })),
                version: `${span}/${list.length}`,
              }} />
          `,
    );
  }

  function byState() {
    if (!lab.modules.size) return null;
    /** @type {Record<string, number>} */
    const states = {};
    for (const { cmdmp_state_name: name } of lab.modules.values()) states[name] = (states[name] ?? 0) + 1;
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
    const latency = Object.entries(rates.latency);
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
