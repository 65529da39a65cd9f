// The words of the page. Knows two tables with the same keys (a test compares them) and which one is in use.

import en from "../i18n/en.js";
import zh from "../i18n/zh.js";
import { recall, remember } from "./prefs.js";

/** @type {Record<string, Record<string, string>>} */
export const TABLES = { en, zh };
/** @type {Record<string, string>} */
export const LANGUAGES = { en: "English", zh: "中文" };

let language = "en";

/** What this browser remembers, or its own language. */
export function startLanguage() {
  const kept = recall("language", navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
  use(kept in TABLES ? kept : "en");
}

/** @param {string} name */
function use(name) {
  language = name;
  document.documentElement.lang = name === "zh" ? "zh-CN" : "en";
}

export const currentLanguage = () => language;

/** @param {string} name */
export function setLanguage(name) {
  use(name);
  remember("language", name);
}

/** @param {string} key */
function unknown(key) {
  console.error(`no word for ${key}`);
  return key;
}

/**
 * The text of a key, `{name}` replaced by its value. An unknown key shows itself: a mistake that is seen.
 * @param {string} key
 * @param {Record<string, any>} [values]
 */
export function t(key, values) {
  const text = TABLES[language][key] ?? unknown(key);
  return values ? text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole)) : text;
}

/**
 * A word of the lab (a state, a kind) in this language, or the word itself when the tables have none.
 * @param {string} group
 * @param {any} name
 */
export function word(group, name) {
  const key = `${group}.${String(name).toLowerCase().replaceAll(" ", "_")}`;
  return TABLES[language][key] ?? String(name);
}
