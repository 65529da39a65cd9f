// One row of the sequence diagram as elements: lifelines, then an arrow or a pill, and its label. Knows rows and lanes.

import { html } from "../base/view.js";
import { count, dateOf, span, timeOfDay } from "../base/format.js";
import { textOf } from "../base/facts.js";
import { t } from "../base/i18n.js";
import { cutRow } from "./ends.js";
import { centreOf, drawingOf, LANES } from "./lanes.js";

/** @param {number} n */
const pc = (n) => `${n}%`;

/** @param {SequenceRow} row @param {RowTools} own */
export function rowOf(row, { chosen, choose, zoomIn, fetchRest, many, day }) {
  if (row.kind === "cut") return cutRow(row, fetchRest);
  if (row.kind === "gap") return gap(row);
  if (row.kind === "group") return group(row, zoomIn, day);
  const { entry } = row;
  const drawing = drawingOf(entry);
  const label = `${timeOfDay(entry.at)} ${entry.source}: ${textOf(entry)}`;
  return html`
    <div
      key=${row.key}
      class=${`seq-row ${chosen === entry.number ? "on" : ""}`}
      role="row"
      tabindex="-1"
      data-number=${entry.number}
      data-kind=${entry.kind}
      title=${label}
      onclick=${() => choose(entry.number)}>
      <div class="when" role="cell">
        <time>${timeOfDay(entry.at)}</time>
        ${row.passed >= 0.001 && !row.broken && html` <span class="passed">${`+${span(row.passed)}`}</span> `}
      </div>
      <div class="lanes" role="cell">
        ${lifelines(row.life)}${drawing.shape === "arrow" ? arrow(drawing, row, many) : pillOf(drawing, row, many)}
      </div>
    </div>
  `;
}

/** @param {string | null} life */
export const lifelines = (life) =>
  LANES.map((lane) => html` <i class=${`life ${lane} ${lane === "module" && life ? life : ""}`}></i> `);

/** @param {Arrow} drawing @param {EntryRow} row @param {boolean} many */
function arrow(drawing, row, many) {
  const { from, to, tone, lost, again = 1, both } = drawing;
  const [a, b] = [centreOf(from), centreOf(to)];
  const right = b > a;
  const left = Math.min(a, b);
  const reach = drawing.whole
    ? [Math.min(...drawing.whole.map(centreOf)), Math.max(...drawing.whole.map(centreOf))]
    : [left, Math.max(a, b)];
  return [
    html`
      <svg class=${`arrow ${tone} ${lost ? "dashed" : ""}`} aria-hidden="true">
        <line x1=${pc(a)} y1=${23} x2=${pc(b)} y2=${23} />
        <circle cx=${pc(a)} cy=${23} r=${2.5} />
        <svg x=${pc(b)} y=${23} overflow="visible">
          <path
            d=${lost ? "M-5-5L5 5M-5 5L5-5" : right ? "M-8-4.500L-1 0L-8 4.500" : "M8-4.500L1 0L8 4.500"}
            class=${lost ? "cross" : "tip"} />
        </svg>
        ${
          both && html` <svg x=${pc(a)} y=${23} overflow="visible"><path d="M8-4.500L1 0L8 4.500" class="tip" /></svg> `
        }
      </svg>
    `,
    html`
      <div
        class=${`label ${tone} ${drawing.mono ? "mono" : ""}`}
        style=${{ left: pc(reach[0]), width: pc(reach[1] - reach[0]) }}>
        ${many && html` <b class="who">${row.entry.source}</b> `}${
          again > 1 &&
          html`
            <b class="badge again" title=${row.since ? `+${span(row.since.first)}` : null}>
              ${t("seq-again", { n: again })}${row.since ? ` · ${t("seq-later", { span: span(row.since.last) })}` : ""}
            </b>
          `
        }${lost && html` <b class="badge lost">${drawing.note || t("seq-lost")}</b> `}${
          !lost && drawing.note && html` <b class="badge fault">${drawing.note}</b> `
        }
        <span>${drawing.label}</span>
      </div>
    `,
  ];
}

