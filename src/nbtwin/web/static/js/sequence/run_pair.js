// Two runs that are compared: fetched, shown beside each other, and the question which ones. Knows runs by their names
// in an address.

import { html } from "../base/view.js";
import { get } from "../base/api.js";
import { t } from "../base/i18n.js";
import { openDialog } from "../parts/dialog.js";
import { empty, loading, wrong } from "../parts/states.js";
import { lab } from "../state/lab.js";
import { timeline } from "../state/timeline.js";
import { runsBeside } from "./beside.js";
import { choices, entriesOf, nameOf } from "./runs.js";

/** @param {Lifecycle} lifecycle @param {() => Map<string, string>} imeis */
export function newRunPair(lifecycle, imeis) {
  /** @type {RunPair | null} */
  let pair = null;
  /** @type {[Entry[], Entry[]] | null} */
  let found = null;
  /** @type {Error | null} */
  let failed = null;

  /** @param {RunPair | null} next */
  async function show(next) {
    if (String(next) === String(pair)) return;
    pair = next;
    found = null;
    failed = null;
    if (!next) return;
    try {
      const loaded = await Promise.all(next.map((run) => entriesOf(run, timeline.entries, imeis(), lifecycle.signal)));
      if (pair === next) found = [loaded[0], loaded[1]];
    } catch (error) {
      if (pair === next) failed = /** @type {Error} */ (error);
    }
    lifecycle.redraw();
  }

  /** @param {number | null} chosen @param {(entry: Entry) => unknown} choose */
  function view(chosen, choose) {
    if (failed) return wrong(failed);
    if (!pair || !found) return loading();
    const none = pair.find((_, i) => !found?.[i].length);
    if (none) return empty("timeline", t("compare-none", { run: none }));
    const names = /** @type {[string, string]} */ (pair.map((run, i) => nameOf(run, found?.[i] ?? [], imeis())));
    return runsBeside({ runs: found, names, chosen, choose });
  }

  /**
   * Ask which two, the first being known perhaps.
   * @param {string} first
   * @param {SequencePlace} place
   * @param {(chosen: RunPair) => unknown} done
   */
  function ask(first, place, done) {
    const list = choices(timeline.entries, [...lab.modules.keys()], place.span);
    /** @type {string[]} */
    const chosen = [first || list[0]?.[0] || "", ""];
    chosen[1] = list.find(([run]) => run !== chosen[0])?.[0] ?? "";
    openDialog(t("compare-runs"), ({ close, redraw }) => {
      if (list.length && !list.some(([run]) => run.startsWith("scenario."))) addScenarios(list, redraw);
      return {
        body: [0, 1].map(
          (side) => html`
            <label class="field" key=${side}>
              ${t(side ? "compare-second" : "compare-first")}
              <select
                id=${`run${side}`}
                value=${chosen[side]}
                onchange=${(/** @type {any} */ event) => (chosen[side] = event.target.value)}>
                ${list.map(
                  ([run, words]) => html`
                    <option key=${run} value=${run} selected=${run === chosen[side]}>${words}</option>
                  `,
                )}
              </select>
            </label>
          `,
        ),
        foot: html`
          <button
            type="submit"
            class="main-act"
            disabled=${list.length < 2}
            onclick=${() => {
              close();
              done([chosen[0], chosen[1]]);
            }}>
            ${t("compare-show")}
          </button>
        `,
      };
    });
  }

  return { show, view, ask };
}

const asked = new WeakSet();

/** The runs of scenarios that the lab has kept. @param {[string, string][]} list @param {Redraw} redraw */
async function addScenarios(list, redraw) {
  if (asked.has(list)) return;
  asked.add(list);
  /** @type {ScenarioRun[]} */
  const runs = await get("/scenarios/runs").catch(() => []);
  for (const { id, title } of runs) list.push([`scenario.${id}`, `${t("compare-scenario", { n: id })}: ${title}`]);
  redraw();
}
