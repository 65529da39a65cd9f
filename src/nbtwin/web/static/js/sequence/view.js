// The live sequence diagram: rows from the kept timeline, only those in view drawn, with zoom, filters and the density
// strip. Where one is in it is a place that an address keeps.

import { Island, html } from "../base/view.js";
import { get } from "../base/api.js";
import { timeOf } from "../base/format.js";
import { currentZone } from "../base/zone.js";
import { icon } from "../base/icons.js";
import { currentLanguage, t } from "../base/i18n.js";
import { recall, remember } from "../base/prefs.js";
import { debounced, throttled } from "../base/lifecycle.js";
import { empty, loading } from "../parts/states.js";
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
import { anywhere, HIDDEN, writePlace } from "./address.js";
import { newPacketPair } from "./beside.js";
import { controls } from "./controls.js";
import { newEnds } from "./ends.js";
import { entryActs } from "./entry_acts.js";
import { follow } from "./follow.js";
import { heads } from "./heads.js";
import { newInspector } from "./inspector.js";
import { KINDS, moduleOf, platformOf } from "./lanes.js";
import { choose as chooseLanes, layoutOf, MOST_MODULES, MOST_PLATFORMS, placed } from "./layout.js";
import { keepNotes, notesOf } from "./notes.js";
import { rowOf } from "./row.js";
import { newRows, rowAt, ZOOMS } from "./rows.js";
import { newRunPair } from "./run_pair.js";
import { densityStrip } from "./strip.js";

const HEIGHT = 31;
const GROUP_HEIGHT = 52;
const NARROW = "(max-width: 620px)"; // there a row has a line for its words and one for its arrow
const NARROW_HEIGHT = 46;
const NEAR_THE_END = 12; // rows that are in view with the newest
const DRAWN_EVERY = 80; // milliseconds, while entries stream in
const CALM = 1000;
const MOST_ROWS = 22_000;

