// The start: what there is, what it does, what was worth a line lately.

import { h } from "../base/vdom.js";
import { count, milliseconds, rate, timeOfDay } from "../base/format.js";
import { t } from "../base/i18n.js";
import { link } from "../base/router.js";
import { card, empty, header, loading, pill, wrong } from "../parts/states.js";
import { chart } from "../parts/chart.js";
import { drawingOf } from "../sequence/lanes.js";
import { lab, loadLab } from "../state/lab.js";
import { columnsOf, percentiles, perSecond } from "../state/rates.js";
import { timeline } from "../state/timeline.js";
import { cards } from "./modules.js";

const MOST_MODULES = 6;
const NOTABLE = 12;

export function overviewPage(_, scope) {
  scope.every(1000, () => scope.redraw());
  return {
    title: () => t("nav.overview"),
    view: () => [
      header(t("nav.overview")),
      lab.error && !lab.loaded ? wrong(lab.error, loadLab) : !lab.loaded ? loading() : [
        kpis(),
        h("div", { key: "rows", class: "stack" },
          h("div", { class: "grid2" }, traffic(), notable()),
          lab.modules.size ? h("section", { "aria-label": t("nav.modules") }, h("div", { class: "row" }, h("h2", null, t("nav.modules")), lab.modules.size > MOST_MODULES && h("a", { href: "#/modules" }, t("all", { n: count(lab.modules.size) }))),
            cards([...lab.modules.values()].slice(0, MOST_MODULES))) : h("div", { class: "card" }, empty("modules", t("module.none"), h("p", null, h("a", { class: "button", href: "#/modules" }, t("module.add"))))),
          platforms())],
    ],
  };
}

export const kpi = (name, value, unit = null, bad = false) =>
  h("div", { class: `kpi ${bad ? "bad" : ""}` }, h("div", { class: "name" }, name), h("div", { class: "value" }, value, unit && h("small", null, unit)));

function kpis() {
  const modules = [...lab.modules.values()];
  const registered = lab.platforms.reduce((sum, p) => sum + (p.registered ?? 0), 0);
  const devices = lab.platforms.reduce((sum, p) => sum + p.devices, 0);
  const [half] = percentiles([0.5]);
  return h("div", { class: "kpis" },
    kpi(t("kpi.modules"), count(modules.filter((m) => m.power === "on").length), `/ ${count(modules.length)}`),
    kpi(t("kpi.devices"), count(registered), `/ ${count(devices)}`),
    kpi(t("kpi.packets"), rate(perSecond("up") + perSecond("down")), "/s"),
    kpi(t("kpi.at"), rate(perSecond("at")), "/s"),
    kpi(t("kpi.answer"), milliseconds(half), "p50"),
    kpi(t("kpi.lost"), rate(perSecond("lost")), "/s", perSecond("lost") > 0),
    kpi(t("kpi.errors"), rate(perSecond("errors")), "/s", perSecond("errors") > 0));
}

function traffic() {
  const names = ["up", "down", "lost"];
  const tones = { up: "packet", down: "platform", lost: "bad" };
  const data = columnsOf(names, 120);
  return card(t("overview.traffic"), h("a", { href: "#/fleet", class: "small" }, t("nav.fleet")),
    h("div", { island: chart, data, series: names.map((name) => ({ label: t(`series.${name}`), tone: tones[name], fill: name === "up" })), version: data[0].at(-1), tall: 262 }));
}

/** The newest entries that say more than that bytes passed. */
function notable() {
  const found = [];
  for (let i = timeline.entries.length - 1; i >= 0 && found.length < NOTABLE; i--) {
    const entry = timeline.entries[i];
    const changed = entry.kind === "state" && /state changed|powered|booted|attached|detached|asleep|firmware/.test(entry.text);
    if (changed || entry.kind === "platform" || entry.kind === "fault" || (entry.kind === "datagram" && entry.detail.lost)) found.push(entry);
  }
  return card(t("overview.notable"), h("a", { href: "#/timeline", class: "small" }, t("nav.timeline")), !found.length ? empty("timeline", t("seq.empty")) :
    h("ul", { class: "notable" }, found.map((entry) => h("li", { key: entry.number, class: entry.detail.lost || entry.kind === "fault" || /fail|refused|expired/i.test(entry.text) ? "bad" : entry.kind },
      h("time", null, timeOfDay(entry.at)), h("span", { class: "who" }, entry.source), h("span", { class: "what", title: entry.text }, drawingOf(entry).label)))), { flush: true });
}

function platforms() {
  return card(t("nav.platforms"), null, !lab.platforms.length ? empty("platforms", t("platform.none"), h("p", null, h("code", null, "nbtwin up --ports cmdmp=5683"))) :
    h("div", { class: "scrolls" }, h("table", { class: "table" }, h("thead", null, h("tr", null, ["name", "operator", "udp", "devices", "registered", "expired"].map((name) => h("th", { key: name, class: /devices|registered|expired/.test(name) ? "num" : null }, t(`platform.${name}`))))),
      h("tbody", null, lab.platforms.map((p) => h("tr", { key: p.name }, h("td", null, h("a", { href: link("platforms", p.name) }, p.name)), h("td", null, pill("platform", p.operator)), h("td", { class: "mono" }, p.udp),
        h("td", { class: "num" }, count(p.devices)), h("td", { class: "num" }, count(p.registered)), h("td", { class: "num" }, count(p.expired))))))), { flush: true });
}
