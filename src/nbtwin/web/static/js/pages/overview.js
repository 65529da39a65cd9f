// The start: what there is, what it does, what was worth a line lately.

import { Island, html } from "../base/view.js";
import { count, milliseconds, rate, span, stamp, zonedTime } from "../base/format.js";
import { NOTABLE, isBad, stateChange, textOf } from "../base/facts.js";
import { t } from "../base/i18n.js";
import { recall, remember } from "../base/prefs.js";
import { link } from "../base/router.js";
import { card, empty, header, loading, pill, scrolls, segments, wrong } from "../parts/states.js";
import { chart } from "../parts/chart.js";
import { doors } from "../parts/doors.js";
import { drawingOf } from "../sequence/lanes.js";
import { lab, loadLab } from "../state/lab.js";
import { columnsOf, percentiles, perSecond, RANGES, rates } from "../state/rates.js";
import { timeline } from "../state/timeline.js";
import { subscribe } from "../state/topics.js";
import { cards } from "../parts/module_cards.js";

const MOST_MODULES = 6;
const MOST_NOTABLE = 12;
/** @param {unknown} _ @param {Lifecycle} lifecycle */
export function overviewPage(_, lifecycle) {
  const own = { seconds: recall("range", 300) };
  lifecycle.onEnd(subscribe("counted", () => lifecycle.redraw()));
  return {
    title: () => t("nav-overview"),
    view: () => [
      header(t("nav-overview")),
      lab.error && !lab.loaded
        ? wrong(lab.error, loadLab)
        : !lab.loaded
          ? loading()
          : [
              !lab.modules.size && doors(),
              kpis(),
              html`
                <div key="rows" class="stack">
                  <div class="grid2">${traffic(own, lifecycle.redraw)}${notable()}</div>
                  ${
                    lab.modules.size
                      ? html`
                          <section aria-label=${t("nav-modules")}>
                            <div class="row">
                              <h2>${t("nav-modules")}</h2>
                              ${
                                lab.modules.size > MOST_MODULES &&
                                html` <a href="#/modules">${t("all", { n: count(lab.modules.size) })}</a> `
                              }
                            </div>
                            ${cards([...lab.modules.values()].slice(0, MOST_MODULES))}
                          </section>
                        `
                      : null
                  }${platforms()}
                </div>
              `,
            ],
    ],
  };
}

/** @param {string} name @param {View} value @param {View} [unit] @param {boolean} [bad] */
export const kpi = (name, value, unit = null, bad = false) => html`
  <div class=${`kpi ${bad ? "bad" : ""}`}>
    <div class="name">${name}</div>
    <div class="value">${value}${unit && html` <small>${unit}</small> `}</div>
  </div>
`;

/** What keeps everybody waiting who is not answered meanwhile: 50 ms are seen by devices. */
export const loopKpi = () =>
  kpi(
    t("kpi-loop"),
    milliseconds(rates.loop?.seconds),
    rates.loop && html` <span title=${rates.loop.detail}>${t(`work-${rates.loop.work}`)}</span> `,
    (rates.loop?.seconds ?? 0) > 0.05,
  );

function kpis() {
  const modules = [...lab.modules.values()];
  const registered = lab.platforms.reduce((sum, p) => sum + (p.registered ?? 0), 0);
  const devices = lab.platforms.reduce((sum, p) => sum + p.devices, 0);
  const [half] = percentiles([0.5]);
  return html`
    <div class="kpis">
      ${kpi(t("kpi-modules"), count(modules.filter((m) => m.power === "on").length), `/ ${count(modules.length)}`)}
      ${kpi(t("kpi-devices"), count(registered), `/ ${count(devices)}`)}
      ${kpi(t("kpi-packets"), rate(perSecond("up") + perSecond("down")), "/s")}
      ${kpi(t("kpi-at"), rate(perSecond("at")), "/s")} ${kpi(t("kpi-answer"), milliseconds(half), "p50")}
      ${kpi(t("kpi-lost"), rate(perSecond("lost")), "/s", perSecond("lost") > 0)}
      ${kpi(t("kpi-errors"), rate(perSecond("errors")), "/s", perSecond("errors") > 0)} ${loopKpi()}
    </div>
  `;
}

