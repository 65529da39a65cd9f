// A run that is compared with another: a registration, what one module did in a span, a run of a scenario. Knows how
// each is named in an address and where its entries come from.

import { get, query } from "../base/api.js";
import { stamp } from "../base/format.js";
import { t } from "../base/i18n.js";
import { follow, ofWhom, registrations } from "./follow.js";
import { kindOf } from "./lanes.js";

const MOST = 5000; // entries of a run
const BEFORE = 600; // seconds of a registration before its request: boot, bootstrap, handshake
const AFTER = 90_000; // and after it: a day's updates
const SHOWN = new Set(["at", "state", "datagram", "platform", "lookup", "fault"]);

/**
 * @param {string} run
 * @returns {RunNamed | null}
 */
export function readRun(run) {
  const numbered = /^(registration|scenario)\.([1-9]\d*)$/.exec(run);
  if (numbered) return { kind: /** @type {"registration" | "scenario"} */ (numbered[1]), number: Number(numbered[2]) };
  const module = /^(.+)@([\d.]*)-([\d.]*)$/.exec(run);
  if (!module) return null;
  const time = (/** @type {string} */ text) => (text === "" ? null : Number(text));
  return { kind: "module", name: module[1], since: time(module[2]), until: time(module[3]) };
}

/** @param {string} name @param {TimeSpan | null} span */
export const runOf = (name, span) => `${name}@${span?.[0] ?? ""}-${span?.[1] ?? ""}`;

/**
 * Its entries, from what is loaded or from the lab.
 * @param {string} text
 * @param {Entry[]} loaded
 * @param {Map<string, string>} imeis
 * @param {AbortSignal} signal
 * @returns {Promise<Entry[]>}
 */
export async function entriesOf(text, loaded, imeis, signal) {
  const run = readRun(text);
  if (!run) return [];
  if (run.kind === "scenario") {
    const { entries } = await get(`/scenarios/runs/${run.number}/timeline${query({ limit: MOST })}`, { signal });
    return entries.filter((/** @type {Entry} */ entry) => SHOWN.has(kindOf(entry)));
  }
  if (run.kind === "module") {
    const { name: source, since, until } = run;
    const { entries } = await get(`/traces${query({ source, since, until, limit: MOST })}`, { signal });
    return entries.filter((/** @type {Entry} */ entry) => SHOWN.has(kindOf(entry)));
  }
  let entries = loaded;
  if (!loaded.some((entry) => entry.number === run.number)) {
    const { at } = await get(`/traces/${run.number}`, { signal });
    entries = (await get(`/traces${query({ since: at - BEFORE, until: at + AFTER, limit: MOST })}`, { signal }))
      .entries;
  }
  const members = follow(entries, { kind: "registration", number: run.number, platform: "" }, imeis);
  return entries.filter((entry) => members.has(entry.number));
}

/**
 * @param {string} text
 * @param {Entry[]} entries of it
 * @param {Map<string, string>} imeis
 */
export function nameOf(text, entries, imeis) {
  const run = readRun(text);
  if (run?.kind === "scenario") return t("compare-scenario", { n: run.number });
  const first = entries[0];
  const when = first ? stamp(first.at) : "";
  return [run?.kind === "module" ? run.name : first && ofWhom(first, imeis), when].filter(Boolean).join(" · ") || text;
}

/**
 * What there is to choose from: the registrations that are loaded, the newest first, and each module as it is shown.
 * @param {Entry[]} loaded
 * @param {string[]} modules
 * @param {TimeSpan | null} span
 * @returns {[run: string, words: string][]}
 */
export const choices = (loaded, modules, span) => [
  ...registrations(loaded)
    .slice(-50)
    .reverse()
    .map(
      (entry) =>
        /** @type {[string, string]} */ ([
          `registration.${entry.number}`,
          t("compare-registration", {
            module: entry.source,
            at: stamp(entry.at),
            n: entry.number,
          }),
        ]),
    ),
  ...modules
    .slice(0, 200)
    .map((name) => /** @type {[string, string]} */ ([runOf(name, span), t("compare-module", { module: name })])),
];
