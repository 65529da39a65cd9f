// The lab's server-sent events: one connection for the whole page, which comes back by itself and asks for what it
// missed.

import { API } from "../base/api.js";
import { COMMIT_CHANGES } from "../base/facts.js";
import { currentLanguage } from "../base/i18n.js";
import { loadMe, me } from "./access.js";
import { lab, loadLab, loadTrouble, removeModule, setClock, setModule } from "./lab.js";
import { loadRates } from "./rates.js";
import { clear, loadFrom, loadRecent, MOST, push, RECENT, skip, timeline } from "./timeline.js";
import { publish } from "./topics.js";

const TYPES = ["entry", "module", "removed", "clock", "rates", "operation", "batch", "changed"]
  .map((name) => `types=${name}`)
  .join("&");
const SILENT = 8000; // milliseconds
const FIRST_WAIT = 500; // milliseconds, doubled up to
const LONGEST_WAIT = 10_000;
const RESTS = 5000; // milliseconds that a tab nobody sees keeps its connection

/** @type {EventSource} */
let source;
/** @type {string | null} */
let last = null;
let wait = FIRST_WAIT;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let again;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let rest;
let hadGap = false;
let heard = 0; // when something came

/** How late events come: the newest thousand, in seconds of the wall clock. */
export const lateness = { received: 0, measured: 0, delays: new Float32Array(1000) };

export function connect() {
  clearTimeout(again);
  again = undefined;
  source?.close();
  const resume = last ? `&last_event_id=${encodeURIComponent(last)}` : "";
  heard = performance.now();
  source = new EventSource(`${API}/events?${TYPES}&lang=${currentLanguage()}${resume}`);
  source.onopen = opened;
  source.onerror = broken;
  const told = {
    entry,
    module: setModule,
    clock: setClock,
    removed: (/** @type {{ module: string }} */ d) => removeModule(d.module),
    gap: (/** @type {{ before: number }} */ d) => skip(d.before),
    reset,
  };
  for (const [name, action] of Object.entries(told)) listen(name, action);
  for (const name of ["rates", "operation", "batch", "changed"]) listen(name, (data) => publish(name, data));
}

/**
 * The lab says something each second. When nothing comes any more, and nobody says that the connection has ended (a
 * cable, a laptop that slept, a page that was frozen), it is made anew: what was missed comes first.
 */
export function watch() {
  const look = () => {
    if (resting() || performance.now() - heard < SILENT) return;
    if (lab.link === "live") broken();
    connect();
  };
  setInterval(look, SILENT / 2);
  addEventListener("online", look);
  // A browser has six connections for an address: a tab that nobody sees and a page kept for Back let theirs go.
  const seen = () => {
    clearTimeout(rest);
    if (document.hidden) rest = setTimeout(leave, RESTS);
    else if (resting()) connect();
    else look();
  };
  document.addEventListener("visibilitychange", seen);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => event.persisted && connect());
  seen();
}

/** Closed, and nothing is to open it. */
const resting = () => source.readyState === EventSource.CLOSED && again === undefined;

function leave() {
  clearTimeout(again);
  again = undefined;
  source.close();
  hadGap = true;
}

/** @param {string} name @param {(data: any) => unknown} action */
function listen(name, action) {
  source.addEventListener(name, (/** @type {MessageEvent} */ message) => {
    heard = performance.now();
    if (message.lastEventId) last = message.lastEventId;
    action(JSON.parse(message.data));
  });
}

/** @param {Entry} data */
function entry(data) {
  lateness.received += 1;
  // Where time passes by jumps, how long an entry was on its way cannot be told from its time.
  if (lab.clock.mode === "live")
    lateness.delays[lateness.measured++ % 1000] = Date.now() / 1000 + lab.clock.ahead - data.at;
  push(data);
  if (COMMIT_CHANGES.has(data.code)) loadTrouble();
  if (data.kind === "platform" && data.fields.device)
    publish("device", { platform: data.source, device: data.fields.device });
}

/** The page has another language: what the lab words itself is asked for again, and comes in that one from now on. */
export function speakAgain() {
  connect();
  const { atEnd, entries } = timeline;
  const loaded = atEnd ? loadRecent(Math.min(MOST, Math.max(RECENT, entries.length))) : loadFrom(entries[0].at);
  loaded.catch(() => {});
  loadLab();
}

/** Another lab, or too much was missed: what is here and what waits is void. */
function reset() {
  const had = timeline.entries.length;
  clear();
  loadRecent(Math.min(MOST, Math.max(RECENT, had))).catch(() => {});
  loadLab();
}

function opened() {
  wait = FIRST_WAIT;
  heard = performance.now();
  lab.link = "live";
  publish("link");
  if (me.role === "nobody")
    loadMe().then(
      () => publish("lab"),
      () => {},
    );
  if (hadGap) {
    loadLab();
    loadRates().catch(() => {});
    publish("changed", { tag: "", operation: "" }); // whatever it was
  }
  hadGap = false;
}

function broken() {
  lab.link = "lost";
  hadGap = true;
  publish("link");
  if (source.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
  loadMe().catch(() => {}); // refused: perhaps the token is no longer valid
  again = setTimeout(connect, wait);
  wait = Math.min(wait * 2, LONGEST_WAIT);
}
