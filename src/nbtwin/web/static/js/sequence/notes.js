// Notes that somebody has put on entries: kept by the lab, the same for everyone. Knows the calls, and when to ask
// anew.

import { del, get, post } from "../base/api.js";
import { NOTE_CHANGES } from "../base/facts.js";
import { publish, subscribe } from "../state/topics.js";

/** @type {Map<number, EntryNote[]>} */
let byEntry = new Map();
let asked = 0;

/**
 * Everything that is noted, kept up to date for as long as a page is open.
 * @param {Lifecycle} lifecycle
 */
export function keepNotes(lifecycle) {
  loadNotes();
  lifecycle.onEnd(subscribe("entry", (entry) => NOTE_CHANGES.has(entry.code) && loadNotes()));
  lifecycle.onEnd(subscribe("notes", lifecycle.redraw));
}

async function loadNotes() {
  const mine = ++asked;
  /** @type {EntryNote[]} */
  const found = await get("/notes").catch(() => null);
  if (mine !== asked || !found) return;
  byEntry = new Map();
  for (const note of found) byEntry.set(note.entry, [...(byEntry.get(note.entry) ?? []), note]);
  publish("notes");
}

/**
 * Of an entry; not those of one that has its number in another lab.
 * @param {Entry} entry
 */
export const notesOf = (entry) =>
  (byEntry.get(entry.number) ?? []).filter((note) => Math.abs(note.at - entry.at) < 0.001);

/** @returns {EntryNote[]} */
export const allNotes = () => [...byEntry.values()].flat();

/** @param {Entry} entry @param {string} text */
export async function addNote(entry, text) {
  await post("/notes", { entry: entry.number, text });
  await loadNotes();
}

/** @param {EntryNote} note */
export async function removeNote(note) {
  await del(`/notes/${note.id}`);
  await loadNotes();
}
