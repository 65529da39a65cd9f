// Where the diagram is cut: a row that says what is not here before its first or after its last entry, how much that
// is, and how to get it; or what the lab does not keep any more. A day that is cut is not drawn as a whole one.

import { html } from "../base/view.js";
import { beginOf, count, counted, dateOf, stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";
import { mayLoadNewer, mayLoadOlder, missingIn, timeline } from "../state/timeline.js";

const LONGEST_DAY = 1.1; // in days: where the clocks are set back

/**
 * Asked for rows of so many seconds; 0: a row for each entry. What is missing of a day is counted by the lab, and
 * `arrived` is called when it is known.
 * @param {() => void} arrived
 * @returns {(zoom: number) => Ends}
 */
export function newEnds(arrived) {
  let asked = "";
  /** @type {{ before: number, after: number } | null} */
  let missing = null;

  /** @param {number} from @param {number} until @param {string} key */
  function ask(from, until, key) {
    if (asked === key) return;
    asked = key;
    missing = null;
    missingIn(from, until).then(
      (found) => {
        if (asked !== key) return;
        missing = found;
        arrived();
      },
      () => (asked = ""),
    );
  }

  return (zoom) => {
    const { entries } = timeline;
    /** @type {Ends} */
    const ends = { before: null, after: null, cut: new Set() };
    if (!entries.length) return ends;
    const [first, last] = [entries[0], entries[entries.length - 1]];
    const begin = zoom ? beginOf(first.at, zoom) : first.at;
    const end = zoom ? beginOf(last.at, zoom) : last.at;
    if (zoom && (mayLoadOlder() || mayLoadNewer()))
      ask(begin, beginOf(end + zoom * LONGEST_DAY, zoom), [zoom, begin, first.number, last.number].join());
    const row = { kind: /** @type {"cut"} */ ("cut"), zoom };
    if (zoom && mayLoadOlder()) {
      const all = first.number - timeline.oldestThere;
      ends.before = { ...row, key: "cut-before", side: "before", at: begin, all, missing: missing && missing.before };
    } else if (!mayLoadOlder() && first.number > 1)
      ends.before = {
        ...row,
        key: "cut-forgotten",
        side: "forgotten",
        at: first.at,
        all: first.number - 1,
        missing: null,
      };
    if (zoom && mayLoadNewer()) {
      const all = timeline.newest - last.number;
      ends.after = { ...row, key: "cut-after", side: "after", at: end, all, missing: missing && missing.after };
    }
    if (zoom && ends.before && ends.before.missing !== 0) ends.cut.add(begin);
    if (ends.after && ends.after.missing !== 0) ends.cut.add(end);
    return ends;
  };
}

/**
 * The row at an end.
 * @param {CutRow} row
 * @param {(side: "before" | "after", missing: number) => unknown} fetchRest
 */
export function cutRow({ key, side, at, zoom, all, missing }, fetchRest) {
  const when = zoom >= 86400 ? dateOf(at) : zoom >= 60 ? stamp(at).replace(/:00(?=[Z+-])/, "") : stamp(at);
  const said = [
    missing !== 0 && t("seq-cut", { n: missing === null ? "…" : counted(missing), when }),
    all > (missing ?? 0) &&
      t(side === "before" ? "seq-cut_earlier" : "seq-cut_later", { n: counted(all - (missing ?? 0)) }),
  ];
  return html`
    <div key=${key} class=${`seq-row cut ${side}`} role="row" data-side=${side}>
      <div class="cut-words" role="cell">
        ${
          side === "forgotten"
            ? html` <span>${t("seq-forgotten", { n: count(all), at: stamp(at) })}</span> `
            : html`
                <span>${said.filter(Boolean).join(" · ")}</span>
                <button class="small" onclick=${() => fetchRest(side, missing ?? 0)}>
                  ${icon(side === "before" ? "up" : "down")}${t("seq-cut_fetch")}
                </button>
              `
        }
      </div>
    </div>
  `;
}
