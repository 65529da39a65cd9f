// What may be done to many devices: what exactly is asked for, and the question that tells how many it touches.

import { html, takeFocus } from "../base/view.js";
import { post, seg } from "../base/api.js";
import { counted } from "../base/format.js";
import { t, word } from "../base/i18n.js";
import { attributesOf, numberOr, valueOf } from "../base/values.js";
import { openDialog } from "../parts/dialog.js";
import { formField, isAbout } from "../parts/fields.js";
import { wrong } from "../parts/states.js";

/** @typedef {"operate" | "tag" | "untag" | "group" | "take-back" | "deregister" | "forget"} BatchAct */

export const OPERATIONS = ["read", "write", "execute", "observe", "cancel", "discover", "write-attributes"];
const WITH_VALUE = new Set(["write", "execute", "write-attributes"]);
const CHANGES_LABELS = new Set(["tag", "untag", "group"]);
const ENDS = new Set(["take-back", "deregister", "forget"]); // cannot be undone

const GIVEN = { write: "order.value", execute: "order.arguments", "write-attributes": "order.attributes" };
const PLACED = ["order.path", "order.deadline", "labels.tags", "labels.group", ...Object.values(GIVEN)]; // have a field

/**
 * Ask what exactly, tell the number, begin. The batch, or null when nobody wanted to.
 * @param {object} asked
 * @param {string} asked.platform
 * @param {BatchAct} asked.act
 * @param {object} asked.of as the API takes it
 * @param {number} asked.count how many that are
 * @param {string[]} asked.known tags or groups that there are
 * @returns {Promise<BatchState | null>}
 */
export function askBatch({ platform, act, of, count, known }) {
  return new Promise((resolve) => {
    const own = { operation: "write", path: "/1/0/1", value: "", words: "", within: "", busy: false };
    /** @type {any} */
    let error = null;
    /** @type {BatchState | null} */
    let begun = null;
    let number = count;

    openDialog(t(`batch-${act}`), ({ close, redraw }) => {
      async function begin() {
        if (own.busy) return;
        own.busy = true;
        error = null;
        redraw();
        try {
          const body = { ...bodyOf(act, own), of, expected: number };
          begun = await post(`/platforms/${seg(platform)}/batches`, body);
          close();
        } catch (problem) {
          error = problem;
          number = /** @type {any} */ (problem).fields?.found ?? number; // asked again with the number that is true now
        }
        own.busy = false;
        redraw();
      }
      return {
        body: [
          html` <p id="batch-number">${t("batch-number", { n: counted(number) })}</p> `,
          act === "operate" && orderFields(own, redraw, error),
          CHANGES_LABELS.has(act) && wordsField(act, own, known, error),
          ENDS.has(act) && html` <p class="soft">${t(`batch-${act}_text`)}</p> `,
          error && !PLACED.some((name) => isAbout(error, name)) && wrong(error),
        ],
        foot: [
          html` <button type="button" onclick=${close}>${t("cancel")}</button> `,
          html`
            <button
              type="submit"
              id="batch-begin"
              class=${ENDS.has(act) ? "bad-act" : "main-act"}
              disabled=${own.busy}
              ref=${ENDS.has(act) ? takeFocus : null}
              onclick=${begin}>
              ${t("batch-begin", { n: counted(number) })}
            </button>
          `,
        ],
      };
    });
    document.querySelector("dialog:last-of-type")?.addEventListener("close", () => resolve(begun));
  });
}

/**
 * @param {BatchAct} act
 * @param {{ operation: string, path: string, value: string, words: string, within: string }} own
 */
export function bodyOf(act, { operation, path, value, words, within }) {
  const tags = words.split(/[\s,;]+/).filter(Boolean);
  if (act === "tag") return { act: "label", labels: { add: tags } };
  if (act === "untag") return { act: "label", labels: { remove: tags } };
  if (act === "group") return { act: "label", labels: { group: words.trim() } };
  if (act !== "operate") return { act };
  const hours = numberOr(within);
  const kept = within.trim() ? { within: typeof hours === "number" ? hours * 3600 : hours } : {};
  return { act, order: { operation, path: path.trim(), ...givenTo(operation, value), ...kept } };
}

/** @param {string} operation @param {string} value */
function givenTo(operation, value) {
  if (operation === "write") return { value: valueOf(value) };
  if (operation === "execute") return value ? { arguments: value } : {};
  if (operation !== "write-attributes") return {};
  return { attributes: attributesOf(value) };
}

/** @param {any} own @param {() => void} redraw @param {unknown} error */
const orderFields = (own, redraw, error) => html`
  <div class="form">
    <label class="field">
      ${t("objects-operation")}
      <select
        id="batch-operation"
        onchange=${(/** @type {any} */ e) => {
          own.operation = e.target.value;
          redraw();
        }}>
        ${OPERATIONS.map(
          (name) => html`
            <option key=${name} value=${name} selected=${name === own.operation}>${word("operation", name)}</option>
          `,
        )}
      </select>
    </label>
    ${field(t("objects-path"), "batch-path", own, "path", { focus: true, about: "order.path", error })}
    ${
      WITH_VALUE.has(own.operation) &&
      field(t("objects-value"), "batch-value", own, "value", {
        hint: own.operation === "write-attributes" ? "pmin=60 pmax=600" : "",
        about: /** @type {any} */ (GIVEN)[own.operation],
        error,
      })
    }
    ${field(t("batch-within"), "batch-within", own, "within", {
      hint: t("batch-within_usual"),
      about: "order.deadline",
      error,
    })}
  </div>
`;

/** @param {string} act @param {any} own @param {string[]} known @param {unknown} error */
const wordsField = (act, own, known, error) => html`
  <div>
    ${field(t(act === "group" ? "label-group" : "label-tags"), "batch-words", own, "words", {
      focus: true,
      list: "batch-known",
      about: act === "group" ? "labels.group" : "labels.tags",
      error,
    })}
    <datalist id="batch-known">${known.map((one) => html` <option key=${one} value=${one}></option> `)}</datalist>
  </div>
`;

/**
 * @param {string} text
 * @param {string} id
 * @param {any} own
 * @param {string} name
 * @param {{ hint?: string, focus?: boolean, list?: string, about?: string, error?: unknown }} [more]
 */
const field = (text, id, own, name, { hint = "", focus = false, list = "", about = "", error = null } = {}) =>
  formField(
    { label: text, name: about || name, id, error },
    (wrongness) => html`
      <input
        ...${wrongness}
        class="mono"
        placeholder=${hint}
        list=${list || null}
        value=${own[name]}
        ref=${focus ? takeFocus : null}
        oninput=${(/** @type {any} */ e) => {
          own[name] = e.target.value;
        }} />
    `,
  );
