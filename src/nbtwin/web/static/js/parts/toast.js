// Short messages below the page, where they cover nothing; read aloud by screen readers, gone by themselves. Before an
// open dialog they stand inside it.

import { html, render } from "../base/view.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";

const SHOWN_FOR = { good: 4000, bad: 12_000 }; // milliseconds
const MOST = 3;

// What went wrong on a page is left behind with it.
globalThis.addEventListener?.("hashchange", () => {
  for (const bad of document.querySelectorAll("#toasts .bad")) bad.remove();
});

/**
 * @param {string} text
 * @param {"good" | "bad"} [kind]
 * @param {{ word: string, act: () => unknown } | null} [more] a button, as to take it back
 */
export function toast(text, kind = "good", more = null) {
  const made = document.createElement("div");
  made.className = `toast ${kind}`;
  made.setAttribute("role", kind === "bad" ? "alert" : "status");
  const gone = () => made.remove();
  const shown = html`
    <span class="grow">${text}</span>
    ${
      more &&
      html`
        <button
          class="small"
          onclick=${() => {
            gone();
            more.act();
          }}>
          ${more.word}
        </button>
      `
    }
    <button class="small plain" aria-label=${t("close")} onclick=${gone}>${icon("close")}</button>
  `;
  render(shown, made);
  const holder = holderOf();
  holder.append(made);
  while (holder.childElementCount > MOST) holder.firstElementChild?.remove();
  setTimeout(gone, more ? SHOWN_FOR.bad : SHOWN_FOR[kind]);
}

const holderOf = () => {
  const dialogs = document.querySelectorAll("dialog[open] > .toasts");
  return /** @type {HTMLElement} */ (dialogs[dialogs.length - 1] ?? document.getElementById("toasts"));
};
