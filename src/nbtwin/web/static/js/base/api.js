// Calls of /api/v1. Knows the address, the token and problem documents (RFC 9457); nothing of what is asked.

export const API = "/api/v1";

/** What the lab said no with: `status`, the sentence, and the field that it is about. */
export class Problem extends Error {
  constructor(status, detail, field = null) {
    super(detail);
    this.status = status;
    this.field = field;
  }
}

let refused = () => {};
/** Called when the lab wants to know who is asking (401). */
export const onRefused = (listener) => (refused = listener);

export async function call(method, path, body = undefined, { signal, whole = false, raw = false } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined && !raw) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-Requested-With"] = "nbtwin-console";
  let answer;
  try {
    answer = await fetch(path.startsWith("/api") || path === "/metrics" ? path : API + path, {
      method, headers, signal, credentials: "same-origin", body: raw ? body : body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "the lab does not answer");
  }
  const text = await answer.text();
  const json = (answer.headers.get("content-type") || "").includes("json");
  const value = json && text ? parse(text) : text || null;
  if (!answer.ok) {
    if (answer.status === 401) refused();
    throw new Problem(answer.status, value?.detail || answer.statusText || String(answer.status), value?.field);
  }
  return whole ? { value, total: Number(answer.headers.get("x-total-count") ?? NaN), headers: answer.headers } : value;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const get = (path, options) => call("GET", path, undefined, options);
export const post = (path, body = {}, options) => call("POST", path, body, options);
export const put = (path, body = {}, options) => call("PUT", path, body, options);
export const del = (path, options) => call("DELETE", path, undefined, options);

/** ?a=1&b=2 of what is there; empty for nothing. Lists repeat the name. */
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
