// What of the time line is in the address: all that is needed to see the same again. Knows names and values of a query,
// no page.

import { readFollowed, writeFollowed } from "./follow.js";
import { KINDS } from "./lanes.js";
import { ZOOMS } from "./rows.js";

/** Kinds that are not shown, unless somebody wants to see them. */
export const HIDDEN = ["deadline"];

/** @returns {SequencePlace} */
export const anywhere = () => ({
  modules: [],
  zoom: 0,
  text: "",
  span: null,
  hidden: null,
  followed: null,
  chosen: null,
  against: null,
  runs: null,
  folded: [],
  top: "",
});

/**
 * What an address says; what it does not say, or says wrongly, is as in a new page.
 * @param {URLSearchParams} query
 * @returns {SequencePlace}
 */
export function readPlace(query) {
  const place = anywhere();
  const zoom = ZOOMS.findIndex(([name]) => name === query.get("zoom"));
  const since = number(query.get("since"));
  const until = number(query.get("until"));
  const runs = query.get("runs")?.split("~") ?? [];
  place.modules = list(query.get("module"));
  place.zoom = Math.max(0, zoom);
  place.text = query.get("q") ?? "";
  place.span = since !== null && until !== null && since <= until ? [since, until] : null;
  place.hidden = query.has("hide") ? list(query.get("hide")).filter((kind) => KINDS.includes(kind)) : null;
  place.followed = readFollowed(query.get("follow"));
  place.chosen = entryNumber(query.get("entry"));
  place.against = place.chosen ? entryNumber(query.get("against")) : null;
  place.runs = runs.length === 2 && runs.every(Boolean) ? [runs[0], runs[1]] : null;
  place.folded = list(query.get("fold"));
  place.top = /^[bg]?\d+(\.\d+)?$/.test(query.get("top") ?? "") ? (query.get("top") ?? "") : "";
  return place;
}

/**
 * The same as a query. Kinds are said always: whoever opens a link may have hidden others.
 * @param {SequencePlace} place
 * @returns {Record<string, string>}
 */
export const writePlace = (place) => ({
  module: place.modules.join(","),
  follow: writeFollowed(place.followed),
  entry: place.chosen ? String(place.chosen) : "",
  against: place.against ? String(place.against) : "",
  runs: place.runs ? place.runs.join("~") : "",
  zoom: place.zoom ? ZOOMS[place.zoom][0] : "",
  q: place.text,
  since: place.span ? String(place.span[0]) : "",
  until: place.span ? String(place.span[1]) : "",
  fold: place.folded.join(","),
  top: place.top,
  hide: place.hidden ? place.hidden.join(",") || "none" : "",
});

/** What one goes back from with the browser's button: not every row that is passed on the way. */
const STEPS = ["module", "zoom", "since", "until", "follow", "against", "runs"];

/**
 * @param {Record<string, string>} before
 * @param {Record<string, string>} now
 */
export const isStep = (before, now) =>
  STEPS.some((name) => before[name] !== now[name]) || Boolean(before.entry) !== Boolean(now.entry);

/** @param {string | null} text */
const list = (text) => (text ?? "").split(",").filter((name) => name !== "" && name !== "none");

/** @param {string | null} text */
function number(text) {
  return text === null || text.trim() === "" || !Number.isFinite(Number(text)) ? null : Number(text);
}

/** @param {string | null} text */
const entryNumber = (text) => (/^[1-9]\d{0,15}$/.test(text ?? "") ? Number(text) : null);
