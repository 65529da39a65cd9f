// One row of the sequence diagram as elements: lifelines, then an arrow or a pill, and its label. Knows rows and lanes.

import { html } from "../base/view.js";
import { count, dateOf, span, stamp, timeOfDay } from "../base/format.js";
import { textOf } from "../base/facts.js";
import { t } from "../base/i18n.js";
import { cutRow } from "./ends.js";
import { drawingOf, moduleOf, platformOf } from "./lanes.js";

const STUB = 2.6; // percent: how long an arrow from or to a host is that has no lane
const LEAST_LABEL = 34; // percent of the width that a label has at least
const MIDDLE = 56; // percent: labels of what is left of it are to its right, and the other way round

/** @param {number} n */
const pc = (n) => `${Math.round(n * 100) / 100}%`;

/** @param {SequenceRow} row @param {RowTools} own */
export function rowOf(row, own) {
  if (row.kind === "cut") return cutRow(row, own.fetchRest);
  if (row.kind === "gap") return gap(row, own.layout);
  if (row.kind === "group") return group(row, own);
  const { entry } = row;
  const { chosen, choose, layout } = own;
  const drawing = drawingOf(entry);
  const label = `${stamp(entry.at, 3)} ${entry.source}: ${textOf(entry)}`;
  const notes = own.noted(entry);
  return html`
    <div
      key=${row.key}
      class=${`seq-row ${chosen === entry.number ? "on" : ""}`}
      role="row"
      tabindex="-1"
      data-number=${entry.number}
      data-kind=${entry.kind}
      title=${label}
      onclick=${(/** @type {MouseEvent} */ event) => choose(entry.number, event.shiftKey)}>
      <div class="when" role="cell">
        <time>${timeOfDay(entry.at)}</time>
        ${row.passed >= 0.001 && !row.broken && html` <span class="passed">${`+${span(row.passed)}`}</span> `}
        ${notes > 0 && html` <b class="noted" title=${t("note-count", { n: notes })}>${notes}</b> `}
      </div>
      <div class="lanes" role="cell">
        ${lifelines(row.lives, layout)}
        ${drawing.shape === "arrow" ? arrow(drawing, row, own) : pillOf(drawing, row, own)}
      </div>
    </div>
  `;
}

/** @param {Lives} lives @param {Layout} layout */
export const lifelines = (lives, layout) =>
  layout.lanes.map(
    ({ kind, name, at }) => html`
      <i
        key=${`${kind} ${name}`}
        class=${`life ${kind} ${kind === "module" ? (lives[name] ?? "") : ""}`}
        style=${{ left: pc(at) }}></i>
    `,
  );

/**
 * From where to where an arrow goes, in percent. A host without a lane is a little beside its module.
 * @param {Arrow} drawing
 * @param {Entry} entry
 * @param {Layout} layout
 * @returns {[from: number, to: number]}
 */
export function ends({ from, to }, entry, layout) {
  const module = moduleOf(entry);
  const platform = platformOf(entry);
  const at = (/** @type {LaneKind} */ kind) => {
    if (kind === "host" && !layout.has("host", module)) return layout.at("module", module) - STUB;
    return layout.at(kind, kind === "platform" ? platform : module);
  };
  return [at(from), at(to)];
}

/**
 * The room of a label, in percent from the left and from the right: over its arrow, or beside a short one.
 * @param {Arrow} drawing
 * @param {Entry} entry
 * @param {Layout} layout
 */
export function room(drawing, entry, layout) {
  const own = ends(drawing, entry, layout);
  const reach = drawing.whole
    ? drawing.whole.map((kind) => layout.at(kind, kind === "platform" ? platformOf(entry) : moduleOf(entry)))
    : own;
  const left = Math.min(...reach);
  const right = Math.max(...reach);
  if (right - left >= (layout.many ? LEAST_LABEL : 0)) return { left, right, end: false };
  if (right - left < STUB * 1.5)
    return left < MIDDLE ? { left: right, right: 100, end: false } : { left: 0, right: left, end: true };
  return left < MIDDLE
    ? { left, right: Math.min(100, left + LEAST_LABEL), end: false }
    : { left: Math.max(0, right - LEAST_LABEL), right, end: true };
}

