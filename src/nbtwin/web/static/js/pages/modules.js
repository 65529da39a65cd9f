// All modules: what each is, does and waits for; and how to put one more into the lab.

import { h } from "../base/vdom.js";
import { get, post } from "../base/api.js";
import { countdown } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word } from "../base/i18n.js";
import { said } from "../i18n/events.js";
import { go, link } from "../base/router.js";
import { openDialog } from "../parts/dialog.js";
import { andlinkPill, attachPill, cmdmpPill, powerPill } from "../parts/module_state.js";
import { only } from "../parts/only.js";
import { empty, header, loading, search, wrong } from "../parts/states.js";
import { pageShortcuts } from "../shell/shortcuts.js";
import { may } from "../state/access.js";
import { lab, labNow, loadLab, setModule } from "../state/lab.js";
import { OPERATORS } from "./switches.js";

const SHOWN = 60;

export function modulesPage(_, scope) {
  const own = { text: "", shown: SHOWN };
  if (may("operator")) scope.end(pageShortcuts([["a", "module.add", () => addModule()]]));
  return {
    title: () => t("nav.modules"),
    view: () => {
      const text = own.text.toLowerCase();
      const found = [...lab.modules.values()].filter((m) => !text || `${m.name} ${m.model} ${m.imei} ${m.imsi} ${m.power} ${m.cmdmp_state_name}`.toLowerCase().includes(text));
      return [
        header(t("nav.modules"), { sub: `${lab.modules.size}`, acts: [search(t("module.search"), own.text, (value) => { Object.assign(own, { text: value, shown: SHOWN }); scope.redraw(); }),
          only("operator", h("button", { class: "main-act", id: "add-module", onclick: addModule }, icon("plus"), t("module.add")))] }),
        !lab.loaded ? (lab.error ? wrong(lab.error, loadLab) : loading()) : !found.length ? noneYet(lab.modules.size) : cards(found.slice(0, own.shown)),
        found.length > own.shown && h("div", { class: "empty" }, h("button", { onclick: () => { own.shown += SHOWN; scope.redraw(); } }, t("more", { n: found.length - own.shown }))),
      ];
    },
  };
}

const noneYet = (some) => h("div", { class: "card" }, some ? empty("search", t("none_fit")) : empty("modules", t("module.none"), h("p", null, h("code", null, "nbtwin up --module BC260Y-CN"))));

export const cards = (modules) => h("div", { class: "modcards", id: "modules" }, modules.map(moduleCard));

export function moduleCard(module) {
  return h("a", { key: module.name, class: "card modcard", href: link("modules", module.name) },
    h("div", { class: "title" }, h("b", null, module.name), h("span", { class: "soft" }, module.model), h("span", { class: "grow" }), h("span", { class: "mono faint small" }, module.imei)),
    h("div", { class: "row" }, powerPill(module), attachPill(module), cmdmpPill(module), andlinkPill(module)),
    h("div", { class: "waits", title: module.waiting?.why ?? null }, module.waiting ? [h("b", { key: "n" }, countdown(Math.max(0, module.waiting.at - labNow()))), ` · ${said(module.waiting.why)}`] : t("deadlines.none")));
}

async function addModule() {
  let models = [];
  const own = { model: "BC260Y-CN", name: "", sim: "mobile", serial: "pty", error: null };
  try {
    models = (await get("/models")).map((one) => one.model);
  } catch (error) {
    own.error = error;
  }
  openDialog(t("module.add"), ({ close, redraw }) => {
    const field = (name, label, control) => h("label", { class: "field" }, label, control, own.error?.field === name && h("span", { class: "pill bad", role: "alert" }, own.error.message));
    const bind = (name) => ({ value: own[name], oninput: (e) => { own[name] = e.target.value; } });
    async function create() {
      try {
        const module = await post("/modules", { model: own.model, sim: own.sim, serial: own.serial, ...(own.name ? { name: own.name } : {}) });
        setModule(module);
        close();
        go(link("modules", module.name).slice(1));
      } catch (error) {
        own.error = error;
        redraw();
      }
    }
    return {
      body: [own.error && !own.error.field && wrong(own.error), h("div", { class: "fields" },
        field("model", t("module.model"), h("select", { ...bind("model"), onchange: (e) => { own.model = e.target.value; } }, (models.length ? models : [own.model]).map((model) => h("option", { key: model, value: model, selected: model === own.model }, model)))),
        field("name", t("module.name"), h("input", { ...bind("name"), placeholder: own.model.toLowerCase(), focus: true })),
        field("sim", "USIM", h("select", { ...bind("sim") }, OPERATORS.map((operator) => h("option", { key: operator, value: operator }, word("operator", operator))))),
        field("serial", t("module.serial"), h("select", { ...bind("serial") }, ["pty", "tcp:127.0.0.1:0", "rfc2217:127.0.0.1:0", "none"].map((kind) => h("option", { key: kind, value: kind }, kind)))))],
      foot: [h("button", { type: "button", onclick: close }, t("cancel")), h("button", { type: "submit", class: "main-act", onclick: create }, t("module.add"))],
    };
  });
}
