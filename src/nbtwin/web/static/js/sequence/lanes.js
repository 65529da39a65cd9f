// What is drawn for an entry: from which sort of lane to which, in which manner, and whose they are. Knows entries
// only; where the lanes stand is layout.js's.

import {
  CMDMP_STATES,
  fieldText,
  innermost,
  isBad,
  isErrorResponse,
  LINES,
  SEGMENT,
  shortName,
  stateChange,
  textOf,
} from "../base/facts.js";
import { span } from "../base/format.js";
import { t } from "../base/i18n.js";

/**
 * The module that an entry is of, or "" for the lab and its platforms.
 * @param {Entry} entry
 */
export const moduleOf = ({ kind, source, fields }) =>
  kind === "datagram"
    ? String((fields.direction === "down" ? fields.to : fields.from) ?? source)
    : OF_MODULES.has(kind)
      ? source
      : "";

const OF_MODULES = new Set(["at.in", "at.out", "state", "deadline", "lookup"]);

/**
 * The platform that an entry is of, or what is at the other end of a datagram; else "".
 * @param {Entry} entry
 */
export const platformOf = ({ kind, code, source, fields }) =>
  kind === "datagram"
    ? String((fields.direction === "down" ? fields.from : fields.to) ?? "")
    : kind === "platform"
      ? source
      : code === SEGMENT
        ? (fields.direction === "down" ? fields.source : fields.destination).join(":")
        : "";

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
      return { shape: "arrow", from: "host", to: "module", tone: "in", label: textOf(entry), mono: true };
    case "at.out":
      return line(entry);
    case "datagram":
      return datagram(entry);
    case "lookup":
      return {
        shape: "arrow",
        from: "module",
        to: "network",
        tone: isBad(entry) ? "lost" : "soft",
        both: true,
        label: textOf(entry),
      };
    case "platform":
      return { shape: "pill", at: "platform", tone: isBad(entry) ? "bad" : "platform", label: shortOf(entry) };
    case "state":
      if (entry.code === SEGMENT) return segment(entry);
      return { shape: "pill", at: "module", tone: stateTone(entry), label: shortState(entry) };
    case "deadline":
      return { shape: "pill", at: "module", tone: "wait", label: textOf(entry) };
    case "fault":
      return { shape: "pill", at: "network", tone: "bad", label: textOf(entry) };
    default:
      return {
        shape: "pill",
        at: "network",
        tone: "lab",
        label: entry.source === "lab" ? textOf(entry) : `${entry.source}: ${textOf(entry)}`,
      };
  }
}

/**
 * What the module sends to its host; or why it answered so, which the host does not see.
 * @param {Entry} entry
 * @returns {Drawing}
 */
function line(entry) {
  if (!LINES.has(entry.code))
    return { shape: "pill", at: "module", tone: "why", label: fieldText(entry.fields, "why") };
  const tone = isErrorLine(entry.fields.line) ? "error" : "out";
  return { shape: "arrow", from: "module", to: "host", tone, label: entry.fields.line, mono: true };
}

/**
 * A final result code that says no (V.250 5.7.1, TS 27.007 9.1).
 * @param {string} text
 */
export const isErrorLine = (text) => text === "ERROR" || text.startsWith("+CME ERROR") || text.startsWith("+CMS ERROR");

/**
 * @param {Entry} entry
 * @returns {Drawing}
 */
function datagram(entry) {
  const { fields } = entry;
  const { direction, lost, sending = 1, summary, impairment } = fields;
  const up = direction !== "down";
  return {
    shape: "arrow",
    from: up ? "module" : "platform",
    to: lost ? "network" : up ? "platform" : "module",
    tone: lost ? "lost" : sending > 1 ? "again" : isErrorResponse(fields) || fields.type === "RST" ? "error" : "packet",
    lost: Boolean(lost),
    again: sending,
    label: summary,
    mono: true,
    note: impairment?.length ? fieldText(fields, "impairment") : "",
    whole: ["module", "platform"],
  };
}

/**
 * A piece of a TCP stream, between the module and its peer.
 * @param {Entry} entry
 * @returns {Drawing}
 */
function segment({ fields }) {
  const { direction, again, flag, data, summary } = fields;
  const lost = fields.lost || fields.obstacle !== null;
  const up = direction !== "down";
  const far = /** @type {LaneKind} */ (up ? "platform" : "module");
  return {
    shape: "arrow",
    from: up ? "module" : "platform",
    to: lost ? "network" : far,
    tone: lost ? "lost" : again ? "again" : flag === "reset" ? "error" : data ? "packet" : "soft",
    lost,
    again: 1 + Number(again),
    label: summary,
    mono: true,
    note: "",
    whole: ["module", "platform"],
  };
}

/** @param {Entry} entry */
function stateTone(entry) {
  if (isBad(entry)) return "bad";
  return stateChange(entry) || ["registered", "updated"].includes(innermost(entry).code) ? "state" : "quiet";
}

/**
 * A change of state is about the arrow; its reason is in the details.
 * @param {Entry} entry
 */
export function shortState(entry) {
  const change = stateChange(entry);
  if (!change) return textOf(entry);
  const number = CMDMP_STATES[change.state]?.number;
  return `${change.service} → ${change.state}${number === undefined ? "" : ` (${number})`}`;
}

/**
 * A platform's event without what is in its identity: name, who, and the few words that matter.
 * @param {Entry} entry
 */
function shortOf(entry) {
  const { fields } = entry;
  const device = String(fields.device ?? "").replace(/^\w+:/, "");
  return [shortName(entry), device, moreOf(fields)].filter(Boolean).join(" · ");
}

/** @param {Record<string, any>} fields of a platform's event */
function moreOf(fields) {
  if (fields.refusal) return fieldText(fields, "refusal");
  if (fields.cause) return fieldText(fields, "cause");
  if (fields.response_code) return fields.response_code;
  if (fields.lifetime) return t("seq-lifetime", { span: span(fields.lifetime) });
  return fields.path ? fieldText(fields, "path") : "";
}

/**
 * Can this entry be about these modules? A platform's event is when it names the IMEI of one.
 * @param {Entry} entry
 * @param {Map<string, string> | null} modules name to IMEI; null: all there are
 */
export function concerns(entry, modules) {
  if (!modules) return true;
  if (modules.has(entry.source) || modules.has(entry.fields.from) || modules.has(entry.fields.to)) return true;
  if (entry.kind === "platform") {
    const device = String(entry.fields.device ?? "");
    for (const imei of modules.values()) if (imei && device.includes(imei)) return true;
    return false;
  }
  return entry.kind === "fault" || (entry.kind === "lab" && entry.source === "lab");
}
