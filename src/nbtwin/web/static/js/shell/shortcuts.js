// Keys that work everywhere, and the list of them behind `?`. A page may add its own for as long as it is shown.

import { html } from "../base/view.js";
import { t } from "../base/i18n.js";
import { go } from "../base/router.js";
import { openDialog } from "../parts/dialog.js";
import { ITEMS } from "./places.js";

const PLACES = Object.fromEntries(ITEMS.map(([, address, key]) => [key, address]));

/** @type {Shortcut[]} */
let extra = []; // of the page: [key, text, action]
let waiting = false; // "g" was pressed

/** @param {Shortcut[]} list */
export function pageShortcuts(list) {
  extra = list;
  return () => {
    if (extra === list) extra = [];
  };
}

/** @param {Shortcut[]} general */
export function install(general) {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      palette(general);
      return;
    }
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      typing(event.target) ||
      document.querySelector("dialog[open]")
    )
      return;
    if (waiting) {
      waiting = false;
      if (event.key in PLACES) {
        event.preventDefault();
        go(PLACES[event.key]);
      }
      return;
    }
    if (event.key === "g") waiting = true;
    else if (event.key === "?") help(general);
    else if (event.key === "/") focusSearch(event);
    else {
      const found = [...extra, ...general].find(([key]) => key === event.key);
      if (!found) return;
      event.preventDefault();
      found[2]();
    }
  });
}

/** @param {Shortcut[]} general */
export async function palette(general) {
  if (document.querySelector("dialog[open]")) return;
  const { openPalette } = await import("./palette.js");
  if (!document.querySelector("dialog[open]"))
    openPalette([...extra, ...general, ["?", "help-title", () => help(general)]]);
}

/** @param {any} target */
const typing = (target) => target.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");

/** @param {KeyboardEvent} event */
function focusSearch(event) {
  /** @type {HTMLElement | null} */
  const field = document.querySelector("[data-search], #line");
  if (field) {
    event.preventDefault();
    field.focus();
  }
}

/** @param {Shortcut[]} general */
export function help(general) {
  /** @param {string[]} keys @param {string} text */
  const line = (keys, text) => html`
    <tr>
      <td class="nowrap">${keys.map((key) => [html` <kbd>${key}</kbd> `, " "])}</td>
      <td>${text}</td>
    </tr>
  `;
  openDialog(t("help-title"), () => ({
    body: html`
      <table class="table">
        <tbody>
          ${line(["Ctrl", "K"], t("palette-title"))} ${ITEMS.map(([name, , key]) => line(["g", key], t(`nav-${name}`)))}
          ${line(["/"], t("help-search"))} ${line(["?"], t("help-title"))}
          ${[...general, ...extra].map(([key, text]) => line([key === "Escape" ? "Esc" : key], t(text)))}
        </tbody>
      </table>
    `,
  }));
}
