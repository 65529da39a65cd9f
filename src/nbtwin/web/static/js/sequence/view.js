// The live sequence diagram: rows from the kept timeline, only those in view drawn, with zoom, filters and the density
// strip.

import { Island, html } from "../base/view.js";
import { dateOf, stamp, timeOfDay, timeOf } from "../base/format.js";
import { icon } from "../base/icons.js";
import { currentLanguage, t, word } from "../base/i18n.js";
import { recall, remember } from "../base/prefs.js";
import { throttled } from "../base/lifecycle.js";
import { empty, loading, search, segments } from "../parts/states.js";
import { virtualList } from "../parts/virtual.js";
import { lab } from "../state/lab.js";
import {
  fillWindow,
  KEPT,
  loadFrom,
  loadNewer,
  loadOlder,
  loadRecent,
  mayLoadNewer,
  mayLoadOlder,
  MOST,
  PAGE,
  timeline,
} from "../state/timeline.js";
import { subscribe } from "../state/topics.js";
import { newEnds } from "./ends.js";
import { newInspector } from "./inspector.js";
import { KINDS, LANES } from "./lanes.js";
import { rowOf } from "./row.js";
import { newRows, rowAt, ZOOMS } from "./rows.js";
import { densityStrip } from "./strip.js";

const HEIGHT = 31;
const GROUP_HEIGHT = 52;
const DRAWN_EVERY = 150; // milliseconds, while entries stream in
const FILLED_EVERY = 500;
const MOST_ROWS = 22_000;

