// A line of a device's history in words. Knows which fields there are, and no page.

import { fieldText } from "./facts.js";
import { spaced, stamp } from "./format.js";
import { hasWords, t, word, wordsOf } from "./i18n.js";
import { readable } from "./values.js";

const CODES = new Set(["refusal", "cause"]);
const OF_A_REFUSAL = new Set(["subject", "limit", "remarks", "why"]); // its words have them
const NAMED = new Set(["operation", "way", "step"]); // words of the lab

/** @param {Record<string, any>} fields */
export const historyText = (fields) =>
  Object.entries(fields)
    .filter(([name]) => !(fields.refusal && OF_A_REFUSAL.has(name)))
    .map(([name, value]) => detailText(fields, name, value))
    .join(t("clause-separator"));

/**
 * @param {Record<string, any>} fields
 * @param {string} name
 * @param {any} value
 */
function detailText(fields, name, value) {
  if (CODES.has(name) && hasWords(value)) return wordsOf({ code: value, fields });
  if (name === "remarks") return remarksInWords(value);
  if (name === "values") return Object.entries(value).map(ofNumber).join(t("clause-separator"));
  return `${word("detail", name, () => spaced(name))} ${valueText(fields, name, value)}`;
}

/** @param {{ code: string, subject?: string }[]} remarks */
export const remarksInWords = (remarks) =>
  remarks.map(({ code, ...fields }) => wordsOf({ code, fields })).join(t("clause-separator"));

/** @param {[string, any]} value of a numbered resource of the inventory */
const ofNumber = ([number, value]) => `${word("value", number)} ${readable(value)}`;

/**
 * @param {Record<string, any>} fields
 * @param {string} name
 * @param {any} value
 */
function valueText(fields, name, value) {
  if (name === "deadline") return stamp(value);
  if (name === "flags") return fieldText(fields, name);
  if (NAMED.has(name)) return word(name, value);
  return Array.isArray(value) ? value.map((one) => (one === "" ? "–" : one)).join(" → ") : readable(value);
}
