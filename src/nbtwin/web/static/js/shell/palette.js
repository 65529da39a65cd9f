// The command palette (Ctrl-K): pages, modules, devices, actions and the commands of the documents by their names.
// Knows where each leads, not what is there.

import { html, takeFocus } from "../base/view.js";
import { get, post, query, seg } from "../base/api.js";
import { debounced } from "../base/lifecycle.js";
import { t } from "../base/i18n.js";
import { go, link } from "../base/router.js";
import { openDialog } from "../parts/dialog.js";
import { may } from "../state/access.js";
import { tryRequest } from "../state/actions.js";
import { lab, setClock } from "../state/lab.js";
import { ITEMS } from "./places.js";

const MOST = 40; // shown at once
const DEVICES = 6; // of each platform
const SPANS = ["1min", "1h", "24h", "30d"];
const PATIENCE = 3000; // milliseconds until a page has what is looked for on it

/** @typedef {{ group: string, text: string, hint?: string, also?: string, act: () => unknown }} Found */

/** @param {Shortcut[]} shortcuts of the page, and those that work everywhere */
export function openPalette(shortcuts) {
  const own = { text: "", at: 0, devices: /** @type {Found[]} */ ([]), commands: /** @type {Found[]} */ ([]) };
  const fixed = [...pages(), ...modules(), ...actions(), ...keys(shortcuts)];
  const module = moduleInView();
  openDialog(t("palette-title"), ({ close, redraw }) => {
    if (module && !own.commands.length)
      commandsOf(module).then((found) => {
        own.commands = found;
        redraw();
      });
    const found = fitting([...fixed, ...own.devices, ...own.commands], own.text).slice(0, MOST);
    own.at = Math.max(0, Math.min(own.at, found.length - 1));
    /** @param {Found} [one] */
    const take = (one) => {
      if (!one) return;
      close();
      one.act();
    };
    return { body: [field(own, found, take, redraw), list(found, own.at, take)] };
  });
}

/**
 * @param {{ text: string, at: number, devices: Found[] }} own
 * @param {Found[]} found
 * @param {(one?: Found) => void} take
 * @param {Redraw} redraw
 */
const field = (own, found, take, redraw) => html`
  <input
    id="palette"
    type="text"
    role="combobox"
    aria-label=${t("palette-title")}
    aria-expanded="true"
    aria-controls="palette-list"
    aria-activedescendant=${found.length ? `palette-${own.at}` : null}
    autocomplete="off"
    placeholder=${t("palette-hint")}
    value=${own.text}
    ref=${own.text ? null : takeFocus}
    oninput=${(e) => {
      Object.assign(own, { text: e.target.value, at: 0 });
      searchDevices(own, redraw);
      redraw();
    }}
    onkeydown=${(e) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[/** @type {string} */ (e.key)];
      if (e.key === "Enter") take(found[own.at]);
      else if (step) own.at = (own.at + step + found.length) % Math.max(1, found.length);
      else return;
      e.preventDefault();
      redraw();
      requestAnimationFrame(() => document.getElementById(`palette-${own.at}`)?.scrollIntoView({ block: "nearest" }));
    }} />
`;

/** @param {Found[]} found @param {number} at @param {(one: Found) => void} take */
const list = (found, at, take) =>
  !found.length
    ? html` <p class="soft" role="status">${t("none_fit")}</p> `
    : html`
        <ul id="palette-list" class="palette" role="listbox" aria-label=${t("palette-title")}>
          ${found.map(
            (one, i) => html`
              <li
                key=${i}
                id=${`palette-${i}`}
                role="option"
                aria-selected=${String(i === at)}
                onclick=${() => take(one)}>
                <span class="name">${one.text}</span>
                ${one.hint && html` <span class="hint soft small">${one.hint}</span> `}
                <span class="group soft small">${one.group}</span>
              </li>
            `,
          )}
        </ul>
      `;

/** @param {Found[]} all @param {string} text */
function fitting(all, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter(({ text: name, hint = "", also = "", group }) => {
    const said = `${name} ${hint} ${also} ${group}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

/** @returns {Found[]} */
const pages = () =>
  [...ITEMS, ["start", "/start"]].map(([name, address]) => ({
    group: t("palette-page"),
    text: t(name === "start" ? "start-title" : `nav-${name}`),
    act: () => go(address),
  }));

/** @returns {Found[]} */
const modules = () =>
  [...lab.modules.values()].map(({ name, model, imei }) => ({
    group: t("palette-module"),
    text: name,
    hint: `${model} ${imei}`,
    act: () => go(link("modules", name).slice(1)),
  }));

/** @returns {Found[]} */
function actions() {
  if (!may("operator")) return [];
  const group = t("palette-action");
  const advances = SPANS.map((span) => ({
    group,
    text: `${t("clock-advance")} ${span}`,
    act: async () => {
      const clock = await tryRequest(() => post("/clock/advance", { span }));
      if (clock) setClock(clock);
    },
  }));
  const added = {
    group,
    text: t("module-add"),
    act: () => {
      go("/modules");
      whenThere("#add-module", (button) => button.click());
    },
  };
  return [added, ...advances];
}

/** @param {Shortcut[]} shortcuts @returns {Found[]} */
const keys = (shortcuts) =>
  shortcuts.map(([key, text, act]) => ({ group: t("palette-action"), text: t(text), hint: key, act }));

/** @type {(own: { text: string, devices: Found[] }, redraw: Redraw) => void} */
const searchDevices = debounced(150, async (own, redraw) => {
  const { text } = own;
  if (text.trim().length < 2) return;
  const asked = lab.platforms.map(async ({ name }) => {
    const found = await get(`/platforms/${seg(name)}/devices${query({ containing: text.trim(), limit: DEVICES })}`);
    return found.map((/** @type {Device} */ one) => ({
      group: t("palette-device"),
      text: one.id,
      hint: one.model ?? "",
      also: text, // what the lab found it by may be a field that is not shown
      act: () => go(link("platforms", name, "devices", one.id).slice(1)),
    }));
  });
  const lists = await Promise.all(asked.map((one) => one.catch(() => [])));
  if (own.text !== text) return;
  own.devices = lists.flat();
  redraw();
});

/** The module whose page is shown, or the first there is. */
function moduleInView() {
  const named = /^#\/modules\/([^/?]+)/.exec(location.hash)?.[1];
  const all = [...lab.modules.keys()];
  return all.find((name) => encodeURIComponent(name) === named) ?? all[0];
}

/** @param {string} module @returns {Promise<Found[]>} */
async function commandsOf(module) {
  const rows = await get(`/modules/${seg(module)}/commands`).catch(() => []);
  return rows.map((/** @type {{ name: string, source: string, says: string }} */ one) => ({
    group: one.source,
    text: `AT${one.name}`,
    hint: one.says,
    act: () => {
      go(link("modules", module).slice(1));
      whenThere("#line", (line) => type(/** @type {HTMLInputElement} */ (line), `AT${one.name}`));
    },
  }));
}

/** @param {HTMLInputElement} line @param {string} text */
function type(line, text) {
  line.value = text;
  line.dispatchEvent(new Event("input", { bubbles: true }));
  line.focus();
}

/**
 * As soon as a page has it.
 * @param {string} css
 * @param {(element: HTMLElement) => unknown} then
 */
function whenThere(css, then) {
  const until = performance.now() + PATIENCE;
  const look = () => {
    /** @type {HTMLElement | null} */
    const found = document.querySelector(css);
    if (found) then(found);
    else if (performance.now() < until) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
