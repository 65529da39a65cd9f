// Words for codes, from Project Fluent files: one file a language, the same for the terminal and for the console.
// Knows the functions that messages may call, and no message. Nothing in the console decides by what is written there.
//
// Arguments are plain JSON values. In a message
//
//     true, false    are the words "true" and "false", to select by
//     what a message selects by and is not given is null
//     null, "", []   are the word "none", to select by; an empty text that is only shown is shown as nothing
//     numbers        are shown as they are, without grouping
//     lists, objects are for functions alone
//
//     WORD($event)   a fact inside this one; the code of a reason or a refusal, with this fact's fields; a list of such
//     SPAN($period)  seconds as a span: 1h 30min
//     UNTIL($at)     the span from the time of the entry to that instant, 0 when it has passed
//     TIME($at)      an instant: seconds since the lab's start, or since 1970, with its day
//     PEER($peer)    HOST:PORT
//     PEERS($peers)  each, as a list of the language
//     PATH($path)    /3/0/0 of its segments
//     BYTES($data)   bytes as text where they are text, else as hexadecimal digits
//     LIST($names)   each, as a list of the language
//     VALUES($map)   name=value of an object, with commas
//     FAULT($fault)  a fault of the network, as an object or as the line that describes it; a list of such

import { FluentBundle, FluentNone, FluentNumber, FluentResource, FluentType } from "../../vendor/fluent/index.js";
import { fromHex, stamp } from "./format.js";

const LONGEST = 256;
const SPEAKING = ["why", "reason"]; // fields that need no name before them
const UNITS = /** @type {[string, number][]} */ ([
  ["d", 86400],
  ["h", 3600],
  ["min", 60],
]);

/**
 * A list or an object: only functions know what to do with it.
 * @extends {FluentType<any>}
 */
class Compound extends FluentType {
  toString() {
    return flat(this.value);
  }
}

/** The messages of one language. */
export class Messages {
  /** @type {{ fields: Record<string, any>, at: number }[]} the facts being worded, the innermost last */
  frames = [];

  /** @type {Map<string, Set<string>>} by message */
  selectors = new Map();

  /**
   * @param {string} language
   * @param {string} text of its file
   */
  constructor(language, text) {
    /** @type {Record<string, (value: any) => string>} */
    const functions = {
      WORD: (value) => this.word(value),
      SPAN: (value) => spanOf(Number(value)),
      UNTIL: (value) => spanOf(Math.max(0, Number(value) - this.now)),
      TIME: (value) => timeText(Number(value)),
      PEER: peer,
      PEERS: (value) => (Array.isArray(value) ? this.each(peer, value) : String(value)),
      PATH: (value) => (Array.isArray(value) ? `/${value.join("/")}` : String(value)),
      BYTES: bytesText,
      LIST: (value) => (Array.isArray(value) ? this.each(flat, value) : flat(value)),
      VALUES: flat,
      FAULT: (value) => this.fault(value),
      FLAGS: (value) => this.flags(value),
    };
    this.bundle = new FluentBundle(language, {
      functions: Object.fromEntries(Object.entries(functions).map(([name, of]) => [name, callable(of)])),
      useIsolating: false,
    });
    const errors = this.bundle.addResource(new FluentResource(text));
    if (errors.length) throw errors[0];
  }

  get now() {
    return this.frames[this.frames.length - 1]?.at ?? 0;
  }

  /**
   * The arguments that a message selects by.
   * @param {string} code
   * @param {any} pattern as the library has it
   * @returns {Set<string>}
   */
  selectorsOf(code, pattern) {
    const known = this.selectors.get(code);
    if (known) return known;
    const found = new Set();
    collectSelectors(pattern, found);
    this.selectors.set(code, found);
    return found;
  }

  /** @param {string} id */
  has(id) {
    return this.bundle.hasMessage(id);
  }

  /**
   * A code with its fields in words; one without a message by its own name and fields.
   * @param {string} code
   * @param {Record<string, any>} [fields] as the API sends them
   * @param {number} [at] when it happened, for spans from there
   * @returns {string}
   */
  words(code, fields = {}, at = 0) {
    const pattern = this.bundle.getMessage(code)?.value;
    if (!pattern) return unknown(code, fields);
    const selected = this.selectorsOf(code, pattern);
    const missing = [...selected].filter((name) => !(name in fields)).map((name) => [name, "none"]);
    const values = Object.entries(fields).map(([name, value]) => [
      name,
      value === "" && !selected.has(name) ? "" : argument(value),
    ]);
    this.frames.push({ fields, at });
    try {
      return this.bundle.formatPattern(pattern, Object.fromEntries([...missing, ...values]), []);
    } finally {
      this.frames.pop();
    }
  }

  /**
   * What a device is marked with, in words: the message of "pairing changed" is flag-pairing-changed.
   * @param {any} value one or several
   * @returns {string}
   */
  flags(value) {
    const one = (/** @type {string} */ flag) => {
      const id = `flag-${flag.toLowerCase().replaceAll(" ", "-")}`;
      return this.has(id) ? this.words(id) : flag;
    };
    return [value].flat().map(one).join(this.words("list-separator"));
  }

  /**
   * @param {(value: any) => string} said
   * @param {any[]} values
   */
  each(said, values) {
    return values.map(said).join(this.words("list-separator"));
  }

