// What can be done with the entry that is open: follow what it belongs to, compare it, link to it. Knows entries and
// what is done, no drawing of them.

import { html } from "../base/view.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";
import { followable } from "./follow.js";

/**
 * @param {Entry} entry
 * @param {object} own
 * @param {Map<string, string>} own.imeis
 * @param {(values: Partial<SequencePlace>) => void} own.change
 * @param {(on: boolean) => void} own.pick
 * @param {boolean} own.short
 */
export const entryActs = (entry, { imeis, change, pick, short }) => html`
  <div class="row acts-of">
    ${
      !short &&
      followable(entry, imeis).map(
        (followed) => html`
          <button key=${followed.kind} class="small" data-follow=${followed.kind} onclick=${() => change({ followed })}>
            ${t(`follow-${followed.kind}_act`, { n: followed.number })}
          </button>
        `,
      )
    }${
      !short &&
      entry.fields.data &&
      html` <button class="small" id="compare" onclick=${() => pick(true)}>${t("compare-with")}</button> `
    }
    <a class="button small" href=${`#/timeline?entry=${entry.number}`} title=${t("link-entry")}>
      ${icon("right")}${t("link-entry")}
    </a>
  </div>
`;
