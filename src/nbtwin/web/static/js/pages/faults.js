// What goes wrong on purpose: kinds with their fields, and the faults at work.

import { h } from "../base/vdom.js";
import { del, get, post } from "../base/api.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";
import { faultSays } from "../i18n/events.js";
import { resource } from "../base/scope.js";
import { only } from "../parts/only.js";
import { card, empty, header, shown } from "../parts/states.js";
import { attempt } from "../state/actions.js";
import { lab } from "../state/lab.js";
import { hear } from "../state/topics.js";

const ORDER = ["direction", "source", "destination", "packets", "probability", "seconds", "spread", "copies", "code", "name", "start", "end"];
const EXAMPLES = { packets: "1+2+3", probability: "0.3", source: "meter", destination: "cmdmp", seconds: "3", start: "0", end: "1h", name: "*", code: "5.03", spread: "1", copies: "1" };

export function faultsPage(_, scope) {
  const own = { kind: "loss", values: { direction: "up" }, problem: null };
  const kinds = resource(scope, () => get("/faults/kinds", { signal: scope.signal }));
  const faults = resource(scope, () => get("/faults", { signal: scope.signal }));
  scope.end(hear("entry", (entry) => (entry.kind === "fault" || /^fault/.test(entry.text)) && faults.reload()));

  const text = () => [own.kind, ...Object.entries(own.values).filter(([, v]) => v !== "" && v !== undefined).map(([k, v]) => `${k}=${v}`)].join(",");

  async function add() {
    own.problem = null;
    try {
      await post("/faults", { fault: text() });
    } catch (error) {
      own.problem = error;
    }
    faults.reload();
    scope.redraw();
  }

  return {
    title: () => t("nav.faults"),
    view: () => [header(t("nav.faults"), { sub: t("fault.about") }), h("div", { class: "split" },
      card(t("fault.active"), faults.value?.length > 1 && only("operator", h("button", { class: "small bad-act", onclick: async () => { await attempt(() => del("/faults")); faults.reload(); } }, t("fault.remove_all"))), shown(faults, listOf), { flush: true }),
      card(t("fault.new"), null, shown(kinds, form)))],
  };

  function listOf(list) {
    return (!list.length ? empty("faults", t("fault.none")) : h("table", { class: "table", id: "faults" }, h("tbody", null, list.map((one) => h("tr", { key: one.number }, h("td", { class: "soft nowrap" }, `#${one.number}`), h("td", { class: "mono" }, one.fault),
    h("td", { class: "right" }, only("operator", h("button", { class: "small plain", "aria-label": `${t("remove")} ${one.fault}`, onclick: async () => { await attempt(() => del(`/faults/${one.number}`)); faults.reload(); } }, icon("trash")))))))));
  }

  function form(list) {
    const chosen = list.find((one) => one.kind === own.kind) || list[0];
    const names = [...(chosen.fields || [])].map((field) => field.name ?? field).filter((name) => name !== "kind").sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
    return h("form", { class: "stack", onsubmit: (e) => { e.preventDefault(); add(); } }, only("operator",
      h("div", { class: "faultcards", role: "group", "aria-label": t("fault.kind") }, list.map((one) => h("button", { key: one.kind, type: "button", class: "faultcard", "aria-pressed": String(one.kind === own.kind), "data-kind": one.kind, onclick: () => choose(one) }, h("b", null, t(`fault.${one.kind}`)), h("span", { title: one.says }, faultSays(one.kind, one.says || ""))))),
      h("div", { class: "fields" }, names.map(field)),
      h("div", { class: "row" }, h("code", { class: "grow", id: "fault-text" }, text()), h("button", { class: "main-act", id: "fault-add" }, t("fault.add"))),
      own.problem && h("p", { class: "pill bad", role: "alert" }, own.problem.message)));
  }

  function choose(one) {
    own.kind = one.kind;
    const names = new Set((one.fields || []).map((field) => field.name ?? field));
    for (const name of Object.keys(own.values)) if (!names.has(name)) delete own.values[name];
    scope.redraw();
  }

  function field(name) {
    const set = (value) => { own.values[name] = value; scope.redraw(); };
    const control = name === "direction"
      ? h("select", { value: own.values.direction ?? "", id: "fault-direction", onchange: (e) => set(e.target.value) }, ["", "up", "down"].map((d) => h("option", { key: d, value: d }, t(`fault.direction.${d || "both"}`))))
      : h("input", { class: "mono", value: own.values[name] ?? "", id: `fault-${name}`, placeholder: EXAMPLES[name] ?? "", list: name === "source" || name === "destination" ? "units" : null, oninput: (e) => set(e.target.value.trim()) });
    return h("label", { key: name, class: "field" }, t(`fault.field.${name}`), control, (name === "source") && h("datalist", { id: "units" }, [...lab.modules.keys(), ...lab.platforms.map((p) => p.name)].map((unit) => h("option", { key: unit, value: unit }))));
  }
}
