// A question in front of the page: the browser's own <dialog>, so that focus, Escape and screen readers are right.

import { h, render } from "../base/vdom.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";

/** Open a dialog; `view({close, redraw})` makes its body and foot. Returns what closes it. */
export function openDialog(title, view) {
  const dialog = document.createElement("dialog");
  document.body.append(dialog);
  const close = () => dialog.close();
  const draw = () => {
    const { body, foot } = view({ close, redraw: draw });
    render(dialog, h("form", { method: "dialog", onsubmit: (event) => event.preventDefault() },
      h("header", null, h("h2", { id: "dialog-title" }, title), h("button", { type: "button", class: "plain", onclick: close, "aria-label": t("close") }, icon("close"))),
      h("div", { class: "body" }, body), foot && h("footer", null, foot)));
  };
  dialog.setAttribute("aria-labelledby", "dialog-title");
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  draw();
  dialog.showModal();
  return close;
}

/** Ask before something that cannot be undone. */
export function confirmed(title, text, word) {
  return new Promise((resolve) => {
    let said = false;
    openDialog(title, ({ close }) => ({
      body: h("p", null, text),
      foot: [h("button", { type: "button", onclick: close }, t("cancel")),
        h("button", { type: "submit", class: "bad-act", focus: true, onclick: () => { said = true; close(); } }, word)],
    }));
    document.querySelector("dialog:last-of-type").addEventListener("close", () => resolve(said));
  });
}
