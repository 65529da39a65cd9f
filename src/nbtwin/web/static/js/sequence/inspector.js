// What is behind a row: its bytes beside their fields, what they mean and who says so. Hover or focus a field: its bytes light up.

import { h } from "../base/vdom.js";
import { get } from "../base/api.js";
import { dateOf, fromHex, timeOfDay } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word } from "../base/i18n.js";
import { detailName } from "../i18n/events.js";
import { facts, loading } from "../parts/states.js";
import { meaningsOf } from "./meaning.js";

const MOST_BYTES = 2048;

export function newInspector(scope) {
  let entry = null;
  let lit = null; // {layer, start, end}: bytes that light up
  let more = null; // the entry with its fields, as the lab decodes it
  let gone = false; // the lab no longer has the entry
  let asked = 0;

  async function ask(number) {
    const mine = ++asked;
    try {
      const found = await get(`/traces/${number}`, { signal: scope.signal });
      if (mine === asked) more = found;
    } catch {
      if (mine === asked) gone = true;
    }
    scope.redraw();
  }

  return {
    get chosen() { return entry?.number ?? null; },
    show(next) {
      entry = next;
      lit = null;
      more = null;
      gone = false;
      if (entry) ask(entry.number);
      scope.redraw();
    },
    view: () => entry && panel(),
  };

  function panel() {
    return h("aside", { class: "inspector card", "aria-label": t("inspect.title"), key: "inspector" },
      h("header", null, h("h2", null, word("kind", entry.kind)), h("span", { class: "soft small mono" }, `#${entry.number}`),
        h("div", { class: "acts" }, h("button", { class: "plain", "aria-label": t("close"), onclick: () => { entry = null; scope.redraw(); } }, icon("close")))),
      h("div", { class: "body" },
        h("p", { class: "mono said" }, entry.text),
        facts([[t("inspect.when"), `${dateOf(entry.at)} ${timeOfDay(entry.at)}`, true], [t("inspect.who"), entry.source, true], ...detailRows(entry)]),
        meanings(), layers()));
  }

  function meanings() {
    const list = meaningsOf(entry);
    return list.length > 0 && h("section", null, h("h3", null, t("inspect.means")),
      h("ul", { class: "means" }, list.map((one) => h("li", null, h("span", null, t(one.text, one.values)), h("span", { class: "src" }, one.source)))));
  }

  /** The datagram, and below it what its protected records said; a field of the one lights up bytes of the same. */
  function layers() {
    if (!entry.detail.data) return null;
    return [layer(0, entry.detail.data, more?.fields, t("inspect.bytes", { n: entry.detail.data.length / 2 })),
      ...(more?.inside ?? []).map((one, i) => layer(i + 1, one.data ?? "", one.fields, one.data ? t("inspect.inside", { n: one.data.length / 2 }) : t("inspect.inside_hidden")))];
  }

  function layer(index, data, fields, title) {
    const bytes = fromHex(data.slice(0, MOST_BYTES * 2));
    const on = lit?.layer === index ? lit : null;
    const light = (field) => { lit = field && { layer: index, start: field.start, end: field.end }; scope.redraw(); };
    return h("section", { key: `layer${index}`, class: "layer", "data-layer": String(index) }, h("h3", null, title),
      bytes.length > 0 && h("div", { class: "hex mono", role: "img", "aria-label": title, onmouseleave: () => light(null) }, hexRows(bytes, fields ?? [], on, light)),
      h("h3", null, t("inspect.fields")),
      fields ? fieldTable(fields, on, light) : gone ? h("p", { class: "soft small" }, t("inspect.gone")) : loading());
  }

  function fieldTable(fields, on, light) {
    return h("table", { class: "table fields" }, h("tbody", null, fields.map((field, i) => {
      const depth = field.name.length - field.name.trimStart().length;
      return h("tr", { key: i, tabindex: "0", class: on && on.start === field.start && on.end === field.end ? "on" : "", onmouseenter: () => light(field), onfocus: () => light(field) },
        h("td", { class: "name" }, h("div", { style: { "padding-left": `${depth * 5}px` } }, h("i", { class: `tint t${i % 6}` }), h("span", null, field.name.trim()))), h("td", { class: "mono" }, field.value), h("td", { class: "src" }, field.source));
    })));
  }
}

/** Which field each byte belongs to: of several, the one with the fewest bytes. */
function owners(length, fields) {
  const found = new Array(length);
  fields.forEach((field, index) => {
    const size = field.end - field.start;
    for (let i = field.start; i < Math.min(field.end, length); i++) if (found[i] === undefined || size <= fields[found[i]].end - fields[found[i]].start) found[i] = index;
  });
  return found;
}

function hexRows(bytes, fields, on, light) {
  const tints = owners(bytes.length, fields);
  const rows = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const line = bytes.slice(at, at + 16);
    rows.push(h("div", { key: at, class: "hexrow" }, h("span", { class: "at" }, at.toString(16).padStart(4, "0")),
      h("span", { class: "octets" }, Array.from(line, (b, i) => octet(b.toString(16).padStart(2, "0"), at + i))),
      h("span", { class: "chars" }, Array.from(line, (b, i) => octet(b > 31 && b < 127 ? String.fromCharCode(b) : "·", at + i)))));
  }
  return rows;

  function octet(text, i) {
    const field = fields[tints[i]];
    return h("span", { class: `${field ? `t${tints[i] % 6}` : ""} ${on && i >= on.start && i < on.end ? "on" : ""}`, title: field ? `${field.name.trim()}: ${field.value}` : null, onmouseenter: () => field && light(field) }, text);
  }
}

const SKIPPED = new Set(["data", "source", "destination", "inner", "event", "protocol", "path", "query", "length", "from", "to", "direction", "faults", "token", "type", "code", "message_id", "sending", "lost"]);

function detailRows({ detail, kind }) {
  const rows = [];
  if (kind === "datagram") {
    rows.push([t("inspect.from"), `${detail.from}  ${detail.source || ""}`, true], [t("inspect.to"), `${detail.to}  ${detail.destination || ""}`, true]);
    if (detail.faults?.length) rows.push([t("inspect.faults"), detail.faults.join("; ")]);
  }
  for (const [name, value] of Object.entries(detail)) {
    if (SKIPPED.has(name) || value === "" || value === null) continue;
    if (name === "until") rows.push([t("inspect.until"), `${dateOf(value)} ${timeOfDay(value)}`, true]);
    else if (typeof value === "object" && !Array.isArray(value)) rows.push(...Object.entries(value).filter(([, v]) => v !== "" && v !== null).map(([k, v]) => [detailName(k), typeof v === "object" ? JSON.stringify(v) : String(v), true]));
    else rows.push([detailName(name), Array.isArray(value) ? value.join(", ") : String(value), true]);
  }
  if (detail.inner) rows.push(...Object.entries(detail.inner).filter(([k]) => k !== "event").map(([k, v]) => [detailName(k), String(v), true]));
  return rows;
}
