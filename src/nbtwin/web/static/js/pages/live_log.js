// What passes about one device, as it passes: the timeline's entries that name it, or go to and from its address.

import { html } from "../base/view.js";
import { get, query } from "../base/api.js";
import { zonedTime } from "../base/format.js";
import { t, word, wordsOf } from "../base/i18n.js";
import { resource } from "../base/lifecycle.js";
import { card, empty, shown, toggle } from "../parts/states.js";
import { lab } from "../state/lab.js";
import { subscribe } from "../state/topics.js";

const KEPT = 300;

/**
 * @param {Lifecycle} lifecycle
 * @param {{ name: string, title?: string, keep?: boolean }} own the name by which the lab's search finds it
 */
export function newLiveLog(lifecycle, { name, title = t("live-title"), keep = true }) {
  const own = { paused: false, missed: 0 };
  /** @type {Resource<Entry[]>} */
  const log = resource(lifecycle, async () => {
    const asked = query({ text: name, order: "desc", limit: KEPT });
    const { entries } = await get(`/traces${asked}`, { signal: lifecycle.signal });
    return entries;
  });
  if (keep)
    lifecycle.onEnd(
      subscribe("entry", (entry) => {
        if (!log.value || !isAbout(entry, name)) return;
        if (own.paused) own.missed += 1;
        else {
          log.value.unshift(entry);
          log.value.length = Math.min(log.value.length, KEPT);
        }
        lifecycle.redraw();
      }),
    );

  /** @param {boolean} on */
  function pause(on) {
    own.paused = on;
    if (!on && own.missed) log.reload();
    own.missed = 0;
    lifecycle.redraw();
  }

  const view = () =>
    card(
      title,
      keep && toggle(own.missed ? t("live-missed", { n: own.missed }) : t("live-pause"), own.paused, pause),
      shown(log, (entries) =>
        entries.length
          ? html`
              <ul class="livelog" id="livelog" tabindex="0" aria-label=${title}>
                ${entries.map(lineOf)}
              </ul>
            `
          : empty("timeline", t("live-none")),
      ),
      { flush: true },
    );

  return { view, reload: log.reload, entries: () => log.value ?? [] };
}

/** @param {Entry} entry */
const lineOf = (entry) => html`
  <li key=${entry.number} data-entry=${entry.number}>
    <a href=${`#/timeline?entry=${entry.number}`} title=${t("live-entry")}>${zonedTime(entry.at)}</a>
    <span class="faint">${word("kind", entry.kind)}</span>
    <span class="said">${wordsOf(entry, entry.at)}</span>
  </li>
`;

/**
 * As far as an entry of the stream says it itself.
 * @param {Entry} entry
 * @param {string} name
 */
export function isAbout(entry, name) {
  const module = [...lab.modules.values()].find((one) => one.imei === name);
  if (module && entry.source === module.name) return true;
  return JSON.stringify(entry.fields).includes(name);
}
