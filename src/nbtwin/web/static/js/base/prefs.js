// What this browser remembers: language, theme, filters, command history. Works without storage too (private windows).

const PREFIX = "nbtwin.";
/** @type {Map<string, any>} */
const memory = new Map();

/** @param {string} name @param {any} value */
export function remember(name, value) {
  memory.set(name, value);
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    /* full or forbidden: kept for this page only */
  }
}

/**
 * @template T
 * @param {string} name
 * @param {T} otherwise
 * @returns {T}
 */
export function recall(name, otherwise) {
  if (memory.has(name)) return memory.get(name);
  try {
    const kept = localStorage.getItem(PREFIX + name);
    return kept === null ? otherwise : JSON.parse(kept);
  } catch {
    return otherwise;
  }
}
