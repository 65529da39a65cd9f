// Two packets, or two runs, beside each other with what differs marked. Knows entries and comparisons.

import { html } from "../base/view.js";
import { get } from "../base/api.js";
import { fromHex, span, stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";
import { textOf } from "../base/facts.js";
import { loading } from "../parts/states.js";
import { byteDifferences, fieldPairs, stepPairs } from "./compare.js";
import { hexRows, MOST_BYTES } from "./octets.js";

/** Two entries as the lab decodes them. @param {Lifecycle} lifecycle @param {() => unknown} close */
export function newPacketPair(lifecycle, close) {
  /** @type {[number, number] | null} */
  let numbers = null;
  /** @type {(Entry | null)[]} */
  let entries = [null, null];
  let gone = false;

  /** @param {[number, number] | null} next */
  async function show(next) {
    if (String(next) === String(numbers)) return;
    numbers = next;
    entries = [null, null];
    gone = false;
    if (!next) return;
    const found = await Promise.all(
      next.map((number) => get(`/traces/${number}`, { signal: lifecycle.signal }).catch(() => null)),
    );
    if (numbers !== next) return;
    entries = found;
    gone = found.includes(null);
    lifecycle.redraw();
  }

  function view() {
    if (!numbers) return null;
    const [left, right] = entries;
    return html`
      <aside class="inspector pair card" aria-label=${t("compare-packets")} key="pair">
        <header>
          <h2>${t("compare-packets")}</h2>
          <div class="acts">
            <button class="plain" aria-label=${t("close")} onclick=${close}>${icon("close")}</button>
          </div>
        </header>
        <div class="body">
          ${gone ? html` <p class="soft">${t("compare-gone")}</p> ` : left && right ? both(left, right) : loading()}
        </div>
      </aside>
    `;
  }

  return { show, view };
}

/**
 * The bytes that an entry has, layer for layer: the datagram, then what its protected records said.
 * @param {Entry} entry
 */
const layersOf = (entry) => [
  { data: String(entry.fields.data ?? ""), fields: entry.layout ?? [] },
  ...(entry.inside ?? []).map(({ data, fields }) => ({ data: data ?? "", fields })),
];

/** @param {Entry} left @param {Entry} right */
function both(left, right) {
  const layers = [layersOf(left), layersOf(right)];
  const none = { data: "", fields: /** @type {DecodedField[]} */ ([]) };
  const count = Math.max(...layers.map((one) => one.length));
  return [
    html`
      <div class="beside">
        ${[left, right].map(
          (entry) => html`
            <div key=${entry.number}>
              <p class="soft small mono">${`#${entry.number} · ${stamp(entry.at, 3)} · ${entry.source}`}</p>
              <p class="mono said">${textOf(entry)}</p>
            </div>
          `,
        )}
      </div>
    `,
    Array.from({ length: count }, (_, i) => layerPair(layers[0][i] ?? none, layers[1][i] ?? none, i)),
  ];
}

/**
 * @param {{ data: string, fields: DecodedField[] }} left
 * @param {{ data: string, fields: DecodedField[] }} right
 * @param {number} index
 */
function layerPair(left, right, index) {
  const bytes = [left, right].map(({ data }) => fromHex(data.slice(0, MOST_BYTES * 2)));
  const differs = byteDifferences(bytes[0], bytes[1]);
  const pairs = fieldPairs(left.fields, right.fields);
  const n = pairs.filter((pair) => pair.differs).length;
  return html`
    <section key=${index}>
      <h3>${index ? t("inspect-inside_hidden") : t("compare-differences", { n })}</h3>
      <div class="beside">
        ${[left, right].map(
          ({ fields }, i) => html`
            <div key=${i} class="hex mono">${hexRows(bytes[i], fields, null, () => {}, differs[i])}</div>
          `,
        )}
      </div>
      <table class="table fields pairs">
        <tbody>
          ${pairs.map(
            (pair, i) => html`
              <tr key=${i} class=${pair.differs ? "differs" : ""}>
                <td class="name">${(pair.left ?? pair.right)?.name.trim()}</td>
                <td class="mono">${pair.left?.value ?? "–"}</td>
                <td class="mono">${pair.right?.value ?? "–"}</td>
                <td class="src">${(pair.left ?? pair.right)?.source}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </section>
  `;
}

/**
 * @param {object} own
 * @param {[Entry[], Entry[]]} own.runs
 * @param {[string, string]} own.names
 * @param {number | null} own.chosen
 * @param {(entry: Entry) => unknown} own.choose
 */
export function runsBeside({ runs, names, chosen, choose }) {
  const pairs = stepPairs(...runs);
  const differing = pairs.filter((pair) => pair.differs).length;
  /** @param {Entry | null} entry @param {number | null} after */
  const cell = (entry, after) =>
    entry
      ? html`
          <td class=${chosen === entry.number ? "step on" : "step"}>
            <button class="linklike" data-number=${entry.number} onclick=${() => choose(entry)}>
              <span class="soft mono">${`+${span(after ?? 0)}`}</span>
              <span class="mono">${textOf(entry)}</span>
            </button>
          </td>
        `
      : html` <td class="step missing">${t("compare-missing")}</td> `;
  return html`
    <div class="runs card" aria-label=${t("compare-runs")}>
      <table class="table">
        <thead>
          <tr>
            ${names.map((name, i) => html` <th key=${i}>${name}</th> `)}
          </tr>
        </thead>
        <tbody>
          ${pairs.map(
            (pair, i) => html`
              <tr key=${i} class=${pair.differs ? "differs" : ""}>
                ${cell(pair.left, pair.leftAfter)}${cell(pair.right, pair.rightAfter)}
              </tr>
            `,
          )}
        </tbody>
      </table>
      <p class="soft small">${t("compare-steps", { n: differing, total: pairs.length })}</p>
    </div>
  `;
}
