// The lab's server-sent events: one connection for the whole page, which comes back by itself and asks for what it
// missed.

import { API } from "../base/api.js";
import { COMMIT_CHANGES } from "../base/facts.js";
import { loadMe, me } from "./access.js";
import { lab, loadLab, loadTrouble, removeModule, setClock, setModule } from "./lab.js";
import { clear, loadRecent, push, skip } from "./timeline.js";
import { publish } from "./topics.js";

const TYPES = ["entry", "module", "removed", "clock", "rates", "operation", "batch"]
  .map((name) => `types=${name}`)
  .join("&");
const FIRST_WAIT = 500; // milliseconds, doubled up to
const LONGEST_WAIT = 10_000;

/** @type {EventSource} */
let source;
/** @type {string | null} */
let last = null;
let wait = FIRST_WAIT;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let again;
let hadGap = false;

/** How late events come: the newest thousand, in seconds of the wall clock. */
export const lateness = { received: 0, measured: 0, delays: new Float32Array(1000) };

export function connect() {
  clearTimeout(again);
  source?.close();
  const resume = last ? `&last_event_id=${encodeURIComponent(last)}` : "";
  source = new EventSource(`${API}/events?${TYPES}${resume}`);
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
  for (const name of ["rates", "operation", "batch"]) listen(name, (data) => publish(name, data));
}

/** @param {string} name @param {(data: any) => unknown} action */
function listen(name, action) {
  source.addEventListener(name, (/** @type {MessageEvent} */ message) => {
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

/** Another lab, or too much was missed: what is here and what waits is void. */
function reset() {
  clear();
  loadRecent().catch(() => {});
  loadLab();
}

function opened() {
  wait = FIRST_WAIT;
  lab.link = "live";
  publish("link");
  if (me.role === "nobody")
    loadMe().then(
      () => publish("lab"),
      () => {},
    );
  if (hadGap) loadLab();
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
