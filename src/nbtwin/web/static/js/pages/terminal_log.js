// The lines of a terminal as others see them: as bytes, as a file, by what is searched in them.

import { isDate, stamp } from "../base/format.js";

/** What stands before a line, as `nbtwin at` has it: sent, the terminal's own words; an answer has nothing. */
const MARKS = /** @type {Record<string, string>} */ ({ in: ">", why: "#", note: "#" });

/**
 * Sixteen bytes a line: where, which, and as text.
 * @param {string} text
 */
export function hexLines(text) {
  const bytes = [...new TextEncoder().encode(text)];
  const lines = [];
  for (let at = 0; at === 0 || at < bytes.length; at += 16) {
    const part = bytes.slice(at, at + 16);
    const hex = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const plain = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(4, "0")}  ${hex.padEnd(47)}  ${plain}`);
  }
  return lines.join("\n");
}

/** @param {TerminalLine[]} lines */
export const logText = (lines) =>
  lines
    .map(({ at, kind, text }) => {
      const time = at === null ? "" : stamp(at, 3);
      return `${time.padEnd(isDate(at ?? 0) ? 23 : 12)} ${MARKS[kind] ?? " "} ${text}\n`;
    })
    .join("");

/**
 * A text cut where something is found in it: what is found stands at the odd places.
 * @param {string} text @param {string} wanted
 */
export function cutAt(text, wanted) {
  const [low, small] = [text.toLowerCase(), wanted.toLowerCase()];
  const parts = [];
  let from = 0;
  if (!small) return [text];
  for (let at = low.indexOf(small); at >= 0; at = low.indexOf(small, from)) {
    parts.push(text.slice(from, at), text.slice(at, at + small.length));
    from = at + small.length;
  }
  return [...parts, text.slice(from)];
}

/**
 * A file for the reader's disk, made here.
 * @param {string} name @param {string} text
 */
export function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}
