// The answers of a lab that is told in a file: its words, its entries, its notes. What else is asked for is not there.

/**
 * @typedef {object} Told
 * @property {string} zone in which the lab shows times
 * @property {{ name: string, imei: string }[]} modules
 * @property {Entry[]} entries in order, with their fields decoded, in English
 * @property {Record<string, Entry>} otherwise by number: what of it is otherwise in Chinese
 * @property {EntryNote[]} notes
 * @property {Record<string, string>} words by address
 */

/**
 * In place of the browser's own `fetch`: nothing leaves the file.
 * @param {Told} told
 * @returns {typeof fetch}
 */
export function answerFrom(told) {
  return async (address, options = {}) => {
    const url = new URL(String(address), "file:///");
    const language = /** @type {any} */ (options.headers)?.["Accept-Language"] ?? "en";
    const said = (/** @type {Entry} */ entry) =>
      language === "zh" ? { ...entry, ...told.otherwise[String(entry.number)] } : entry;
    if (url.pathname in told.words) return new Response(told.words[url.pathname]);
    const value = answer(told, url, said);
    return new Response(JSON.stringify(value ?? { detail: "" }), {
      status: value === null ? 404 : 200,
      headers: { "content-type": "application/json" },
    });
  };
}

/** @param {Told} told @param {URL} url @param {(entry: Entry) => Entry} said */
function answer(told, url, said) {
  const path = url.pathname.replace("/api/v1", "");
  if (path === "/notes") return told.notes;
  if (path === "/traces") return page(told, url.searchParams, said);
  const number = Number(/^\/traces\/(\d+)$/.exec(path)?.[1] ?? 0);
  const found = told.entries.find((entry) => entry.number === number);
  return found ? said(found) : null;
}

/** @param {Told} told @param {URLSearchParams} asked @param {(entry: Entry) => Entry} said */
function page({ entries }, asked, said) {
  const number = (/** @type {string} */ name, /** @type {number} */ otherwise) => Number(asked.get(name) ?? otherwise);
  const sources = asked.getAll("source");
  const fitting = entries.filter(
    (entry) =>
      entry.number > number("after", 0) &&
      entry.number < number("before", Infinity) &&
      entry.at >= number("since", -Infinity) &&
      entry.at <= number("until", Infinity) &&
      (!sources.length || sources.includes(entry.source)),
  );
  if (asked.get("order") === "desc") fitting.reverse();
  const limit = number("limit", 200);
  return {
    entries: fitting.slice(0, limit).map(said),
    oldest: entries[0]?.number ?? null,
    newest: entries[entries.length - 1]?.number ?? 0,
    more: fitting.length > limit,
  };
}
