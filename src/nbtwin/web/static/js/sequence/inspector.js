// What is behind a row: its bytes beside their fields, what they mean and who says so. Hover or focus a field: its bytes light up.

import { h } from "../base/vdom.js";
import { get } from "../base/api.js";
import { dateOf, timeOfDay } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word } from "../base/i18n.js";
import { facts } from "../parts/states.js";
import { fieldsOf, fromHex } from "./coap.js";
import { meaningsOf } from "./meaning.js";

const MOST_BYTES = 2048;

export function newInspector(scope) {
  let entry = null;
  let lit = null; // [from, to] of bytes
  let more = null; // what the lab's own decoder says
  let asked = 0;

  async function ask(number) {
    const mine = ++asked;
    try {
      const found = await get(`/traces/${number}`, { signal: scope.signal });
      if (mine === asked) more = found;
    } catch {
      more = null; // older than what the lab keeps: what we have is enough
    }
    scope.redraw();
  }

  return {
    get chosen() { return entry?.number ?? null; },
    show(next) {
      entry = next;
      lit = null;
      more = null;
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
        meanings(), entry.detail.data && bytesAndFields(), decoded()));
  }

  function meanings() {
    const list = meaningsOf(entry);
    return list.length > 0 && h("section", null, h("h3", null, t("inspect.means")),
      h("ul", { class: "means" }, list.map((one) => h("li", null, h("span", null, t(one.text, one.values)), h("span", { class: "src" }, one.source)))));
  }

  function bytesAndFields() {
    const bytes = fromHex(entry.detail.data.slice(0, MOST_BYTES * 2));
    const fields = fieldsOf(bytes);
    return h("section", null, h("h3", null, t("inspect.bytes", { n: entry.detail.data.length / 2 })),
      h("div", { class: "hex mono", role: "img", "aria-label": t("inspect.bytes", { n: bytes.length }) }, hexRows(bytes, fields, lit, (range) => { lit = range; scope.redraw(); })),
      h("h3", null, t("inspect.fields")),
      h("table", { class: "table fields" }, h("tbody", null, fields.map((field, i) =>
        h("tr", { key: i, tabindex: "0", class: lit && lit[0] === field.from && lit[1] === field.to ? "on" : "", onmouseenter: () => light(field), onfocus: () => light(field) },
          h("td", { class: "nowrap name" }, h("i", { class: `tint t${i % 6}` }), field.name), h("td", { class: "mono" }, field.value), h("td", { class: "src" }, field.source))))));
  }

  function light(field) {
    lit = [field.from, field.to];
    scope.redraw();
  }

  /** The lab's own words for the datagram, where it has more than the page: decrypted records, reassembled blocks, names of resources. */
  function decoded() {
    const list = Array.isArray(more?.decoded) ? more.decoded : [];
    return list.length > 0 && h("section", { class: "decoded" }, h("h3", null, t("inspect.decoded")),
      h("table", { class: "table fields" }, h("tbody", null, list.map((one, i) => h("tr", { key: i },
        h("td", { class: "nowrap name" }, one.name ?? one.field ?? one.path ?? ""), h("td", { class: "mono" }, String(one.value ?? one.text ?? "")),
        h("td", { class: "src" }, [one.chapter, one.source, one.decision].filter(Boolean).join(" · ")))))));
  }
}

function hexRows(bytes, fields, lit, light) {
  const tints = new Array(bytes.length);
  fields.forEach((field, index) => { for (let i = field.from; i < field.to; i++) tints[i] ??= index; });
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
    const on = lit && i >= lit[0] && i < lit[1];
    return h("span", { class: `t${(tints[i] ?? 0) % 6} ${on ? "on" : ""}`, onmouseenter: () => field && light([field.from, field.to]) }, text);
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
    else if (typeof value === "object" && !Array.isArray(value)) rows.push(...Object.entries(value).filter(([, v]) => v !== "" && v !== null).map(([k, v]) => [k.replaceAll("_", " "), typeof v === "object" ? JSON.stringify(v) : String(v), true]));
    else rows.push([name.replaceAll("_", " "), Array.isArray(value) ? value.join(", ") : String(value), true]);
  }
  if (detail.inner) rows.push(...Object.entries(detail.inner).filter(([k]) => k !== "event").map(([k, v]) => [k.replaceAll("_", " "), String(v), true]));
  return rows;
}
