// Firmware campaigns: packages, who gets one, how far each device is.

import { h } from "../base/vdom.js";
import { call, del, get, post, query, seg } from "../base/api.js";
import { bytes, count, stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word } from "../base/i18n.js";
import { resource, throttled } from "../base/scope.js";
import { card, empty, header, pill, shown } from "../parts/states.js";
import { attempt } from "../state/actions.js";
import { lab, labNow } from "../state/lab.js";
import { hear } from "../state/topics.js";

const TONE = { running: "accent", done: "good", finished: "good", paused: "warm", cancelled: "", failed: "bad", succeeded: "good", waiting: "", pending: "", downloading: "accent", downloaded: "accent", updating: "warm" };
const tone = (state) => TONE[state] ?? "";

export function campaignsPage(_, scope, asked) {
  const own = { platform: asked.get("platform"), chosen: null, packageName: "", version: "", file: null, devices: "", firmware: "", mode: "pull", wave: "" };
  const platforms = () => lab.platforms.filter((p) => !p.operations || p.operations.includes("firmware") || p.operations.length || p.operator === "andlink");
  const platform = () => own.platform || (platforms().find((p) => p.operator === "andlink") || platforms()[0])?.name;
  const packages = resource(scope, () => get("/firmware", { signal: scope.signal }));
  const campaigns = resource(scope, async () => {
    const lists = await Promise.all(lab.platforms.map((p) => get(`/platforms/${seg(p.name)}/campaigns`, { signal: scope.signal }).then((list) => list.map((c) => ({ ...c, platform: p.name })), () => [])));
    return lists.flat();
  });
  const detail = resource(scope, async () => (own.chosen ? get(`/platforms/${seg(own.chosen.platform)}/campaigns/${seg(own.chosen.id)}`, { signal: scope.signal }) : null));
  const soon = throttled(400, () => { campaigns.reload(); detail.reload(); });
  scope.end(hear("entry", (entry) => entry.kind === "platform" && /firmware|campaign/i.test(`${entry.text} ${entry.detail.event}`) && soon()));
  scope.end(hear("operation", soon));
  scope.end(hear("platforms", throttled(1000, campaigns.reload)));
  scope.end(hear("clock", throttled(2000, soon)));

  async function upload() {
    if (!own.file) return;
    const made = await attempt(async () => call("POST", `/firmware${query({ name: own.packageName || own.file.name, version: own.version })}`, await own.file.arrayBuffer(), { raw: true }), t("campaign.uploaded"));
    if (made) own.firmware = made.name ?? made.id;
    packages.reload();
  }

  async function start() {
    const devices = own.devices.split(/[\s,]+/).filter(Boolean);
    const made = await attempt(() => post(`/platforms/${seg(platform())}/campaigns`, { firmware: own.firmware, mode: own.mode, ...(devices.length ? { devices } : {}) }), t("campaign.started"));
    if (made) own.chosen = { platform: platform(), id: made.id };
    soon();
  }

  async function tell(campaign, verb) {
    await attempt(() => post(`/platforms/${seg(campaign.platform)}/campaigns/${seg(campaign.id)}/${verb}`));
    soon();
  }

  return {
    title: () => t("nav.campaigns"),
    view: () => [header(t("nav.campaigns")), h("div", { class: "split" },
      h("div", { class: "stack" }, packageCard(), newCard()),
      h("div", { class: "stack" }, card(t("campaign.all"), null, shown(campaigns, listOf), { flush: true }), own.chosen && detail.value && detailCard(detail.value)))],
  };

  function packageCard() {
    return card(t("campaign.packages"), null, [
      shown(packages, (list) => (!list.length ? h("p", { class: "soft" }, t("campaign.no_packages")) : h("ul", { class: "picklist", id: "packages" }, list.map((one) => h("li", { key: one.name, class: "row small" },
        h("button", { class: "pick", "aria-pressed": String(own.firmware === one.name), onclick: () => { own.firmware = one.name; scope.redraw(); } }, h("b", null, one.name), h("span", null, `${one.version || ""} · ${bytes(one.size ?? one.bytes)}`)),
        h("button", { class: "plain small", "aria-label": `${t("remove")} ${one.name}`, onclick: async () => { await attempt(() => del(`/firmware/${seg(one.name)}`)); packages.reload(); } }, icon("trash"))))))),
      h("form", { key: "up", class: "fields", style: { "margin-top": "12px" }, onsubmit: (e) => { e.preventDefault(); upload(); } },
        h("label", { class: "field" }, t("campaign.file"), h("input", { type: "file", id: "firmware-file", onchange: (e) => { own.file = e.target.files[0]; scope.redraw(); } })),
        h("label", { class: "field" }, t("campaign.name"), h("input", { value: own.packageName, placeholder: own.file?.name ?? "", oninput: (e) => { own.packageName = e.target.value; } })),
        h("label", { class: "field" }, t("campaign.version"), h("input", { class: "mono", id: "firmware-version", value: own.version, oninput: (e) => { own.version = e.target.value; scope.redraw(); } })),
        h("button", { disabled: !own.file, id: "upload" }, t("campaign.upload"))),
    ]);
  }

  function newCard() {
    return card(t("campaign.new"), null, h("form", { class: "stack", onsubmit: (e) => { e.preventDefault(); start(); } },
      h("label", { class: "field" }, t("campaign.platform"), h("select", { value: platform() ?? "", onchange: (e) => { own.platform = e.target.value; scope.redraw(); } }, platforms().map((p) => h("option", { key: p.name, value: p.name, selected: p.name === platform() }, p.name)))),
      h("label", { class: "field" }, t("campaign.package"), h("select", { id: "campaign-firmware", value: own.firmware, onchange: (e) => { own.firmware = e.target.value; scope.redraw(); } }, h("option", { value: "" }, "–"), (packages.value || []).map((one) => h("option", { key: one.name, value: one.name, selected: one.name === own.firmware }, `${one.name} ${one.version || ""}`)))),
      h("label", { class: "field" }, t("campaign.devices"), h("textarea", { rows: "3", placeholder: t("campaign.everyone"), id: "campaign-devices", value: own.devices, oninput: (e) => { own.devices = e.target.value; } })),
      h("label", { class: "field" }, t("campaign.mode"), h("select", { value: own.mode, onchange: (e) => { own.mode = e.target.value; } }, ["pull", "push"].map((mode) => h("option", { key: mode, value: mode }, t(`campaign.${mode}`))))),
      h("button", { class: "main-act", id: "campaign-start", disabled: !own.firmware }, t("campaign.start"))));
  }

  function listOf(list) {
    if (!list.length) return empty("campaigns", t("campaign.none"));
    return h("div", { class: "picklist", id: "campaigns" }, list.map((one) => h("button", { key: `${one.platform}/${one.id}`, class: "pick", "aria-pressed": String(own.chosen?.id === one.id && own.chosen.platform === one.platform), onclick: () => { own.chosen = one; detail.value = null; detail.reload(); scope.redraw(); } },
      h("div", { class: "row", style: { width: "100%" } }, h("b", null, one.name || one.firmware || one.package), pill(tone(one.state), word("campaignstate", one.state)), h("span", { class: "grow" }), h("span", { class: "faint small" }, one.platform, " ", one.started_at ? stamp(one.started_at) : "")), progress(one))));
  }

  function detailCard(one) {
    const devices = Array.isArray(one.devices) ? one.devices : Object.entries(one.devices || {}).map(([device, d]) => ({ device, ...d }));
    return card(`${one.name || one.firmware || one.package || one.id}`, [
      one.state === "running" && h("button", { class: "small", onclick: () => tell(own.chosen, "pause") }, t("campaign.pause")), one.state === "paused" && h("button", { class: "small", onclick: () => tell(own.chosen, "resume") }, t("campaign.resume")),
      ["running", "paused"].includes(one.state) && h("button", { class: "small bad-act", onclick: () => tell(own.chosen, "cancel") }, t("campaign.cancel"))],
    h("div", { class: "scrolls", style: { "max-height": "60vh" } }, h("table", { class: "table", id: "campaign-devices-table" }, h("thead", null, h("tr", null, ["device", "state", "progress", "detail"].map((name) => h("th", { key: name }, t(`campaign.${name}`))))),
      h("tbody", null, devices.slice(0, 500).map((d) => h("tr", { key: d.device ?? d.id }, h("td", { class: "mono" }, d.device ?? d.id), h("td", null, pill(tone(d.state), word("campaignstate", d.state))),
        h("td", null, h("div", { class: "bar", role: "progressbar", "aria-valuenow": String(Math.round(share(d) * 100)), "aria-valuemin": "0", "aria-valuemax": "100" }, h("i", { class: tone(d.state), style: { width: `${share(d) * 100}%` } }))), h("td", { class: "small soft" }, d.why || d.detail || (d.result !== undefined && d.result !== null ? t("campaign.result", { n: d.result }) : ""))))))), { flush: true });
  }
}

