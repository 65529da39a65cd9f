// A story: a part of a lab's time line as one HTML file that needs nothing else. The console's own diagram, which the
// file itself answers instead of a lab. Knows what is told in the page.

import { html, mount } from "../base/view.js";
import { currentLanguage, LANGUAGES, setLanguage, startLanguage, t } from "../base/i18n.js";
import { counted, stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { newLifecycle, throttled } from "../base/lifecycle.js";
import { keepQuery } from "../base/router.js";
import { setZone } from "../base/zone.js";
import { header } from "../parts/states.js";
import { readPlace } from "../sequence/address.js";
import { takeAlong } from "../sequence/take_along.js";
import { newSequence } from "../sequence/view.js";
import { install, pageShortcuts } from "../shell/shortcuts.js";
import { nextTheme, startTheme } from "../shell/theme.js";
import { lab } from "../state/lab.js";
import { KEPT, loadRecent, timeline } from "../state/timeline.js";
import { answerFrom } from "./answers.js";

const told = JSON.parse(document.getElementById("told")?.textContent ?? "{}");
globalThis.fetch = answerFrom(told);

async function start() {
  startTheme();
  setZone(told.zone);
  await startLanguage();
  lab.modules = new Map(told.modules.map((/** @type {LabModule} */ module) => [module.name, module]));
  lab.loaded = true;
  await loadRecent(KEPT);
  let redraw = () => {};
  const lifecycle = newLifecycle(() => redraw());
  const asked = new URLSearchParams(location.hash.split("?")[1] ?? "");
  const sequence = newSequence(lifecycle, { place: readPlace(asked) });
  const taking = takeAlong(lifecycle, sequence, { story: false });
  redraw = mount(/** @type {HTMLElement} */ (document.getElementById("app")), () => {
    keepQuery(sequence.whereNow());
    return view(sequence, taking, throttled(0, redraw));
  });
  addEventListener("hashchange", () => location.reload()); // a link to an entry
  pageShortcuts(sequence.shortcuts);
  install([
    ["l", "language_switch", () => otherLanguage(redraw)],
    ["b", "theme_switch", () => nextTheme()],
  ]);
}

/** @param {Redraw} redraw */
const otherLanguage = (redraw) => setLanguage(currentLanguage() === "en" ? "zh" : "en").then(redraw);

/**
 * @param {ReturnType<typeof newSequence>} sequence
 * @param {ReturnType<typeof takeAlong>} taking
 * @param {Redraw} redraw
 */
function view(sequence, taking, redraw) {
  const { entries } = timeline;
  const kept = t("seq-kept", { n: counted(entries.length) });
  const last = entries[entries.length - 1];
  document.title = t("story-title");
  return html`
    <main class="page fills">
      ${header(t("story-title"), {
        sub: entries.length ? `${stamp(entries[0].at)} – ${stamp(last.at)} · ${kept}` : "",
        acts: [
          html`
            <button class="small" id="language" onclick=${() => otherLanguage(redraw)}>
              ${LANGUAGES[currentLanguage() === "en" ? "zh" : "en"]}
            </button>
          `,
          html`
            <button class="small" aria-label=${t("theme_switch")} onclick=${() => nextTheme()}>${icon("auto")}</button>
          `,
          taking.view([]),
        ],
      })}
      ${sequence.view()}
      <p class="soft small">${t("story-redacted")}</p>
    </main>
  `;
}

start();
