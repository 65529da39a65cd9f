// The console: opens the connection, shows the page that the address names. No build step.

import { html, mount } from "./js/base/view.js";
import { onRefused } from "./js/base/api.js";
import { currentLanguage, setLanguage, startLanguage, t } from "./js/base/i18n.js";
import { match } from "./js/base/router.js";
import { newLifecycle, throttled } from "./js/base/lifecycle.js";
import { empty, header, loading, wrong } from "./js/parts/states.js";
import { ROUTES } from "./js/pages/routes.js";
import { shell } from "./js/shell/shell.js";
import { help, install, palette } from "./js/shell/shortcuts.js";
import { nextTheme, startTheme } from "./js/shell/theme.js";
import { loadMe, toLogin } from "./js/state/access.js";
import { loadLab, loadPlatforms } from "./js/state/lab.js";
import { connect, watch } from "./js/state/stream.js";
import { loadRates } from "./js/state/rates.js";
import { loadRecent } from "./js/state/timeline.js";
import { subscribe } from "./js/state/topics.js";

let opened = 0;
const CALM = 200; // milliseconds between two drawings of what changes by itself
/** @type {Page & { path: string, address: string, key: string, lifecycle: Lifecycle | null }} */
let current = { path: "/", address: "", key: "", view: loading, lifecycle: null };
let redraw = () => {};

/** @type {Shortcut[]} */
const GENERAL = [
  [
    "l",
    "language_switch",
    () => {
      setLanguage(currentLanguage() === "en" ? "zh" : "en").then(redraw);
    },
  ],
  [
    "b",
    "theme_switch",
    () => {
      nextTheme();
      redraw();
    },
  ],
];
const showHelp = () => help(GENERAL);

function view() {
  document.title = current.title ? `${current.title()} · nbtwin` : "nbtwin";
  return shell(
    current.path,
    html`
      <div key=${current.key} class=${"fades" + (current.fills ? " page fills" : " page")} data-page=${current.address}>
        ${current.view()}
      </div>
    `,
    { redraw: () => redraw(), help: showHelp, find: () => palette(GENERAL), address: current.address },
  );
}

/**
 * The lab has gone, or another version of it has come.
 * @param {Error} error
 * @returns {PageMaker}
 */
const notLoaded = (error) => () => ({
  view: () => wrong(error, () => location.reload()),
});

/** @type {PageMaker} */
const noSuchPage = () => ({
  title: () => t("nowhere"),
  view: () => [
    header(t("nowhere")),
    html`
      <div class="card">
        ${empty("search", t("nowhere_hint"), html` <p><a class="button" href="#/">${t("nav-overview")}</a></p> `)}
      </div>
    `,
  ],
});

async function open() {
  const mine = (opened += 1);
  const [address] = location.hash.split("?");
  const found = match(ROUTES, location.hash);
  const pageOf = found ? await found.page().catch(notLoaded) : noSuchPage;
  if (mine !== opened) return; // another address was opened meanwhile
  current.lifecycle?.end();
  const lifecycle = newLifecycle(() => redraw());
  const page = pageOf(found?.params, lifecycle, found?.query ?? new URLSearchParams());
  current = { path: found?.path ?? "", address, key: String(mine), lifecycle, ...page };
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

/** @type {EventTarget | null} */
let focused = null;
addEventListener("focusin", (event) => (focused = event.target));

/** What had the focus has gone with what was drawn: the page has it now, not nobody. */
function keepFocus() {
  const lost = focused instanceof HTMLElement && !focused.isConnected && document.activeElement === document.body;
  if (lost) document.getElementById("main")?.focus({ preventScroll: true });
}

async function start() {
  startTheme();
  await startLanguage();
  redraw = mount(/** @type {HTMLElement} */ (document.getElementById("app")), view, keepFocus);
  const soon = throttled(CALM, redraw);
  for (const topic of ["modules", "platforms", "lab", "link", "clock", "theme", "timeline"]) subscribe(topic, soon);
  const platforms = throttled(2000, () => loadPlatforms().catch(() => {}));
  subscribe("device", platforms);
  subscribe("changed", ({ tag }) =>
    tag === "lab" ? loadLab() : ["platforms", "devices"].includes(tag) && platforms(),
  );
  setInterval(redraw, 500);
  install(GENERAL);
  addEventListener("hashchange", open);
  onRefused(toLogin);
  if (!(await greeted())) return;
  open();
  connect();
  watch();
  await loadLab();
  await Promise.all([loadRecent(), loadRates()].map((one) => one.catch(() => {})));
}

start();
