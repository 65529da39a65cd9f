// Which devices of an inventory are chosen: some rows, or all that fit a search (the lab finds them). Knows no page.

/**
 * @typedef {object} Search
 * @property {string} text
 * @property {string} state
 * @property {string} group
 * @property {string} tag
 */

/** @param {() => unknown} changed */
export function newChosen(changed) {
  /** @type {Set<string>} */
  const rows = new Set();
  let all = false;

  return {
    /** All that fit, whatever is loaded. */
    get all() {
      return all;
    },
    /** @param {string} id */
    has: (id) => all || rows.has(id),
    /** @param {number} total how many fit the search */
    count: (total) => (all ? total : rows.size),
    /** @param {string} id @param {boolean} on */
    set(id, on) {
      all = false;
      if (on) rows.add(id);
      else rows.delete(id);
      changed();
    },
    /** @param {string[]} ids @param {boolean} on */
    setSome(ids, on) {
      all = false;
      for (const id of ids)
        if (on) rows.add(id);
        else rows.delete(id);
      changed();
    },
    chooseAll() {
      all = true;
      changed();
    },
    clear() {
      all = false;
      rows.clear();
      changed();
    },
    /**
     * As `of` of a batch says it.
     * @param {Search} search
     */
    of: (search) => (all ? searched(search) : { devices: [...rows] }),
    /** Names, for the address of another page. */
    names: () => [...rows].map((id) => id.slice(id.indexOf(":") + 1)),
  };
}

/** @param {Search} search */
export const searched = ({ text, state, group, tag }) => ({
  containing: text,
  state: state || null,
  group,
  tags: tag ? [tag] : [],
});
