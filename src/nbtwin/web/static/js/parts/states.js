// What stands where something is not there: loading, empty, wrong. One look for all pages.

import { h } from "../base/vdom.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";

export const loading = () => h("div", { class: "loading", role: "status", "aria-label": t("loading") }, h("div", { class: "ghost" }), h("div", { class: "ghost" }), h("div", { class: "ghost" }));

export const empty = (shape, text, ...more) => h("div", { class: "empty" }, icon(shape), h("p", null, text), ...more);

export const wrong = (error, again = null) =>
  h("div", { class: "wrong", role: "alert" }, h("span", { class: "grow" }, error.message), again && h("button", { onclick: again }, icon("retry"), t("again")));

/** A resource as it is: skeleton, problem with a way to try again, or what `view` makes of its value. */
export function shown(resource, view) {
  if (resource.value !== null && resource.state !== "error") return view(resource.value);
  if (resource.state === "error") return wrong(resource.error, resource.reload);
  return loading();
}

export const card = (title, acts, body, { flush = false, id = null, label = null } = {}) =>
  h("section", { class: "card", id, "aria-label": label ?? (typeof title === "string" ? title : null) },
    title !== null && h("header", null, typeof title === "string" ? h("h2", null, title) : title, acts && h("div", { class: "acts" }, acts)),
    h("div", { class: flush ? "body flush" : "body" }, body));

export const pill = (kind, ...content) => h("span", { class: `pill ${kind}` }, ...content);

export const facts = (rows) =>
  h("dl", { class: "facts" }, rows.filter(([, value]) => value !== null && value !== undefined && value !== "").flatMap(([name, value, mono]) => [
    h("dt", null, name), h("dd", { class: mono ? "mono" : null }, value)]));

/** Radio buttons that look like one bar; arrow keys move within it. */
export const segments = (label, options, chosen, choose) =>
  h("div", { class: "seg", role: "group", "aria-label": label }, options.map(([value, text, title]) =>
    h("button", { key: value, "aria-pressed": String(value === chosen), title: title ?? null, onclick: () => choose(value), "data-value": value }, text)));

export const header = (title, { crumbs = null, sub = null, acts = null } = {}) =>
  h("header", null, crumbs && h("nav", { class: "crumbs", "aria-label": t("crumbs") }, crumbs), h("h1", null, title), sub && h("div", { class: "sub row" }, sub), acts && h("div", { class: "acts" }, acts));

export const toggle = (text, checked, change, more = {}) =>
  h("label", { class: "check" }, h("input", { type: "checkbox", class: "switch", role: "switch", checked, onchange: (event) => change(event.target.checked), ...more }), text);

export const search = (placeholder, value, change, more = {}) =>
  h("div", { class: "search" }, icon("search"), h("input", { type: "search", placeholder, "aria-label": placeholder, value, oninput: (event) => change(event.target.value), "data-search": true, ...more }));
