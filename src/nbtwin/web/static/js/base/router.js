// The address after `#` names the page: #/modules/meter. Knows patterns, not pages.

/**
 * Routes are [pattern, page]; `:name` takes one segment. What fits the address, or null: there is no such page.
 * @template P
 * @param {[string, P][]} routes
 * @param {string} hash
 */
export function match(routes, hash) {
  const [path, search = ""] = (hash.replace(/^#/, "") || "/").split("?");
  const parts = segmentsOf(path);
  if (!parts) return null;
  for (const [pattern, page] of routes) {
    const params = paramsOf(pattern.split("/").filter(Boolean), parts);
    if (params) return { page, params, query: new URLSearchParams(search), path };
  }
  return null;
}

/**
 * The segments of a path, decoded; null when one of them is malformed, as in `/modules/%`.
 * @param {string} path
 */
function segmentsOf(path) {
  try {
    return path.split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    return null;
  }
}

/** @param {string[]} wanted @param {string[]} parts */
function paramsOf(wanted, parts) {
  if (wanted.length !== parts.length) return null;
  /** @type {Params} */
  const params = {};
  for (const [i, want] of wanted.entries()) {
    if (want.startsWith(":")) params[want.slice(1)] = parts[i];
    else if (want !== parts[i]) return null;
  }
  return params;
}

/** @param {string[]} parts */
export const link = (...parts) => "#/" + parts.map(encodeURIComponent).join("/");

/** @param {string} address */
export function go(address) {
  location.hash = address;
}

/**
 * Change the query of the present page without a new entry in the browser's history, and without opening it again.
 * @param {Record<string, string>} values
 */
export function keepQuery(values) {
  const [path] = (location.hash || "#/").split("?");
  const made = new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ""));
  const text = made.toString();
  const address = text ? `${path}?${text}` : path;
  if (address !== location.hash) history.replaceState(null, "", address);
}

/**
 * Where a file of the console lies, under the address that browsers keep (the page's import map has it).
 * @param {string} path from the root, as in `/words/en.ftl`
 */
export const fileAddress = (path) => import.meta.resolve(path);