const SHARES = { waiting: 0, pending: 0, offered: 0.1, started: 0.1, downloading: 0.4, downloaded: 0.6, updating: 0.8, succeeded: 1, done: 1, failed: 1 };
const share = (device) => device.progress ?? SHARES[device.state] ?? 0;

function progress(one) {
  const counts = one.counts || one.progress || {};
  const total = one.total ?? (Object.values(counts).reduce((sum, n) => sum + (typeof n === "number" ? n : 0), 0) || 1);
  const done = counts.succeeded ?? counts.done ?? one.succeeded ?? 0;
  const failed = counts.failed ?? one.failed ?? 0;
  const busy = Math.max(0, total - done - failed - (counts.waiting ?? counts.pending ?? 0));
  return h("div", { class: "progress-line", style: { width: "100%" } },
    h("div", { class: "bar", role: "progressbar", "aria-valuenow": String(done), "aria-valuemin": "0", "aria-valuemax": String(total) }, h("i", { class: "good", style: { width: `${(done / total) * 100}%` } }), h("i", { class: "bad", style: { width: `${(failed / total) * 100}%` } }), h("i", { style: { width: `${(busy / total) * 50}%` } })),
    h("div", { class: "row" }, h("span", null, t("campaign.progressed", { done: count(done), total: count(total) })), failed > 0 && h("span", null, t("campaign.failures", { n: count(failed) }))));
}