  /**
   * @param {any} value
   * @returns {string}
   */
  word(value) {
    const { fields, at } = this.frames[this.frames.length - 1];
    if (Array.isArray(value)) return value.map((one) => this.word(one)).join(this.words("list-separator"));
    if (typeof value !== "object") return this.has(value) ? this.words(value, fields, at) : String(value);
    const { code, ...own } = value;
    return this.words(code, own, at);
  }

  /**
   * Each member of a fault has a message, fault-with-MEMBER, that sees all of them.
   * @param {any} value
   * @returns {string}
   */
  fault(value) {
    if (Array.isArray(value)) return value.map((one) => this.fault(one)).join(this.words("fault-separator"));
    const fields = typeof value === "object" ? value : membersOf(String(value));
    const said = Object.keys(fields).map((name) => this.words(`fault-with-${name}`, fields));
    return said.join(this.words("fault-member-separator"));
  }
}

/**
 * Of a fault's line: loss,packets=1+2; a text takes the rest of it.
 * @param {string} line
 */
function membersOf(line) {
  const text = line.indexOf(",text=");
  const [kind, ...rest] = (text < 0 ? line : line.slice(0, text)).split(",");
  /** @type {Record<string, any>} */
  const members = { kind };
  for (const part of rest) {
    const at = part.indexOf("=");
    members[part.slice(0, at)] = part.slice(at + 1);
  }
  for (const several of ["packets", "pins", "places"])
    if (members[several]) members[several] = members[several].split("+");
  if (text >= 0) members.text = line.slice(text + ",text=".length);
  return members;
}

/**
 * @param {any} pattern
 * @param {Set<string>} found
 */
function collectSelectors(pattern, found) {
  if (!Array.isArray(pattern)) return;
  for (const part of pattern) {
    if (part.type !== "select") continue;
    if (part.selector.type === "var") found.add(part.selector.name);
    for (const variant of part.variants) collectSelectors(variant.value, found);
  }
}

/**
 * What messages call: nothing of nothing.
 * @param {(value: any) => string} of
 * @returns {(values: any[]) => string}
 */
const callable = (of) => (values) => {
  const [value] = values;
  if (value === undefined || value === "none" || value === "" || value instanceof FluentNone) return "";
  return cut(of(value instanceof FluentType ? value.value : value));
};

/** @param {any} value */
function argument(value) {
  if (typeof value === "boolean") return String(value);
  if (value === null || value === undefined || value === "") return "none";
  if (typeof value === "number") return new FluentNumber(value, numberOptions(value));
  if (typeof value === "string") return cut(value);
  return Object.keys(value).length ? new Compound(value) : "none";
}

/** @param {number} value */
const numberOptions = (value) =>
  Number.isInteger(value)
    ? { useGrouping: false, maximumFractionDigits: 0 }
    : { useGrouping: false, maximumSignificantDigits: 10 };

/** @param {string} text */
const cut = (text) => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`);

/**
 * A span in its two largest units: 1d 4h, 2h, 1min 30s, 250ms.
 * @param {number} seconds
 * @returns {string}
 */
export function spanOf(seconds) {
  if (seconds < 0) return `-${spanOf(-seconds)}`;
  if (seconds > 0 && seconds < 0.9995) return `${Number((seconds * 1000).toPrecision(3))}ms`;
  const parts = [];
  let rest = Math.round(seconds * 1000) / 1000;
  for (const [unit, size] of UNITS) {
    const whole = Math.floor(rest / size);
    rest -= whole * size;
    if (whole) parts.push(`${whole}${unit}`);
  }
  rest = Math.round(rest * 1000) / 1000;
  if (rest || !parts.length) parts.push(`${Number(rest.toPrecision(6))}s`);
  return parts.slice(0, 2).join(" ");
}

/** @param {number} at */
const timeText = (at) => stamp(at, 3);

/** @param {any} value */
const peer = (value) => (Array.isArray(value) && value.length === 2 ? value.join(":") : String(value));

/** @param {any} value hexadecimal digits */
function bytesText(value) {
  const text = String(value);
  if (!/^([0-9a-f]{2})+$/i.test(text)) return text;
  try {
    const decoded = new TextDecoder("utf-8", { fatal: true }).decode(fromHex(text));
    return /[\p{C}\p{Zl}\p{Zp}]/u.test(decoded) ? text : decoded;
  } catch {
    return text;
  }
}

/**
 * @param {any} value
 * @returns {string}
 */
function flat(value) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(flat).join(", ");
  if (typeof value === "number") return String(Number(value.toPrecision(10)));
  if (typeof value !== "object") return String(value);
  const members = Object.entries(value).map(([name, one]) => `${name}=${flat(one)}`);
  return members.join(", ");
}

/**
 * A code of another version: its name and what it says.
 * @param {string} code
 * @param {Record<string, any>} fields
 */
function unknown(code, fields) {
  const said = Object.entries(fields)
    .filter(([, value]) => value !== false && argument(value) !== "none")
    .map(([name, value]) => (SPEAKING.includes(name) ? flat(value) : `${name.replaceAll("_", " ")} ${flat(value)}`));
  const name = code.replaceAll("-", " ");
  return said.length ? `${name}: ${said.join(", ")}` : name;
}
