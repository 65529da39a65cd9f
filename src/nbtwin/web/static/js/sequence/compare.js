// Two things beside each other, and what differs: two packets by their fields and bytes, two runs step by step. Knows
// sequences of what can be compared; draws nothing.

import { innermost, textOf } from "../base/facts.js";
import { moduleOf, platformOf } from "./lanes.js";

const MOST = 1500; // steps of either side that are aligned; more are compared place for place

/**
 * The longest common sequence: pairs of what stands in both, null where one side has nothing.
 * @template T
 * @param {T[]} left
 * @param {T[]} right
 * @param {(one: T, other: T) => boolean} same
 * @returns {[left: T | null, right: T | null][]}
 */
export function aligned(left, right, same) {
  let head = 0;
  while (head < left.length && head < right.length && same(left[head], right[head])) head += 1;
  let tail = 0;
  const shorter = Math.min(left.length, right.length) - head;
  while (tail < shorter && same(left[left.length - 1 - tail], right[right.length - 1 - tail])) tail += 1;
  const [a, b] = [left.slice(head, left.length - tail), right.slice(head, right.length - tail)];
  const middle = a.length * b.length > MOST * MOST ? sideBySide(a, b) : common(a, b, same);
  /** @type {(from: number, other: number, count: number) => [T, T][]} */
  const equal = (from, other, count) => Array.from({ length: count }, (_, i) => [left[from + i], right[other + i]]);
  return [...equal(0, 0, head), ...middle, ...equal(left.length - tail, right.length - tail, tail)];
}

/**
 * @template T
 * @param {T[]} a
 * @param {T[]} b
 * @returns {[T | null, T | null][]}
 */
const sideBySide = (a, b) =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [a[i] ?? null, b[i] ?? null]);

/**
 * @template T
 * @param {T[]} a
 * @param {T[]} b
 * @param {(one: T, other: T) => boolean} same
 * @returns {[T | null, T | null][]}
 */
function common(a, b, same) {
  const wide = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * wide);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * wide + j] = same(a[i], b[j])
        ? lengths[(i + 1) * wide + j + 1] + 1
        : Math.max(lengths[(i + 1) * wide + j], lengths[i * wide + j + 1]);
  /** @type {[T | null, T | null][]} */
  const pairs = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && same(a[i], b[j])) pairs.push([a[i++], b[j++]]);
    else if (j >= b.length || (i < a.length && lengths[(i + 1) * wide + j] >= lengths[i * wide + j + 1]))
      pairs.push([a[i++], null]);
    else pairs.push([null, b[j++]]);
  }
  return pairs;
}

/**
 * Two lists of decoded fields, field by field.
 * @param {DecodedField[]} left
 * @param {DecodedField[]} right
 * @returns {FieldPair[]}
 */
export const fieldPairs = (left, right) =>
  aligned(left, right, (one, other) => one.name === other.name).map(([one, other]) => ({
    left: one,
    right: other,
    differs: one?.value !== other?.value,
  }));

/**
 * Which bytes of each side are not in the other at their place in the message.
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 * @returns {[left: Set<number>, right: Set<number>]}
 */
export function byteDifferences(left, right) {
  const index = (/** @type {Uint8Array} */ bytes) => Array.from(bytes, (byte, at) => ({ byte, at }));
  const pairs = aligned(index(left), index(right), (one, other) => one.byte === other.byte);
  /** @type {[Set<number>, Set<number>]} */
  const found = [new Set(), new Set()];
  for (const [one, other] of pairs) {
    if (one && !other) found[0].add(one.at);
    if (other && !one) found[1].add(other.at);
  }
  return found;
}

/** What differs from run to run and says nothing: numbers that are drawn anew, keys, addresses and names. */
const DRAWN = [
  /\bmid \d+/g,
  /\btoken [0-9a-f]+/g,
  /\b(?:location )?rd\/[0-9a-zA-Z]+/g,
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g,
  /[A-Za-z0-9+/]{22,}={0,2}/g, // encrypted
  /\b[0-9]{14,20}\b/g, // IMEI, IMSI, ICCID
];

/**
 * The words of a step as far as they say something.
 * @param {Entry} entry
 */
export function plain(entry) {
  let text = textOf(entry);
  for (const name of new Set([moduleOf(entry), platformOf(entry)])) if (name) text = text.replaceAll(name, "");
  for (const one of DRAWN) text = text.replace(one, "·");
  return text.replace(/\s+/g, " ").trim();
}

/**
 * What kind of step it is: two of a kind stand beside each other, whatever is in them.
 * @param {Entry} entry
 */
export function stepOf(entry) {
  const { kind, fields } = entry;
  if (kind === "datagram")
    return ["datagram", fields.direction, fields.operation ?? `${fields.type} ${(fields.path ?? []).join("/")}`].join(
      " ",
    );
  if (kind.startsWith("at.")) return `${kind} ${String(fields.line ?? entry.code).split(/[=:?]/)[0]}`;
  return `${kind} ${innermost(entry).code}`;
}

/**
 * Two runs, step by step: which steps only one has, which differ, and when each was after the run's beginning.
 * @param {Entry[]} left
 * @param {Entry[]} right
 * @returns {StepPair[]}
 */
export function stepPairs(left, right) {
  const [beganLeft, beganRight] = [left[0]?.at ?? 0, right[0]?.at ?? 0];
  const keyed = (/** @type {Entry[]} */ entries) => entries.map((entry) => ({ entry, step: stepOf(entry) }));
  return aligned(keyed(left), keyed(right), (one, other) => one.step === other.step).map(([one, other]) => ({
    left: one?.entry ?? null,
    right: other?.entry ?? null,
    leftAfter: one ? one.entry.at - beganLeft : null,
    rightAfter: other ? other.entry.at - beganRight : null,
    differs: !one || !other || plain(one.entry) !== plain(other.entry) || lost(one.entry) !== lost(other.entry),
  }));
}

/** @param {Entry} entry */
const lost = (entry) => Boolean(entry.fields.lost);
