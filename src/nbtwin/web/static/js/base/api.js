// Calls of /api/v1, in the page's language. Knows the address, the token and problem documents (RFC 9457); nothing of
// what is asked.

import { currentLanguage } from "./i18n.js";

export const API = "/api/v1";

/** What the lab said no with (RFC 9457): status, sentence, the field that it is about, and its code with fields. */
export class Problem extends Error {
  /**
   * @param {number} status 0: there was no answer
   * @param {{ detail?: string, field?: string | null, code?: string | null, fields?: Record<string, any>,
   *   errors?: { field: string | null, code: string, fields: Record<string, any>, detail: string }[] }} document
   */
  constructor(status, { detail = "", field = null, code = null, fields = {}, errors = [] }) {
    super(detail || String(status));
    this.status = status;
    this.field = field;
    this.code = code;
    this.fields = fields;
    this.errors = errors; // every field that is wrong
  }
}

let refused = () => {};

/**
 * Called when the lab wants to know who is asking (401).
 * @param {() => void} listener
 */
export const onRefused = (listener) => (refused = listener);

/**
 * @typedef {object} Options
 * @property {AbortSignal} [signal]
 * @property {boolean} [whole] with the total number and the headers
 * @property {boolean} [raw] the body is bytes, not JSON
 */

/**
 * The answer's JSON, or with `whole` { value, total, headers }. Throws Problem when the lab refuses or does not answer.
 * @param {string} method
 * @param {string} path below /api/v1, or the whole path
 * @param {any} [body]
 * @param {Options} [options]
 * @returns {Promise<any>}
 */
export async function call(method, path, body = undefined, { signal, whole = false, raw = false } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json", "Accept-Language": currentLanguage() };
  if (body !== undefined && !raw) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-Requested-With"] = "nbtwin-console";
  let answer;
  try {
    answer = await fetch(path.startsWith("/api") || path === "/metrics" ? path : API + path, {
      method,
      headers,
      signal,
      credentials: "same-origin",
      body: raw ? body : body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Problem(0, { detail: "the lab does not answer" });
  }
  const text = await answer.text();
  const json = (answer.headers.get("content-type") || "").includes("json");
  const value = json && text ? parse(text) : text || null;
  if (!answer.ok) {
    if (answer.status === 401) refused();
    throw new Problem(answer.status, value?.detail ? value : { detail: answer.statusText });
  }
  return whole ? { value, total: Number(answer.headers.get("x-total-count") ?? NaN), headers: answer.headers } : value;
}

/**
 * Was a request given up because its page ended?
 * @param {unknown} error
 */
export const isAbort = (error) => error instanceof Error && error.name === "AbortError";

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {string} path @param {Options} [options] */
export const get = (path, options) => call("GET", path, undefined, options);
/** @param {string} path @param {any} [body] @param {Options} [options] */
export const post = (path, body = {}, options = {}) => call("POST", path, body, options);
/** @param {string} path @param {any} [body] @param {Options} [options] */
export const put = (path, body = {}, options = {}) => call("PUT", path, body, options);
/** @param {string} path @param {Options} [options] */
export const del = (path, options) => call("DELETE", path, undefined, options);

/**
 * ?a=1&b=2 of what is there; empty for nothing. Lists repeat the name.
 * @param {Record<string, any>} values
 */
export function query(values) {
  const made = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") made.append(name, one);
    }
  }
  const text = made.toString();
  return text ? `?${text}` : "";
}

export const seg = encodeURIComponent;
