// Where an entry is drawn: Host | Module | Network | Platform, from which lane to which, and in which manner. Knows
// entries only.

import { details, eventLine, eventName, said, waitingFor } from "../i18n/events.js";

/** @type {Lane[]} */
export const LANES = ["host", "module", "network", "platform"];
const CENTRE = [7, 33, 63, 93]; // percent of the width
/** @param {Lane} lane */
export const centreOf = (lane) => CENTRE[LANES.indexOf(lane)];

export const KINDS = ["at", "state", "datagram", "platform", "lookup", "deadline", "fault", "lab"];
/** @param {Entry} entry */
export const kindOf = (entry) => (entry.kind.startsWith("at.") ? "at" : entry.kind);

/**
 * What is drawn for an entry.
 * @param {Entry} entry
 * @returns {Drawing}
 */
export function drawingOf(entry) {
  switch (entry.kind) {
    case "at.in":
      return { shape: "arrow", from: "host", to: "module", tone: "in", label: entry.text, mono: true };
    case "at.out":
      return entry.detail.why
        ? { shape: "pill", at: "module", tone: "why", label: entry.text.replace(/^\(|\)$/g, "") }
        : {
            shape: "arrow",
            from: "module",
            to: "host",
            tone: /^(ERROR|\+CME ERROR)/.test(entry.text) ? "error" : "out",
            label: entry.text,
            mono: true,
          };
    case "datagram":
      return datagram(entry);
    case "lookup":
      return {
        shape: "arrow",
        from: "module",
        to: "network",
        tone: entry.detail.host ? "soft" : "lost",
        both: true,
        label: said(entry.text),
      };
    case "platform":
      return {
        shape: "pill",
        at: "platform",
        tone: /refused|failed|expired|not read/.test(entry.text) ? "bad" : "platform",
        label: shortOf(entry),
      };
    case "state":
      return { shape: "pill", at: "module", tone: stateTone(entry), label: shortState(entry) };
    case "deadline":
      return { shape: "pill", at: "module", tone: "wait", label: waitingFor(entry.text) };
    case "fault":
      return { shape: "pill", at: "network", tone: "bad", label: said(entry.text) };
    default:
      return {
        shape: "pill",
        at: "network",
        tone: "lab",
        label: entry.source === "lab" ? said(entry.text) : `${entry.source}: ${said(entry.text)}`,
      };
  }
}

/**
 * @param {Entry} entry
 * @returns {Drawing}
 */
function datagram(entry) {
  const { direction, lost, sending = 1 } = entry.detail;
  const up = direction ? direction === "up" : true;
  const start = up ? "module" : "platform";
  const fates = /(✗|⚠)\s*(.*)$/.exec(entry.text);
  const label = entry.text
    .replace(/^.*? → .*? {2}/, "")
    .replace(/ \(sending \d+\)/, "")
    .replace(/\s+[✗⚠].*$/, "");
  return {
    shape: "arrow",
    from: start,
    to: lost ? "network" : up ? "platform" : "module",
    tone: lost ? "lost" : sending > 1 ? "again" : failing(entry) ? "error" : "packet",
    lost: Boolean(lost),
    again: sending,
    label,
    mono: true,
    note: fates ? fates[2] : "",
    whole: ["module", "platform"],
  };
}

/** @param {Entry} entry */
const failing = (entry) => /^[45]\./.test(entry.detail.code || "") || entry.detail.type === "RST";

/** @param {Entry} entry */
function stateTone(entry) {
  if (/fail|rejected|lost|refused|timeout|_FAIL|expired/i.test(entry.text)) return "bad";
  const name = entry.detail.inner?.event || entry.detail.event;
  return ["CmdmpStateChanged", "AndlinkStateChanged", "Registered", "Updated"].includes(name) ? "state" : "quiet";
}

/**
 * "cmdmp: state changed CONNECT_SUCCESS (4) → REG_SUCCESS (6): why" is about the arrow; the why is in the details.
 * @param {Entry} entry
 */
export function shortState(entry) {
  const changed = /^(?:(\w+): )?state changed .*?→ (\S+(?: \(\d+\))?)(?:: (.*))?$/.exec(entry.text);
  if (changed) return `${changed[1] ? changed[1] + " " : ""}→ ${changed[2]}`;
  const { detail, text } = entry;
  return eventLine(detail.inner?.event ?? detail.event, text, detail.inner ? text.split(": ")[0] : "");
}

/**
 * A platform's event without what is in its identity: name, who, and the few words that matter.
 * @param {Entry} entry
 */
function shortOf(entry) {
  const [head] = entry.text.split(": ");
  const device = String(entry.detail.device || "").replace(/^\w+:/, "");
  const more =
    entry.detail.why ||
    entry.detail.code ||
    (entry.detail.lifetime ? `lifetime ${entry.detail.lifetime} s` : "") ||
    entry.detail.path ||
    "";
  return [eventName(entry.detail.event, head), device, more && details(String(more))].filter(Boolean).join(" · ");
}

/**
 * Can this entry be about this module? A platform's event is when it names its IMEI.
 * @param {Entry} entry
 * @param {string | null} module
 * @param {string | null | undefined} imei
 */
export function concerns(entry, module, imei) {
  if (!module) return true;
  if (entry.source === module || entry.detail.from === module || entry.detail.to === module) return true;
  if (entry.kind === "platform") return Boolean(imei) && String(entry.detail.device || entry.text).includes(imei ?? "");
  return entry.kind === "fault" || (entry.kind === "lab" && entry.source === "lab");
}
