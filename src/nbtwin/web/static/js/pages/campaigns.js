// Firmware campaigns: packages, who gets one, how far each device is.

import { h } from "../base/vdom.js";
import { get, post, query, seg } from "../base/api.js";
import { count, span, stamp } from "../base/format.js";
import { t, word } from "../base/i18n.js";
import { resource, throttled } from "../base/scope.js";
import { only } from "../parts/only.js";
import { card, empty, header, pill, shown, toggle } from "../parts/states.js";
import { attempt } from "../state/actions.js";
import { lab, labNow } from "../state/lab.js";
import { hear } from "../state/topics.js";
import { newPackages } from "./packages.js";

const TONE = { running: "accent", stopping: "warm", stopped: "warm", finished: "good", starting: "accent", downloading: "accent", downloaded: "accent", updating: "accent", succeeded: "good", failed: "bad" };
const SHARE = { waiting: 0, starting: 0.1, downloading: 0.35, downloaded: 0.65, updating: 0.85, succeeded: 1, failed: 1, stopped: 1 };
const MOST_DEVICES = 500;
const tone = (state) => TONE[state] ?? "";

export function campaignsPage(_, scope) {
  const own = { chosen: null, package: "", devices: "", mode: "pull", perMinute: "", updates: true };
  const platforms = () => lab.platforms.filter((p) => p.operator === "andlink");
  const packages = newPackages(scope, (name) => { own.package = name; scope.redraw(); });
  const campaigns = resource(scope, async () => {
    const lists = await Promise.all(platforms().map((p) => get(`/platforms/${seg(p.name)}/campaigns`, { signal: scope.signal }).then((list) => list.map((c) => ({ ...c, platform: p.name })))));
    return lists.flat();
  });
  const devices = resource(scope, async () => (own.chosen ? get(`${pathOf(own.chosen)}/devices${query({ limit: MOST_DEVICES })}`, { signal: scope.signal }) : []));
  const soon = throttled(400, () => { campaigns.reload(); devices.reload(); });
  scope.end(hear("entry", (entry) => entry.kind === "platform" && /^Campaign/.test(entry.detail.event) && soon()));
  scope.end(hear("platforms", soon));

  const pathOf = (one) => `/platforms/${seg(one.platform)}/campaigns/${one.id}`;

  function choose(one) {
    own.chosen = { platform: one.platform, id: one.id };
    devices.reload();
    scope.redraw();
  }

  async function start() {
    const platform = platforms()[0].name;
    const names = own.devices.split(/[\s,]+/).filter(Boolean);
    const made = await attempt(() => post(`/platforms/${seg(platform)}/campaigns`, { package: own.package, mode: own.mode, updates: own.updates, per_minute: Number(own.perMinute) || 0, devices: names }), t("campaign.started"));
    if (made) choose({ ...made, platform });
    soon();
  }

  async function stop() {
    await attempt(() => post(`${pathOf(own.chosen)}/stop`));
    soon();
  }

  return {
    title: () => t("nav.campaigns"),
    view: () => {
      const chosen = (campaigns.value || []).find((one) => one.id === own.chosen?.id && one.platform === own.chosen.platform);
      return [header(t("nav.campaigns"), { sub: t("campaign.about") }), h("div", { class: "split" },
        h("div", { class: "stack" }, packages.view(own.package), newCard()),
        h("div", { class: "stack" }, card(t("campaign.all"), null, shown(campaigns, listOf), { flush: true }), chosen && detailCard(chosen)))];
    },
  };

  function newCard() {
    if (lab.loaded && !platforms().length) return card(t("campaign.new"), null, empty("campaigns", t("campaign.no_platform")));
    return card(t("campaign.new"), null, h("form", { class: "stack", onsubmit: (e) => { e.preventDefault(); start(); } }, only("operator",
      h("label", { class: "field" }, t("campaign.package"), h("select", { id: "campaign-package", onchange: (e) => { own.package = e.target.value; scope.redraw(); } },
        h("option", { value: "" }, "–"), packages.list().map((one) => h("option", { key: one.name, value: one.name, selected: one.name === own.package }, `${one.name} · ${one.version}`)))),
      h("label", { class: "field" }, t("campaign.devices"), h("textarea", { rows: "2", placeholder: t("campaign.everyone"), id: "campaign-devices", value: own.devices, oninput: (e) => { own.devices = e.target.value; } })),
      h("label", { class: "field" }, t("campaign.mode"), h("select", { onchange: (e) => { own.mode = e.target.value; } }, ["pull", "push"].map((mode) => h("option", { key: mode, value: mode, selected: mode === own.mode }, t(`campaign.${mode}`))))),
      h("label", { class: "field" }, t("campaign.per_minute"), h("input", { class: "mono", inputmode: "numeric", placeholder: t("campaign.no_limit"), value: own.perMinute, oninput: (e) => { own.perMinute = e.target.value; } })),
      toggle(t("campaign.updates"), own.updates, (updates) => { own.updates = updates; scope.redraw(); }),
      h("button", { class: "main-act", id: "campaign-start", disabled: !own.package }, t("campaign.start")))));
  }

  function listOf(list) {
    if (!list.length) return empty("campaigns", t("campaign.none"));
    return h("div", { class: "picklist", id: "campaigns" }, list.map((one) => h("button", { key: `${one.platform}/${one.id}`, class: "pick", "aria-pressed": String(own.chosen?.id === one.id), onclick: () => choose(one) },
      h("div", { class: "row", style: { width: "100%" } }, h("b", null, one.name), pill(tone(one.state), word("campaignstate", one.state)), h("span", { class: "grow" }), h("span", { class: "faint small" }, `${one.version} · ${t(`campaign.${one.mode}_short`)} · ${stamp(one.started_at)}`)), progress(one))));
  }

  function detailCard(one) {
    return card(one.name, [h("span", { class: "small soft" }, t("campaign.took", { span: span((one.ended_at ?? labNow()) - one.started_at) })), one.state === "running" && only("operator", h("button", { class: "small bad-act", onclick: stop }, t("campaign.stop")))],
      shown(devices, (list) => h("div", { class: "scrolls", style: { "max-height": "60vh" } }, h("table", { class: "table", id: "campaign-progress" },
        h("thead", null, h("tr", null, ["device", "state", "progress", "firmware", "detail"].map((name) => h("th", { key: name }, t(`campaign.${name}`))))), h("tbody", null, list.map(deviceRow))))), { flush: true });
  }

  function deviceRow(one) {
    const share = Math.round((SHARE[one.step] ?? 0) * 100);
    return h("tr", { key: one.device, "data-step": one.step }, h("td", { class: "mono nowrap" }, h("a", { href: `#/platforms/${seg(own.chosen.platform)}/devices/${seg(`${own.chosen.platform}:${one.device}`)}` }, one.device)), h("td", null, pill(tone(one.step), word("campaignstate", one.step))),
      h("td", { style: { "min-width": "110px", "vertical-align": "middle" } }, h("div", { class: "bar", role: "progressbar", "aria-label": t("campaign.progress"), "aria-valuenow": String(share), "aria-valuemin": "0", "aria-valuemax": "100" }, h("i", { class: tone(one.step), style: { width: `${share}%` } }))),
      h("td", { class: "mono small" }, one.version || "–"), h("td", { class: "small soft" }, [one.why, one.result !== null && one.result !== undefined && t("campaign.result", { n: one.result }), one.attempts > 1 && t("campaign.attempts", { n: one.attempts })].filter(Boolean).join(" · ")));
  }
}

function progress({ counts, devices }) {
  const done = counts.succeeded ?? 0;
  const failed = (counts.failed ?? 0) + (counts.stopped ?? 0);
  const part = (n, name) => n > 0 && h("i", { class: name, style: { width: `${(n / (devices || 1)) * 100}%` } });
  const busy = Object.entries(counts).reduce((sum, [step, n]) => sum + (["succeeded", "failed", "stopped"].includes(step) ? 0 : n * SHARE[step]), 0);
  return h("div", { class: "progress-line", style: { width: "100%" } },
    h("div", { class: "bar", role: "progressbar", "aria-label": t("campaign.progress"), "aria-valuenow": String(done), "aria-valuemin": "0", "aria-valuemax": String(devices) }, part(done, "good"), part(failed, "bad"), part(busy, "")),
    h("div", { class: "row" }, h("span", null, t("campaign.progressed", { done: count(done), total: count(devices) })), failed > 0 && h("span", null, t("campaign.failures", { n: count(failed) }))));
}
