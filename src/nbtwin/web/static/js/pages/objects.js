// The object tree of a device, and what one may do with a path of it: read, write, execute, observe, discover, create, delete.

import { h } from "../base/vdom.js";
import { get, post } from "../base/api.js";
import { timeOfDay } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word } from "../base/i18n.js";
import { resource, throttled } from "../base/scope.js";
import { openDialog } from "../parts/dialog.js";
import { only } from "../parts/only.js";
import { card, empty, pill, shown } from "../parts/states.js";
import { attempt } from "../state/actions.js";
import { hear } from "../state/topics.js";
import { readable } from "./plots.js";

const OPERATIONS = ["read", "write", "execute", "observe", "cancel", "discover", "create", "delete", "write-attributes"];
const WITH_VALUE = new Set(["write", "write-partly", "create", "execute", "write-attributes"]);
const MOST_LOGGED = 50;

export function newObjects(scope, path, { answered }) {
  const own = { path: "/3/0", operation: "read", value: "", busy: new Set(), whole: new Set() };
  const tree = resource(scope, () => get(`${path}/objects`, { signal: scope.signal }));
  const watched = resource(scope, () => get(`${path}/observations`, { signal: scope.signal }));
  const log = resource(scope, () => get(`${path}/operations`, { signal: scope.signal }));
  const soon = throttled(300, () => { tree.reload(); watched.reload(); log.reload(); answered(); });
  const device = decodeURIComponent(path.split("/").at(-1));
  scope.end(hear("operation", (result) => result.device === device && soon()));

  async function operate(operation, target, extra = {}) {
    own.busy.add(`${operation}${target}`);
    scope.redraw();
    const result = await attempt(() => post(`${path}/operations`, { operation, path: target, wait: 8, ...extra }));
    own.busy.delete(`${operation}${target}`);
    if (result) soon();
    scope.redraw();
    return result;
  }

  const isWatched = (target) => (watched.value || []).some((one) => one.path === target);
  const watch = (target) => operate(isWatched(target) ? "cancel" : "observe", target);

  function view() {
    return card(t("objects.title"), [h("button", { class: "small", onclick: tree.reload, "aria-label": t("again") }, icon("retry"))], [
      bar(),
      shown(tree, (objects) => (!objects.length ? empty("platforms", t("objects.none")) : h("div", { class: "tree", id: "objects" }, objects.map(objectOf)))),
    ], { flush: true });
  }

  /** Any operation on any path. */
  function bar() {
    return h("form", { class: "form", style: { padding: "10px 14px", "border-bottom": "1px solid var(--line)" }, onsubmit: (e) => { e.preventDefault(); submit(); } }, only("operator",
      h("select", { "aria-label": t("objects.operation"), value: own.operation, id: "operation", onchange: (e) => { own.operation = e.target.value; scope.redraw(); } }, OPERATIONS.map((name) => h("option", { key: name, value: name }, word("operation", name)))),
      h("input", { class: "mono", id: "path", "aria-label": t("objects.path"), value: own.path, size: "12", oninput: (e) => { own.path = e.target.value; } }),
      WITH_VALUE.has(own.operation) && h("input", { class: "mono grow", "aria-label": t("objects.value"), placeholder: t(own.operation === "write-attributes" ? "objects.attributes" : "objects.value"), value: own.value, oninput: (e) => { own.value = e.target.value; } }),
      h("button", { class: "main-act", id: "operate", disabled: own.busy.size > 0 }, t("objects.go"))));
  }

  function submit() {
    attempt(() => operate(own.operation, own.path.trim(), extraOf(own)));
  }

  function extraOf({ operation, value }) {
    return operation === "write-attributes" ? { attributes: Object.fromEntries(value.split(/[&,\s]+/).filter(Boolean).map((part) => part.split("=")).map(([name, number]) => [name, number === undefined ? null : Number(number)])) } : operation === "execute" ? (value ? { arguments: value } : {}) : WITH_VALUE.has(operation) ? { value: valueOf(value) } : {};
  }

  function objectOf(object) {
    return h("details", { key: object.id, open: object.instances?.some((i) => i.resources?.some((r) => r.value !== null && r.value !== undefined)) || object.id === 3 },
      h("summary", null, icon("right"), h("code", null, `/${object.id}`), h("span", null, object.name || ""), object.version && h("span", { class: "faint small" }, object.version)),
      (object.instances || []).map((instance) => instanceOf(object, instance)));
  }

  function instanceOf(object, instance) {
    const target = `/${object.id}/${instance.id}`;
    return h("div", { key: instance.id },
      h("div", { class: "resource", style: { background: "var(--sunk)" } }, h("code", null, target), h("span", { class: "soft" }, t("objects.instance", { id: instance.id })), h("span"),
        h("span", { class: "acts" }, only("operator", act("read", target), act("discover", target), h("button", { class: "small", "aria-pressed": String(isWatched(target)), onclick: () => watch(target) }, t(isWatched(target) ? "objects.unwatch" : "operation.observe"))))),
      resourcesOf(target, instance.resources || []));
  }

  /** Those with a value; the others on demand, and all where nothing is known yet. */
  function resourcesOf(target, all) {
    const known = all.filter((one) => (one.value !== null && one.value !== undefined) || isWatched(one.path));
    if (own.whole.has(target) || !known.length || known.length === all.length) return all.map(resourceOf);
    return [...known.map(resourceOf), h("div", { key: "more", class: "resource" }, h("span"), h("button", { class: "linklike small", onclick: () => { own.whole.add(target); scope.redraw(); } }, t("objects.more", { n: all.length - known.length })))];
  }

  function resourceOf(one) {
    const can = String(one.operations || "RW");
    const target = one.path;
    return h("div", { key: target, class: `resource ${isWatched(target) ? "watched" : ""}`, "data-path": target },
      h("code", null, target), h("span", null, one.name || ""), h("span", { class: `val ${one.value === null || one.value === undefined ? "none" : ""}`, title: one.at ? `${timeOfDay(one.at)} ${valueText(one.value)}` : null }, readable(valueText(one.value))),
      h("span", { class: "acts" }, only("operator", can.includes("R") && act("read", target), can.includes("W") && h("button", { class: "small", onclick: () => write(one) }, t("operation.write")), can.includes("E") && act("execute", target),
        can.includes("R") && h("button", { class: `small ${isWatched(target) ? "main-act" : ""}`, "aria-pressed": String(isWatched(target)), onclick: () => watch(target) }, t(isWatched(target) ? "objects.unwatch" : "operation.observe")))));
  }

  const act = (operation, target) => h("button", { class: "small", disabled: own.busy.has(`${operation}${target}`), "data-act": `${operation}${target}`, onclick: () => operate(operation, target) }, word("operation", operation));

  function write(one) {
    let text = one.value === null || one.value === undefined ? "" : String(one.value);
    openDialog(`${t("operation.write")} ${one.path} ${one.name || ""}`, ({ close }) => ({
      body: h("label", { class: "field" }, one.type || t("objects.value"), h("input", { class: "mono", value: text, focus: true, oninput: (e) => { text = e.target.value; } })),
      foot: [h("button", { type: "button", onclick: close }, t("cancel")), h("button", { type: "submit", class: "main-act", onclick: () => { close(); operate("write", one.path, { value: valueOf(text, one.type) }); } }, t("operation.write"))],
    }));
  }

  function logView() {
    return card(t("objects.log"), null, shown(log, (list) => (!list.length ? h("p", { class: "empty" }, t("objects.no_log")) : h("ul", { class: "oplog", id: "oplog" }, list.slice(0, MOST_LOGGED).map((one) => h("li", { key: one.ticket },
      one.done === false ? pill("warm", "…") : pill(String(one.code || "").startsWith("2") ? "good" : "bad", one.code || "–"), h("span", null, h("b", null, word("operation", one.operation)), ` `, h("code", null, one.path)), h("span", { class: "faint" }, one.at ? timeOfDay(one.at, 0) : ""),
      (one.value !== null && one.value !== undefined && one.value !== "" || one.why) && h("span", { class: "val" }, one.why || valueText(one.value))))))), { flush: true });
  }

  return { view, log: logView, reload: soon };
}

export function valueText(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "object") return Object.entries(value).map(([name, one]) => `${name}: ${valueText(one)}`).join("\n");
  return String(value);
}

/** What was typed, as the type asks; without one, a number when it looks like one. */
function valueOf(text, type = "") {
  if (/^\s*\{/.test(text)) return JSON.parse(text); // an instance: {"0": "…", "9": 3}
  if (/bool/i.test(type)) return /^(1|true|yes)$/i.test(text);
  if (/int|float|time|number/i.test(type) || (!type && /^-?\d+(\.\d+)?$/.test(text))) return Number(text);
  return text;
}
