// Fields of forms, and what the lab said of them: its refusal stands beside the field that it is about, in words.

import { html } from "../base/view.js";
import { Problem } from "../base/api.js";
import { errorText } from "../base/problems.js";
import { word } from "../base/i18n.js";

/**
 * A field of a request, as people call it: `field-…` of the words, else its own name.
 * @param {string} name
 */
export const fieldWord = (name) => word("field", name.replaceAll(/[^\w-]/g, "_"), () => name);

/**
 * Is this refusal about that field? A line that stands for several fields says which of them in `where`.
 * @param {unknown} error
 * @param {string} name
 */
export const isAbout = (error, name) =>
  error instanceof Problem && (error.field === name || error.fields.where === name);

/** @param {any} error @param {string} name */
function saidOf(error, name) {
  const { where } = error.fields;
  return where && where !== name ? `${where}: ${errorText(error)}` : errorText(error);
}

/**
 * A labelled control with what is wrong about it below, which screen readers read with it.
 * @param {{ label: View, name: string, id: string, error?: unknown }} about
 * @param {(wrong: Record<string, string | null>) => View} control takes attributes for the control
 */
export function formField({ label, name, id, error = null }, control) {
  const wrong = isAbout(error, name);
  const told = `${id}-wrong`;
  return html`
    <div class="field" key=${name}>
      <label for=${id}>${label}</label>
      ${control({ id, "aria-invalid": wrong ? "true" : null, "aria-describedby": wrong ? told : null })}
      ${wrong && html` <p class="field-wrong" id=${told} role="alert">${saidOf(error, name)}</p> `}
    </div>
  `;
}
