// NVRAM as the model's document has it: what is in use, what is saved, what the next boot changes. Each value is
// changed in place by the command that does it; snapshots to compare and to return to.

import { html } from "../base/view.js";
import { get, seg } from "../base/api.js";
import { NVRAM_WRITERS } from "../base/facts.js";
import { t, word, wordsOf } from "../base/i18n.js";
import { icon } from "../base/icons.js";
import { resource, throttled } from "../base/lifecycle.js";
import { requireRole } from "../parts/require_role.js";
import { card, scrolls, shown, toggle } from "../parts/states.js";
import { subscribe } from "../state/topics.js";
import { newSettingForm } from "./nvram_form.js";
import { newSnapshots } from "./nvram_snapshots.js";
import { defaultMark, settingName, valueText } from "./nvram_values.js";
import { reloadOn } from "../state/changes.js";

/** @param {Lifecycle} lifecycle @param {string} name */
export function newNvram(lifecycle, name) {
  const own = { only: false };
  const path = `/modules/${seg(name)}/nvram`;
  /** @type {Resource<NvramState>} */
  const content = resource(lifecycle, () => get(path, { signal: lifecycle.signal }));
  const form = newSettingForm(lifecycle, name);
  const snapshots = newSnapshots(lifecycle, path, content);
  const soon = throttled(700, content.reload);
  reloadOn(lifecycle, ["nvram"], content.reload);
  lifecycle.onEnd(
    subscribe(
      "entry",
      (entry) => entry.source === name && (entry.kind === "at.in" || NVRAM_WRITERS.has(entry.code)) && soon(),
    ),
  );

  function view() {
    return card(
      t("nvram-title"),
      [
        toggle(t("nvram-only"), own.only, (only) => {
          own.only = only;
          lifecycle.redraw();
        }),
      ],
      html`
        <div class="nvram-split">
          ${scrolls(t("nvram-title"), snapshots.difference() ?? shown(content, table))}
          <div class="stack">${snapshots.view()}</div>
        </div>
      `,
    );
  }

  /** @param {NvramState} known */
  function table({ settings }) {
    const waiting = settings.filter((row) => row.waiting);
    const seen = own.only ? waiting : settings;
    return [
      html`
        <p key="n" class="small soft" id="nvram-waiting">
          ${waiting.length ? t("nvram-differ", { n: waiting.length }) : t("nvram-same")}
        </p>
      `,
      seen.length > 0 &&
        html`
          <table key="t" class="table nvram" id="nvram">
            <thead>
              <tr>
                <th>${t("nvram-setting")}</th>
                <th>${t("nvram-in_use")}</th>
                <th>${t("nvram-saved")}</th>
                <th>${t("nvram-next")}</th>
              </tr>
            </thead>
            ${sections(seen)}
          </table>
        `,
    ];
  }

  /** @param {NvramSetting[]} settings */
  function sections(settings) {
    /** @type {Map<string, NvramSetting[]>} */
    const found = new Map();
    for (const row of settings) found.set(headOf(row), [...(found.get(headOf(row)) ?? []), row]);
    return [...found.entries()].map(
      ([head, rows]) => html`
        <tbody key=${head}>
          <tr class="section">
            <th colspan="4" scope="rowgroup">${sectionTitle(rows[0])}</th>
          </tr>
          ${rows.flatMap(rowOf)}
        </tbody>
      `,
    );
  }

  /** @param {NvramSetting} row */
  function rowOf(row) {
    const next = row.saved ?? row.default;
    const used = row.in_use ?? row.default;
    return [
      html`
        <tr key=${row.name} class=${row.waiting ? "differs" : ""} data-setting=${row.name}>
          <td title=${row.name}>${settingName(row)}</td>
          <td>${valueText(row, used)}${row.in_use === null && used !== null && defaultMark()}</td>
          <td>
            ${row.saved === null ? html` <span class="faint">${t("nvram-never")}</span> ` : valueText(row, row.saved)}
          </td>
          <td class="next">
            ${row.waiting && html` <span>${"→ "}${valueText(row, next)}${row.saved === null && defaultMark()}</span> `}
            ${
              row.write &&
              requireRole(
                "operator",
                html`
                  <button
                    class="small plain"
                    aria-expanded=${String(form.setting?.name === row.name)}
                    aria-label=${t("nvram-edit_one", { name: row.parameters.join(", ") })}
                    onclick=${() => form.toggle(row, content.value?.settings ?? [])}>
                    ${icon("edit")}
                  </button>
                `,
              )
            }
          </td>
        </tr>
      `,
      form.setting?.name === row.name &&
        html`
          <tr key=${`${row.name} form`} class="form-row">
            <td colspan="4">${form.view()}</td>
          </tr>
        `,
    ];
  }

  return { view };
}

/** @param {NvramSetting} row */
const headOf = (row) => row.command || row.name.match(/^successes\.\w+/)?.[0] || "";

/** @param {NvramSetting} row */
function sectionTitle(row) {
  const [of, operator] = row.name.split(".");
  if (of === "successes") return `${t("nvram-success")} · ${word("operator", operator)}`;
  if (!row.command) return t("nvram-own");
  return [
    html` <code key="c">${`AT${row.command}`}</code> `,
    ` ${row.says ? wordsOf({ code: row.says }) : ""} `,
    html` <span key="s" class="faint">${row.source}</span> `,
  ];
}
