// What is behind a row: its bytes beside their fields, what they mean and who says so. Hover or focus a field: its
// bytes light up.

import { html } from "../base/view.js";
import { get } from "../base/api.js";
import { fromHex, spaced, stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word, wordsOf } from "../base/i18n.js";
import { fieldText, textOf } from "../base/facts.js";
import { facts, loading } from "../parts/states.js";
import { describe } from "./describe.js";
import { fieldTable, hexRows, MOST_BYTES } from "./octets.js";
import { newNotePad } from "./note_pad.js";

/**
 * @param {Lifecycle} lifecycle
 * @param {(entry: Entry) => View} [acts] what can be done with the entry that is shown
 * @param {() => unknown} [closed]
 */
export function newInspector(lifecycle, acts = () => null, closed = () => {}) {
  const pad = newNotePad(lifecycle);
  /** @type {Entry | null} */
  let entry = null;
  /** @type {ByteRange | null} */
  let lit = null; // {layer, start, end}: bytes that light up
  /** @type {Entry | null} */
  let more = null; // the entry with its fields, as the lab decodes it
  let gone = false; // the lab no longer has the entry
  let asked = 0;

  /** @param {number} number */
  async function ask(number) {
    const mine = ++asked;
    try {
      const found = await get(`/traces/${number}`, { signal: lifecycle.signal });
      if (mine === asked) more = found;
    } catch {
      if (mine === asked) gone = true;
    }
    lifecycle.redraw();
  }

  return {
    get chosen() {
      return entry?.number ?? null;
    },
    get entry() {
      return entry;
    },
    /** @param {Entry | null} next */
    show(next) {
      entry = next;
      lit = null;
      more = null;
      gone = false;
      if (entry) ask(entry.number);
      lifecycle.redraw();
    },
    view: () => entry && panel(entry),
  };

  function close() {
    entry = null;
    closed();
    lifecycle.redraw();
  }

  /** @param {Entry} entry */
  function panel(entry) {
    return html`
      <aside class="inspector card" aria-label=${t("inspect-title")} key="inspector">
        <header>
          <h2>${word("kind", entry.kind)}</h2>
          <span class="soft small mono">${`#${entry.number}`}</span>
          <div class="acts">
            <button class="plain" aria-label=${t("close")} onclick=${close}>${icon("close")}</button>
          </div>
        </header>
        <div class="body">
          <p class="mono said">${textOf(entry)}</p>
          ${acts(entry)}
          ${facts([
            [t("inspect-when"), stamp(entry.at, 3), true],
            [t("inspect-who"), entry.source, true],
            ...detailRows(entry),
          ])}
          ${pad.view(entry)} ${meanings(entry)} ${layers(entry)}
        </div>
      </aside>
    `;
  }

  /** @param {Entry} entry */
  function meanings(entry) {
    const list = describe(entry);
    return (
      list.length > 0 &&
      html`
        <section>
          <h3>${t("inspect-means")}</h3>
          <ul class="means">
            ${list.map(
              (one) => html`
                <li>
                  <span>${t(one.text, one.values)}</span>
                  <span class="src">${one.source}</span>
                </li>
              `,
            )}
          </ul>
        </section>
      `
    );
  }

  /**
   * The datagram, and below it what its protected records said; a field of the one lights up bytes of the same.
   * @param {Entry} entry
   */
  function layers(entry) {
    if (!entry.fields.data) return null;
    return [
      layer(0, entry.fields.data, more?.layout, t("inspect-bytes", { n: entry.fields.data.length / 2 })),
      ...(more?.inside ?? []).map((one, i) =>
        layer(
          i + 1,
          one.data ?? "",
          one.fields,
          one.data ? t("inspect-inside", { n: one.data.length / 2 }) : t("inspect-inside_hidden"),
        ),
      ),
    ];
  }

  /** @param {number} index @param {string} data @param {DecodedField[] | undefined} fields @param {string} title */
  function layer(index, data, fields, title) {
    const bytes = fromHex(data.slice(0, MOST_BYTES * 2));
    const on = lit?.layer === index ? lit : null;
    /** @param {DecodedField | null} field */
    const light = (field) => {
      lit = field && { layer: index, start: field.start, end: field.end };
      lifecycle.redraw();
    };
    return html`
      <section key=${`layer${index}`} class="layer" data-layer=${String(index)}>
        <h3>${title}</h3>
        ${
          bytes.length > 0 &&
          html`
            <div class="hex mono" role="img" aria-label=${title} onmouseleave=${() => light(null)}>
              ${hexRows(bytes, fields ?? [], on, light)}
            </div>
          `
        }
        ${fields?.length !== 0 && html` <h3>${t("inspect-fields")}</h3> `}
        ${
          fields
            ? fieldTable(fields, on, light)
            : gone
              ? html` <p class="soft small">${t("inspect-gone")}</p> `
              : loading()
        }
      </section>
    `;
  }
}

/** What is shown elsewhere, or is plumbing. */
const SKIPPED = new Set([
  ...[
    "at",
    "again",
    "code",
    "data",
    "destination",
    "direction",
    "event",
    "impairment",
    "faults",
    "from",
    "length",
    "line",
    "lost",
  ],
  ...["message_id", "path", "protocol", "query", "sending", "source", "summary", "to", "token", "type"],
]);

/**
 * @param {Entry} entry
 * @returns {[name: string, value: View, mono?: boolean][]}
 */
function detailRows({ fields, kind }) {
  if (kind !== "datagram") return [...rowsOf(fields), ...(fields.event ? rowsOf(fields.event) : [])];
  return [
    [t("inspect-from"), `${fields.from}  ${fields.source ?? ""}`, true],
    [t("inspect-to"), `${fields.to}  ${fields.destination ?? ""}`, true],
    [t("inspect-faults"), wordsOf({ code: "fault-described", fields: { fault: fields.faults } })],
    ...rowsOf(fields),
  ];
}

/**
 * @param {Record<string, any>} fields
 * @returns {[name: string, value: View, mono?: boolean][]}
 */
function rowsOf(fields) {
  const there = Object.keys(fields).filter(
    (name) => !SKIPPED.has(name) && fields[name] !== "" && fields[name] !== null,
  );
  return there.flatMap((name) => {
    if (isTime(name)) return [[word("detail", name, () => spaced(name)), stamp(fields[name], 3), true]];
    return isObject(fields[name])
      ? rowsOf(fields[name])
      : [[word("detail", name, () => spaced(name)), fieldText(fields, name), true]];
  });
}

/** @param {string} name */
const isTime = (name) => name === "until" || name.endsWith("_at");

/** @param {any} value */
const isObject = (value) => typeof value === "object" && !Array.isArray(value) && !value.code;
