// What the page knows of the lab now: clock, modules, platforms. Fed by the stream; asked for anew where the stream
// has a gap.

import { API, get, Problem } from "../base/api.js";
import { setZone } from "../base/zone.js";
import { publish } from "./topics.js";

/**
 * @typedef {object} LabKnown
 * @property {Clock} clock
 * @property {number} clockAt performance.now() when the clock was told
 * @property {Map<string, LabModule>} modules
 * @property {Platform[]} platforms
 * @property {boolean} loaded
 * @property {Error | null} error
 * @property {{ code: string, fields: Record<string, any> } | null} trouble why nothing can be committed
 * @property {"connecting" | "live" | "lost"} link
 */

/** @type {LabKnown} */
export const lab = {
  clock: { now: 0, ahead: 0, mode: "live", rate: 1, paused: false, advancing: false, zone: "UTC", next: null },
  clockAt: 0,
  modules: new Map(),
  platforms: [],
  loaded: false,
  error: null,
  trouble: null,
  link: "connecting",
};

/** @param {Clock} clock */
export function setClock(clock) {
  Object.assign(lab.clock, clock);
  setZone(lab.clock.zone);
  lab.clockAt = performance.now();
  publish("clock", lab.clock);
}

/** The lab's time at this moment: what it last said, and what has passed since at its rate. */
export function labNow() {
  const { now, rate = 1, paused, mode } = lab.clock;
  if (paused || mode === "simulated") return now;
  return now + ((performance.now() - lab.clockAt) / 1000) * (rate || 0);
}

/**
 * Other modules of the lab that call themselves the same: a platform takes them for one device.
 * @param {LabModule} module
 */
export const sameImei = ({ imei, name }) =>
  [...lab.modules.values()].filter((one) => one.imei === imei && one.name !== name).map((one) => one.name);

/** @param {LabModule} module */
export function setModule(module) {
  lab.modules.set(module.name, module);
  publish("modules");
}

/** @param {string} name */
export function removeModule(name) {
  lab.modules.delete(name);
  publish("modules");
}

export async function loadModules() {
  /** @type {LabModule[]} */
  const list = await get("/modules");
  lab.modules = new Map(list.map((module) => [module.name, module]));
  publish("modules");
}

export async function loadPlatforms() {
  lab.platforms = await get("/platforms");
  publish("platforms");
}

/** Asks anew whether anything can be committed: 503 is an answer, too. */
export async function loadTrouble() {
  const answer = fetch(`${API}/ready`).then((ready) => ready.json());
  lab.trouble = await answer.then(
    ({ trouble }) => trouble ?? null,
    () => lab.trouble, // no answer at all is told by the link
  );
  publish("lab");
}

/** Everything, at the start and after a gap. */
export async function loadLab() {
  try {
    const [clock] = await Promise.all([get("/clock"), loadModules(), loadPlatforms(), loadTrouble()]);
    setClock(clock);
    lab.loaded = true;
    lab.error = null;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    lab.error = error;
  }
  publish("lab");
}
