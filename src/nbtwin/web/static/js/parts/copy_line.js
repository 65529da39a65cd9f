// A line to take elsewhere: shown whole, copied at the push of a button.

import { html } from "../base/view.js";
import { t } from "../base/i18n.js";
import { toast } from "./toast.js";

/** @param {string} text @param {string | null} [id] */
export const copyLine = (text, id = null) => html`
  <div class="copy-line">
    <pre id=${id} tabindex="0">${text}</pre>
    <button class="small" aria-label=${`${t("docs-copy")}: ${text.slice(0, 40)}`} onclick=${() => copy(text)}>
      ${t("docs-copy")}
    </button>
  </div>
`;

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("docs-copied"));
  } catch {
    toast(t("docs-copy_refused"), "bad");
  }
}
