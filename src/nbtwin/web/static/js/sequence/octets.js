// Bytes beside the fields that they say: each field has a tint, and one that is pointed at lights up its bytes. Knows
// bytes and decoded fields, no entry.

import { html } from "../base/view.js";

export const MOST_BYTES = 2048;
/** @type {Set<number>} */
const NONE = new Set();

/**
 * @param {DecodedField[]} fields
 * @param {ByteRange | null} on
 * @param {(field: DecodedField | null) => void} light
 */
export function fieldTable(fields, on, light) {
  return html`
    <table class="table fields">
      <tbody>
        ${fields.map((field, i) => {
          const depth = field.name.length - field.name.trimStart().length;
          return html`
            <tr
              key=${i}
              tabindex="0"
              class=${on && on.start === field.start && on.end === field.end ? "on" : ""}
              onmouseenter=${() => light(field)}
              onfocus=${() => light(field)}>
              <td class="name">
                <div style=${{ "padding-left": `${depth * 5}px` }}>
                  <i class=${`tint t${i % 6}`}></i>
                  <span>${field.name.trim()}</span>
                </div>
              </td>
              <td class="mono">${field.value}</td>
              <td class="src">${field.source}</td>
            </tr>
          `;
        })}
      </tbody>
    </table>
  `;
}

/**
 * Which field each byte belongs to: of several, the one with the fewest bytes.
 * @param {number} length
 * @param {DecodedField[]} fields
 */
function owners(length, fields) {
  const found = new Array(length);
  fields.forEach((field, index) => {
    const size = field.end - field.start;
    for (let i = field.start; i < Math.min(field.end, length); i++)
      if (found[i] === undefined || size <= fields[found[i]].end - fields[found[i]].start) found[i] = index;
  });
  return found;
}

/**
 * @param {Uint8Array} bytes
 * @param {DecodedField[]} fields
 * @param {ByteRange | null} on
 * @param {(field: DecodedField | null) => void} light
 * @param {Set<number>} [differs] bytes that another packet does not have
 */
export function hexRows(bytes, fields, on, light, differs = NONE) {
  const tints = owners(bytes.length, fields);
  const rows = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const line = bytes.slice(at, at + 16);
    rows.push(html`
      <div key=${at} class="hexrow">
        <span class="at">${at.toString(16).padStart(4, "0")}</span>
        <span class="octets">${Array.from(line, (b, i) => octet(b.toString(16).padStart(2, "0"), at + i))}</span>
        <span class="chars">
          ${Array.from(line, (b, i) => octet(b > 31 && b < 127 ? String.fromCharCode(b) : "·", at + i))}
        </span>
      </div>
    `);
  }
  return rows;

  /** @param {string} text @param {number} i */
  function octet(text, i) {
    const field = fields[tints[i]];
    const lit = on && i >= on.start && i < on.end;
    return html`
      <span
        class=${`${field ? `t${tints[i] % 6}` : ""} ${lit ? "on" : ""} ${differs.has(i) ? "differs" : ""}`}
        title=${field ? `${field.name.trim()}: ${field.value}` : null}
        onmouseenter=${() => field && light(field)}>
        ${text}
      </span>
    `;
  }
}
