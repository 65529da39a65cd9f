// One module: its terminal, what it waits for, its switches, NVRAM saved beside in use, and its own time line.

import { h } from "../base/vdom.js";
import { del, get, seg } from "../base/api.js";
import { countdown, stamp, timeOfDay } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word } from "../base/i18n.js";
import { said } from "../i18n/events.js";
import { go, link } from "../base/router.js";
import { resource, throttled } from "../base/scope.js";
import { confirmed } from "../parts/dialog.js";
import { andlinkPill, attachPill, cmdmpPill, powerPill } from "../parts/module_state.js";
import { only } from "../parts/only.js";
import { card, empty, facts, header, loading, toggle, wrong } from "../parts/states.js";
import { newSequence } from "../sequence/view.js";
import { pageShortcuts } from "../shell/shortcuts.js";
import { attempt } from "../state/actions.js";
import { lab, labNow } from "../state/lab.js";
import { hear } from "../state/topics.js";
import { newNvram } from "./nvram.js";
import { newSwitches } from "./switches.js";
import { newTerminal } from "./terminal.js";

export function modulePage({ name }, scope) {
  const terminal = newTerminal(scope, name);
  const sequence = newSequence(scope, { module: name, short: true });
  const switches = newSwitches(scope, name);
  const nvram = newNvram(scope, name);
  const deadlines = resource(scope, () => get(`/modules/${seg(name)}/deadlines`, { signal: scope.signal }));
  const soon = throttled(400, deadlines.reload);
  scope.end(hear("entry", (entry) => entry.source === name && (entry.kind === "deadline" || entry.kind === "state") && soon()));
  scope.end(hear("clock", soon));
  scope.end(pageShortcuts(sequence.shortcuts));
  scope.every(250, () => scope.redraw());

  function view() {
    const module = lab.modules.get(name);
    if (!module) return lab.loaded ? gone(name) : lab.error ? wrong(lab.error) : loading();
    return [
      header(name, { crumbs: [h("a", { href: "#/modules" }, t("nav.modules")), ` / ${name}`], sub: [h("b", null, module.model), powerPill(module), attachPill(module), cmdmpPill(module), andlinkPill(module)],
        acts: [h("a", { class: "button", href: `${link("timeline")}?module=${encodeURIComponent(name)}` }, icon("timeline"), t("module.timeline")), only("operator", h("button", { class: "bad-act", onclick: () => remove(name) }, icon("trash"), t("remove")))] }),
      h("div", { class: "module-page" },
        h("section", { class: "card term", "aria-label": t("terminal.title") },
          h("header", null, h("h2", null, t("terminal.title")), h("span", { class: "soft small mono" }, module.serial),
            h("div", { class: "acts" }, toggle(t("terminal.explain_all"), terminal.all, terminal.setAll), h("button", { class: "plain small", onclick: terminal.clear }, t("terminal.clear")))),
          h("div", { class: "body flush" }, terminal.view())),
        h("div", { class: "stack" },
          card(t("deadlines.title"), null, waiting(deadlines, module)),
          card(t("switches.title"), null, switches.view(module)),
          card(t("module.identity"), null, facts([["IMEI", module.imei, true], ["IMSI", module.imsi, true], ["ICCID", module.iccid, true], [t("module.firmware"), module.firmware, true],
            [t("module.serial"), module.serial, true], [t("module.baud"), module.baud, true], [t("module.function"), module.function, true], ["RSRP · SNR", module.rsrp !== undefined ? `${module.rsrp} · ${module.snr}` : null, true]]))),
        h("div", { class: "whole" }, card(t("seq.title"), null, sequence.view())),
        h("div", { class: "whole" }, nvram.view())),
    ];
  }
  return { title: () => name, view };
}

function waiting(deadlines, module) {
  const known = deadlines.value?.length ? deadlines.value : module.waiting ? [module.waiting] : [];
  const now = labNow();
  const list = known.filter((one) => one.at > now - 2);
  if (!list.length) return h("p", { class: "soft" }, t("deadlines.none"));
  return h("ul", { class: "deadlines", id: "deadlines" }, list.map((one, i) => h("li", { key: `${one.at}${one.why}`, class: i === 0 ? "first" : "" },
    h("span", { class: "in", role: "timer" }, countdown(one.at - now)), h("span", { title: one.why }, said(one.why), h("span", { class: "faint small" }, one.part ? `${word("part", one.part)} · ` : "", one.at - now > 43200 ? stamp(one.at) : timeOfDay(one.at, 0))))));
}

const gone = (name) => empty("modules", t("module.gone", { name }), h("a", { class: "button", href: "#/modules" }, t("nav.modules")));

async function remove(name) {
  if (!(await confirmed(t("module.remove_title", { name }), t("module.remove_text"), t("remove")))) return;
  const done = await attempt(() => del(`/modules/${seg(name)}`), t("module.removed", { name }));
  if (done !== undefined) go("/modules");
}