/** @param {number} seconds @param {(seconds: number) => unknown} choose */
export const rangePicker = (seconds, choose) =>
  segments(
    t("chart-range"),
    RANGES.map((range) => [range, span(range), t("chart-range_of", { span: span(range) })]),
    seconds,
    choose,
  );

/** The unit of what is counted in a step. @param {number} step */
export const perStep = (step) => `/ ${{ 60: "min", 3600: "h" }[step] ?? "s"}`;

/** From when on there are figures at all. */
export const countedSince = () =>
  Number.isFinite(rates.since) ? t("chart-since", { at: stamp(rates.since) }) : t("chart-none");

/** @param {{ seconds: number }} own @param {Redraw} redraw */
function traffic(own, redraw) {
  const names = ["up", "down", "lost"];
  /** @type {Record<string, string>} */
  const tones = { up: "packet", down: "platform", lost: "bad" };
  const { step, ...drawn } = columnsOf(names, own.seconds);
  return card(
    t("overview-traffic"),
    html` <a href="#/fleet" class="small">${t("nav-fleet")}</a> `,
    html`
      <div class="stack tight">
        ${rangePicker(own.seconds, (seconds) => {
          own.seconds = seconds;
          remember("range", seconds);
          redraw();
        })}
        <${Island}
          make=${chart}
          own=${{
            ...drawn,
            name: t("overview-traffic"),
            unit: perStep(step),
            series: names.map((name) => ({ label: t(`series-${name}`), tone: tones[name], fill: name === "up" })),
            version: `${drawn.span}/${drawn.data.map((line) => line.at(-1))}`,
            tall: 250,
          }} />
        <p class="soft small">${countedSince()}</p>
      </div>
    `,
  );
}

/** The newest entries that say more than that bytes passed. */
function notable() {
  const found = [];
  for (let i = timeline.entries.length - 1; i >= 0 && found.length < MOST_NOTABLE; i--) {
    const entry = timeline.entries[i];
    const changed = entry.kind === "state" && (stateChange(entry) || NOTABLE.has(entry.code));
    if (
      changed ||
      entry.kind === "platform" ||
      entry.kind === "fault" ||
      (entry.kind === "datagram" && entry.fields.lost)
    )
      found.push(entry);
  }
  return card(
    t("overview-notable"),
    html` <a href="#/timeline" class="small">${t("nav-timeline")}</a> `,
    !found.length
      ? empty("timeline", t("seq-empty"))
      : html`
          <ul class="notable">
            ${found.map(
              (entry) => html`
                <li key=${entry.number} class=${isBad(entry) ? "bad" : entry.kind}>
                  <time title=${stamp(entry.at, 3)}>${zonedTime(entry.at)}</time>
                  <span class="who">${entry.source}</span>
                  <span class="what" title=${textOf(entry)}>${drawingOf(entry).label}</span>
                </li>
              `,
            )}
          </ul>
        `,
    { flush: true },
  );
}

function platforms() {
  return card(
    t("nav-platforms"),
    null,
    !lab.platforms.length
      ? empty("platforms", t("platform-none"), html` <p><code>${"nbtwin up --ports cmdmp=5683"}</code></p> `)
      : scrolls(
          t("nav-platforms"),
          html`
            <table class="table">
              <thead>
                <tr>
                  ${["name", "operator", "udp", "devices", "registered", "expired"].map(
                    (name) => html`
                      <th key=${name} class=${/devices|registered|expired/.test(name) ? "num" : null}>
                        ${t(`platform-${name}`)}
                      </th>
                    `,
                  )}
                </tr>
              </thead>
              <tbody>
                ${lab.platforms.map(
                  (p) => html`
                    <tr key=${p.name}>
                      <td><a href=${link("platforms", p.name)}>${p.name}</a></td>
                      <td>${pill("platform", p.operator)}</td>
                      <td class="mono">${p.udp}</td>
                      <td class="num">${count(p.devices)}</td>
                      <td class="num">${count(p.registered)}</td>
                      <td class="num">${count(p.expired)}</td>
                    </tr>
                  `,
                )}
              </tbody>
            </table>
          `,
        ),
    { flush: true },
  );
}
