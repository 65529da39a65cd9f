// A window on the lab's timeline: its entries in order, oldest first, each once and none left out. It is bounded, so
// it slides: what comes in at one side lets go of the other. As long as it is at the end, it takes what the stream
// says; elsewhere the stream's entries are only known to be there, and are fetched when the window gets to them.
// Knows numbers and order, no drawing.

import { get, query } from "../base/api.js";
import { publish } from "./topics.js";

export const KEPT = 20_000;
export const PAGE = 2_000;
export const RECENT = 600;
export const MOST = 10_000; // entries that one answer has

/**
 * @typedef {object} Kept
 * @property {Entry[]} entries
 * @property {number} newest the number of the newest that the lab has told
 * @property {number} generation changes when the window is another, but for what the stream adds to it
 * @property {number} oldestThere the oldest number the lab still has, as far as known
 * @property {boolean} atEnd the window has the newest
 * @property {boolean} loading
 */

/** @type {Kept} */
export const timeline = {
  entries: [],
  newest: 0,
  generation: 0,
  oldestThere: 1,
  atEnd: true,
  loading: false,
};

/** @type {Entry[]} */
let pending = []; // what the stream said while the newest were being fetched
let skipped = 0; // what was before this number it has left out meanwhile
let asked = 0; // a later asking makes an earlier answer void: it may be of another lab, or of another place

/** @param {Entry} entry */
export function push(entry) {
  if (timeline.loading) {
    pending.push(entry);
    if (pending.length > KEPT) pending.splice(0, PAGE);
    return;
  }
  if (entry.number <= timeline.newest) return;
  append(entry);
  publish("entry", entry);
}

/**
 * The stream has left out what was before this number. A window that is at the end begins anew behind it: what lies
 * before is fetched when somebody looks for it.
 * @param {number} before
 */
export function skip(before) {
  if (timeline.loading) {
    pending = [];
    skipped = before;
  } else if (before > timeline.newest + 1) begin(before);
}

/** @param {number} before */
function begin(before) {
  timeline.newest = before - 1;
  if (!timeline.atEnd) return;
  asked += 1; // a page that is on its way is of before the hole
  timeline.entries = [];
  changed();
}

/** @param {Entry} entry */
function append(entry) {
  timeline.newest = entry.number;
  if (!timeline.atEnd) return;
  timeline.entries.push(entry);
  if (timeline.entries.length > KEPT) timeline.entries.splice(0, PAGE);
}

function changed() {
  timeline.generation += 1;
  publish("timeline");
}

export function clear() {
  asked += 1;
  pending = [];
  skipped = 0;
  timeline.entries = [];
  timeline.newest = 0;
  timeline.atEnd = true;
  timeline.loading = false;
  changed();
}

/** The newest entries there are; the stream's own wait meanwhile. */
export async function loadRecent(limit = RECENT) {
  const mine = ++asked;
  timeline.loading = true;
  try {
    const { entries, oldest } = await get("/traces" + query({ order: "desc", limit }));
    if (mine !== asked) return;
    entries.reverse();
    timeline.entries = entries;
    timeline.newest = entries.length ? entries[entries.length - 1].number : 0;
    timeline.oldestThere = oldest ?? 1;
    timeline.atEnd = true;
  } finally {
    if (mine === asked) caughtUp();
  }
}

function caughtUp() {
  timeline.loading = false;
  const waiting = pending;
  pending = [];
  if (skipped > timeline.newest + 1) begin(skipped);
  skipped = 0;
  for (const entry of waiting) if (entry.number > timeline.newest) append(entry);
  changed();
}

/** Are there older ones than the oldest here? */
export function mayLoadOlder() {
  const first = timeline.entries[0];
  return Boolean(first) && first.number > timeline.oldestThere;
}

/** Are there newer ones than the newest here? */
export const mayLoadNewer = () => !timeline.atEnd;

/** A page of older ones before the window, which lets go of as many of its newest as are too many. */
export async function loadOlder(limit = PAGE) {
  if (!mayLoadOlder() || timeline.loading) return 0;
  const before = timeline.entries[0].number;
  const mine = asked;
  const { entries, oldest } = await get("/traces" + query({ order: "desc", before, limit }));
  if (mine !== asked || !timeline.entries.length) return 0;
  entries.reverse();
  const first = timeline.entries[0].number;
  const older = entries.filter((/** @type {Entry} */ entry) => entry.number < first);
  timeline.oldestThere = entries.length ? (oldest ?? entries[0].number) : first; // another asking may have them already
  timeline.entries = [...older, ...timeline.entries];
  if (timeline.entries.length > KEPT) {
    timeline.entries.length = KEPT;
    timeline.atEnd = false;
  }
  changed();
  return older.length;
}

/** A page of newer ones after the window, which lets go of as many of its oldest as are too many. */
export async function loadNewer(limit = PAGE) {
  if (timeline.atEnd || timeline.loading) return 0;
  const after = last();
  const mine = asked;
  const { entries, more } = await get("/traces" + query({ after, limit }));
  if (mine !== asked) return 0;
  const newer = entries.filter((/** @type {Entry} */ entry) => entry.number > last());
  timeline.entries = [...timeline.entries, ...newer].slice(-KEPT);
  arrived(more);
  changed();
  return newer.length;
}

const last = () => timeline.entries[timeline.entries.length - 1]?.number ?? 0;

/**
 * The newest here are from an answer: are they the newest there are? The stream may be ahead of it, or behind.
 * @param {boolean} more the answer left some out
 */
function arrived(more) {
  timeline.atEnd = !more && last() >= timeline.newest;
  if (timeline.atEnd) timeline.newest = last();
}

/**
 * The window to the first entries there are from a time on, with what was before them; null: to the beginning. Nothing
 * is so late: to the end.
 * @param {number | null} at
 * @returns {Promise<Entry | null>} the first from then on
 */
export async function loadFrom(at, limit = PAGE) {
  if (timeline.loading) return null;
  const mine = ++asked;
  const { entries, oldest, more } = await get("/traces" + query({ since: at, limit }));
  if (mine !== asked) return null;
  if (!entries.length) {
    await loadRecent(limit);
    return null;
  }
  const first = entries[0];
  const before =
    at === null ? [] : (await get("/traces" + query({ order: "desc", before: first.number, limit }))).entries;
  if (mine !== asked) return null;
  timeline.entries = [...before.reverse(), ...entries];
  timeline.oldestThere = before.length ? (oldest ?? 1) : first.number;
  arrived(more);
  changed();
  return first;
}

/** As much as the window takes, older ones first: for who looks at days. */
export async function fillWindow() {
  const more = () => Math.min(MOST, KEPT - timeline.entries.length);
  while (more() > 0 && mayLoadOlder() && (await loadOlder(more())));
  while (more() > 0 && mayLoadNewer() && (await loadNewer(more())));
}

/**
 * How many entries between two times the lab has, and the window does not: before it, and after it.
 * @param {number} from
 * @param {number} until not included
 */
export async function missingIn(from, until) {
  const { entries } = timeline;
  const [first, end] = [entries[0].number, last()];
  const [older, newer] = await Promise.all([
    mayLoadOlder() ? get("/traces" + query({ since: from, before: first, limit: 1 })) : { entries: [] },
    mayLoadNewer()
      ? get("/traces" + query({ until: until - 1e-6, after: end, order: "desc", limit: 1 }))
      : { entries: [] },
  ]);
  return {
    before: older.entries.length ? first - older.entries[0].number : 0,
    after: newer.entries.length ? newer.entries[0].number - end : 0,
  };
}
