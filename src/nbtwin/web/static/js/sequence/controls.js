// What the time line is narrowed and moved with: zoom, modules, search, kinds, times. Knows the sequence that it is
// given, no entries.

import { html } from "../base/view.js";
import { stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word } from "../base/i18n.js";
import { search, segments } from "../parts/states.js";
import { lab } from "../state/lab.js";
import { timeline } from "../state/timeline.js";
import { KINDS } from "./lanes.js";
import { ZOOMS } from "./rows.js";

const MOST_NAMES = 100; // in the list of modules; the search finds the others

/** @param {SequenceOwn} own @param {SequenceActs} acts */
export const controls = (own, acts) => html`
  <div class="seq-controls">
    ${segments(
      t("seq-zoom"),
      ZOOMS.map(([name], i) => [i, t(`zoom-${name}`)]),
      own.zoom,
      (zoom) => acts.setZoom(zoom),
    )}${!own.short && lab.modules.size > 1 && picker(own, acts)}${
      !own.short && search(t("seq-search"), own.text, (text) => acts.change({ text }))
    }${!own.short && places(own, acts)}${chips(own, acts)}
    <div class="kinds" role="group" aria-label=${t("seq-show")}>
      ${KINDS.map(
        (kind) => html`
          <button
            key=${kind}
            class=${`kind ${kind}`}
            aria-pressed=${String(own.kinds.has(kind))}
            data-kind=${kind}
            onclick=${() => acts.showKind(kind)}>
            ${word("kind", kind)}
          </button>
        `,
      )}
    </div>
  </div>
`;

/**
 * The modules that are looked at: all, or those that are ticked.
 * @param {SequenceOwn} own
 * @param {SequenceActs} acts
 */
function picker(own, acts) {
  const chosen = new Set(own.modules);
  const needle = own.looked.toLowerCase();
  const names = [...lab.modules.keys()].filter((name) => name.toLowerCase().includes(needle));
  const shown = [...names.filter((name) => chosen.has(name)), ...names.filter((name) => !chosen.has(name))];
  const said = !chosen.size
    ? t("seq-all_modules")
    : chosen.size === 1
      ? own.modules[0]
      : t("seq-some_modules", { n: chosen.size });
  return html`
    <details class="picker" ontoggle=${(/** @type {any} */ event) => acts.opened(event.currentTarget)}>
      <summary class="button small" id="modules">${said}${icon("down")}</summary>
      <div class="card">
        <input
          type="search"
          placeholder=${t("seq-search")}
          aria-label=${t("seq-module")}
          value=${own.looked}
          oninput=${(/** @type {any} */ event) => acts.look(event.target.value)} />
        <button class="small" disabled=${!chosen.size} onclick=${() => acts.change({ modules: [] })}>
          ${t("seq-all_modules")}
        </button>
        <div class="names">
          ${shown.slice(0, MOST_NAMES).map(
            (name) => html`
              <label key=${name} class="check">
                <input
                  type="checkbox"
                  data-module=${name}
                  checked=${chosen.has(name)}
                  onchange=${() => acts.tick(name)} />
                ${name}
              </label>
            `,
          )}
        </div>
        ${
          shown.length > MOST_NAMES &&
          html` <p class="soft small">${t("seq-more_modules", { n: shown.length - MOST_NAMES })}</p> `
        }
      </div>
    </details>
  `;
}

/** @param {SequenceOwn} own @param {SequenceActs} acts */
const places = (own, acts) => html`
  <button class="small" id="beginning" disabled=${own.sliding} onclick=${() => acts.moveTo(null)}>
    ${t("seq-beginning")}
  </button>
  <input
    id="moment"
    class="moment"
    aria-label=${t("seq-moment")}
    aria-invalid=${String(own.wrongTime)}
    title=${t("seq-moment")}
    placeholder=${timeline.entries.length ? stamp(timeline.entries[0].at) : ""}
    onchange=${acts.timeGiven} />
`;

/**
 * What narrows the view beside kinds and words, each to be taken off.
 * @param {SequenceOwn} own
 * @param {SequenceActs} acts
 */
const chips = (own, acts) => [
  own.span &&
    html`
      <button key="span" class="small chip" onclick=${() => acts.change({ span: null })}>
        ${`${stamp(own.span[0])} – ${stamp(own.span[1])}`}${icon("close")}
      </button>
    `,
  own.followed &&
    html`
      <button key="followed" id="followed" class="small chip" onclick=${() => acts.change({ followed: null })}>
        ${t(`follow-${own.followed.kind}`, { n: own.followed.number })}${icon("close")}
      </button>
    `,
  own.followed &&
    own.followed.kind === "registration" &&
    html`
      <button
        key="compare"
        id="compare-runs"
        class="small"
        onclick=${() => acts.askRun(`registration.${own.followed?.number}`)}>
        ${t("compare-with")}
      </button>
    `,
  own.runs &&
    html`
      <button key="runs" id="runs" class="small chip" onclick=${() => acts.change({ runs: null })}>
        ${t("compare-runs")}${icon("close")}
      </button>
    `,
  own.picking &&
    html`
      <button key="picking" id="picking" class="small chip" onclick=${() => acts.pick(false)}>
        ${t("compare-pick", { n: own.chosen ?? 0 })}${icon("close")}
      </button>
    `,
];
