// A question in front of the page: the browser's own <dialog>, so that focus, Escape and screen readers are right.

import { html, render, takeFocus } from "../base/view.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";

/**
 * Open a dialog; `view({close, redraw})` makes its body and foot. Returns what closes it.
 * @param {string} title
 * @param {(tools: { close: () => void, redraw: Redraw }) => { body: View, foot?: View }} view
 */
export function openDialog(title, view) {
  const before = document.activeElement;
  const dialog = document.createElement("dialog");
  document.body.append(dialog);
  const close = () => dialog.close();
  const draw = () => {
    const { body, foot } = view({ close, redraw: draw });
    render(
      html`
        <form method="dialog" onsubmit=${(event) => event.preventDefault()}>
          <header>
            <h2 id="dialog-title">${title}</h2>
            <button type="button" class="plain" onclick=${close} aria-label=${t("close")}>${icon("close")}</button>
          </header>
          <div class="body">${body}</div>
          ${foot && html` <footer>${foot}</footer> `}
        </form>
        <div class="toasts" aria-live="polite"></div>
      `,
      dialog,
    );
  };
  dialog.setAttribute("aria-labelledby", "dialog-title");
  dialog.addEventListener("close", () => {
    document.getElementById("toasts")?.append(...dialog.querySelectorAll(".toast"));
    render(null, dialog);
    dialog.remove();
    giveFocus(before);
  });
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  draw();
  dialog.showModal();
  return close;
}

/**
 * Back to where it was; where that is gone, to the page.
 * @param {Element | null} element
 */
function giveFocus(element) {
  const there = element instanceof HTMLElement && element.isConnected && element !== document.body;
  (there ? element : document.getElementById("main"))?.focus({ preventScroll: true });
}

/**
 * Ask before something that cannot be undone.
 * @param {string} title
 * @param {string} text
 * @param {string} word on the button that does it
 * @returns {Promise<boolean>}
 */
export function confirmed(title, text, word) {
  return new Promise((resolve) => {
    let said = false;
    openDialog(title, ({ close }) => ({
      body: html` <p>${text}</p> `,
      foot: [
        html` <button type="button" onclick=${close}>${t("cancel")}</button> `,
        html`
          <button
            type="submit"
            class="bad-act"
            ref=${takeFocus}
            onclick=${() => {
              said = true;
              close();
            }}>
            ${word}
          </button>
        `,
      ],
    }));
    document.querySelector("dialog:last-of-type")?.addEventListener("close", () => resolve(said));
  });
}
