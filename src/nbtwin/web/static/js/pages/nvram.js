// NVRAM: what is saved beside what is in use, differences marked; snapshots to return to.

import { html } from "../base/view.js";
import { del, get, post, query, seg } from "../base/api.js";
import { NVRAM_WRITERS } from "../base/facts.js";
import { bytes, stamp } from "../base/format.js";
import { hasWords, t, word, wordsOf } from "../base/i18n.js";
import { resource, throttled } from "../base/lifecycle.js";
import { requireRole } from "../parts/require_role.js";
import { card, scrolls, shown, toggle } from "../parts/states.js";
import { tryDestructive, tryRequest } from "../state/actions.js";
import { subscribe } from "../state/topics.js";

/** @typedef {{ name: string, before: any, after: any }} Change */

/** @param {Lifecycle} lifecycle @param {string} name */
export function newNvram(lifecycle, name) {
  const own = { only: false, diff: /** @type {{ id: string | number, rows: Change[] } | null} */ (null), label: "" };
  const path = `/modules/${seg(name)}/nvram`;
  /** @type {Resource<NvramState>} */
  const content = resource(lifecycle, () => get(path, { signal: lifecycle.signal }));
  /** @type {Resource<Snapshot[]>} */
  const snapshots = resource(lifecycle, () => get(`${path}/snapshots`, { signal: lifecycle.signal }));
  const soon = throttled(700, content.reload);
  lifecycle.onEnd(
    subscribe(
      "entry",
      (entry) => entry.source === name && (entry.kind === "at.in" || NVRAM_WRITERS.has(entry.code)) && soon(),
    ),
  );

  function view() {
    return card(
      t("nvram-title"),
      [
        toggle(t("nvram-only"), own.only, (only) => {
          own.only = only;
          lifecycle.redraw();
        }),
      ],
      html`
        <div class="nvram-split">
          ${scrolls(t("nvram-title"), own.diff ? difference(own.diff) : shown(content, table))}
          <div class="stack">${snapshotList()}</div>
        </div>
      `,
      { flush: false },
    );
  }

  /** @param {NvramState} own */
  function table({ saved, in_use: inUse, waiting }) {
    const inSection = (/** @type {NvramRow} */ row) => Number(row.path.includes("."));
    const rows = flat(saved, inUse).sort((a, b) => inSection(a) - inSection(b)); // what has no section first
    const waits = waiting ? new Set(waiting.map((one) => one.name)) : null; // the lab knows which are settings
    for (const row of rows) row.differs = waits ? waits.has(row.path) : row.saved !== row.inUse;
    const differing = rows.filter((row) => row.differs);
    const seen = own.only ? differing : rows;
    return [
      html`
        <p key="n" class="small soft">
          ${differing.length ? t("nvram-differ", { n: differing.length }) : t("nvram-same")}
        </p>
      `,
      html`
        <table key="t" class="table nvram" id="nvram">
          <thead>
            <tr>
              <th>${t("nvram-setting")}</th>
              <th>${t("nvram-saved")}</th>
              <th>${t("nvram-in_use")}</th>
            </tr>
          </thead>
          <tbody>
            ${sections(seen)}
          </tbody>
        </table>
      `,
    ];
  }

  /** @param {NvramRow[]} rows */
  function sections(rows) {
    const made = [];
    let section = null;
    for (const row of rows) {
      const [head, ...rest] = row.path.includes(".") ? row.path.split(".") : [t("nvram-general"), row.path];
      if (head !== section) {
        section = head;
        made.push(html`
          <tr key=${`s${head}`} class="section">
            <td colspan="3">${word("nvramsection", head)}</td>
          </tr>
        `);
      }
      made.push(html`
        <tr key=${row.path} class=${row.differs ? "differs" : ""}>
          <td title=${row.path}>${settingInWords(row.path, rest)}</td>
          <td>${row.saved}</td>
          <td>${row.inUse}</td>
        </tr>
      `);
    }
    return made;
  }

  function snapshotList() {
    return [
      html`
        <form
          key="f"
          class="row"
          onsubmit=${(e) => {
            e.preventDefault();
            take();
          }}>
          ${requireRole(
            "operator",
            html`
              <input
                class="grow"
                placeholder=${t("nvram-label")}
                aria-label=${t("nvram-label")}
                value=${own.label}
                oninput=${(e) => {
                  own.label = e.target.value;
                }} />
            `,
            html` <button class="small">${t("nvram-snapshot")}</button> `,
            html` <button type="button" class="small bad-act" onclick=${factory}>${t("nvram-factory")}</button> `,
          )}
        </form>
      `,
      shown(
        snapshots,
        (list) => html`
          <ul key="l" class="small" id="snapshots">
            ${list.map(
              (one) => html`
                <li key=${one.id} class="row">
                  <span class="grow">
                    ${one.label || one.id}
                    <span class="faint">${` ${one.at ? stamp(one.at) : ""} ${bytes(one.bytes)}`}</span>
                  </span>
                  <button class="small plain" onclick=${() => compare(one)}>${t("nvram-compare")}</button>
                  ${requireRole(
                    "operator",
                    html` <button class="small plain" onclick=${() => restore(one)}>${t("nvram-restore")}</button> `,
                    html`
                      <button class="small plain" aria-label=${t("remove")} onclick=${() => remove(one)}>×</button>
                    `,
                  )}
                </li>
              `,
            )}
          </ul>
        `,
      ),
    ];
  }

  /** @param {{ id: string | number, rows: Change[] }} diff */
  function difference(diff) {
    return [
      html`
        <div key="h" class="row">
          <b>${t("nvram-diff", { id: diff.id })}</b>
          <button
            class="small"
            onclick=${() => {
              own.diff = null;
              lifecycle.redraw();
            }}>
            ${t("close")}
          </button>
        </div>
      `,
      diff.rows.length
        ? html`
            <table key="t" class="table nvram">
              <thead>
                <tr>
                  <th>${t("nvram-setting")}</th>
                  <th>${diff.id}</th>
                  <th>${t("nvram-saved")}</th>
                </tr>
              </thead>
              <tbody>
                ${diff.rows.map(
                  (row) => html`
                    <tr key=${row.name}>
                      <td>${row.name}</td>
                      <td>${plain(row.before)}</td>
                      <td>${plain(row.after)}</td>
                    </tr>
                  `,
                )}
              </tbody>
            </table>
          `
        : html` <p key="s" class="soft">${t("nvram-no_diff")}</p> `,
    ];
  }

  async function take() {
    await tryRequest(() => post(`${path}/snapshots`, own.label ? { label: own.label } : {}), t("nvram-taken"));
    own.label = "";
    snapshots.reload();
  }

  /** @param {Snapshot} one */
  async function compare(one) {
    const rows = await tryRequest(() => get(`${path}/diff${query({ before: one.id, after: "saved" })}`));
    if (rows) own.diff = { id: one.label || one.id, rows };
    lifecycle.redraw();
  }

  /** @param {Snapshot} one */
  async function remove(one) {
    const question = { title: t("remove_title", { name: one.label || String(one.id) }), word: t("remove") };
    await tryDestructive(question, () => del(`${path}/snapshots/${seg(one.id)}`));
    snapshots.reload();
  }

  /** @param {Snapshot} one */
  async function restore(one) {
    const name = one.label || String(one.id);
    const question = {
      title: t("nvram-restore_title", { name }),
      text: t("nvram-restore_text"),
      word: t("nvram-restore"),
    };
    await tryDestructive(question, () => post(`${path}/restore`, { snapshot: one.id }), t("nvram-restored"));
    content.reload();
  }

  async function factory() {
    const question = { title: t("nvram-factory"), text: t("nvram-factory_text"), word: t("nvram-factory") };
    await tryDestructive(question, () => post(`${path}/factory-reset`), t("nvram-restored"));
    content.reload();
  }

  return { view };
}

