// The address after `#` names the page: #/modules/meter. Knows patterns, not pages.

/** Routes are [pattern, page]; `:name` takes one segment. Returns what fits the address now. */
export function match(routes, hash = location.hash) {
  const [path, search = ""] = (hash.replace(/^#/, "") || "/").split("?");
  const parts = path.split("/").filter(Boolean).map(decodeURIComponent);
  for (const [pattern, page] of routes) {
    const wanted = pattern.split("/").filter(Boolean);
    if (wanted.length !== parts.length) continue;
    const params = {};
    if (wanted.every((want, i) => (want.startsWith(":") ? ((params[want.slice(1)] = parts[i]), true) : want === parts[i]))) {
      return { page, params, query: new URLSearchParams(search), path };
    }
  }
  return null;
}

export const link = (...parts) => "#/" + parts.map(encodeURIComponent).join("/");

export function go(address) {
  location.hash = address;
}

/** Change the query of the present page without a new entry in the browser's history, and without opening it anew. */
export function keepQuery(values) {
  const [path] = (location.hash || "#/").split("?");
  const made = new URLSearchParams(Object.entries(values).filter(([, v]) => v !== "" && v !== null && v !== undefined));
  const text = made.toString();
  const address = text ? `${path}?${text}` : path;
  if (address !== location.hash) history.replaceState(null, "", address);
}
