// The zone in which times are shown: the lab's one for page, terminal and API (D196). Knows how far it is from UTC.

let zone = "UTC";
/** @type {Intl.DateTimeFormat | null} of a zone that has a name */
let named = null;
/** @type {Map<number, number>} by quarter of an hour: no zone changes in between */
const offsets = new Map();
const QUARTER = 900;

export const currentZone = () => zone;

/**
 * UTC, ±hh:mm, or a name such as Asia/Shanghai; what this browser does not know is UTC.
 * @param {string} name
 */
export function setZone(name) {
  zone = name;
  offsets.clear();
  named = null;
  if (name === "UTC" || fixed(name) !== null) return;
  try {
    named = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      ...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" },
    });
  } catch {
    zone = "UTC";
  }
}

/**
 * Seconds ahead of UTC of ±hh:mm.
 * @param {string} text
 */
export function fixed(text) {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  return sign ? (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60) : null;
}

/**
 * By how many seconds the zone is ahead of UTC then.
 * @param {number} at
 */
export function offsetAt(at) {
  if (!named) return fixed(zone) ?? 0;
  const quarter = Math.floor(at / QUARTER) * QUARTER;
  let known = offsets.get(quarter);
  if (known === undefined) {
    const parts = Object.fromEntries(
      named.formatToParts(quarter * 1000).map(({ type, value }) => [type, Number(value)]),
    );
    const { year, month, day, hour, minute, second } = parts;
    known = Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - quarter;
    offsets.set(quarter, known);
  }
  return known;
}

/**
 * How a time of then ends (RFC 3339): Z, or +08:00.
 * @param {number} at
 */
export function suffixAt(at) {
  const minutes = Math.round(offsetAt(at) / 60);
  if (!minutes) return "Z";
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(rest).padStart(2, "0")}`;
}
