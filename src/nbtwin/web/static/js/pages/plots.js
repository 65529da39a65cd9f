// Plots of the values of a device over time: what was observed or read, number for number.

import { h } from "../base/vdom.js";
import { get, query } from "../base/api.js";
import { stamp } from "../base/format.js";
import { t } from "../base/i18n.js";
import { resource, throttled } from "../base/scope.js";
import { chart } from "../parts/chart.js";
import { card, shown } from "../parts/states.js";

const POINTS = 1000;
const MOST = 6;
const TONES = ["accent", "packet", "good", "warm", "platform", "bad"];

export function newPlots(scope, path) {
  const all = resource(scope, fetchAll);

  async function fetchAll() {
    const observed = await get(`${path}/observations`, { signal: scope.signal });
    const paths = [...new Set(observed.map((one) => one.path))].slice(0, MOST);
    return Promise.all(paths.map((one) => get(`${path}/data${query({ path: one, limit: POINTS })}`, { signal: scope.signal })));
  }

  function view() {
    if (all.state === "error" && all.error.status === 404) return null; // a platform without operations
    return card(t("plots.title"), null, shown(all, (list) => {
      const some = list.filter((one) => one.points?.length);
      return some.length ? some.map(plotOf) : h("p", { class: "soft" }, t("plots.none"));
    }));
  }

  function plotOf({ path: name, points }, i) {
    const numbers = points.filter((point) => typeof point.value === "number" || (typeof point.value === "string" && point.value !== "" && !Number.isNaN(Number(point.value))));
    if (!numbers.length) return h("div", { key: name }, h("h3", null, name), h("ul", { class: "small mono" }, points.slice(-6).reverse().map((p, j) => h("li", { key: j }, `${stamp(p.at)}  ${typeof p.value === "object" ? JSON.stringify(p.value) : p.value}`))));
    const data = [numbers.map((p) => p.at), numbers.map((p) => Number(p.value))];
    return h("div", { key: name }, h("h3", { class: "mono" }, name), h("div", { island: chart, data, steps: true, series: [{ label: name, tone: TONES[i % TONES.length], fill: true }], version: `${numbers.length}/${numbers.at(-1).at}`, tall: 150 }));
  }

  return { view, reload: throttled(500, all.reload) };
}
