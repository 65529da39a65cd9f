// What an entry means, and who says so: the vendor document's chapter, the RFC's section, or our decision (D-number).
// Facts only, no drawing; the texts are ids of the console's words.

import { isErrorResponse, stateChange } from "../base/facts.js";

/**
 * @typedef {{ text: string, source: string, values?: Record<string, any> }} Meaning a key of the words, and who says so
 */

/**
 * @param {Entry} entry
 * @returns {Meaning[]}
 */
export function describe(entry) {
  if (entry.kind === "datagram") return datagram(entry);
  if (entry.kind === "deadline") return deadline(entry.fields.reason);
  if (entry.kind === "lookup") return [{ text: "means-lookup", source: "D39, D19" }];
  if (stateChange(entry)?.code === "cmdmp-state-changed")
    return [{ text: "means-state", source: "DOC-C 3.2.2 · DOC-D 3.2.1" }];
  if (entry.code === "device-registered")
    return [{ text: "means-committed", source: "architecture: held until committed" }];
  return [];
}

/** @param {Entry} own */
function datagram({ fields }) {
  /** @type {Meaning[]} */
  const found = [];
  /** @param {string} text @param {string} source @param {Record<string, any>} [values] */
  const add = (text, source, values) => found.push({ text, source, values });
  const path = `/${(fields.path || []).join("/")}`;
  const query = Object.fromEntries(
    (fields.query || []).map((/** @type {string} */ part) => [part.split("=")[0], part.slice(part.indexOf("=") + 1)]),
  );
  const [codeClass, codeDetail] = String(fields.code ?? "").split(".");
  const request = codeClass === "0" && Number(codeDetail) > 0;
  if (fields.protocol === "dtls") add("means-dtls", "RFC 6347 · D16");
  if (request && path === "/rd" && query.ep?.includes("@#@")) registration(add, query);
  else if (request && path === "/rd") add("means-register", "LwM2M 1.0 5.3.1 · DOC-E 6.1");
  else if (request && path.startsWith("/rd/"))
    add(fields.code === "0.04" ? "means-deregister" : "means-update", "LwM2M 1.0 5.3.2 · DOC-C 2.2.3 · D56");
  else if (request && path === "/bs") add("means-bootstrap", "LwM2M 1.0 5.2 · DOC-E 6.1");
  else if (request && path === "/nb") add("means-telecom", "DOC-C 2.1.4 · D12");
  else if (request && path === "/dp") add("means-uplink", "DOC-E 3.5 · D25");
  else if (request && path === "/666/0") add("means-inventory", "CMDMP v2.0 · DOC-C 3.2.3");
  else if (request && /^\/\d+/.test(path)) add("means-management", "LwM2M 1.0 5.4");
  if (fields.sending > 1)
    add("means-again", fields.path?.[0] === "nb" ? "DOC-C 2.1.4 · D12" : "DOC-C 2.2.3 · D14", { n: fields.sending });
  if (fields.lost) add("means-lost", "fault of the lab");
  if (fields.type === "ACK" && codeClass === "2") add("means-piggybacked", "RFC 7252 5.2.1");
  else if (fields.type === "ACK" && fields.code === "0.00") add("means-empty_ack", "RFC 7252 5.2.2");
  else if (fields.type === "RST") add("means-reset", "RFC 7252 4.2");
  if (isErrorResponse(fields)) add("means-refused", "DOC-C 2.2.3 · D54");
  return found;
}

/**
 * @param {(text: string, source: string, values?: Record<string, any>) => void} add
 * @param {Record<string, string>} query
 */
function registration(add, query) {
  add("means-cmdmp", "DOC-C 2.2.1 · D53");
  const [type, cipher, appkey, imei, version] = query.ep.split("@#@");
  add("means-cmdmp_name", "CMDMP v2.0 · D20", {
    type,
    cipher: `${(cipher || "").slice(0, 12)}…`,
    appkey,
    imei,
    version,
  });
  if (query.lt) add("means-lifetime", "DOC-C 3.2.2 · D56", { lt: query.lt });
}

/** @type {Record<string, Meaning>} */
const WAITS = {
  "coap-packet-unanswered": { text: "means-waiting_answer", source: "DOC-C 2.2.3 · D12-D15" },
  "cmdmp-update-period": { text: "means-waiting_update", source: "DOC-C 2.2.3 · D56" },
  "self-registration-next-update": { text: "means-waiting_update", source: "DOC-C 2.2.3 · D56" },
  "andlink-update-due": { text: "means-waiting_update", source: "LwM2M 1.0 5.3.2" },
  "module-release": { text: "means-waiting_release", source: "3GPP TS 36.331" },
  "module-boot": { text: "means-waiting_boot", source: "D21" },
};

/** @param {string | undefined} reason */
const deadline = (reason) => (reason && reason in WAITS ? [WAITS[reason]] : []);
