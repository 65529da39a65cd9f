// Light, dark, or as the system has it.

import { recall, remember } from "../base/prefs.js";
import { publish } from "../state/topics.js";

const ORDER = ["auto", "light", "dark"];
let theme = recall("theme", "auto");
apply();

export const currentTheme = () => theme;

export function nextTheme() {
  theme = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length];
  remember("theme", theme);
  apply();
}

export const isDark = () => (theme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark");

function apply() {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  publish("theme");
}

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => publish("theme"));

/** The value of a colour token now, for canvases. */
export function colour(token) {
  const probe = document.createElement("i");
  probe.style.color = `var(--${token})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}
