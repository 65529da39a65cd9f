// NVRAM: what is saved beside what is in use, differences marked; snapshots to return to.

import { h } from "../base/vdom.js";
import { del, get, post, query, seg } from "../base/api.js";
import { bytes, stamp } from "../base/format.js";
import { t } from "../base/i18n.js";
import { resource, throttled } from "../base/scope.js";
import { confirmed } from "../parts/dialog.js";
import { only } from "../parts/only.js";
import { card, shown, toggle } from "../parts/states.js";
import { attempt } from "../state/actions.js";
import { hear } from "../state/topics.js";

export function newNvram(scope, name) {
  const own = { only: false, diff: null, label: "" };
  const path = `/modules/${seg(name)}/nvram`;
  const content = resource(scope, () => get(path, { signal: scope.signal }));
  const snapshots = resource(scope, () => get(`${path}/snapshots`, { signal: scope.signal }));
  const soon = throttled(700, content.reload);
  scope.end(hear("entry", (entry) => entry.source === name && (entry.kind === "at.in" || /^(booted|firmware)/.test(entry.text)) && soon()));

  function view() {
    return card(t("nvram.title"), [toggle(t("nvram.only"), own.only, (only) => { own.only = only; scope.redraw(); })],
      h("div", { class: "nvram-split" }, h("div", { class: "scrolls" }, own.diff ? difference() : shown(content, table)), h("div", { class: "stack" }, snapshotList())), { flush: false });
  }

  function table({ saved, in_use: inUse, waiting }) {
    const rows = flat(saved, inUse).sort((a, b) => a.path.includes(".") - b.path.includes(".")); // what has no section first
    const waits = waiting ? new Set(waiting.map((one) => one.name)) : null; // the lab knows which are settings
    for (const row of rows) row.differs = waits ? waits.has(row.path) : row.saved !== row.inUse;
    const differing = rows.filter((row) => row.differs);
    const seen = own.only ? differing : rows;
    return [h("p", { key: "n", class: "small soft" }, differing.length ? t("nvram.differ", { n: differing.length }) : t("nvram.same")),
      h("table", { key: "t", class: "table nvram", id: "nvram" }, h("thead", null, h("tr", null, h("th", null, t("nvram.setting")), h("th", null, t("nvram.saved")), h("th", null, t("nvram.in_use")))),
        h("tbody", null, sections(seen)))];
  }

  function sections(rows) {
    const made = [];
    let section = null;
    for (const row of rows) {
      const [head, ...rest] = row.path.includes(".") ? row.path.split(".") : [t("nvram.general"), row.path];
      if (head !== section) {
        section = head;
        made.push(h("tr", { key: `s${head}`, class: "section" }, h("td", { colspan: "3" }, head.replaceAll("_", " "))));
      }
      made.push(h("tr", { key: row.path, class: row.differs ? "differs" : "" }, h("td", null, rest.join(" ").replaceAll("_", " ")), h("td", null, row.saved), h("td", null, row.inUse)));
    }
    return made;
  }

  function snapshotList() {
    return [h("form", { key: "f", class: "row", onsubmit: (e) => { e.preventDefault(); take(); } },
      only("operator", h("input", { class: "grow", placeholder: t("nvram.label"), "aria-label": t("nvram.label"), value: own.label, oninput: (e) => { own.label = e.target.value; } }), h("button", { class: "small" }, t("nvram.snapshot")),
      h("button", { type: "button", class: "small bad-act", onclick: factory }, t("nvram.factory")))),
    shown(snapshots, (list) => h("ul", { key: "l", class: "small", id: "snapshots" }, list.map((one) => h("li", { key: one.id, class: "row" },
      h("span", { class: "grow" }, one.label || one.id, h("span", { class: "faint" }, ` ${one.at ? stamp(one.at) : ""} ${bytes(one.bytes)}`)),
      h("button", { class: "small plain", onclick: () => compare(one) }, t("nvram.compare")), only("operator", h("button", { class: "small plain", onclick: () => restore(one) }, t("nvram.restore")),
      h("button", { class: "small plain", "aria-label": t("remove"), onclick: async () => { await attempt(() => del(`${path}/snapshots/${seg(one.id)}`)); snapshots.reload(); } }, "×"))))))];
  }

  function difference() {
    return [h("div", { key: "h", class: "row" }, h("b", null, t("nvram.diff", { id: own.diff.id })), h("button", { class: "small", onclick: () => { own.diff = null; scope.redraw(); } }, t("close"))),
      own.diff.rows.length ? h("table", { key: "t", class: "table nvram" }, h("thead", null, h("tr", null, h("th", null, t("nvram.setting")), h("th", null, own.diff.id), h("th", null, t("nvram.saved")))),
        h("tbody", null, own.diff.rows.map((row) => h("tr", { key: row.name }, h("td", null, row.name), h("td", null, plain(row.before)), h("td", null, plain(row.after)))))) : h("p", { key: "s", class: "soft" }, t("nvram.no_diff"))];
  }

  async function take() {
    await attempt(() => post(`${path}/snapshots`, own.label ? { label: own.label } : {}), t("nvram.taken"));
    own.label = "";
    snapshots.reload();
  }

  async function compare(one) {
    const rows = await attempt(() => get(`${path}/diff${query({ before: one.id, after: "saved" })}`));
    if (rows) own.diff = { id: one.label || one.id, rows };
    scope.redraw();
  }

  async function restore(one) {
    await attempt(() => post(`${path}/restore`, { snapshot: one.id }), t("nvram.restored"));
    content.reload();
  }

  async function factory() {
    if (!(await confirmed(t("nvram.factory"), t("nvram.factory_text"), t("nvram.factory")))) return;
    await attempt(() => post(`${path}/factory-reset`), t("nvram.restored"));
    content.reload();
  }

  return { view };
}

const IS_TIME = 1e9; // numbers beyond are seconds since 1970

function plain(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "number" && value > IS_TIME && value % 1) return stamp(value);
  return typeof value === "object" ? JSON.stringify(value) : value === "" ? "\"\"" : String(value);
}

/** Both trees as rows of one path each, in the order of the saved one. */
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
