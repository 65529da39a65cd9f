// What facts are to the console: their words, what is in them, and which of them are bad news. All codes that the
// console decides by stand here (a test looks them up in the lab); no sentence is ever looked at.

import { currentLanguage, flagsInWords, hasWords, word, wordsOf } from "./i18n.js";

/** Codes of what should not happen, or ends badly. */
const BAD = new Set([
  "bootstrap-failed",
  "cmdmp-registration-failed",
  "cmdmp-update-failed",
  "commit-failed",
  "deregistration-refused",
  "deregistration-unanswered",
  "device-expired",
  "device-refused",
  "firmware-refused",
  "flash-unreadable",
  "gave-up",
  "handshake-failed",
  "inventory-unread",
  "name-unresolved",
  "nvram-write-failed",
  "registration-failed",
  "registration-refused",
  "registration-unanswered",
  "request-expired",
  "update-refused",
  "update-unanswered",
]);

/** Codes of states that are worth a line, beside changes of registration. */
export const NOTABLE = new Set([
  ...["powered-on", "powered-off", "restarted", "booted", "attached", "detached", "fell-asleep"],
  ...["firmware-updated", "firmware-refused", "flash-unreadable"],
]);

/** A piece of a module's TCP stream. */
export const SEGMENT = "segment-seen";

/** Of a module: what a terminal notes between the lines. */
export const NOTED = new Set(["powered-on", "powered-off", "restarted", "fell-asleep", "woke"]);

/** Of a device: a platform suspects that two call themselves the same (D135). */
export const DUPLICATE = "duplicate IMEI";

/** After these something can be committed again, or no longer. */
export const COMMIT_CHANGES = new Set(["commit-failed", "commit-recovered"]);

/** After these the list of faults is another. */
export const FAULT_CHANGES = new Set(["fault-added", "fault-removed", "faults-cleared"]);

/** After these a campaign has come further. */
export const CAMPAIGN_CHANGES = new Set(["campaign-started", "campaign-changed", "campaign-progressed"]);

/** A registration that was taken or refused. */
const REGISTRATIONS = new Set(["device-registered", "device-refused"]);

/** @param {Entry} entry */
export const isRegistration = ({ code }) => REGISTRATIONS.has(code);
/** After these a module begins anew: what follows is another registration. */
export const STARTS = new Set(["powered-on", "restarted"]);

/** Of a platform: what a registration is made of. */
export const REGISTRATION_EVENTS = new Set([
  ...["device-registered", "device-updated", "device-deregistered", "device-expired", "device-refused"],
  ...["device-bootstrapped", "bootstrap-failed"],
]);

/** After these the notes of the time line are others. */
export const NOTE_CHANGES = new Set(["note-added", "note-removed"]);

/** What writes the NVRAM, beside AT lines. */
export const NVRAM_WRITERS = new Set(["booted", "firmware-updated"]);

/** Of a platform: what counts as an error, as the lab counts it. */
export const PLATFORM_ERRORS = new Set(["device-refused", "bootstrap-failed", "inventory-unread"]);

/** What a module's life line looks like from these on. */
export const LIVES = /** @type {Record<string, string>} */ ({
  "powered-off": "off",
  "powered-on": "booting",
  restarted: "booting",
  "fell-asleep": "asleep",
  attached: "attached",
  booted: "on",
  detached: "on",
  woke: "attached",
});

/** States of CMDMP (DOC-C 3.2.1, type 6) by name: what AT+QDMPCFG=6 prints, and whether it is good or bad. */
export const CMDMP_STATES = /** @type {Record<string, { number: number, tone: "" | "good" | "bad" | "warm" }>} */ ({
  INITIAL_STATE: { number: 0, tone: "" },
  CONNECT_SUCCESS: { number: 4, tone: "warm" },
  CONNECT_FAILED: { number: 5, tone: "bad" },
  REG_SUCCESS: { number: 6, tone: "good" },
  REG_FAILED: { number: 7, tone: "bad" },
  REG_TIMEOUT: { number: 8, tone: "bad" },
  LIFETIME_TIMEOUT: { number: 9, tone: "bad" },
  UPDATE_SUCCESS: { number: 11, tone: "good" },
  UPDATE_FAILED: { number: 12, tone: "bad" },
  UPDATE_TIMEOUT: { number: 13, tone: "bad" },
});