const IS_TIME = 1e9; // numbers beyond are seconds since 1970

/** @param {any} value */
function plain(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number" && value > IS_TIME && value % 1) return stamp(value);
  return typeof value === "object" ? JSON.stringify(value) : value === "" ? '""' : String(value);
}

/**
 * What a setting is. The rows of a map have one message, and their own name before it.
 * @param {string} path
 * @param {string[]} rest the path without its section
 */
function settingInWords(path, rest) {
  const parts = path.split(".");
  const [of, key] = parts;
  if (of === "extended") return `${key} ${wordsOf({ code: "nvram-setting-extended" })}`;
  if (of === "successes") return wordsOf({ code: ["nvram-setting-successes", ...parts.slice(2)].join("-") });
  if (of === "generic" && key === "config") return parts.slice(2).join(".");
  const code = ["nvram-setting", ...parts].join("-");
  return hasWords(code) ? wordsOf({ code }) : rest.join(" ");
}

/**
 * Both trees as rows of one path each, in the order of the saved one.
 * @param {Record<string, any> | undefined} saved
 * @param {Record<string, any> | undefined} inUse
 * @param {string} [before]
 * @returns {NvramRow[]}
 */
function flat(saved, inUse, before = "") {
  const rows = [];
  for (const name of new Set([...Object.keys(saved || {}), ...Object.keys(inUse || {})])) {
    const [a, b] = [saved?.[name], inUse?.[name]];
    const path = before ? `${before}.${name}` : name;
    const nested = [a, b].some((value) => value && typeof value === "object" && !Array.isArray(value));
    if (nested) rows.push(...flat(a, b, path));
    else rows.push({ path, saved: plain(a), inUse: plain(b) });
  }
  return rows;
}