/** @param {Lifecycle} lifecycle @param {{ module?: string | null, short?: boolean }} [own] */
export function newSequence(lifecycle, { module = null, short = false } = {}) {
  const own = {
    module,
    zoom: 0,
    text: "",
    span: /** @type {TimeSpan | null} */ (null),
    follow: true,
    version: 0,
    jump: /** @type {{ index: number, token: number } | null} */ (null),
    seen: /** @type {TimeSpan | null} */ (null),
    sliding: false,
    wrongTime: false,
    language: currentLanguage(),
  };
  const kinds = new Set(KINDS.filter((kind) => !recall("hidden", ["deadline"]).includes(kind)));
  const inspector = newInspector(lifecycle);
  const endsOf = newEnds(build);
  let filling = false;
  const looksAtDays = () => ZOOMS[own.zoom][1] >= 3600;
  const wanted = () => (looksAtDays() ? KEPT : PAGE);
  const soonFilled = throttled(FILLED_EVERY, fill);
  let made = newRows({ kinds });
  build();
  fill();
  const redraw = throttled(DRAWN_EVERY, () => {
    own.version += 1;
    lifecycle.redraw();
  });
  lifecycle.onEnd(
    subscribe("entry", (entry) => {
      if (!timeline.atEnd) return;
      made.add(entry);
      if (timeline.entries.length < wanted() && mayLoadOlder()) soonFilled(); // the stream has left out what was before
      if (made.rows.length > MOST_ROWS) build();
      redraw();
    }),
  );
  lifecycle.onEnd(
    subscribe("timeline", () => {
      build();
      fill();
    }),
  );

  // The other pages show what is newest.
  if (!short) lifecycle.onEnd(() => void (timeline.atEnd || loadRecent().catch(() => {})));

  function build() {
    const imei = own.module ? lab.modules.get(own.module)?.imei : null;
    const zoom = ZOOMS[own.zoom][1];
    const ends = endsOf(zoom);
    made = newRows({
      zoom,
      cut: ends.cut,
      kinds,
      module: own.module,
      imei,
      text: own.text,
      since: own.span?.[0] ?? null,
      until: own.span?.[1] ?? null,
    });
    if (ends.before) made.rows.push(ends.before);
    for (const entry of timeline.entries) made.add(entry);
    if (ends.after) made.rows.push(ends.after);
    own.version += 1;
    lifecycle.redraw();
  }

  /** A whole page of time line wants more of the past than the other pages. */
  async function fill() {
    const enough = () => timeline.entries.length >= wanted() || !mayLoadOlder();
    if (short || filling || timeline.loading || (enough() && !looksAtDays())) return;
    filling = true;
    const failed = await (looksAtDays() ? fillWindow() : loadOlder()).then(
      () => false,
      () => true,
    );
    filling = false;
    if (!failed && !enough()) soonFilled(); // the window has begun anew meanwhile
  }

  /** @param {object} values */
  function change(values) {
    Object.assign(own, values);
    build();
  }

  /** @param {number} at */
  function goTo(at) {
    own.follow = false;
    own.jump = { index: rowAt(made.rows, at), token: Math.random() };
    own.version += 1;
    lifecycle.redraw();
  }

  /** @param {number} zoom @param {number | null} [at] */
  function setZoom(zoom, at = null) {
    const where = at ?? (own.seen ? made.rows[own.seen[0]]?.at : null);
    const following = own.follow && at === null;
    own.zoom = Math.max(0, Math.min(ZOOMS.length - 1, zoom));
    build();
    fill();
    if (where !== null && where !== undefined && !following) goTo(where);
  }

  /** @param {string} kind */
  function showKind(kind) {
    if (!kinds.delete(kind)) kinds.add(kind);
    remember(
      "hidden",
      KINDS.filter((name) => !kinds.has(name)),
    );
    build();
  }

  /** @param {number} number */
  function choose(number) {
    const entry = timeline.entries.find((one) => one.number === number);
    inspector.show(inspector.chosen === number ? null : (entry ?? null));
    own.version += 1;
  }

  /**
   * The window slides, and what is in view stays there.
   * @param {() => Promise<unknown>} load
   */
  async function slide(load) {
    const { key, at } = made.rows[own.seen?.[0] ?? 0] ?? {};
    own.sliding = true;
    own.follow = false;
    lifecycle.redraw();
    await load().catch(() => 0);
    own.sliding = false;
    const index = made.rows.findIndex((row) => row.key === key);
    if (at !== undefined) own.jump = { index: index < 0 ? rowAt(made.rows, at) : index, token: Math.random() };
    own.version += 1;
    lifecycle.redraw();
  }

  /**
   * The window goes where a time is, or to the beginning.
   * @param {number | null} at
   */
  async function moveTo(at) {
    own.sliding = true;
    own.follow = false;
    lifecycle.redraw();
    const first = await loadFrom(at).catch(() => null);
    own.sliding = false;
    if (at === null) goTo(-Infinity);
    else if (first) goTo(first.at);
    else if (timeline.atEnd) await newest();
    lifecycle.redraw();
  }

  /** @param {Event & { currentTarget: HTMLInputElement }} event */
  function timeGiven({ currentTarget: { value } }) {
    const at = timeOf(value, timeline.entries[0]?.at ?? 0);
    own.wrongTime = at === null && value.trim() !== "";
    if (at !== null) moveTo(at);
    lifecycle.redraw();
  }

  /** @param {number} by */
  function step(by) {
    const rows = made.rows;
    let index = rows.findIndex((row) => row.kind === "entry" && row.entry.number === inspector.chosen);
    if (index < 0) index = by > 0 ? (own.seen?.[0] ?? 0) - 1 : (own.seen?.[1] ?? rows.length);
    do index += by;
    while (rows[index] && rows[index].kind !== "entry");
    const row = rows[index];
    if (row?.kind !== "entry") return;
    own.follow = false;
    inspector.show(row.entry);
    own.version += 1;
    if (!own.seen || index <= own.seen[0] || index >= own.seen[1] - 1) own.jump = { index, token: Math.random() };
    lifecycle.redraw();
  }

  /** @type {Shortcut[]} */
  const shortcuts = [
    ["+", "seq-key_in", () => setZoom(own.zoom - 1)],
    ["-", "seq-key_out", () => setZoom(own.zoom + 1)],
    ["j", "seq-key_next", () => step(1)],
    ["k", "seq-key_before", () => step(-1)],
    ["n", "seq-key_newest", newest],
    ["Escape", "seq-key_close", () => inspector.show(null)],
  ];

  async function newest() {
    own.follow = true;
    if (!timeline.atEnd) await loadRecent(PAGE).catch(() => {});
    own.version += 1;
    lifecycle.redraw();
  }

  return { view, change, shortcuts, state: own };

  function view() {
    if (own.language !== currentLanguage()) {
      // rows that stand for many have words in them
      own.language = currentLanguage();
      build();
    }
    return html`
      <div class=${`sequence ${short ? "short" : ""} ${inspector.chosen ? "inspecting" : ""}`}>
        ${controls()}${
          !short &&
          html`
            <${Island}
              class="strip"
              make=${densityStrip}
              title=${t("seq-strip")}
              aria-label=${t("seq-strip")}
              role="img"
              own=${stripProps()} />
          `
        }
        <div class="seq-split">${diagram()}${inspector.view()}</div>
      </div>
    `;
  }

  function stripProps() {
    const seen = own.seen && [made.rows[own.seen[0]]?.at, made.rows[Math.min(own.seen[1], made.rows.length) - 1]?.at];
    return {
      entries: () => timeline.entries,
      version: `${timeline.generation}/${timeline.newest}/${own.version}`,
      view: seen?.[0] !== undefined ? seen : null,
      marked: own.span,
      go: goTo,
      /** @param {number} from @param {number} to */
      mark: (from, to) => change({ span: [from, to] }),
    };
  }

  function listProps() {
    const { rows } = made;
    const many = !own.module && lab.modules.size > 1;
    return {
      total: rows.length,
      height: own.zoom ? GROUP_HEIGHT : HEIGHT,
      version: `${own.version}/${own.zoom}/${rows.length}`,
      recycle: true,
      follow: own.follow,
      jump: own.jump,
      /** @param {any} stuck */
      stuck: (stuck) => {
        if (own.follow === stuck) return;
        own.follow = stuck;
        lifecycle.redraw();
      },
      /** @param {number} index */
      row: (index) =>
        rowOf(rows[index], {
          chosen: inspector.chosen,
          choose,
          /** @param {number} at */
          zoomIn: (at) => setZoom(own.zoom - 1, at),
          /** @param {"before" | "after"} side @param {number} missing */
          fetchRest: (side, missing) =>
            slide(() => (side === "before" ? loadOlder : loadNewer)(Math.max(PAGE, Math.min(MOST, missing)))),
          many,
          day: ZOOMS[own.zoom][1],
        }),
      /** @param {number} from @param {number} to */
      seen: (from, to) => {
        if (own.seen?.[0] === from && own.seen?.[1] === to) return;
        own.seen = [from, to];
        if (!own.follow) lifecycle.redraw();
      },
    };
  }

  function controls() {
    return html`
      <div class="seq-controls">
        ${segments(
          t("seq-zoom"),
          ZOOMS.map(([name], i) => [i, t(`zoom-${name}`)]),
          own.zoom,
          (zoom) => setZoom(zoom),
        )}${
          !short &&
          html`
            <select
              aria-label=${t("seq-module")}
              value=${own.module ?? ""}
              onchange=${(e) => change({ module: e.target.value || null })}>
              <option value="">${t("seq-all_modules")}</option>
              ${[...lab.modules.keys()].map(
                (name) => html` <option key=${name} value=${name} selected=${name === own.module}>${name}</option> `,
              )}
            </select>
          `
        }${!short && search(t("seq-search"), own.text, (text) => change({ text }))}${!short && places()}${
          own.span &&
          html`
            <button class="small" onclick=${() => change({ span: null })}>
              ${`${dateOf(own.span[0])} ${timeOfDay(own.span[0], 0)} – ${timeOfDay(own.span[1], 0)}`}${icon("close")}
            </button>
          `
        }
        <div class="kinds" role="group" aria-label=${t("seq-show")}>
          ${KINDS.map(
            (kind) => html`
              <button
                key=${kind}
                class=${`kind ${kind}`}
                aria-pressed=${String(kinds.has(kind))}
                data-kind=${kind}
                onclick=${() => showKind(kind)}>
                ${word("kind", kind)}
              </button>
            `,
          )}
        </div>
      </div>
    `;
  }

  function places() {
    return html`
      <button class="small" id="beginning" disabled=${own.sliding} onclick=${() => moveTo(null)}>
        ${t("seq-beginning")}
      </button>
      <input
        id="moment"
        class="moment"
        aria-label=${t("seq-moment")}
        aria-invalid=${String(own.wrongTime)}
        title=${t("seq-moment")}
        placeholder=${timeline.entries.length ? stamp(timeline.entries[0].at) : ""}
        onchange=${timeGiven} />
    `;
  }

  function diagram() {
    const { rows } = made;
    return html`
      <div class="diagram card">
        <div class="lines" role="table" aria-label=${t("seq-title")} aria-rowcount=${String(rows.length)}>
          <div class="seq-head" role="row">
            <div class="when" role="columnheader">${t("seq-time")}</div>
            <div class="lanes">
              ${LANES.map(
                (lane) => html`
                  <div key=${lane} class=${`lane ${lane}`} role="columnheader">${t(`lane-${lane}`)}</div>
                `,
              )}
            </div>
          </div>
          ${
            timeline.loading && !rows.length
              ? loading()
              : !rows.length
                ? empty("timeline", t(own.text || own.span ? "seq-none_fit" : "seq-empty"))
                : html`
                    <${Island}
                      class="vlist seq-rows"
                      tabindex="0"
                      make=${virtualList}
                      aria-label=${t("seq-title")}
                      role="rowgroup"
                      key=${`rows${own.zoom ? "z" : ""}`}
                      own=${listProps()} />
                  `
          }
        </div>
        ${
          mayLoadOlder() &&
          !short &&
          html`
            <button class="older small plain" disabled=${own.sliding} onclick=${() => slide(loadOlder)}>
              ${t("seq-older")}
            </button>
          `
        }${
          mayLoadNewer() &&
          !short &&
          html`
            <button class="newer small plain" disabled=${own.sliding} onclick=${() => slide(loadNewer)}>
              ${t("seq-newer")}
            </button>
          `
        }${
          (!own.follow || mayLoadNewer()) &&
          rows.length > 0 &&
          html` <button class="newest main-act small" onclick=${newest}>${icon("down")}${t("seq-newest")}</button> `
        }
      </div>
    `;
  }
}
