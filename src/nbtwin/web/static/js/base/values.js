// Values of resources: as text for a page, from text that somebody typed, and the numbers among them for a plot. Pure.

import { fromHex } from "./format.js";

/**
 * @param {any} value
 * @returns {string}
 */
export function valueText(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "object") return String(value);
  const members = Object.entries(value).map(([name, one]) => `${name}: ${valueText(one)}`);
  return members.join("\n");
}

/**
 * What was typed, as the type of the resource asks (boolean, integer, float, time); without one, a number when it looks
 * like one. An object in braces is an instance: {"0": "…", "9": 3}.
 * @param {string} text
 * @param {string} [type]
 * @returns {any}
 */
export function valueOf(text, type = "") {
  if (/^\s*\{/.test(text)) return parsed(text) ?? text;
  if (/bool/i.test(type)) return /^(1|true|yes)$/i.test(text.trim());
  if (/int|float|time|number/i.test(type) || (!type && /^-?\d+(\.\d+)?$/.test(text))) return numberOr(text);
  return text;
}

/**
 * The number that was typed; anything else as it is, for the lab to say what is wrong with it.
 * @param {string} text
 */
export const numberOr = (text) => (text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text);

/**
 * Attributes of LwM2M as they were typed: `pmin=60 pmax=`; one without a value is taken away.
 * @param {string} text
 * @returns {Record<string, number | string | null>}
 */
export const attributesOf = (text) =>
  Object.fromEntries(
    text
      .split(/[&,\s]+/)
      .filter(Boolean)
      .map((pair) => pair.split("="))
      .map(([name, value]) => [name, value ? numberOr(value) : null]),
  );

/**
 * Several paths, as they were typed: with commas or spaces between.
 * @param {string} text
 * @returns {string[]}
 */
export const pathsOf = (text) => text.split(/[\s,]+/).filter(Boolean);

/**
 * Values by path, as they were typed: `/1/0/1=600, /3/0/15=Asia/Shanghai`. Each begins with its path and "=".
 * @param {string} text
 * @returns {Record<string, any>}
 */
export function valuesOf(text) {
  const parts = text.split(/[\s,;&]+(?=\/[\d/]+=)/).map((part) => part.trim());
  const pairs = parts.filter(Boolean).map((part) => [part.split("=", 1)[0].trim(), part.slice(part.indexOf("=") + 1)]);
  return Object.fromEntries(pairs.map(([path, value]) => [path, valueOf(value)]));
}

/**
 * What was sent as bytes (0x…) as the text that it is, where it is one.
 * @param {any} value
 * @returns {string}
 */
export function readable(value) {
  if (typeof value !== "string") return typeof value === "object" ? JSON.stringify(value) : String(value);
  if (!/^0x([0-9a-f]{2})+$/i.test(value)) return value;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(fromHex(value.slice(2)));
  } catch {
    return value;
  }
}

/**
 * The numbers of a series: of plain values one line, of JSON objects (as applications send them) one line a member.
 * @param {Point[]} points
 * @param {number} most lines
 */
export function numbersIn(points, most) {
  const rows = points
    .map((point) => ({ at: point.at, members: membersOf(point.value) }))
    .filter((row) => row.members.size);
  const names = [...new Set(rows.flatMap((row) => [...row.members.keys()]))].slice(0, most);
  const lines = names.map((name) => rows.map((row) => row.members.get(name) ?? null));
  return { names, data: [rows.map((row) => row.at), ...lines] };
}

/**
 * @param {any} value
 * @returns {Map<string, number>} "" names the value itself
 */
function membersOf(value) {
  const plain = typeof value === "string" ? parsed(readable(value)) : value;
  if (typeof plain === "number") return new Map([["", plain]]);
  const members = Object.entries(plain && typeof plain === "object" ? plain : {});
  return new Map(members.filter((pair) => typeof pair[1] === "number"));
}

/** @param {string} text */
function parsed(text) {
  try {
    return text.trim() === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