/** @param {Arrow} drawing @param {EntryRow} row @param {RowTools} own */
function arrow(drawing, row, { layout, whose }) {
  const { tone, lost, again = 1, both } = drawing;
  const [a, b] = ends(drawing, row.entry, layout);
  const right = b > a;
  const where = room(drawing, row.entry, layout);
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
        class=${`label ${tone} ${drawing.mono ? "mono" : ""} ${where.end ? "end" : ""}`}
        style=${{ left: pc(where.left), width: pc(where.right - where.left) }}>
        ${whose && html` <b class="who">${row.entry.source}</b> `}${
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

/** @param {Pill} drawing @param {EntryRow} row @param {RowTools} own */
function pillOf(drawing, row, { layout, whose }) {
  const { entry } = row;
  const at = layout.at(drawing.at, drawing.at === "platform" ? entry.source : moduleOf(entry));
  const style =
    at > MIDDLE && drawing.at !== "network"
      ? { right: pc(Math.max(0, 100 - at - 5)), "max-width": pc(Math.min(at, 64)) }
      : {
          left: pc(Math.max(0, at - (drawing.at === "network" ? 28 : 4))),
          "max-width": drawing.at === "network" ? "58%" : "64%",
        };
  return html`
    <div class=${`event ${drawing.tone} ${drawing.at}`} style=${style}>
      ${whose && drawing.at === "module" && html` <b class="who">${entry.source}</b> `}
      <span>${drawing.label}</span>
    </div>
  `;
}

/** @param {GapRow} row @param {Layout} layout */
const gap = (row, layout) => html`
  <div key=${row.key} class="seq-row gap" role="row">
    <div class="when" role="cell"><span class="passed">${dateOf(row.at)}</span></div>
    <div class="lanes broken" role="cell">
      ${lifelines(row.lives, layout)}
      <span class="later">${t("seq-later", { span: span(row.seconds) })}</span>
    </div>
  </div>
`;

/** @param {GroupRow} row @param {RowTools} own */
function group(row, { zoomIn, day: zoom, layout }) {
  const { counts } = row;
  const at = (counts["at.in"] || 0) + (counts["at.out"] || 0);
  const packets = (counts.up || 0) + (counts.down || 0);
  const text = zoom >= 86400 ? dateOf(row.at) : zoom >= 60 ? timeOfDay(row.at, 0).slice(0, 5) : timeOfDay(row.at, 0);
  const modules = layout.lanes.filter((lane) => lane.kind === "module");
  const [first, last] = [modules[0]?.at ?? 33, modules[modules.length - 1]?.at ?? 33];
  const platform = layout.at("platform", "");
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
        ${lifelines(row.lives, layout)} ${layout.many && tallies(row, layout)}
        ${!layout.many && at > 0 && bundle(layout.at("host", ""), first, "in", t("seq-lines", { n: at }), at)}
        ${
          packets > 0 &&
          bundle(
            last,
            platform,
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
          (layout.many ? at : row.states.length) > 0 &&
          html`
            <div class="event quiet module low" style=${{ left: pc(Math.max(0, first - 4)), "max-width": "30%" }}>
              <span>
                ${layout.many ? t("seq-lines", { n: at }) : row.change || row.states[row.states.length - 1]}
              </span>
            </div>
          `
        }${
          row.events.length > 0 &&
          html`
            <div
              class="event platform platform low"
              style=${{ right: pc(Math.max(0, 95 - platform)), "max-width": "26%" }}>
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

/**
 * How much there is of each module, at its lane.
 * @param {GroupRow} row
 * @param {Layout} layout
 */
function tallies(row, layout) {
  /** @type {Map<number, number>} */
  const at = new Map();
  for (const [name, n] of Object.entries(row.by)) {
    const place = layout.at("module", name);
    at.set(place, (at.get(place) ?? 0) + n);
  }
  return [...at].map(
    ([place, n]) => html` <b key=${place} class="tally" style=${{ left: pc(place) }}>${count(n)}</b> `,
  );
}

/** @param {number} a @param {number} b @param {string} tone @param {View} text @param {number} n */
const bundle = (a, b, tone, text, n) => [
  html`
    <svg class=${`arrow bundle ${tone}`} aria-hidden="true">
      <line x1=${pc(a)} y1=${13} x2=${pc(b)} y2=${13} stroke-width=${Math.min(7, 1.5 + Math.log2(n + 1) * 0.7)} />
    </svg>
  `,
  html` <div class=${`label bundled ${tone}`} style=${{ left: pc(a), width: pc(b - a) }}><span>${text}</span></div> `,
];
