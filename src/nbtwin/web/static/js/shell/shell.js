// The frame around every page: navigation, clock, language, theme, connection. Knows the list of pages by name.

import { h } from "../base/vdom.js";
import { count } from "../base/format.js";
import { icon } from "../base/icons.js";
import { currentLanguage, LANGUAGES, setLanguage, t, word } from "../base/i18n.js";
import { link } from "../base/router.js";
import { leave, me } from "../state/access.js";
import { lab, loadLab } from "../state/lab.js";
import { powerDot } from "../parts/module_state.js";
import { clockFace, clockwork, nextDeadline } from "./clock.js";
import { currentTheme, nextTheme } from "./theme.js";

const ITEMS = [["overview", "/"], ["modules", "/modules"], ["timeline", "/timeline"], ["platforms", "/platforms"], ["campaigns", "/campaigns"],
  ["faults", "/faults"], ["scenarios", "/scenarios"], ["fleet", "/fleet"]];
const MOST_BELOW = 8;
const THEME_ICONS = { auto: "auto", light: "sun", dark: "moon" };

export function shell(path, page, { redraw, help }) {
  return h("div", { class: "shell" },
    h("a", { class: "skip", href: "#main", onclick: (e) => { e.preventDefault(); document.getElementById("main").focus(); } }, t("skip")),
    navigation(path), top(redraw, help),
    h("main", { class: "main", id: "main", tabindex: "-1" }, lab.link === "lost" && banner(), page));
}

function navigation(path) {
  return h("nav", { class: "nav", "aria-label": t("nav.title") },
    h("a", { class: "brand", href: "#/" }, h("img", { src: "/icon.svg", alt: "" }), h("span", null, "nb", h("b", null, "twin"))),
    ITEMS.flatMap(([name, address]) => [item(name, address, path), ...below(name, path)]),
    item("access", "/access", path), h("div", { class: "rest" }, h("p", null, t("nav.offline"))));
}

function item(name, address, path) {
  const here = address === "/" ? path === "/" : path.startsWith(address);
  const n = { modules: lab.modules.size, platforms: lab.platforms.reduce((sum, p) => sum + p.devices, 0) }[name];
  return h("a", { key: name, class: "item", href: `#${address}`, "aria-current": here ? "page" : null },
    icon(name === "access" ? "keys" : name), h("span", null, t(`nav.${name}`)), n ? h("span", { class: "n" }, count(n)) : null);
}

function below(name, path) {
  if (name === "modules") {
    return [...lab.modules.values()].slice(0, MOST_BELOW).map((module) =>
      sub(`m-${module.name}`, link("modules", module.name), module.name, path, powerDot(module)));
  }
  if (name !== "platforms") return [];
  return lab.platforms.map((platform) => sub(`p-${platform.name}`, link("platforms", platform.name), platform.name, path,
    h("span", { class: "dot accent" }), count(platform.devices)));
}

const sub = (key, href, name, path, mark, n = null) =>
  h("a", { key, class: "item sub", href, "aria-current": decodeURIComponent(href) === `#${path}` ? "page" : null }, mark, h("span", { class: "name" }, name), n && h("span", { class: "n" }, n));

function top(redraw, help) {
  const other = currentLanguage() === "en" ? "zh" : "en";
  return h("header", { class: "top" }, clockFace(), clockwork(redraw), nextDeadline(),
    h("div", { class: "tools" },
      me.tokens_needed && h("a", { class: "user", id: "user", href: "#/access", title: `${me.name} · ${word("role", me.role)}` }, h("b", null, me.name), h("span", null, word("role", me.role))),
      me.tokens_needed && h("button", { class: "plain", id: "leave", "aria-label": t("access.leave"), title: t("access.leave"), onclick: leave }, icon("leave")),
      h("span", { id: "link", role: "status", class: `pill ${{ live: "good", lost: "bad" }[lab.link] ?? ""}` }, t(`link.${lab.link}`)),
      h("button", { class: "plain", id: "language", lang: other === "zh" ? "zh-CN" : "en", "aria-label": `${t("language")}: ${LANGUAGES[other]}`, onclick: () => { setLanguage(other); redraw(); } }, other === "zh" ? "中文" : "EN"),
      h("button", { class: "plain", id: "theme", "aria-label": t(`theme.${currentTheme()}`), title: t(`theme.${currentTheme()}`), onclick: () => { nextTheme(); redraw(); } }, icon(THEME_ICONS[currentTheme()])),
      h("button", { class: "plain", "aria-label": t("help.title"), title: `${t("help.title")} (?)`, onclick: help }, icon("help"))));
}

const banner = () => h("div", { class: "banner", role: "alert" }, h("span", { class: "grow" }, t("link.banner")), h("button", { class: "small", onclick: loadLab }, t("again")));
