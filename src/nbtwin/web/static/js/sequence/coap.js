// A datagram as fields, each with the bytes it came from: CoAP (RFC 7252) and the heads of DTLS records. Never throws.

const TYPES = ["CON", "NON", "ACK", "RST"];
const METHODS = ["", "GET", "POST", "PUT", "DELETE", "FETCH", "PATCH", "iPATCH"];
const CODES = { "2.01": "Created", "2.02": "Deleted", "2.03": "Valid", "2.04": "Changed", "2.05": "Content", "2.31": "Continue", "4.00": "Bad Request", "4.01": "Unauthorized", "4.02": "Bad Option", "4.03": "Forbidden", "4.04": "Not Found", "4.05": "Method Not Allowed", "4.06": "Not Acceptable", "4.08": "Request Entity Incomplete", "4.13": "Request Entity Too Large", "4.15": "Unsupported Content-Format", "5.00": "Internal Server Error", "5.01": "Not Implemented", "5.02": "Bad Gateway", "5.03": "Service Unavailable", "5.04": "Gateway Timeout", "5.05": "Proxying Not Supported" };
const OPTIONS = { 1: ["If-Match", "hex", "RFC 7252 5.10.8"], 3: ["Uri-Host", "text", "RFC 7252 5.10.1"], 4: ["ETag", "hex", "RFC 7252 5.10.6"], 5: ["If-None-Match", "hex", "RFC 7252 5.10.8"], 6: ["Observe", "uint", "RFC 7641 2"], 7: ["Uri-Port", "uint", "RFC 7252 5.10.1"], 8: ["Location-Path", "text", "RFC 7252 5.10.7"], 11: ["Uri-Path", "text", "RFC 7252 5.10.1"], 12: ["Content-Format", "format", "RFC 7252 5.10.3"], 14: ["Max-Age", "uint", "RFC 7252 5.10.5"], 15: ["Uri-Query", "text", "RFC 7252 5.10.1"], 17: ["Accept", "format", "RFC 7252 5.10.4"], 20: ["Location-Query", "text", "RFC 7252 5.10.7"], 23: ["Block2", "block", "RFC 7959 2.1"], 27: ["Block1", "block", "RFC 7959 2.1"], 28: ["Size2", "uint", "RFC 7959 4"], 60: ["Size1", "uint", "RFC 7959 4"], 292: ["Request-Tag", "hex", "RFC 9175 3.2"] };
const FORMATS = { 0: "text/plain", 40: "application/link-format", 42: "application/octet-stream", 50: "application/json", 60: "application/cbor", 110: "application/senml+json", 112: "application/senml+cbor", 1542: "TLV (old number)", 11542: "application/vnd.oma.lwm2m+tlv", 11543: "application/vnd.oma.lwm2m+json" };
const RECORDS = { 20: "ChangeCipherSpec", 21: "Alert", 22: "Handshake", 23: "ApplicationData", 25: "tls12_cid" };
const HANDSHAKES = { 0: "HelloRequest", 1: "ClientHello", 2: "ServerHello", 3: "HelloVerifyRequest", 4: "NewSessionTicket", 12: "ServerKeyExchange", 14: "ServerHelloDone", 16: "ClientKeyExchange", 20: "Finished" };

export const fromHex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const uint = (bytes) => bytes.reduce((sum, b) => sum * 256 + b, 0);

