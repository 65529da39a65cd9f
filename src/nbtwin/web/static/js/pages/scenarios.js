// Scenarios: stories with expectations, run in a lab of their own at full speed; their verdicts.

import { h } from "../base/vdom.js";
import { del, get, post, query, seg } from "../base/api.js";
import { count, span } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word } from "../base/i18n.js";
import { resource } from "../base/scope.js";
import { only } from "../parts/only.js";
import { card, empty, header, pill, shown } from "../parts/states.js";
import { attempt } from "../state/actions.js";

const TONE = { running: "accent", passed: "good", failed: "bad", broken: "bad", stopped: "warm" };

export function scenariosPage(_, scope) {
  const own = { name: null, yaml: "", seed: "", run: null, timeline: null };
  const list = resource(scope, () => get("/scenarios", { signal: scope.signal }));
  const runs = resource(scope, () => get("/scenarios/runs", { signal: scope.signal }));
  scope.every(1000, () => (runs.value || []).some((run) => run.state === "running") && refresh());

  async function refresh() {
    await runs.reload();
    if (own.run) own.run = await get(`/scenarios/runs/${seg(own.run.id)}`, { signal: scope.signal }).catch(() => own.run);
    scope.redraw();
  }

  async function choose(name) {
    own.name = name;
    const found = await attempt(() => get(`/scenarios/${seg(name)}`));
    if (found && own.name === name) own.yaml = found.yaml;
    scope.redraw();
  }

  async function start() {
    const body = { ...(own.yaml ? { yaml: own.yaml } : { name: own.name }), ...(own.seed ? { seed: Number(own.seed) } : {}), wait: 1 };
    const run = await attempt(() => post("/scenarios/runs", body));
    if (run) Object.assign(own, { run, timeline: null });
    refresh();
  }

  async function showTimeline() {
    const found = await attempt(() => get(`/scenarios/runs/${seg(own.run.id)}/timeline${query({ limit: 400 })}`));
    own.timeline = found?.entries ?? null;
    scope.redraw();
  }

  return {
    title: () => t("nav.scenarios"),
    view: () => [header(t("nav.scenarios"), { sub: t("scenario.about") }), h("div", { class: "split" },
      h("div", { class: "stack" }, card(t("scenario.all"), null, shown(list, pick), { flush: true }), card(t("scenario.runs"), null, shown(runs, runList), { flush: true })),
      h("div", { class: "stack" }, own.run && runCard(own.run), card(t("scenario.text"), null, editor())))],
  };

  function pick(all) {
    return (!all.length ? empty("scenarios", t("scenario.none")) : h("div", { class: "picklist", id: "scenarios" }, all.map((one) => h("button", { key: one.name, class: "pick", "aria-pressed": String(one.name === own.name), "data-scenario": one.name, onclick: () => choose(one.name) },
    h("b", null, one.title || one.name), h("span", null, [one.about, one.until && (typeof one.until === "number" ? span(one.until) : one.until)].filter(Boolean).join(" · "))))));
  }

  function runList(all) {
    return (!all.length ? h("p", { class: "empty" }, t("scenario.no_runs")) : h("div", { class: "picklist", id: "runs" }, all.map((run) => h("button", { key: run.id, class: "pick", "aria-pressed": String(run.id === own.run?.id), onclick: async () => { Object.assign(own, { run: await attempt(() => get(`/scenarios/runs/${seg(run.id)}`)), timeline: null }); scope.redraw(); } },
    h("div", { class: "row", style: { width: "100%" } }, h("b", { class: "grow" }, run.title || run.name), pill(TONE[run.state] ?? "", word("run", run.state))), h("span", null, t("scenario.seed", { seed: run.seed }))))));
  }

  function editor() {
    return h("form", { class: "stack", onsubmit: (e) => { e.preventDefault(); start(); } },
    h("textarea", { class: "yaml", spellcheck: "false", "aria-label": t("scenario.text"), value: own.yaml, placeholder: t("scenario.placeholder"), oninput: (e) => { own.yaml = e.target.value; scope.redraw(); } }),
    h("div", { class: "row" }, h("label", { class: "check" }, t("scenario.seed_field"), h("input", { class: "mono", size: "8", inputmode: "numeric", value: own.seed, oninput: (e) => { own.seed = e.target.value.replace(/\D/g, ""); } })), h("span", { class: "grow" }), only("operator", h("button", { class: "main-act", id: "run-scenario", disabled: !own.yaml && !own.name }, icon("play"), t("scenario.run")))));
  }

  function runCard(run) {
    const verdicts = run.verdicts || [];
    return card(h("h2", null, run.title || run.name), [pill(TONE[run.state] ?? "", word("run", run.state)), h("button", { class: "small", onclick: showTimeline }, t("nav.timeline")), only("operator", h("button", { class: "small plain", "aria-label": t("remove"), onclick: async () => { await attempt(() => del(`/scenarios/runs/${seg(run.id)}`)); own.run = null; refresh(); } }, icon("trash")))], [
      h("p", { key: "sum", class: "small soft", style: { padding: "8px 14px" } }, t("scenario.summary", { passed: verdicts.filter((v) => v.passed).length, all: verdicts.length, entries: count(run.entries) }), run.error ? ` ${run.error}` : ""),
      h("ul", { key: "v", class: "verdicts", id: "verdicts" }, verdicts.map((v, i) => h("li", { key: i }, h("b", { class: v.passed ? "ok" : "no", "aria-label": t(v.passed ? "run.passed" : "run.failed") }, v.passed ? "✓" : "✗"), h("span", { class: "mono small soft" }, typeof v.at === "number" ? span(v.at) : ""),
        h("span", null, v.text || v.what, !v.passed && h("div", { class: "small no" }, [v.expected && t("scenario.expected", { value: v.expected }), v.found && t("scenario.found", { value: v.found }), v.why].filter(Boolean).join(" · ")))))),
      own.timeline && h("ul", { key: "t", class: "notable", style: { "max-height": "340px", overflow: "auto" } }, own.timeline.map((entry, i) => h("li", { key: entry.number ?? i, class: entry.detail?.lost ? "bad" : entry.kind }, h("time", null, span(entry.at)), h("span", { class: "who" }, entry.source), h("span", { class: "what", title: entry.text }, entry.text)))),
    ], { flush: true, label: run.title });
  }
}
