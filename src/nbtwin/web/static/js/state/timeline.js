// The newest entries of the lab's timeline, bounded, oldest first, each once. Knows numbers and order, no drawing.

import { get, query } from "../base/api.js";
import { publish } from "./topics.js";

export const KEPT = 20_000;
const DROPPED_AT_ONCE = 2_000;

/**
 * @typedef {object} Kept
 * @property {Entry[]} entries
 * @property {number} dropped how many were let go here; views that keep indexes subtract it
 * @property {number} newest
 * @property {number} generation changes when everything is replaced
 * @property {number} oldestThere the oldest number the lab still has, as far as known
 * @property {boolean} loading
 */

/** @type {Kept} */
export const timeline = {
  entries: [],
  dropped: 0,
  newest: 0,
  generation: 0,
  oldestThere: 1,
  loading: false,
};

/** @type {Entry[]} */
let pending = []; // what the stream said while the past was being fetched
let asked = 0; // a later asking makes an earlier answer void: it may be of another lab

/** @param {Entry} entry */
export function push(entry) {
  if (timeline.loading) {
    pending.push(entry);
    if (pending.length > KEPT) pending.splice(0, DROPPED_AT_ONCE);
    return;
  }
  if (entry.number <= timeline.newest) return;
  append(entry);
  publish("entry", entry);
}

/** @param {Entry} entry */
function append(entry) {
  timeline.entries.push(entry);
  timeline.newest = entry.number;
  if (timeline.entries.length > KEPT) {
    timeline.entries.splice(0, DROPPED_AT_ONCE);
    timeline.dropped += DROPPED_AT_ONCE;
  }
}

export function clear() {
  asked += 1;
  pending = [];
  timeline.entries = [];
  timeline.newest = 0;
  timeline.dropped = 0;
  timeline.generation += 1;
  publish("timeline");
}

/** The newest entries there are; the stream's own wait meanwhile. */
export async function loadRecent(limit = 600) {
  const mine = ++asked;
  timeline.loading = true;
  try {
    const { entries, oldest } = await get("/traces" + query({ order: "desc", limit }));
    if (mine !== asked) return;
    entries.reverse();
    timeline.entries = entries;
    timeline.newest = entries.length ? entries[entries.length - 1].number : 0;
    timeline.oldestThere = oldest ?? 1;
    timeline.dropped = 0;
  } finally {
    if (mine === asked) caughtUp();
  }
}

function caughtUp() {
  timeline.loading = false;
  const waiting = pending;
  pending = [];
  for (const entry of waiting) if (entry.number > timeline.newest) append(entry);
  timeline.generation += 1;
  publish("timeline");
}

/** Are there older ones than the oldest here, and is there room for them? */
export function mayLoadOlder() {
  const first = timeline.entries[0];
  return Boolean(first) && first.number > timeline.oldestThere && timeline.entries.length < KEPT - DROPPED_AT_ONCE;
}

export async function loadOlder(limit = 2000) {
  if (!mayLoadOlder() || timeline.loading) return 0;
  const before = timeline.entries[0].number;
  const mine = asked;
  const { entries, oldest } = await get("/traces" + query({ order: "desc", before, limit }));
  if (mine !== asked || !timeline.entries.length) return 0;
  entries.reverse();
  const older = entries.filter((/** @type {Entry} */ entry) => entry.number < timeline.entries[0].number);
  timeline.entries = [...older, ...timeline.entries];
  timeline.oldestThere = older.length ? (oldest ?? older[0].number) : before;
  timeline.generation += 1;
  publish("timeline");
  return older.length;
}
