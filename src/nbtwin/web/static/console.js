// The console: opens the connection, shows the page that the address names. No library is needed to draw it, no build step.

import { mount, h } from "./js/base/vdom.js";
import { onRefused } from "./js/base/api.js";
import { currentLanguage, setLanguage, t } from "./js/base/i18n.js";
import { match } from "./js/base/router.js";
import { newScope, throttled } from "./js/base/scope.js";
import { empty } from "./js/parts/states.js";
import { ROUTES } from "./js/pages/routes.js";
import { shell } from "./js/shell/shell.js";
import { help, install } from "./js/shell/shortcuts.js";
import { nextTheme } from "./js/shell/theme.js";
import { loadMe, toLogin } from "./js/state/access.js";
import { loadLab, loadPlatforms } from "./js/state/lab.js";
import { connect } from "./js/state/stream.js";
import { loadPast } from "./js/state/rates.js";
import { loadRecent } from "./js/state/timeline.js";
import { hear } from "./js/state/topics.js";

const CALM = 200; // milliseconds between two drawings of what changes by itself
let current = { path: "/", view: () => null, scope: null };
let redraw = () => {};

const GENERAL = [
  ["l", "language_switch", () => { setLanguage(currentLanguage() === "en" ? "zh" : "en"); redraw(); }],
  ["b", "theme_switch", () => { nextTheme(); redraw(); }],
];
const showHelp = () => help(GENERAL);

function view() {
  document.title = current.title ? `${current.title()} · nbtwin` : "nbtwin";
  return shell(current.path, h("div", { key: current.key, class: "fades" + (current.fills ? " page fills" : " page") }, current.view()), { redraw: () => redraw(), help: showHelp });
}

function open() {
  current.scope?.close();
  const found = match(ROUTES);
  const path = found?.path || "/";
  const scope = newScope(() => redraw());
  const made = found ? found.page(found.params, scope, found.query) : { view: () => empty("search", t("nowhere")) };
  current = { path: path || "/", key: path + Math.random(), scope, ...made };
  redraw();
  document.getElementById("main")?.scrollTo(0, 0);
}

/** False: the login page is being opened. Without an answer the page begins as it is, and says that nothing answers. */
async function greeted() {
  try {
    return (await loadMe()).role !== "nobody";
  } catch {
    return true;
  }
}

async function start() {
  redraw = mount(document.getElementById("app"), view);
  const soon = throttled(CALM, redraw);
  for (const topic of ["modules", "platforms", "lab", "link", "clock", "theme", "timeline"]) hear(topic, soon);
  hear("device", throttled(2000, () => loadPlatforms().catch(() => {})));
  setInterval(redraw, 500);
  install(GENERAL);
  addEventListener("hashchange", open);
  onRefused(toLogin);
  if (!(await greeted())) return;
  open();
  connect();
  await loadLab();
  await Promise.all([loadRecent(), loadPast()].map((one) => one.catch(() => {})));
}

start();