/** States of the Andlink client (DOC-E 3.10) that are good or bad, letter for letter. */
export const ANDLINK_TONES = /** @type {Record<string, "good" | "bad">} */ ({
  REGISTERED: "good",
  MO_DATA_ENABLED: "good",
  INIT_FAILED: "bad",
  MISSING_CONFIG: "bad",
  NO_UE_IP: "bad",
  REJECTED_BY_SERVER: "bad",
  TIMEOUT_AND_RETRYING: "bad",
  DEREG_FAILED: "bad",
});

/** Where a module stands, as far as it is good or bad. */
export const STANDING_TONES = /** @type {Record<string, "" | "good" | "bad" | "warm" | "accent">} */ ({
  "standing-asleep": "accent",
  "standing-no-card": "bad",
  "standing-card-locked": "bad",
  "standing-function": "warm",
  "standing-not-wanted": "warm",
  "standing-no-coverage": "warm",
  "standing-attaching": "warm",
  "standing-card-foreign": "bad",
  "standing-not-of-model": "bad",
  "standing-switched-off": "bad",
  "standing-on-after-boot": "warm",
  "standing-firmware": "bad",
  "standing-begins": "warm",
  "standing-sending": "warm",
  "standing-registered": "good",
  "standing-registered-once": "good",
  "standing-next-round": "bad",
  "standing-gave-up": "bad",
  "standing-refused": "bad",
  "standing-unanswered": "bad",
  "standing-unreached": "bad",
  "standing-update-failed": "bad",
  "standing-andlink-no-server": "warm",
  "standing-andlink-config": "bad",
  "standing-andlink-manual": "warm",
  "standing-andlink-under-way": "warm",
  "standing-andlink-registered": "good",
  "standing-andlink-stopped": "bad",
});

/** Codes of a client's change of state, which carry `old` and `new`. */
const CHANGES = new Set(["cmdmp-state-changed", "andlink-state-changed"]);

/** @param {Entry} entry */
export const innermost = (entry) => entry.fields.event ?? { ...entry.fields, code: entry.code };

/**
 * The change of state that an entry tells of: whose, and which state it is now.
 * @param {Entry} entry
 * @returns {{ code: string, service: string, state: string } | null}
 */
export function stateChange(entry) {
  const fact = innermost(entry);
  return CHANGES.has(fact.code) ? { code: fact.code, service: entry.fields.service ?? "", state: fact.new } : null;
}

/** @param {Entry} entry */
export function isBad(entry) {
  const change = stateChange(entry);
  if (change) return (CMDMP_STATES[change.state]?.tone ?? ANDLINK_TONES[change.state]) === "bad";
  return entry.kind === "fault" || Boolean(entry.fields.lost) || BAD.has(innermost(entry).code);
}

/**
 * A response of class 4 or 5 (RFC 7252 5.9).
 * @param {Record<string, any>} fields of a datagram
 */
export const isErrorResponse = ({ code }) => ["4", "5"].includes(String(code ?? "").split(".")[0]);

/** What passes on the serial line, as it stands. */
export const LINES = new Set(["line-received", "line-sent"]);

/** @type {WeakMap<Entry, { language: string, text: string }>} */
const kept = new WeakMap();

/**
 * An entry in words; an AT line as it stands.
 * @param {Entry} entry
 * @returns {string}
 */
export function textOf(entry) {
  const language = currentLanguage();
  const known = kept.get(entry);
  if (known?.language === language) return known.text;
  const text = LINES.has(entry.code) ? entry.fields.line : wordsOf(entry, entry.at);
  kept.set(entry, { language, text });
  return text;
}

/** Fields that hold the code of a reason or of a refusal, worded with the fields beside it. */
const CODED = new Set(["cause", "impairment", "reason", "refusal", "waited_for", "why"]);

/**
 * One field of a fact as text.
 * @param {Record<string, any>} fields all of them
 * @param {string} name
 */
export function fieldText(fields, name) {
  const value = fields[name];
  if (name === "flags" && value) return flagsInWords(value);
  const one = (/** @type {any} */ each) => {
    if (CODED.has(name) && hasWords(each)) return wordsOf({ code: each, fields });
    if (each?.code) return wordsOf({ code: each.code, fields: each });
    return typeof each === "object" ? JSON.stringify(each) : String(each);
  };
  return Array.isArray(value) ? value.map(one).join(", ") : one(value);
}

/**
 * The name of what happened at a platform, in short; of anything else its words.
 * @param {Entry} entry
 */
export const shortName = (entry) => word("event", entry.code, () => textOf(entry));
