// The frame around every page: navigation, clock, language, theme, connection. Knows the list of pages by name.

import { html } from "../base/view.js";
import { count } from "../base/format.js";
import { icon } from "../base/icons.js";
import { currentLanguage, LANGUAGES, setLanguage, t, word } from "../base/i18n.js";
import { placedWords } from "../base/problems.js";
import { fileAddress, link } from "../base/router.js";
import { leave, me } from "../state/access.js";
import { lab, loadLab, loadTrouble } from "../state/lab.js";
import { speakAgain } from "../state/stream.js";
import { powerDot } from "../parts/module_state.js";
import { clockFace, clockwork, nextDeadline } from "./clock.js";
import { ITEMS } from "./places.js";
import { currentTheme, nextTheme } from "./theme.js";

const MOST_BELOW = 8;
/** @type {Record<string, string>} */
const THEME_ICONS = { auto: "auto", light: "sun", dark: "moon" };

/**
 * @param {string} path
 * @param {View} page
 * @param {{ redraw: Redraw, help: () => void, find: () => void, address: string }} own
 */
export function shell(path, page, { redraw, help, find, address }) {
  return html`
    <div class="shell">
      <a
        class="skip"
        href="#main"
        onclick=${(e) => {
          e.preventDefault();
          document.getElementById("main")?.focus();
        }}>
        ${t("skip")}
      </a>
      ${navigation(path)}${top(redraw, help, find)}
      <main class="main" id="main" tabindex="-1" data-address=${address}>${notice()}${page}</main>
    </div>
  `;
}

/** @param {string} path */
function navigation(path) {
  return html`
    <nav class="nav" aria-label=${t("nav-title")}>
      <a class="brand" href="#/">
        <img src=${fileAddress("/icon.svg")} alt="" />
        <span>
          nb
          <b>twin</b>
        </span>
      </a>
      ${ITEMS.flatMap(([name, address]) => [item(name, address, path), ...below(name, path)])}
      <div class="rest"><p>${t("nav-offline")}</p></div>
    </nav>
  `;
}

/** @param {string} name @param {string} address @param {string} path */
function item(name, address, path) {
  const here = address === "/" ? path === "/" : path.startsWith(address);
  const n = { modules: lab.modules.size, platforms: lab.platforms.reduce((sum, p) => sum + p.devices, 0) }[name];
  return html`
    <a key=${name} class="item" href=${`#${address}`} aria-current=${here ? "page" : null}>
      ${icon(name === "access" ? "keys" : name)}
      <span>${t(`nav-${name}`)}</span>
      ${n ? html` <span class="n">${count(n)}</span> ` : null}
    </a>
  `;
}

/** @param {string} name @param {string} path */
function below(name, path) {
  if (name === "modules") {
    return [...lab.modules.values()]
      .slice(0, MOST_BELOW)
      .map((module) => sub(`m-${module.name}`, link("modules", module.name), module.name, path, powerDot(module)));
  }
  if (name !== "platforms") return [];
  return lab.platforms.map((platform) =>
    sub(
      `p-${platform.name}`,
      link("platforms", platform.name),
      platform.name,
      path,
      html` <span class="dot accent"></span> `,
      count(platform.devices),
    ),
  );
}

/**
 * @param {string} key
 * @param {any} href
 * @param {string} name
 * @param {string} path
 * @param {View} mark
 * @param {string | null} [n]
 */
const sub = (key, href, name, path, mark, n = null) => html`
  <a key=${key} class="item sub" href=${href} aria-current=${decodeURIComponent(href) === `#${path}` ? "page" : null}>
    ${mark}
    <span class="name">${name}</span>
    ${n && html` <span class="n">${n}</span> `}
  </a>
`;

/** @param {Redraw} redraw @param {() => void} help @param {() => void} find */
function top(redraw, help, find) {
  const other = currentLanguage() === "en" ? "zh" : "en";
  return html`
    <header class="top">
      ${clockFace()}${clockwork(redraw)}${nextDeadline()}
      <div class="tools">
        ${
          me.tokens_needed &&
          html`
            <a class="user" id="user" href="#/access" title=${`${me.name} · ${word("role", me.role)}`}>
              <b>${me.name}</b>
              <span>${word("role", me.role)}</span>
            </a>
          `
        }${
          me.tokens_needed &&
          html`
            <button
              class="plain"
              id="leave"
              aria-label=${t("access-leave")}
              title=${t("access-leave")}
              onclick=${leave}>
              ${icon("leave")}
            </button>
          `
        }
        <span id="link" role="status" class=${`pill ${{ connecting: "", live: "good", lost: "bad" }[lab.link]}`}>
          ${t(`link-${lab.link}`)}
        </span>
        <button
          class="plain"
          id="language"
          lang=${other === "zh" ? "zh-CN" : "en"}
          aria-label=${`${other === "zh" ? "" : "EN · "}${LANGUAGES[other]} · ${t("language")}`}
          onclick=${() => {
            setLanguage(other).then(() => {
              speakAgain();
              redraw();
            });
          }}>
          ${other === "zh" ? "中文" : "EN"}
        </button>
        <button
          class="plain"
          id="theme"
          aria-label=${t(`theme-${currentTheme()}`)}
          title=${t(`theme-${currentTheme()}`)}
          onclick=${() => {
            nextTheme();
            redraw();
          }}>
          ${icon(THEME_ICONS[currentTheme()])}
        </button>
        <button
          class="plain"
          id="find"
          aria-label=${t("palette-title")}
          title=${`${t("palette-title")} (Ctrl-K)`}
          onclick=${find}>
          ${icon("search")}
        </button>
        <button class="plain" aria-label=${t("help-title")} title=${`${t("help-title")} (?)`} onclick=${help}>
          ${icon("help")}
        </button>
      </div>
    </header>
  `;
}

/** What is wrong with the lab as a whole. */
function notice() {
  if (lab.link === "lost") return banner(t("link-banner"), loadLab);
  return lab.trouble && banner(t("store-banner", { why: placedWords(lab.trouble) }), loadTrouble);
}

/** @param {string} text @param {() => unknown} again */
const banner = (text, again) => html`
  <div class="banner" role="alert">
    <span class="grow">${text}</span>
    <button class="small" onclick=${again}>${t("again")}</button>
  </div>
`;
