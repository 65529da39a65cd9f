// One row of the sequence diagram as elements: lifelines, then an arrow or a pill, and its label. Knows rows and lanes.

import { h } from "../base/vdom.js";
import { count, dateOf, span, timeOfDay } from "../base/format.js";
import { t } from "../base/i18n.js";
import { fates } from "../i18n/events.js";
import { centreOf, drawingOf, LANES } from "./lanes.js";

const pc = (n) => `${n}%`;

export function rowOf(row, { chosen, choose, zoomIn, many, day }) {
  if (row.kind === "gap") return gap(row);
  if (row.kind === "group") return group(row, zoomIn, day);
  const { entry } = row;
  const drawing = drawingOf(entry);
  const label = `${timeOfDay(entry.at)} ${entry.source}: ${entry.text}`;
  return h("div", { key: row.key, class: `seq-row ${chosen === entry.number ? "on" : ""}`, role: "row", tabindex: "-1", "data-number": entry.number, "data-kind": entry.kind, title: label, onclick: () => choose(entry.number) },
    h("div", { class: "when", role: "cell" }, h("time", null, timeOfDay(entry.at)), row.passed >= 0.001 && !row.broken && h("span", { class: "passed" }, `+${span(row.passed)}`)),
    h("div", { class: "lanes", role: "cell" }, lifelines(row.life), drawing.shape === "arrow" ? arrow(drawing, row, many) : pillOf(drawing, row, many)));
}

export const lifelines = (life) => LANES.map((lane) => h("i", { class: `life ${lane} ${lane === "module" && life ? life : ""}` }));

function arrow(drawing, row, many) {
  const { from, to, tone, lost, again, both } = drawing;
  const [a, b] = [centreOf(from), centreOf(to)];
  const right = b > a;
  const left = Math.min(a, b);
  const reach = drawing.whole ? [Math.min(...drawing.whole.map(centreOf)), Math.max(...drawing.whole.map(centreOf))] : [left, Math.max(a, b)];
  return [
    h("svg", { class: `arrow ${tone} ${lost ? "dashed" : ""}`, "aria-hidden": "true" },
      h("line", { x1: pc(a), y1: 23, x2: pc(b), y2: 23 }),
      h("circle", { cx: pc(a), cy: 23, r: 2.5 }),
      h("svg", { x: pc(b), y: 23, overflow: "visible" }, h("path", { d: lost ? "M-5-5L5 5M-5 5L5-5" : right ? "M-8-4.500L-1 0L-8 4.500" : "M8-4.500L1 0L8 4.500", class: lost ? "cross" : "tip" })),
      both && h("svg", { x: pc(a), y: 23, overflow: "visible" }, h("path", { d: "M8-4.500L1 0L8 4.500", class: "tip" }))),
    h("div", { class: `label ${tone} ${drawing.mono ? "mono" : ""}`, style: { left: pc(reach[0]), width: pc(reach[1] - reach[0]) } },
      many && h("b", { class: "who" }, row.entry.source),
      again > 1 && h("b", { class: "badge again", title: row.since ? `+${span(row.since.first)}` : null }, t("seq.again", { n: again }), row.since ? ` · ${t("seq.later", { span: span(row.since.last) })}` : ""),
      lost && h("b", { class: "badge lost" }, fates(drawing.note) || t("seq.lost")),
      !lost && drawing.note && h("b", { class: "badge fault" }, fates(drawing.note)),
      h("span", null, drawing.label)),
  ];
}

function pillOf(drawing, row, many) {
  const at = centreOf(drawing.at);
  const style = drawing.at === "platform" ? { right: pc(100 - at - 5), "max-width": "58%" } : { left: pc(at - (drawing.at === "network" ? 28 : 4)), "max-width": drawing.at === "network" ? "58%" : "64%" };
  return h("div", { class: `event ${drawing.tone} ${drawing.at}`, style }, many && drawing.at === "module" && h("b", { class: "who" }, row.entry.source), h("span", null, drawing.label));
}

const gap = (row) =>
  h("div", { key: row.key, class: "seq-row gap", role: "row" }, h("div", { class: "when", role: "cell" }, h("span", { class: "passed" }, dateOf(row.at))),
    h("div", { class: "lanes broken", role: "cell" }, lifelines(row.life), h("span", { class: "later" }, t("seq.later", { span: span(row.seconds) }))));

function group(row, zoomIn, zoom) {
  const { counts } = row;
  const at = (counts["at.in"] || 0) + (counts["at.out"] || 0);
  const packets = (counts.up || 0) + (counts.down || 0);
  const text = zoom >= 86400 ? dateOf(row.at) : zoom >= 60 ? timeOfDay(row.at, 0).slice(0, 5) : timeOfDay(row.at, 0);
  return h("div", { key: row.key, class: "seq-row group", role: "row", tabindex: "-1", onclick: () => zoomIn(row.bucket), title: t("seq.zoom_in"), "data-bucket": row.bucket },
    h("div", { class: "when", role: "cell" }, h("time", null, text), h("span", { class: "passed" }, count(row.size))),
    h("div", { class: "lanes", role: "cell" }, lifelines(row.life),
      at > 0 && bundle("host", "module", "in", t("seq.lines", { n: at }), at),
      packets > 0 && bundle("module", "platform", counts.lost ? "lost" : "packet", [t("seq.packets", { n: packets }), counts.again && ` · ${t("seq.agains", { n: counts.again })}`, counts.lost && ` · ${t("seq.losts", { n: counts.lost })}`], packets),
      row.states.length > 0 && h("div", { class: "event quiet module low", style: { left: pc(centreOf("module") - 4), "max-width": "30%" } }, h("span", null, row.states.findLast((text) => text.includes("→")) ?? row.states[row.states.length - 1])),
      row.events.length > 0 && h("div", { class: "event platform platform low", style: { right: pc(100 - centreOf("platform") - 5), "max-width": "26%" } }, h("span", null, `${row.events.length > 1 ? `${row.events.length} × ` : ""}${row.events[row.events.length - 1]}`))));
}

const bundle = (from, to, tone, text, n) => {
  const [a, b] = [centreOf(from), centreOf(to)];
  return [
    h("svg", { class: `arrow bundle ${tone}`, "aria-hidden": "true" }, h("line", { x1: pc(a), y1: 13, x2: pc(b), y2: 13, "stroke-width": Math.min(7, 1.5 + Math.log2(n + 1) * 0.7) })),
    h("div", { class: `label bundled ${tone}`, style: { left: pc(a), width: pc(b - a) } }, h("span", null, text)),
  ];
};
