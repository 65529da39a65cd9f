// What belongs together: one exchange (RFC 7252 4.2 and 5.3: message id and token), one registration from its boot to
// its last update, one campaign with all its devices. Knows entries, no drawing; answers with numbers of entries.

import { CAMPAIGN_CHANGES, REGISTRATION_EVENTS, STARTS } from "../base/facts.js";
import { moduleOf, platformOf } from "./lanes.js";

/** So long a message id means the same message (RFC 7252 4.8.2: EXCHANGE_LIFETIME). */
const LIFETIME = 247;
const OF_A_REGISTRATION = new Set(["Register", "Update", "De-register", "Bootstrap-Request", "Bootstrap-Finish"]);
const OF_AN_UPDATE = new Set(["restarted", "booted", "firmware-updated", "firmware-refused"]);
const KINDS = new Set(["exchange", "registration", "campaign"]);

/**
 * "exchange.25", "registration.25", "campaign.andlink.3" as it stands in an address; null: nothing of the kind.
 * @param {string | null} text
 * @returns {Followed | null}
 */
export function readFollowed(text) {
  const [kind, ...rest] = (text ?? "").split(".");
  const number = Number(rest[rest.length - 1]);
  if (!KINDS.has(kind) || !Number.isInteger(number) || number < 1) return null;
  const platform = rest.slice(0, -1).join(".");
  if ((kind === "campaign") !== Boolean(platform)) return null;
  return { kind: /** @type {Followed["kind"]} */ (kind), number, platform };
}

/** @param {Followed | null} followed */
export const writeFollowed = (followed) =>
  followed ? [followed.kind, followed.platform, followed.number].filter(Boolean).join(".") : "";

/**
 * What can be followed from an entry on.
 * @param {Entry} entry
 * @param {Map<string, string>} imeis of modules by name
 * @returns {Followed[]}
 */
export function followable(entry, imeis) {
  /** @type {Followed[]} */
  const found = [];
  if (entry.kind === "datagram" && entry.fields.message_id !== undefined)
    found.push({ kind: "exchange", number: entry.number, platform: "" });
  if (ofWhom(entry, imeis)) found.push({ kind: "registration", number: entry.number, platform: "" });
  if (CAMPAIGN_CHANGES.has(entry.code))
    found.push({ kind: "campaign", number: entry.fields.campaign, platform: entry.source });
  return found;
}

/**
 * The numbers of the entries that belong to it, of those that are given; empty where it is not among them.
 * @param {Entry[]} entries oldest first
 * @param {Followed} followed
 * @param {Map<string, string>} imeis of modules by name
 * @returns {Set<number>}
 */
export function follow(entries, followed, imeis) {
  const numbers = (/** @type {Entry[]} */ found) => new Set(found.map((entry) => entry.number));
  if (followed.kind === "campaign") return numbers(campaign(entries, followed, imeis));
  const index = entries.findIndex((entry) => entry.number === followed.number);
  if (index < 0) return new Set();
  return numbers(followed.kind === "exchange" ? exchange(entries, index) : registration(entries, index, imeis));
}

/** @param {Entry} entry */
const isRequest = ({ fields }) => /^0\.0*[1-9]/.test(String(fields.code ?? ""));
/** @param {Entry} entry */
const isResponse = ({ fields }) => /^[245]\./.test(String(fields.code ?? ""));

/** @param {Entry[]} entries @param {number} index */
function exchange(entries, index) {
  const anchor = entries[index];
  const pair = `${moduleOf(anchor)} ${platformOf(anchor)}`;
  const all = entries.filter(
    (entry) => entry.kind === "datagram" && `${moduleOf(entry)} ${platformOf(entry)}` === pair,
  );
  const request = isRequest(anchor) ? anchor : requestOf(all, anchor);
  if (!request) return all.filter((entry) => sameMessage(entry, anchor));
  const { token } = request.fields;
  const next = all.find(
    (entry) =>
      entry.at > request.at &&
      isRequest(entry) &&
      token &&
      entry.fields.token === token &&
      !sameMessage(entry, request),
  );
  const answers = all.filter(
    (entry) =>
      isResponse(entry) &&
      entry.fields.direction !== request.fields.direction &&
      entry.number >= request.number &&
      (!next || entry.number < next.number) &&
      (token ? entry.fields.token === token : sameMessage(entry, request)),
  );
  const messages = [request, ...answers];
  return all.filter((entry) => messages.some((one) => sameMessage(entry, one)));
}

/**
 * The request that a response, an acknowledgement or a reset is for.
 * @param {Entry[]} all between the two
 * @param {Entry} anchor
 * @returns {Entry | null}
 */
