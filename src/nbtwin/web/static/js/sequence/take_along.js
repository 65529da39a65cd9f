// What is shown, to take along: copied as text, Mermaid, SVG or PNG, or a whole story as one HTML file. Knows the
// sequence and the forms.

import { html } from "../base/view.js";
import { API, query } from "../base/api.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";
import { toast } from "../parts/toast.js";
import { asMermaid, asPng, asSvg, asText, handOut, MOST, pageColours } from "./copies.js";
import { laneName } from "./heads.js";

/** @typedef {"text" | "mermaid" | "svg" | "png"} Form */
/** @type {Form[]} */
const FORMS = ["text", "mermaid", "svg", "png"];
const ENDINGS = { text: "txt", mermaid: "mmd", svg: "svg", png: "png" };
const MOST_OF_A_STORY = 3000; // entries
const LONGEST_LIST = 12_000; // characters of their numbers in an address

/**
 * @param {Lifecycle} lifecycle
 * @param {any} sequence what `newSequence` made
 * @param {{ story?: boolean }} [own] story: there is a lab that makes one
 */
export function takeAlong(lifecycle, sequence, { story = true } = {}) {
  /** The newest of what is shown, so many. @param {number} most @returns {Entry[]} */
  const shown = (most) => sequence.entries().slice(-most);

  /** @param {Entry[]} entries */
  function picture(entries) {
    const { layout, others } = sequence;
    return asSvg(entries, layout, (lane) => laneName(lane, layout, others(lane.kind)), pageColours());
  }

  /** @param {Form} form @returns {Promise<Blob>} */
  async function made(form) {
    const entries = shown(MOST);
    if (form === "png") return asPng(picture(entries));
    const text = form === "text" ? asText(entries) : form === "mermaid" ? asMermaid(entries) : picture(entries);
    return new Blob([text], { type: "text/plain" });
  }

  /** @param {Form} form */
  async function copy(form) {
    const total = sequence.entries().length;
    if (!total) return;
    const copied = await handOut(await made(form), `timeline.${ENDINGS[form]}`);
    const n = Math.min(total, MOST);
    toast(
      t(copied ? "take-copied" : "take-saved", { n, form: t(`take-${form}`) }) +
        (total > n ? ` ${t("take-cut", { total })}` : ""),
    );
    lifecycle.redraw();
  }

  /** The address of the story of what is shown: numbers as ranges, which are short where little is left out. */
  function storyAddress() {
    const numbers = shown(MOST_OF_A_STORY).map((entry) => entry.number);
    return `${API}/traces/story.html${query({ numbers: ranges(numbers) })}`;
  }

  /** @param {View[]} others further buttons */
  const view = (others) => html`
    <details class="picker take">
      <summary class="button small" id="take">${icon("save")}${t("take-along")}</summary>
      <div class="card">
        ${FORMS.map(
          (form) => html`
            <button key=${form} class="small" data-take=${form} onclick=${() => copy(form)}>
              ${t("take-copy", { form: t(`take-${form}`) })}
            </button>
          `,
        )}
        ${
          story &&
          html`
            <button class="small" id="story" onclick=${() => location.assign(storyAddress())}>
              ${t("take-story")}
            </button>
          `
        }
        ${others}
      </div>
    </details>
  `;

  return { copy, view };
}

/**
 * 1-3,7 for 1 2 3 7. Of a list that would be too long for an address: its end.
 * @param {number[]} numbers in order
 */
export function ranges(numbers) {
  /** @type {[number, number][]} */
  const found = [];
  for (const number of numbers) {
    const last = found[found.length - 1];
    if (last && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  let text = "";
  for (const [from, to] of found.reverse()) {
    const more = (from === to ? String(from) : `${from}-${to}`) + (text && `,${text}`);
    if (more.length > LONGEST_LIST) break;
    text = more;
  }
  return text;
}