/** @param {Lifecycle} lifecycle @param {{ place?: Partial<SequencePlace>, short?: boolean }} [asked] */
export function newSequence(lifecycle, { place = {}, short = false } = {}) {
  /** @type {SequenceOwn} */
  const own = {
    ...anywhere(),
    ...place,
    short,
    kinds: new Set(),
    follow: !place.top,
    looked: "",
    sliding: false,
    wrongTime: false,
    picking: false,
  };
  const hidden = own.hidden ?? recall("hidden", HIDDEN);
  own.kinds = new Set(KINDS.filter((kind) => !hidden.includes(kind)));
  let version = 0;
  const saidIn = () => `${currentLanguage()} ${currentZone()}`;
  let said = saidIn();
  /** @type {TimeSpan | null} the rows in view, from and to */
  let seen = null;
  /** @type {{ index: number, token: number, top?: boolean } | null} */
  let jump = null;
  /** @type {{ modules: string[], platforms: string[] }} */
  let laned = { modules: [], platforms: [] };
  let layout = layoutOf(placed([], []));
  let arrived = false; // where the address leads
  let lost = 0; // the number of an entry that it leads to, and the lab does not have
  const narrow = matchMedia(NARROW);
  const pair = newPacketPair(lifecycle, () => change({ against: null }));
  const runs = newRunPair(lifecycle, imeis);
  const inspector = newInspector(
    lifecycle,
    (entry) => entryActs(entry, { imeis: imeis(), change, pick, short }),
    () => Object.assign(own, { chosen: null, against: null }),
  );
  const endsOf = newEnds(build);
  let filling = false;
  const looksAtDays = () => ZOOMS[own.zoom][1] >= 3600;
  const enough = () => timeline.entries.length >= (looksAtDays() ? KEPT : PAGE) || !mayLoadOlder();
  const soonFilled = debounced(CALM, fill); // not while a busy lab leaves out more and more
  let made = newRows({ kinds: own.kinds });
  build();
  fill();
  arrive();
  keepNotes(lifecycle);
  const redraw = throttled(DRAWN_EVERY, () => {
    if (own.followed) build();
    version += 1;
    relane();
    lifecycle.redraw();
  });
  lifecycle.on(narrow, "change", redraw);
  lifecycle.onEnd(subscribe("notes", redraw));
  lifecycle.onEnd(
    subscribe("entry", (entry) => {
      if (!timeline.atEnd) return;
      if (!own.followed) made.add(entry);
      if (!enough()) soonFilled(); // the stream has left out what was before
      if (made.rows.length > MOST_ROWS) build();
      redraw();
    }),
  );
  lifecycle.onEnd(
    subscribe("timeline", () => {
      build();
      fill();
      arrive();
    }),
  );

  // The other pages show what is newest.
  if (!short) lifecycle.onEnd(() => void (timeline.atEnd || loadRecent().catch(() => {})));

  function imeis() {
    return new Map([...lab.modules.values()].map(({ name, imei }) => [name, imei]));
  }

  /**
   * What is shown of the entries, in rows of so many seconds.
   * @param {number} zoom
   * @returns {RowFilter}
   */
  function shown(zoom) {
    const known = imeis();
    return {
      zoom,
      kinds: own.kinds,
      modules: own.modules.length ? new Map(own.modules.map((name) => [name, known.get(name) ?? ""])) : null,
      only: own.followed ? follow(timeline.entries, own.followed, known) : null,
      text: own.text,
      since: own.span?.[0] ?? null,
      until: own.span?.[1] ?? null,
    };
  }

  function build() {
    const zoom = ZOOMS[own.zoom][1];
    const ends = endsOf(zoom);
    made = newRows({ ...shown(zoom), cut: ends.cut });
    if (ends.before) made.rows.push(ends.before);
    for (const entry of timeline.entries) made.add(entry);
    if (ends.after) made.rows.push(ends.after);
    version += 1;
    relane();
    lifecycle.redraw();
  }

  /** Lanes for those that are shown: all of them, or those in view and the last that something was heard of. */
  function relane() {
    const folded = new Set(own.folded);
    const inView = (seen ? made.rows.slice(...seen) : []).flatMap((row) => (row.kind === "entry" ? [row.entry] : []));
    const order = new Map([...lab.modules.keys()].map((name, i) => [name, i]));
    const all = own.modules.length ? own.modules : [...made.modules.keys()];
    const modules = chooseLanes({
      all: [...all].sort((a, b) => (order.get(a) ?? Infinity) - (order.get(b) ?? Infinity)),
      folded,
      inView: inView.map(moduleOf),
      before: laned.modules,
      recent: [...made.modules].sort(([, a], [, b]) => b - a).map(([name]) => name),
      most: MOST_MODULES,
    });
    const platforms = chooseLanes({
      all: [...made.platforms].sort(),
      folded,
      inView: inView.map(platformOf),
      before: laned.platforms,
      recent: [],
      most: MOST_PLATFORMS,
    });
    if (String([modules, "|", platforms]) === String([laned.modules, "|", laned.platforms]) && layout.lanes.length > 1)
      return;
    laned = { modules, platforms };
    layout = layoutOf(placed(modules.length ? modules : [""], platforms.length ? platforms : [""]));
    version += 1;
  }

  /** @param {LaneKind} kind how many of it have no lane, whether or not anything of them is loaded */
  function others(kind) {
    const there = own.modules.length ? own.modules : [...lab.modules.keys(), ...made.modules.keys()];
    const all = new Set(kind === "platform" ? made.platforms : there);
    for (const name of kind === "platform" ? laned.platforms : laned.modules) all.delete(name);
    return all.size;
  }

  /** To where the address leads, once something is there. */
  async function arrive() {
    if (arrived || timeline.loading || !timeline.entries.length) return;
    arrived = true;
    if (own.against && own.chosen) pair.show([own.chosen, own.against]);
    runs.show(own.runs);
    const wanted = own.chosen ?? (own.followed && own.followed.kind !== "campaign" ? own.followed.number : null);
    const number = wanted ?? (/^\d+$/.test(own.top) ? Number(own.top) : null);
    if (own.chosen) inspector.show(await entryOf(own.chosen));
    const bucket = /^[bg]/.test(own.top) ? Number(own.top.slice(1)) : wanted ? null : await beginOfCampaign();
    if (!own.top && !wanted && bucket === null) return;
    const at = number !== null ? (await entryOf(number))?.at : bucket;
    if (at === undefined || at === null) return;
    const first = timeline.entries[0];
    const last = timeline.entries[timeline.entries.length - 1];
    if (first.at > at || last.at < at) await moveTo(at);
    if (own.top) goToKey(own.top, at);
    else if (made.rows.length - rowAt(made.rows, at) > NEAR_THE_END) goTo(at);
  }

  /** Of the one that is followed, which may be long before what is loaded. @returns {Promise<number | null>} */
  async function beginOfCampaign() {
    if (own.followed?.kind !== "campaign" || made.rows.length) return null;
    const { platform, number } = own.followed;
    const address = `/platforms/${encodeURIComponent(platform)}/campaigns/${number}`;
    return get(address, { signal: lifecycle.signal }).then(
      (found) => found.started_at,
      () => null,
    );
  }

  /** @param {number} number @returns {Promise<Entry | null>} */
  async function entryOf(number) {
    const here = timeline.entries.find((one) => one.number === number);
    if (here) return here;
    return get(`/traces/${number}`, { signal: lifecycle.signal }).catch((error) => {
      if (error.status === 404) lost = number;
      lifecycle.redraw();
      return null;
    });
  }

  function nothing() {
    if (!timeline.entries.length) return t("seq-empty");
    return t(mayLoadOlder() || mayLoadNewer() ? "seq-none_fit_here" : "seq-none_fit");
  }

  /** What an address leads to, and the lab does not have. */
  function missing() {
    if (!lost || (own.chosen !== lost && own.followed?.number !== lost)) return null;
    const why = lost < timeline.oldestThere ? "seq-entry_forgotten" : "seq-entry_unknown";
    return html` <p class="card missing" role="status">${t(why, { n: lost })}</p> `;
  }

  /** @param {string} key @param {number} at */
  function goToKey(key, at) {
    const index = made.rows.findIndex((row) => String(row.key) === key);
    own.follow = false;
    jump = { index: index < 0 ? rowAt(made.rows, at) : index, token: Math.random(), top: true };
    version += 1;
    lifecycle.redraw();
  }

  /** A whole page of time line wants more of the past than the other pages. */
  async function fill() {
    if (short || filling || timeline.loading || (enough() && !looksAtDays())) return;
    filling = true;
    const failed = await (looksAtDays() ? fillWindow() : loadOlder()).then(
      () => false,
      () => true,
    );
    filling = false;
    if (!failed && !enough()) soonFilled(); // the window has begun anew meanwhile
  }

  /** @param {Partial<SequencePlace>} values */
  function change(values) {
    Object.assign(own, values);
    if ("against" in values) pair.show(own.against && own.chosen ? [own.chosen, own.against] : null);
    if ("runs" in values) runs.show(own.runs);
    build();
  }

  /** @param {number} at */
  function goTo(at) {
    own.follow = false;
    jump = { index: rowAt(made.rows, at), token: Math.random() };
    version += 1;
    lifecycle.redraw();
  }

  /** @param {number} zoom @param {number | null} [at] */
  function setZoom(zoom, at = null) {
    const where = at ?? (seen ? made.rows[seen[0]]?.at : null);
    const following = own.follow && at === null;
    own.zoom = Math.max(0, Math.min(ZOOMS.length - 1, zoom));
    build();
    fill();
    if (where !== null && where !== undefined && !following) goTo(where);
  }

  /** @param {string} kind */
  function showKind(kind) {
    if (!own.kinds.delete(kind)) own.kinds.add(kind);
    remember("hidden", hiddenKinds());
    build();
  }

  function hiddenKinds() {
    return KINDS.filter((name) => !own.kinds.has(name));
  }

  /** @param {string} module */
  function tick(module) {
    const modules = own.modules.includes(module)
      ? own.modules.filter((name) => name !== module)
      : [...own.modules, module];
    change({ modules });
  }

  /** @param {number} number @param {boolean} [beside] compare it with the one that is open */
  function choose(number, beside = false) {
    if ((beside || own.picking) && own.chosen && own.chosen !== number) {
      own.picking = false;
      change({ against: number });
      return;
    }
    show(own.chosen === number ? null : (timeline.entries.find((one) => one.number === number) ?? null));
  }

  /** @param {Entry | null} entry */
  function show(entry) {
    inspector.show(entry);
    Object.assign(own, { chosen: entry?.number ?? null, against: null, picking: false });
    pair.show(null);
    version += 1;
  }

  /** @param {boolean} on */
  function pick(on) {
    own.picking = on;
    lifecycle.redraw();
  }

  /**
   * The window slides, and what is in view stays there.
   * @param {() => Promise<unknown>} load
   */
  async function slide(load) {
    const { key, at } = made.rows[seen?.[0] ?? 0] ?? {};
    own.sliding = true;
    own.follow = false;
    lifecycle.redraw();
    await load().catch(() => 0);
    own.sliding = false;
    const index = made.rows.findIndex((row) => row.key === key);
    if (at !== undefined) jump = { index: index < 0 ? rowAt(made.rows, at) : index, token: Math.random() };
    version += 1;
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
    if (index < 0) index = by > 0 ? (seen?.[0] ?? 0) - 1 : (seen?.[1] ?? rows.length);
    do index += by;
    while (rows[index] && rows[index].kind !== "entry");
    const row = rows[index];
    if (row?.kind !== "entry") return;
    own.follow = false;
    show(row.entry);
    if (!seen || index <= seen[0] || index >= seen[1] - 1) jump = { index, token: Math.random() };
    lifecycle.redraw();
  }

  async function newest() {
    own.follow = true;
    if (!timeline.atEnd) await loadRecent(PAGE).catch(() => {});
    version += 1;
    lifecycle.redraw();
  }

  function close() {
    if (own.picking) pick(false);
    else if (own.against) change({ against: null });
    else show(null);
    lifecycle.redraw();
  }

  /** Where one is now: with the first row in view, unless the newest are shown. */
  function whereNow() {
    const first = own.follow || !seen ? null : made.rows.slice(seen[0]).find((row) => row.kind !== "cut");
    if (arrived) own.top = first && !own.runs ? String(first.key) : "";
    return writePlace({ ...own, hidden: hiddenKinds() });
  }

  /** The entries that are shown, one for each row; zoomed out all that the rows stand for. */
  function entries() {
    if (!own.zoom) return made.rows.flatMap((row) => (row.kind === "entry" ? [row.entry] : []));
    const all = newRows(shown(0));
    for (const entry of timeline.entries) all.add(entry);
    return all.rows.flatMap((row) => (row.kind === "entry" ? [row.entry] : []));
  }

  /** @type {Shortcut[]} */
  const shortcuts = [
    ["+", "seq-key_in", () => setZoom(own.zoom - 1)],
    ["-", "seq-key_out", () => setZoom(own.zoom + 1)],
    ["j", "seq-key_next", () => step(1)],
    ["k", "seq-key_before", () => step(-1)],
    ["n", "seq-key_newest", newest],
    ["Escape", "seq-key_close", close],
  ];

  const acts = {
    setZoom,
    change,
    showKind,
    moveTo,
    timeGiven,
    tick,
    pick,
    look: (/** @type {string} */ text) => {
      own.looked = text;
      lifecycle.redraw();
    },
    opened: (/** @type {HTMLDetailsElement} */ element) => element.open && element.querySelector("input")?.focus(),
    askRun: (/** @type {string} */ first) =>
      runs.ask(first, own, (/** @type {RunPair} */ chosen) => change({ runs: chosen })),
  };

  return {
    view,
    change,
    shortcuts,
    whereNow,
    entries,
    askRun: acts.askRun,
    get layout() {
      return layout;
    },
    others,
    state: own,
  };

  function view() {
    if (said !== saidIn()) {
      // rows have words and times in them, and a day begins elsewhere
      said = saidIn();
      build();
    }
    return html`
      <div class=${`sequence ${short ? "short" : ""} ${inspector.chosen ? "inspecting" : ""}`}>
        ${controls(own, acts)}${
          !short &&
          !own.runs &&
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
        ${missing()}
        <div class="seq-split">
          ${own.runs ? runs.view(inspector.chosen, show) : diagram()}${own.against ? pair.view() : inspector.view()}
        </div>
      </div>
    `;
  }

  function stripProps() {
    const view = seen && [made.rows[seen[0]]?.at, made.rows[Math.min(seen[1], made.rows.length) - 1]?.at];
    return {
      entries: () => timeline.entries,
      version: `${timeline.generation}/${timeline.newest}/${version}`,
      view: view?.[0] !== undefined ? view : null,
      marked: own.span,
      go: goTo,
      /** @param {number} from @param {number} to */
      mark: (from, to) => change({ span: [from, to] }),
    };
  }

  function listProps() {
    const { rows } = made;
    const tools = {
      chosen: own.chosen,
      choose,
      /** @param {number} at */
      zoomIn: (at) => setZoom(own.zoom - 1, at),
      /** @param {"before" | "after"} side @param {number} missing */
      fetchRest: (side, missing) =>
        slide(() => (side === "before" ? loadOlder : loadNewer)(Math.max(PAGE, Math.min(MOST, missing)))),
      layout,
      whose: layout.many && (layout.lanes.length > 4 || own.modules.length !== 1),
      day: ZOOMS[own.zoom][1],
      noted: (/** @type {Entry} */ entry) => notesOf(entry).length,
    };
    return {
      total: rows.length,
      height: own.zoom ? GROUP_HEIGHT : narrow.matches ? NARROW_HEIGHT : HEIGHT,
      version: `${version}/${own.zoom}/${rows.length}/${narrow.matches}`,
      recycle: true,
      follow: own.follow,
      jump,
      /** @param {any} stuck */
      stuck: (stuck) => {
        if (own.follow === stuck) return;
        own.follow = stuck;
        lifecycle.redraw();
      },
      /** @param {number} index */
      row: (index) => rowOf(rows[index], tools),
      /** @param {number} from @param {number} to */
      seen: (from, to) => {
        if (seen?.[0] === from && seen?.[1] === to) return;
        seen = [from, to];
        relane();
        if (!own.follow) lifecycle.redraw();
      },
    };
  }

  function diagram() {
    const { rows } = made;
    return html`
      <div class="diagram card">
        <div class="lines" role="table" aria-label=${t("seq-title")} aria-rowcount=${String(rows.length)}>
          ${heads({
            layout,
            others,
            fold: short ? null : (name) => change({ folded: [...own.folded, name] }),
            unfold: () => change({ folded: [] }),
          })}${
            timeline.loading && !rows.length
              ? loading()
              : !rows.length
                ? empty("timeline", nothing())
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
        ${mayLoadOlder() && !short && more("older", () => slide(loadOlder))}${
          mayLoadNewer() && !short && more("newer", () => slide(loadNewer))
        }${
          (!own.follow || mayLoadNewer()) &&
          rows.length > 0 &&
          html` <button class="newest main-act small" onclick=${newest}>${icon("down")}${t("seq-newest")}</button> `
        }
      </div>
    `;
  }

  /** @param {"older" | "newer"} which @param {() => unknown} act */
  function more(which, act) {
    return html`
      <button class=${`${which} small plain`} disabled=${own.sliding} onclick=${act}>${t(`seq-${which}`)}</button>
    `;
  }
}