function asText(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

/** [{name, value, from, to, source}] in the order of the bytes. */
export function fieldsOf(bytes) {
  if (bytes.length >= 13 && RECORDS[bytes[0]] && bytes[1] === 0xfe) return records(bytes);
  if (bytes.length < 4 || bytes[0] >> 6 !== 1) return [{ name: "data", value: hex(bytes), from: 0, to: bytes.length, source: "" }];
  return message(bytes);
}

function message(bytes) {
  const fields = [];
  const add = (name, value, from, to, source) => fields.push({ name, value: String(value), from, to, source });
  const tokenLength = bytes[0] & 15;
  const code = `${bytes[1] >> 5}.${String(bytes[1] & 31).padStart(2, "0")}`;
  add("Ver · T · TKL", `1 · ${TYPES[(bytes[0] >> 4) & 3]} · ${tokenLength}`, 0, 1, "RFC 7252 3");
  add("Code", `${code} ${CODES[code] || METHODS[bytes[1]] || (bytes[1] ? "" : "Empty")}`.trim(), 1, 2, "RFC 7252 12.1");
  add("Message ID", `${bytes[2] * 256 + bytes[3]}`, 2, 4, "RFC 7252 4.4");
  let at = 4;
  if (tokenLength) add("Token", hex(bytes.slice(at, at + tokenLength)), at, at + tokenLength, "RFC 7252 5.3.1");
  at += tokenLength;
  let number = 0;
  let format = null;
  while (at < bytes.length && bytes[at] !== 0xff) {
    const from = at;
    let delta = bytes[at] >> 4;
    let length = bytes[at] & 15;
    at += 1;
    const extended = (value) => {
      if (value === 13) return bytes[at++] + 13;
      if (value === 14) return bytes[at++] * 256 + bytes[at++] + 269;
      return value;
    };
    delta = extended(delta);
    length = extended(length);
    if (Number.isNaN(delta) || Number.isNaN(length) || at + length > bytes.length) {
      add("broken option", hex(bytes.slice(from)), from, bytes.length, "RFC 7252 3.1");
      return fields;
    }
    number += delta;
    const value = bytes.slice(at, at + length);
    const [name, kind, source] = OPTIONS[number] || [`option ${number}`, "hex", "RFC 7252 5.4"];
    if (number === 12) format = uint(value);
    add(name, optionText(kind, value), from, at + length, source);
    at += length;
  }
  if (at < bytes.length - 1) payload(bytes, at, format, add);
  return fields;
}

function optionText(kind, value) {
  if (kind === "text") return asText(value) ?? hex(value);
  if (kind === "uint") return uint(value);
  if (kind === "format") return `${uint(value)} ${FORMATS[uint(value)] || ""}`.trim();
  if (kind === "block") return `${uint(value) >> 4} · ${(uint(value) >> 3) & 1 ? "more" : "last"} · ${16 << (uint(value) & 7)} B`;
  return hex(value);
}

function payload(bytes, marker, format, add) {
  const body = bytes.slice(marker + 1);
  add("payload marker", "ff", marker, marker + 1, "RFC 7252 3");
  if (format === 11542 || format === 1542) return tlv(body, marker + 1, add, "");
  const text = asText(body);
  add("Payload", text ?? hex(body), marker + 1, bytes.length, "RFC 7252 5.5.1");
  const inner = text && /^[A-Za-z0-9+/]{8,}=*$/.test(text) && decoded64(text);
  if (inner) add("base64 of", inner, marker + 1, bytes.length, "wire format: Telecom, Unicom");
}

function decoded64(text) {
  try {
    return asText(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
  } catch {
    return null;
  }
}

/** LwM2M 1.0 6.4.3: type byte, identifier, length, value; instances and multiple resources nest. */
function tlv(bytes, base, add, before) {
  const KINDS = ["instance", "resource instance", "multiple resource", "resource"];
  let at = 0;
  while (at < bytes.length) {
    const from = at;
    const type = bytes[at++];
    const id = type & 0x20 ? bytes[at++] * 256 + bytes[at++] : bytes[at++];
    const size = (type >> 3) & 3;
    let length = type & 7;
    if (size) length = uint(bytes.slice(at, (at += size)));
    if (at + length > bytes.length || Number.isNaN(length)) return add("broken TLV", hex(bytes.slice(from)), base + from, base + bytes.length, "LwM2M 1.0 6.4.3");
    const value = bytes.slice(at, at + length);
    const kind = type >> 6;
    const name = `${before}${KINDS[kind]} ${id}`;
    if (kind === 0 || kind === 2) {
      add(name, `${length} B`, base + from, base + at, "LwM2M 1.0 6.4.3");
      tlv(value, base + at, add, `${before}  `);
    } else {
      const text = asText(value);
      const readable = text !== null && (length > 4 || /^[\x20-\x7e]+$/.test(text)) ? text : length <= 4 ? `${uint(value)} (0x${hex(value)})` : hex(value);
      add(name, readable, base + from, base + at + length, "LwM2M 1.0 6.4.3");
    }
    at += length;
  }
  return undefined;
}

function records(bytes) {
  const fields = [];
  let at = 0;
  while (at + 13 <= bytes.length && RECORDS[bytes[at]]) {
    const length = bytes[at + 11] * 256 + bytes[at + 12];
    const epoch = bytes[at + 3] * 256 + bytes[at + 4];
    const end = Math.min(bytes.length, at + 13 + length);
    const shaken = bytes[at] === 22 && epoch === 0 ? HANDSHAKES[bytes[at + 13]] : null;
    fields.push({ name: "DTLS record", value: `${RECORDS[bytes[at]]}${shaken ? ` · ${shaken}` : ""}`, from: at, to: at + 1, source: "RFC 6347 4.1" });
    fields.push({ name: "version", value: bytes[at + 2] === 0xfd ? "DTLS 1.2" : "DTLS 1.0", from: at + 1, to: at + 3, source: "RFC 6347 4.1" });
    fields.push({ name: "epoch · sequence", value: `${epoch} · ${uint(bytes.slice(at + 5, at + 11))}`, from: at + 3, to: at + 11, source: "RFC 6347 4.1" });
    fields.push({ name: epoch ? "encrypted" : "fragment", value: `${length} B`, from: at + 11, to: end, source: epoch ? "RFC 6655" : "RFC 6347 4.2.2" });
    at = end;
  }
  return fields;
}
