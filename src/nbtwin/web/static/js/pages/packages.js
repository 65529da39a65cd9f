// Firmware packages: the list, and a file of the user's (or one that is dropped here) as a new one.

import { h } from "../base/vdom.js";
import { call, del, get, query, seg } from "../base/api.js";
import { bytes } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";
import { resource } from "../base/scope.js";
import { only } from "../parts/only.js";
import { card, shown } from "../parts/states.js";
import { may } from "../state/access.js";
import { attempt } from "../state/actions.js";

export function newPackages(scope, choose) {
  const own = { file: null, name: "" };
  const packages = resource(scope, () => get("/firmware", { signal: scope.signal }));
  const safe = (name) => name.replace(/[^A-Za-z0-9._-]/g, "-").slice(0, 100);

  function take(file) {
    if (!file) return;
    own.file = file;
    own.name = safe(file.name);
    scope.redraw();
  }

  async function upload() {
    if (!own.file) return;
    const made = await attempt(async () => call("POST", `/firmware${query({ name: own.name })}`, await own.file.arrayBuffer(), { raw: true }), t("campaign.uploaded"));
    if (made) {
      own.file = null;
      choose(made.name);
    }
    packages.reload();
  }

  async function remove(name) {
    await attempt(() => del(`/firmware/${seg(name)}`));
    packages.reload();
  }

  const row = (one, chosen) => h("li", { key: one.name, class: "row", style: { "flex-wrap": "nowrap" } },
    h("button", { class: "pick", "aria-pressed": String(chosen === one.name), onclick: () => choose(one.name) }, h("b", null, one.name), h("span", null, `${one.model} · ${one.version}${one.base ? ` · ${t("campaign.delta", { base: one.base })}` : ""} · ${bytes(one.size)}`)),
    only("operator", h("button", { class: "plain small", "aria-label": `${t("remove")} ${one.name}`, onclick: () => remove(one.name) }, icon("trash"))));

  return {
    list: () => packages.value || [],
    view: (chosen) => card(t("campaign.packages"), null, [
      shown(packages, (list) => (list.length ? h("ul", { class: "picklist", id: "packages", style: { margin: "-12px -14px 12px" } }, list.map((one) => row(one, chosen))) : h("p", { class: "soft", style: { "margin-bottom": "10px" } }, t("campaign.no_packages")))),
      h("form", { key: "up", class: "stack", onsubmit: (e) => { e.preventDefault(); upload(); }, ondragover: (e) => e.preventDefault(), ondrop: (e) => { e.preventDefault(); if (may("operator")) take(e.dataTransfer.files[0]); } }, only("operator",
        h("label", { class: "field" }, t("campaign.file"), h("input", { type: "file", id: "firmware-file", onchange: (e) => take(e.target.files[0]) })),
        own.file && h("div", { class: "row", style: { "flex-wrap": "nowrap" } }, h("input", { class: "mono grow", "aria-label": t("campaign.name"), value: own.name, oninput: (e) => { own.name = safe(e.target.value); } }), h("button", { id: "upload", class: "main-act" }, t("campaign.upload"))))),
    ]),
  };
}
