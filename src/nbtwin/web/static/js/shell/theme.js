// Light, dark, or as the system has it.

import { recall, remember } from "../base/prefs.js";
import { publish } from "../state/topics.js";

const ORDER = ["auto", "light", "dark"];
let theme = "auto";

/** What this browser remembers, or the system's; and from now on with the system. */
export function startTheme() {
  theme = recall("theme", "auto");
  apply();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => publish("theme"));
}

export const currentTheme = () => theme;

export function nextTheme() {
  theme = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length];
  remember("theme", theme);
  apply();
}

function apply() {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  publish("theme");
}

/**
 * The value of a colour token now, for canvases.
 * @param {string} token
 */
export function colour(token) {
  const probe = document.createElement("i");
  probe.style.color = `var(--${token})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
