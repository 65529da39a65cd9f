// The language of the page: its own words (words/*.ftl) and those of the lab's facts (the catalogue, which the
// terminal reads as well). Both are Project Fluent files that come from the lab.

import { Messages } from "./catalogue.js";
import { recall, remember } from "./prefs.js";
import { fileAddress } from "./router.js";

/** @type {Record<string, string>} */
export const LANGUAGES = { en: "English", zh: "中文" };

let language = "en";
let own = new Messages("en", "");
let facts = new Messages("en", "");

/** What this browser remembers, or its own language. */
export async function startLanguage() {
  const kept = recall("language", navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
  await load(kept in LANGUAGES ? kept : "en");
}

export const currentLanguage = () => language;

/** @param {string} name */
export async function setLanguage(name) {
  await load(name);
  remember("language", name);
}

/** @param {string} name */
async function load(name) {
  const [ownText, factsText] = await Promise.all([textOf(`/words/${name}.ftl`), textOf(`/catalogue/${name}.ftl`)]);
  useWords(name, ownText, factsText);
  document.documentElement.lang = name === "zh" ? "zh-CN" : name;
}

/** @param {string} address */
async function textOf(address) {
  const answer = await fetch(fileAddress(address));
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.text();
}

/**
 * From now on words are of this language.
 * @param {string} name
 * @param {string} ownText
 * @param {string} factsText
 */
export function useWords(name, ownText, factsText) {
  own = new Messages(name, ownText);
  facts = new Messages(name, factsText);
  language = name;
}

/**
 * The console's own words for an id. An unknown one shows itself: a mistake that is seen.
 * @param {string} id
 * @param {Record<string, any>} [values]
 */
export function t(id, values) {
  if (!own.has(id)) console.error(`no words for ${id}`);
  return own.words(id, values);
}

/**
 * A word of the lab (a state, a kind) in this language, or what stands in for it when there is none: the name itself.
 * @param {string} group
 * @param {any} name
 * @param {() => string} [otherwise]
 */
export function word(group, name, otherwise = () => String(name)) {
  const id = `${group}-${String(name).toLowerCase().replaceAll(" ", "_").replaceAll(".", "-")}`;
  return own.has(id) ? own.words(id) : otherwise();
}

/**
 * Is there a message for this code?
 * @param {string} code
 */
export const hasWords = (code) => facts.has(code);

/**
 * A fact, a reason or a refusal in words: what the lab calls by its code.
 * @param {{ code: string, fields?: Record<string, any> }} fact
 * @param {number} [at] when it happened
 */
export const wordsOf = ({ code, fields }, at) => facts.words(code, fields, at);

/**
 * What a device is marked with, in words.
 * @param {string[]} flags
 */
export const flagsInWords = (flags) => facts.flags(flags);
