// One module: its terminal, why it is where it is and what it waits for, its switches, its
// sockets, its NVRAM, its own time line.

import { html } from "../base/view.js";
import { del, get, seg } from "../base/api.js";
import { countdown, stamp, zonedTime } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word, wordsOf } from "../base/i18n.js";
import { recall, remember } from "../base/prefs.js";
import { go, link } from "../base/router.js";
import { resource, throttled } from "../base/lifecycle.js";
import { andlinkPill, attachPill, operatorPill, powerPill } from "../parts/module_state.js";
import { requireRole } from "../parts/require_role.js";
import { card, facts, header, loading, notThere, toggle, wrong } from "../parts/states.js";
import { newSequence } from "../sequence/view.js";
import { pageShortcuts } from "../shell/shortcuts.js";
import { tryDestructive } from "../state/actions.js";
import { lab, labNow } from "../state/lab.js";
import { subscribe } from "../state/topics.js";
import { internetCard } from "./internet.js";
import { newNvram } from "./nvram.js";
import { standingView } from "./standing.js";
import { newSwitches } from "./switches.js";
import { newTerminal } from "./terminal.js";

/** @param {Params} own @param {Lifecycle} lifecycle */
export function modulePage({ name }, lifecycle) {
  const own = { split: recall("split", false) };
  const terminal = newTerminal(lifecycle, name);
  const sequence = newSequence(lifecycle, { place: { modules: [name] }, short: true });
  const switches = newSwitches(lifecycle, name);
  const nvram = newNvram(lifecycle, name);
  const deadlines = resource(lifecycle, () => get(`/modules/${seg(name)}/deadlines`, { signal: lifecycle.signal }));
  const soon = throttled(400, deadlines.reload);
  lifecycle.onEnd(
    subscribe(
      "entry",
      (entry) => entry.source === name && (entry.kind === "deadline" || entry.kind === "state") && soon(),
    ),
  );
  let due = "";
  lifecycle.onEnd(
    subscribe("modules", () => {
      const now = JSON.stringify(lab.modules.get(name)?.waiting?.at);
      if (now !== due) soon();
      due = now;
    }),
  );
  lifecycle.onEnd(pageShortcuts(sequence.shortcuts));
  lifecycle.every(250, () => lifecycle.redraw());

  const timeLine = () => card(t("seq-title"), null, sequence.view());

  /** @param {boolean} split */
  function setSplit(split) {
    own.split = split;
    remember("split", split);
    lifecycle.redraw();
  }

  function view() {
    const module = lab.modules.get(name);
    if (!module) return lab.loaded ? gone(name) : lab.error ? wrong(lab.error) : loading();
    return [
      header(name, {
        crumbs: [html` <a href="#/modules">${t("nav-modules")}</a> `, ` / ${name}`],
        sub: [
          html` <b>${module.model}</b> `,
          powerPill(module),
          attachPill(module),
          operatorPill(module),
          andlinkPill(module),
        ],
        acts: [
          html`
            <a class="button" href=${`${link("timeline")}?module=${encodeURIComponent(name)}`}>
              ${icon("timeline")}${t("module-timeline")}
            </a>
          `,
          requireRole(
            "operator",
            html` <button class="bad-act" onclick=${() => remove(name)}>${icon("trash")}${t("remove")}</button> `,
          ),
        ],
      }),
      html`
        <div class=${`module-page ${own.split ? "split" : ""}`}>
          <section class="card term" aria-label=${t("terminal-title")}>
            <header>
              <h2>${t("terminal-title")}</h2>
              <span class="soft small mono">${module.serial}</span>
              <div class="acts">
                ${toggle(t("terminal-split"), own.split, setSplit, { id: "split" })}
                ${toggle(t("terminal-explain_all"), terminal.all, terminal.setAll)}
                <button class="plain small" onclick=${terminal.clear}>${t("terminal-clear")}</button>
              </div>
            </header>
            <div class="body flush">${terminal.view()}</div>
          </section>
          ${own.split && html` <div class="beside">${timeLine()}</div> `}
          <div class="stack">
            ${card(t("deadlines-title"), null, [standingView(module, terminal), waiting(deadlines, module)])}
            ${card(t("switches-title"), null, switches.view(module))}
            ${card(
              t("module-identity"),
              null,
              facts([
                ["IMEI", module.imei, true],
                ["IMSI", module.imsi, true],
                ["ICCID", module.iccid, true],
                [t("module-firmware"), module.firmware, true],
                [t("module-serial"), module.serial, true],
                [t("module-function"), module.function, true],
              ]),
            )}
          </div>
          ${internetCard(module)}${!own.split && html` <div class="whole">${timeLine()}</div> `}
          <div class="whole">${nvram.view()}</div>
        </div>
      `,
    ];
  }
  return { title: () => name, view };
}

/** @param {Resource<Waiting[]>} deadlines @param {LabModule} module */
function waiting(deadlines, module) {
  const known = deadlines.value?.length ? deadlines.value : module.waiting ? [module.waiting] : [];
  const now = labNow();
  const list = known.filter((one) => one.at > now - 2);
  if (!list.length) return html` <p class="soft small">${t("deadlines-none")}</p> `;
  return html`
    <ul class="deadlines" id="deadlines">
      ${list.map(
        (one, i) => html`
          <li key=${`${one.at}${one.code}`} class=${i === 0 ? "first" : ""}>
            <span class="in" role="timer">${countdown(one.at - now)}</span>
            <span title=${wordsOf(one)}>
              ${wordsOf(one)}
              <span class="faint small">
                ${one.part ? `${word("part", one.part)} · ` : ""}
                ${one.at - now > 43200 ? stamp(one.at) : zonedTime(one.at, 0)}
              </span>
            </span>
          </li>
        `,
      )}
    </ul>
  `;
}

/** @param {string} name */
const gone = (name) => notThere("modules", name, t("module-gone", { name }), "/modules");

/** @param {string} name */
async function remove(name) {
  const question = { title: t("module-remove_title", { name }), text: t("module-remove_text"), word: t("remove") };
  const done = await tryDestructive(question, () => del(`/modules/${seg(name)}`), t("module-removed", { name }));
  if (done !== undefined) go("/modules");
}