function requestOf(all, anchor) {
  const earlier = all.filter((entry) => entry.number <= anchor.number).reverse();
  const { token } = anchor.fields;
  const asked = (/** @type {Entry} */ entry) => isRequest(entry) && entry.fields.direction !== anchor.fields.direction;
  const byToken =
    token && isResponse(anchor) ? earlier.find((entry) => asked(entry) && entry.fields.token === token) : null;
  if (byToken) return byToken;
  const same = earlier.filter((entry) => sameMessage(entry, anchor));
  const direct = same.find(isRequest);
  if (direct) return direct;
  const answer = same.find((entry) => isResponse(entry) && entry !== anchor); // of which this is the acknowledgement
  return answer ? requestOf(all, answer) : null;
}

/**
 * The same message id soon enough: a sending, one more, or what acknowledges it.
 * @param {Entry} one
 * @param {Entry} other
 */
const sameMessage = (one, other) =>
  one.fields.message_id === other.fields.message_id && Math.abs(one.at - other.at) <= LIFETIME;

/**
 * The module that an entry is of; of a platform's event the one whose device it names.
 * @param {Entry} entry
 * @param {Map<string, string>} imeis
 */
export function ofWhom(entry, imeis) {
  const module = moduleOf(entry);
  if (module) return module;
  const device = entry.kind === "platform" ? String(entry.fields.device ?? "") : "";
  if (device) for (const [name, imei] of imeis) if (imei && device.includes(imei)) return name;
  return "";
}

/** @param {Entry[]} entries @param {number} index @param {Map<string, string>} imeis */
function registration(entries, index, imeis) {
  const module = ofWhom(entries[index], imeis);
  const starts = (/** @type {Entry} */ entry) => entry.source === module && STARTS.has(entry.code);
  const begin = entries.findLastIndex((entry, i) => i <= index && starts(entry));
  const end = entries.findIndex((entry, i) => i > index && starts(entry));
  const life = entries.slice(Math.max(0, begin), end < 0 ? undefined : end);
  return life.filter((entry) => ofWhom(entry, imeis) === module && ofRegistration(entry));
}

/** @param {Entry} entry */
function ofRegistration({ kind, code, fields }) {
  if (kind === "state") return code !== "connection-changed"; // every packet has one
  if (kind === "lookup") return true;
  if (kind === "platform") return REGISTRATION_EVENTS.has(code);
  if (kind !== "datagram") return false;
  const operation = String(fields.operation ?? "").replace(/^to /, "");
  if (OF_A_REGISTRATION.has(operation) || operation.startsWith("Bootstrap")) return true;
  const first = fields.path?.[0] ?? "";
  return first === "rd" || first === "bs" || first === "nb" || (fields.protocol === "dtls" && !operation);
}

/** @param {Entry[]} entries @param {Followed} followed @param {Map<string, string>} imeis */
function campaign(entries, { platform, number }, imeis) {
  const own = (/** @type {Entry} */ entry) =>
    entry.source === platform && CAMPAIGN_CHANGES.has(entry.code) && entry.fields.campaign === number;
  const first = entries.findIndex(own);
  if (first < 0) return [];
  const last = entries.findLastIndex(own);
  const devices = new Set(entries.flatMap((entry) => (own(entry) ? devicesOf(entry) : [])));
  const modules = new Set([...imeis].filter(([, imei]) => imei && names(devices, imei)).map(([name]) => name));
  const during = entries.slice(first, last + 1).filter((entry) => own(entry) || modules.has(moduleOf(entry)));
  const id = (/** @type {Entry} */ entry) => `${moduleOf(entry)} ${entry.fields.message_id}`;
  const of = (/** @type {Entry} */ entry) => own(entry) || ofFirmware(entry, platform);
  const asked = during.filter((entry) => entry.kind === "datagram" && of(entry));
  const messages = new Set(asked.map(id)); // and their answers
  return during.filter(
    (entry) => of(entry) || (entry.kind === "datagram" && platformOf(entry) === platform && messages.has(id(entry))),
  );
}

/** @param {Entry} entry */
const devicesOf = ({ fields }) => [
  ...(Array.isArray(fields.devices) ? fields.devices : []),
  ...(fields.device ? [fields.device] : []),
];

/** @param {Set<string>} devices @param {string} imei */
const names = (devices, imei) => [...devices].some((device) => String(device).includes(imei));

/** @param {Entry} entry @param {string} platform */
function ofFirmware(entry, platform) {
  const { kind, code, fields } = entry;
  if (kind === "state") return OF_AN_UPDATE.has(code);
  if (kind !== "datagram" || platformOf(entry) !== platform) return false;
  const operation = String(fields.operation ?? "").replace(/^to /, "");
  const first = String(fields.path?.[0] ?? "");
  return / \/5(\/|$)/.test(operation) || ["5", "fw"].includes(first) || OF_A_REGISTRATION.has(operation);
}

/**
 * The registrations there are, to choose one to compare with: each first sending of a request to register.
 * @param {Entry[]} entries
 */
export const registrations = (entries) =>
  entries.filter(
    ({ kind, fields }) =>
      kind === "datagram" &&
      fields.direction === "up" &&
      !(fields.sending > 1) &&
      (fields.operation === "Register" || fields.path?.[0] === "nb"),
  );
