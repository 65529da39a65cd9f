// What a platform remarks on a device's last registration: code, words, who says so, and the entry that it came with.

import { html } from "../base/view.js";
import { isRegistration } from "../base/facts.js";
import { t, wordsOf } from "../base/i18n.js";
import { card, pill } from "../parts/states.js";

/** Who says how it has to be, by the part of the code behind "remark-". @type {[string, string][]} */
const SOURCES = [
  ["imei", "3GPP TS 23.003 6.2.1"],
  ["imsi", "3GPP TS 23.003 2.2"],
  ["iccid", "ITU-T E.118 4.1"],
  ["content-format", "RFC 7252 12.3"],
];
/** @type {Record<string, string>} */
const BY_OPERATOR = { telecom: "DOC-C 2.1.4", unicom: "DOC-C 2.1.4", cmdmp: "DOC-C 2.2.3", andlink: "DOC-E 3.3" };

/**
 * @param {Device} device
 * @param {Entry[]} entries about it, the newest first
 * @param {boolean} strict
 */
export function remarksCard(device, entries, strict) {
  if (!device.remarks?.length) return null;
  const entry = entries.find((one) => isRegistration(one));
  return card(
    t("remark-title"),
    [
      pill(strict ? "bad" : "warm", t(strict ? "remark-strict" : "remark-taken")),
      entry && html` <a class="small" href=${`#/timeline?entry=${entry.number}`}>${t("live-entry")}</a> `,
    ],
    html`
      <ul class="remarks" id="remarks">
        ${device.remarks.map(
          (/** @type {{ code: string }} */ { code, ...fields }, /** @type {number} */ i) => html`
            <li key=${i}>
              <span>${wordsOf({ code, fields })}</span>
              <span class="small soft">${`${sourceOf(code, device.platform)} · D138`}</span>
              <code class="small faint">${code}</code>
            </li>
          `,
        )}
      </ul>
    `,
    { flush: true },
  );
}

/** @param {string} code @param {string} platform */
export function sourceOf(code, platform) {
  const about = code.slice("remark-".length);
  return SOURCES.find(([part]) => about.startsWith(part))?.[1] ?? BY_OPERATOR[platform] ?? "";
}
