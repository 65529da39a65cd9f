// What happens, counted by the lab in steps of its own time: seconds, minutes, hours. The stream tells each step that
// has changed as a whole; after a gap all are asked for again. Delays of answers are measured here, from the entries.

import { get } from "../base/api.js";
import { labNow } from "./lab.js";
import { publish, subscribe } from "./topics.js";
import { forgetWall, meet } from "./wall.js";

/** Steps and ranges in seconds: the longest range of a step is as long as the lab keeps it. */
export const STEPS = [1, 60, 3600];
export const RANGES = [60, 300, 600, 3600, 86400, 7 * 86400, 30 * 86400];
/** @type {Record<number, number>} */
const KEPT = { 1: 600, 60: 1440, 3600: 744 };
const KEPT_DELAYS = 2000;
const LONGEST_WAITING = 5000;

/** @type {Record<string, string>} the lab's name of each series */
const SERIES = {
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

export const rates = {
  since: Infinity, // lab time: from then on it is counted
  /** @type {string[]} the lab's series, in the order of its figures */
  order: [],
  /** @type {Map<number, Map<number, number[]>>} by step and begin */
  steps: new Map(STEPS.map((step) => [step, new Map()])),
  /** @type {number[]} */
  delays: [],
  /** @type {(number | null)[][]} lab time, p50, p95, p99 of the newest delays then */
  percentiles: [],
  /** @type {Held | null} how long the lab's event loop was held within the last minute, and by what */
  loop: null,
  /** @type {Record<string, Percentiles>} of each platform */
  latency: {},
};
/** @type {Map<string, number>} */
const waiting = new Map(); // message ID and peers of a request: when it was first sent

/** @param {number} step @param {number} begin @param {number} last @param {number} wall @param {number[]} counts */
function keep(step, begin, last, wall, counts) {
  const kept = /** @type {Map<number, number[]>} */ (rates.steps.get(step));
  kept.set(begin, counts);
  if (kept.size > KEPT[step]) kept.delete(/** @type {number} */ (kept.keys().next().value));
  if (last >= begin) meet(last, wall);
}

/** Everything that the lab has counted, anew. */
export async function loadRates() {
  const found = await Promise.all(STEPS.map((step) => get(`/rates?step=${step}&seconds=${step * KEPT[step]}`)));
  forgetWall();
  for (const [i, { at, last, wall, series, since, since_wall }] of found.entries()) {
    rates.since = since;
    rates.order = Object.keys(series);
    rates.steps.get(STEPS[i])?.clear();
    meet(since, since_wall);
    for (const [j, begin] of at.entries())
      keep(
        STEPS[i],
        begin,
        last[j],
        wall[j],
        rates.order.map((name) => series[name][j]),
      );
  }
  publish("counted");
}

/** @typedef {[step: number, begin: number, last: number, wall: number, counts: number[]]} StepTold */

/**
 * @typedef {object} RatesTold
 * @property {number} at
 * @property {number} wall
 * @property {Held} loop
 * @property {Record<string, Percentiles>} latency
 * @property {boolean} whole the steps are all that have changed
 * @property {StepTold[]} steps
 */

subscribe("rates", (/** @type {RatesTold} */ told) => {
  rates.loop = told.loop;
  rates.latency = told.latency;
  if (rates.delays.length) {
    rates.percentiles.push([told.at, ...percentiles([0.5, 0.95, 0.99])]);
    if (rates.percentiles.length > KEPT[60]) rates.percentiles.shift();
  }
  if (told.whole) for (const step of told.steps) keep(...step);
  else loadRates().catch(() => {});
  meet(told.at, told.wall);
  publish("counted");
});

/** The step in which a range is drawn. @param {number} range */
export const stepOf = (range) => STEPS.find((step) => range <= step * KEPT[step]) ?? STEPS[STEPS.length - 1];

/**
 * A second of the lab, over the last ones that are whole.
 * @param {string} name
 * @param {number} [seconds]
 */
export function perSecond(name, seconds = 10) {
  const now = Math.floor(labNow());
  let sum = 0;
  for (let second = now - seconds; second < now; second++) sum += countOf(1, second, name);
  return sum / seconds;
}

/** @param {number} step @param {number} begin @param {string} name */
const countOf = (step, begin, name) => rates.steps.get(step)?.get(begin)?.[rates.order.indexOf(SERIES[name])] ?? 0;

/**
 * The columns of the last `range` seconds of the lab's time, oldest first: [begin of each step, ...series]. What was
 * before it was counted is left out; a step that began before, or is not over, is in `partial`.
 * @param {string[]} names
 * @param {number} range
 * @returns {{ data: number[][], span: TimeSpan, partial: TimeSpan[], step: number }}
 */
export function columnsOf(names, range) {
  const step = stepOf(range);
  const now = labNow();
  /** @type {number[]} */
  const begins = [];
  const first = Math.max(now - range, Math.min(rates.since, now));
  for (let begin = Math.floor(first / step) * step; begin + (step === 1 ? 1 : 0) <= now; begin += step)
    begins.push(begin);
  const data = [begins, ...names.map((name) => begins.map((begin) => countOf(step, begin, name)))];
  /** @type {TimeSpan[]} */
  const partial = begins
    .filter((begin) => step > 1 && (begin < rates.since || begin + step > now))
    .map((begin) => [begin, begin + step]);
  return { data, span: [now - range, now], partial, step };
}

/**
 * How long a confirmable message waits for its acknowledgement.
 * @param {Entry} own
 */
function measure({ kind, at, fields }) {
  if (kind !== "datagram" || fields.message_id === undefined) return;
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

subscribe("entry", measure);
