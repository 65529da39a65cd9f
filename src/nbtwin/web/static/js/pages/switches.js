// What one can do to a module from outside: power, reset and its causes, coverage, signal, USIM, firmware, its NAT.

import { h } from "../base/vdom.js";
import { del, get, post, put, seg } from "../base/api.js";
import { t, word } from "../base/i18n.js";
import { resource } from "../base/scope.js";
import { only } from "../parts/only.js";
import { segments, toggle } from "../parts/states.js";
import { attempt } from "../state/actions.js";
import { setModule } from "../state/lab.js";

export const OPERATORS = ["mobile", "telecom", "unicom", "none"];

export function newSwitches(scope, name) {
  const own = { cause: "", version: "", rssi: null };
  const path = `/modules/${seg(name)}`;
  const capabilities = resource(scope, () => get(`${path}/capabilities`, { signal: scope.signal }));

  async function act(action, done = null) {
    const module = await attempt(action, done);
    if (module?.name) setModule(module);
    scope.redraw();
  }
  const power = (action, cause) => act(() => post(`${path}/power`, cause ? { action, cause } : { action }));
  const usim = (operator) => act(() => (operator === "none" ? del(`${path}/usim`) : put(`${path}/usim`, { operator })));

  const line = (label, ...content) => h("div", { class: "line" }, h("span", { class: "what" }, label), ...content);

  function view(module) {
    const off = module.power === "off";
    const causes = capabilities.value?.causes || [];
    return h("div", { class: "switches", id: "switches" }, only("operator",
      line(t("switches.power"), toggle(word("power", module.power), !off, (on) => power(on ? "on" : "off"), { "aria-label": t("switches.power"), id: "power" }),
        module.power === "asleep" && h("button", { class: "small", onclick: () => power("wake") }, t("switches.wake"))),
      line(t("switches.reset"), h("button", { class: "small", disabled: off, onclick: () => power("reset", own.cause || null) }, t("switches.reset_now")),
        causes.length > 0 && h("select", { "aria-label": t("switches.cause"), value: own.cause, class: "grow", onchange: (e) => { own.cause = e.target.value; scope.redraw(); } },
          h("option", { value: "" }, t("switches.pin")), causes.map((cause) => h("option", { key: cause, value: cause }, cause.replace(/^REBOOT_CAUSE_/, "").replaceAll("_", " ").toLowerCase())))),
      line(t("switches.coverage"), toggle(t(module.coverage ? "switches.covered" : "switches.uncovered"), module.coverage, (coverage) => act(() => post(`${path}/coverage`, { coverage })), { "aria-label": t("switches.coverage"), id: "coverage" }),
        h("button", { class: "small plain", title: t("switches.rebind_title"), onclick: () => act(() => post(`${path}/rebind`), t("switches.rebound")) }, t("switches.rebind"))),
      module.rssi !== undefined && line(t("switches.signal"), signal(module)),
      line("USIM", segments("USIM", OPERATORS.map((operator) => [operator, word("card", operator)]), module.imsi ? (module.operator ?? "") : "none", usim)),
      line(t("module.firmware"), h("form", { class: "row grow", onsubmit: (e) => { e.preventDefault(); if (own.version) act(() => post(`${path}/firmware`, { version: own.version }), t("switches.updated")); } },
        h("input", { class: "mono grow", placeholder: module.firmware, "aria-label": t("switches.version"), value: own.version, oninput: (e) => { own.version = e.target.value.trim(); } }), h("button", { class: "small", disabled: off }, t("switches.update"))))));
  }

  function signal(module) {
    const rssi = own.rssi ?? module.rssi;
    return [h("input", { key: "range", type: "range", min: "0", max: "31", value: String(rssi === 99 ? 0 : rssi), "aria-label": t("switches.signal"), oninput: (e) => { own.rssi = Number(e.target.value); scope.redraw(); },
      onchange: (e) => { act(() => post(`${path}/signal`, { rssi: Number(e.target.value) })); own.rssi = null; } }),
    h("span", { key: "value", class: "mono small nowrap" }, rssi === 99 ? "99" : `${rssi} · ${rssi * 2 - 113} dBm`)];
  }

  return { view };
}
