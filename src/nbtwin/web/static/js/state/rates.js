// What happens per second, for the last ten minutes: counted here from the entries as they come, with the delays of
// answers. Works with any stream; the lab's own `rates` fill in what was before this page was opened.

import { get } from "../base/api.js";
import { PLATFORM_ERRORS, isErrorResponse } from "../base/facts.js";
import { subscribe } from "./topics.js";

export const SECONDS = 600;
export const SERIES = ["entries", "at", "up", "down", "again", "lost", "errors", "registrations", "updates"];
const KEPT_DELAYS = 2000;
const LONGEST_WAITING = 5000;

/**
 * @typedef {object} Rates
 * @property {number} second
 * @property {Record<string, Float64Array>} columns
 * @property {number[]} delays
 * @property {(number | null)[][]} percentiles
 * @property {Record<string, number>} total
 * @property {Held | null} loop how long the lab's event loop was held within the last minute, and by what
 */

/** @type {Rates} */
export const rates = {
  second: 0,
  columns: Object.fromEntries(SERIES.map((name) => [name, new Float64Array(SECONDS)])),
  delays: [],
  percentiles: [],
  total: {},
  loop: null,
};
/** @type {Map<string, number>} */
const waiting = new Map(); // message ID and peers of a request: when it was first sent

function roll() {
  const now = Math.floor(Date.now() / 1000);
  for (let second = Math.max(rates.second + 1, now - SECONDS); second <= now; second++) {
    for (const name of SERIES) rates.columns[name][second % SECONDS] = 0;
    if (rates.second) rates.percentiles.push([second - 1, ...percentiles([0.5, 0.95, 0.99])]);
    if (rates.percentiles.length > SECONDS) rates.percentiles.shift();
  }
  rates.second = now;
}

/** @param {string} name */
function plus(name) {
  rates.columns[name][rates.second % SECONDS] += 1;
  rates.total[name] = (rates.total[name] || 0) + 1;
}

/** @param {Entry} entry */
function take(entry) {
  roll();
  plus("entries");
  if (entry.kind === "at.in") plus("at");
  else if (entry.kind === "datagram") datagram(entry);
  else if (entry.kind === "platform") {
    if (entry.code === "device-registered") plus("registrations");
    else if (entry.code === "device-updated") plus("updates");
    else if (PLATFORM_ERRORS.has(entry.code)) plus("errors");
  }
}

/** @param {Entry} own */
function datagram({ at, fields }) {
  plus(fields.direction === "down" ? "down" : "up");
  if (fields.lost) plus("lost");
  if (fields.sending > 1) plus("again");
  if (isErrorResponse(fields)) plus("errors");
  if (fields.message_id === undefined) return;
  if (fields.type === "CON") {
    const key = `${fields.from}>${fields.to}#${fields.message_id}`;
    if (!waiting.has(key)) waiting.set(key, at);
    if (waiting.size > LONGEST_WAITING) waiting.delete(/** @type {string} */ (waiting.keys().next().value));
  } else if (fields.type === "ACK") {
    const key = `${fields.to}>${fields.from}#${fields.message_id}`;
    const sent = waiting.get(key);
    if (sent === undefined || fields.lost) return;
    waiting.delete(key);
    rates.delays.push(Math.max(0, at - sent));
    if (rates.delays.length > KEPT_DELAYS) rates.delays.splice(0, KEPT_DELAYS / 4);
  }
}

/** @param {number[]} shares @param {number[]} [values] */
export function percentiles(shares, values = rates.delays) {
  if (!values.length) return shares.map(() => null);
  const sorted = Float64Array.from(values).sort();
  return shares.map((share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
}

/**
 * Per second over the last `seconds`, the present one left out.
 * @param {string} name
 * @param {number} [seconds]
 */
export function perSecond(name, seconds = 10) {
  roll();
  let sum = 0;
  for (let i = 1; i <= seconds; i++) sum += rates.columns[name][(rates.second - i + SECONDS) % SECONDS];
  return sum / seconds;
}

/**
 * The columns in order of time, oldest first: [seconds, ...series].
 * @param {string[]} names
 * @param {number} [seconds]
 */
export function columnsOf(names, seconds = SECONDS - 1) {
  roll();
  const from = rates.second - seconds;
  const x = Array.from({ length: seconds }, (_, i) => from + i);
  return [x, ...names.map((name) => x.map((second) => rates.columns[name][second % SECONDS]))];
}

const COUNTED = {
  up: "packets_up",
  down: "packets_down",
  again: "retransmissions",
  lost: "lost",
  errors: "errors",
  registrations: "registrations",
  updates: "updates",
  at: "at_commands",
  entries: "entries",
};

/** What the lab itself has counted before this page was opened. */
export async function loadPast() {
  const { series } = await get(`/rates?seconds=${SECONDS - 1}`);
  roll();
  for (const [name, theirs] of Object.entries(COUNTED)) {
    const counted = series[theirs] || [];
    for (let back = 1; back <= counted.length && back < SECONDS; back++) {
      const index = (rates.second - back + SECONDS) % SECONDS;
      rates.columns[name][index] = Math.max(rates.columns[name][index], counted[counted.length - back]);
    }
  }
}

subscribe("rates", (/** @type {{ loop: Held }} */ told) => {
  rates.loop = told.loop;
});
subscribe("entry", take);