/** @param {Pill} drawing @param {EntryRow} row @param {boolean} many */
function pillOf(drawing, row, many) {
  const at = centreOf(drawing.at);
  const style =
    drawing.at === "platform"
      ? { right: pc(100 - at - 5), "max-width": "58%" }
      : { left: pc(at - (drawing.at === "network" ? 28 : 4)), "max-width": drawing.at === "network" ? "58%" : "64%" };
  return html`
    <div class=${`event ${drawing.tone} ${drawing.at}`} style=${style}>
      ${many && drawing.at === "module" && html` <b class="who">${row.entry.source}</b> `}
      <span>${drawing.label}</span>
    </div>
  `;
}

/** @param {GapRow} row */
const gap = (row) => html`
  <div key=${row.key} class="seq-row gap" role="row">
    <div class="when" role="cell"><span class="passed">${dateOf(row.at)}</span></div>
    <div class="lanes broken" role="cell">
      ${lifelines(row.life)}
      <span class="later">${t("seq-later", { span: span(row.seconds) })}</span>
    </div>
  </div>
`;

/** @param {GroupRow} row @param {(at: number) => void} zoomIn @param {number} zoom */
function group(row, zoomIn, zoom) {
  const { counts } = row;
  const at = (counts["at.in"] || 0) + (counts["at.out"] || 0);
  const packets = (counts.up || 0) + (counts.down || 0);
  const text = zoom >= 86400 ? dateOf(row.at) : zoom >= 60 ? timeOfDay(row.at, 0).slice(0, 5) : timeOfDay(row.at, 0);
  return html`
    <div
      key=${row.key}
      class=${`seq-row group ${row.cut ? "part" : ""}`}
      role="row"
      tabindex="-1"
      onclick=${() => zoomIn(row.bucket)}
      title=${t("seq-zoom_in")}
      data-bucket=${row.bucket}>
      <div class="when" role="cell">
        <time>${text}</time>
        <span class="passed">${row.cut ? t("seq-part", { n: count(row.size) }) : count(row.size)}</span>
      </div>
      <div class="lanes" role="cell">
        ${lifelines(row.life)} ${at > 0 && bundle("host", "module", "in", t("seq-lines", { n: at }), at)}
        ${
          packets > 0 &&
          bundle(
            "module",
            "platform",
            counts.lost ? "lost" : "packet",
            [
              t("seq-packets", { n: packets }),
              counts.again && ` · ${t("seq-agains", { n: counts.again })}`,
              counts.lost && ` · ${t("seq-losts", { n: counts.lost })}`,
            ],
            packets,
          )
        }
        ${
          row.states.length > 0 &&
          html`
            <div class="event quiet module low" style=${{ left: pc(centreOf("module") - 4), "max-width": "30%" }}>
              <span>${row.change || row.states[row.states.length - 1]}</span>
            </div>
          `
        }${
          row.events.length > 0 &&
          html`
            <div
              class="event platform platform low"
              style=${{ right: pc(100 - centreOf("platform") - 5), "max-width": "26%" }}>
              <span>
                ${`${row.events.length > 1 ? `${row.events.length} × ` : ""}${row.events[row.events.length - 1]}`}
              </span>
            </div>
          `
        }
      </div>
    </div>
  `;
}

/** @param {Lane} from @param {Lane} to @param {string} tone @param {View} text @param {number} n */
const bundle = (from, to, tone, text, n) => {
  const [a, b] = [centreOf(from), centreOf(to)];
  return [
    html`
      <svg class=${`arrow bundle ${tone}`} aria-hidden="true">
        <line x1=${pc(a)} y1=${13} x2=${pc(b)} y2=${13} stroke-width=${Math.min(7, 1.5 + Math.log2(n + 1) * 0.7)} />
      </svg>
    `,
    html` <div class=${`label bundled ${tone}`} style=${{ left: pc(a), width: pc(b - a) }}><span>${text}</span></div> `,
  ];
};
