// Entries become rows: one each, with a break where time passes; or, zoomed out, one row for all of a second, an hour,
// a day. Knows no drawing. Rows are added to at the end as entries come, so a live diagram costs what is new, not what
// is there.

import { beginOf } from "../base/format.js";
import { LIVES, shortName, stateChange, textOf } from "../base/facts.js";
import { concerns, kindOf, moduleOf, platformOf, shortState } from "./lanes.js";

/** @type {[name: string, seconds: number][]} */
export const ZOOMS = [
  ["event", 0],
  ["second", 1],
  ["minute", 60],
  ["hour", 3600],
  ["day", 86400],
];
const MOST_WORDS = 50; // of a row that stands for many entries
const GAP = 30; // seconds of silence that get a row of their own

/** @param {RowFilter} own */
export function newRows({
  zoom = 0,
  kinds,
  modules = null,
  text = "",
  since = null,
  until = null,
  only = null,
  cut = new Set(),
}) {
  /** @type {SequenceRow[]} */
  const rows = [];
  /** @type {Entry | null} the last that was shown */
  let before = null;
  /** @type {GroupRow | null} */
  let newest = null;
  /** @type {Lives} */
  let lives = {};
  /** @type {Map<string, number>} those that something is shown of, with the number of the last */
  const seenModules = new Map();
  /** @type {Set<string>} */
  const seenPlatforms = new Set();
  const firstSent = new Map();
  const needle = text.toLowerCase();

  /** @param {Entry} entry */
  const fits = (entry) =>
    kinds.has(kindOf(entry)) &&
    (!only || only.has(entry.number)) &&
    concerns(entry, modules) &&
    (since === null || entry.at >= since) &&
    (until === null || entry.at <= until) &&
    (!needle || textOf(entry).toLowerCase().includes(needle) || entry.source.toLowerCase().includes(needle));

  /** @param {Entry} entry */
  function add(entry) {
    if (entry.kind === "state" && LIVES[entry.code] && LIVES[entry.code] !== lives[entry.source])
      lives = { ...lives, [entry.source]: LIVES[entry.code] };
    if (!fits(entry)) return;
    const module = moduleOf(entry);
    if (module) seenModules.set(module, entry.number);
    if (platformOf(entry)) seenPlatforms.add(platformOf(entry));
    if (zoom) into(entry);
    else single(entry);
    before = entry;
  }

  /** @param {Entry} entry */
  function single(entry) {
    const passed = before ? entry.at - before.at : 0;
    if (before && passed >= GAP)
      rows.push({ kind: "gap", at: entry.at, seconds: passed, lives, key: `g${entry.number}` });
    rows.push({
      kind: "entry",
      entry,
      at: entry.at,
      passed,
      broken: passed >= GAP,
      lives,
      key: entry.number,
      since: sinceFirst(entry),
    });
  }

  /**
   * For a packet that was sent before: how long after its first sending.
   * @param {Entry} entry
   */
  function sinceFirst(entry) {
    if (entry.kind !== "datagram" || !entry.fields.message_id) return null;
    const key = `${entry.source}/${entry.fields.direction}/${entry.fields.message_id}/${entry.fields.token}`;
    const { sending } = entry.fields;
    const known = firstSent.get(key);
    firstSent.set(key, { first: sending > 1 && known ? known.first : entry.at, last: entry.at });
    if (firstSent.size > 2000) firstSent.delete(firstSent.keys().next().value);
    return sending > 1 && known ? { first: entry.at - known.first, last: entry.at - known.last } : null;
  }

  /** @param {Entry} entry */
  function into(entry) {
    const bucket = beginOf(entry.at, zoom);
    const row = newest?.bucket === bucket ? newest : opened(bucket);
    newest = row;
    gather(row, entry);
    row.lives = lives;
  }

  /**
   * @param {number} bucket
   * @returns {GroupRow}
   */
  function opened(bucket) {
    if (newest && bucket - newest.bucket > zoom * 1.5)
      rows.push({ kind: "gap", at: bucket, seconds: bucket - newest.bucket - zoom, lives, key: `g${bucket}` });
    /** @type {GroupRow} */
    const row = {
      kind: "group",
      bucket,
      at: bucket,
      cut: cut.has(bucket),
      key: `b${bucket}`,
      lives,
      counts: {},
      by: {},
      states: [],
      change: "",
      events: [],
      size: 0,
    };
    rows.push(row);
    return row;
  }

  return { rows, add, modules: seenModules, platforms: seenPlatforms };
}

/** @param {GroupRow} row @param {Entry} entry */
function gather(row, entry) {
  row.size += 1;
  const module = moduleOf(entry);
  if (module) row.by[module] = (row.by[module] || 0) + 1;
  const counts = row.counts;
  /** @param {string} name */
  const plus = (name) => (counts[name] = (counts[name] || 0) + 1);
  if (entry.kind === "datagram") {
    plus(entry.fields.direction === "down" ? "down" : "up");
    if (entry.fields.lost) plus("lost");
    if (entry.fields.sending > 1) plus("again");
  } else plus(entry.kind);
  const list = entry.kind === "platform" ? row.events : entry.kind === "state" ? row.states : null;
  if (!list || entry.code === "connection-changed") return; // every packet has one
  if (stateChange(entry)) row.change = shortState(entry);
  list.push(entry.kind === "state" ? shortState(entry) : shortName(entry));
  if (list.length > MOST_WORDS) list.shift();
}

/**
 * The row at or after a time, by halving.
 * @param {SequenceRow[]} rows
 * @param {number} at
 */
export function rowAt(rows, at) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle].at < at) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, rows.length - 1);
}
