// Short messages at the edge of the page; read aloud by screen readers, gone by themselves.

const SHOWN_FOR = { good: 3000, bad: 8000 }; // milliseconds
const MOST = 4;

// What went wrong on a page is left behind with it: it would lie over the buttons of the next one.
globalThis.addEventListener?.("hashchange", () => {
  for (const bad of document.querySelectorAll("#toasts .bad")) bad.remove();
});

/** @param {string} text @param {"good" | "bad"} [kind] */
export function toast(text, kind = "good") {
  const holder = /** @type {HTMLElement} */ (document.getElementById("toasts"));
  const made = document.createElement("div");
  made.className = `toast ${kind}`;
  made.setAttribute("role", kind === "bad" ? "alert" : "status");
  made.textContent = text;
  made.onclick = () => made.remove();
  holder.append(made);
  while (holder.childElementCount > MOST) holder.firstElementChild?.remove();
  setTimeout(() => made.remove(), SHOWN_FOR[kind]);
}
