// Times, spans, sizes and rates as text; the same digits in both languages. Times are shown in the lab's zone.

import { fixed, offsetAt, suffixAt } from "./zone.js";

/** @param {number} n */
const two = (n) => String(n).padStart(2, "0");

/**
 * Lab time is seconds since 1970 in a live lab, and since the start in a simulated one that began at 0.
 * @param {number} at
 */
export const isDate = (at) => at > 86400 * 365 * 2;

/**
 * The clock of the lab's zone, for where the zone stands beside it.
 * @param {number} at @param {number} [digits] of the fraction of a second
 */
export function timeOfDay(at, digits = 3) {
  if (!isDate(at)) return elapsed(at, digits);
  const d = local(at);
  const base = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
  return digits ? `${base}.${String(d.getUTCMilliseconds()).padStart(3, "0").slice(0, digits)}` : base;
}

/**
 * A clock time that stands by itself: with its zone.
 * @param {number} at @param {number} [digits]
 */
export const zonedTime = (at, digits = 3) => timeOfDay(at, digits) + (isDate(at) ? suffixAt(at) : "");

/**
 * Its UTC fields are what the zone's clock and calendar show.
 * @param {number} at
 */
const local = (at) => new Date((at + offsetAt(at)) * 1000);

/** @param {number} at @param {number} digits */
function elapsed(at, digits) {
  const day = Math.floor(at / 86400);
  const s = at - day * 86400;
  const seconds = (s % 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  const clock = `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${seconds}`;
  return day ? `${day}d ${clock}` : clock;
}

/** @param {number} at */
export function dateOf(at) {
  if (!isDate(at)) return `day ${Math.floor(at / 86400)}`;
  const d = local(at);
  return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
}

/**
 * What stands at the marks of an axis: as much of the time as tells one from the next.
 * @param {number[]} marks @param {number} range seconds that the axis shows
 */
export const timeLabels = (marks, range) =>
  marks.map((at) => {
    if (range > 172_800) return dateOf(at).slice(isDate(at) ? 5 : 0);
    return range > 600 ? timeOfDay(at, 0).slice(0, -3) : timeOfDay(at, 0);
  });

/**
 * Date, time and zone, as the terminal writes them: 2026-01-01 08:00:00+08:00.
 * @param {number} at @param {number} [digits]
 */
export const stamp = (at, digits = 0) =>
  isDate(at) ? `${dateOf(at)} ${zonedTime(at, digits)}` : timeOfDay(at, digits);

/**
 * When the second, minute, hour or day began in which it is, by the zone's clock.
 * @param {number} at @param {number} seconds
 */
export function beginOf(at, seconds) {
  if (!isDate(at)) return Math.floor(at / seconds) * seconds;
  const begin = Math.floor((at + offsetAt(at)) / seconds) * seconds;
  return begin - offsetAt(begin - offsetAt(at));
}

/**
 * The time that `stamp` would show so, perhaps without seconds or zone: 2026-11-29 06:15, or 12d 06:15:00, 12d, 06:15
 * where time began at 0.
 * @param {string} text
 * @param {number} near any time of the same lab
 * @returns {number | null}
 */
export function timeOf(text, near) {
  const [, date = "", clock = "", zone = ""] =
    /^(?:(\d{4}-\d\d-\d\d|\d+d)(?:[ T]+|$))?(?:(\d{1,2}:\d\d(?::\d\d)?)\s*(Z|[+-](?:0\d|1[0-4]):[0-5]\d)?)?$/.exec(
      text.trim(),
    ) ?? [];
  const [hours, minutes, seconds] = `${clock || "0:0"}:0`.split(":").map(Number);
  if ((!date && !clock) || hours > 23 || minutes > 59 || seconds > 59) return null;
  const ofDay = hours * 3600 + minutes * 60 + seconds;
  if (date && isDate(near) === date.endsWith("d")) return null;
  if (!isDate(near)) return zone ? null : parseInt(date || "0") * 86400 + ofDay;
  const begin = Date.parse(`${date || dateOf(near)}T00:00:00Z`) / 1000;
  if (Number.isNaN(begin)) return null;
  const at = begin + ofDay;
  return at - (zone === "Z" ? 0 : (fixed(zone) ?? offsetAt(at - offsetAt(at))));
}

/**
 * 12 s, 3 min 4 s, 5 h 6 min, 7 d 8 h: two units at most.
 * @param {number} seconds
 */
export function span(seconds) {
  const negative = seconds < 0 ? "−" : "";
  const s = Math.abs(seconds);
  if (s < 0.001) return "0 s";
  if (s < 1) return `${negative}${Math.round(s * 1000)} ms`;
  if (s < 10 && s % 1) return `${negative}${s.toFixed(1)} s`;
  const r = Math.round(s);
  if (r < 60) return `${negative}${r} s`;
  if (r < 3600) return negative + join(Math.floor(r / 60), "min", r % 60, "s");
  if (r < 86400) return negative + join(Math.floor(r / 3600), "h", Math.floor((r % 3600) / 60), "min");
  return negative + join(Math.floor(r / 86400), "d", Math.floor((r % 86400) / 3600), "h");
}

/** @param {number} a @param {string} unitA @param {number} b @param {string} unitB */
const join = (a, unitA, b, unitB) => (b ? `${a} ${unitA} ${b} ${unitB}` : `${a} ${unitA}`);

/** @param {number} seconds */
export function countdown(seconds) {
  if (seconds <= 0) return "0 s";
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return span(Math.round(seconds));
}

/** @param {number | null | undefined} n */
export function count(n) {
  return n === null || n === undefined || Number.isNaN(n) ? "–" : Math.round(n).toLocaleString("en-US");
}

/**
 * For a message that says one of them otherwise: a number, where it needs no grouping.
 * @param {number} n
 */
export const counted = (n) => (n < 1000 ? n : count(n));

/** @param {number | null | undefined} n */
export function rate(n) {
  if (n === null || n === undefined || Number.isNaN(n)) return "–";
  return n >= 100 ? count(n) : n >= 10 ? n.toFixed(1) : n === 0 ? "0" : n.toFixed(2);
}

/** @param {number | null | undefined} seconds */
export function milliseconds(seconds) {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return "–";
  return seconds >= 10
    ? `${seconds.toFixed(1)} s`
    : seconds >= 1
      ? `${seconds.toFixed(2)} s`
      : `${Math.round(seconds * 1000)} ms`;
}

/** @param {number | null | undefined} n */
export function bytes(n) {
  if (n === null || n === undefined) return "–";
  if (n < 1024) return `${n} B`;
  return n < 1048576 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / 1048576).toFixed(1)} MiB`;
}

/** @param {string} text */
export const fromHex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));

/**
 * REG_SUCCESS as "reg success".
 * @param {string} name
 */
export const spaced = (name) => String(name).toLowerCase().replaceAll("_", " ");
