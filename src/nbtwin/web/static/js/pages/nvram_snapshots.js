// Snapshots of an NVRAM: taken, named, compared with each other and with now, brought back, thrown away.

import { html } from "../base/view.js";
import { del, get, post, query, seg } from "../base/api.js";
import { bytes, stamp } from "../base/format.js";
import { t } from "../base/i18n.js";
import { resource } from "../base/lifecycle.js";
import { requireRole } from "../parts/require_role.js";
import { shown } from "../parts/states.js";
import { tryDestructive, tryRequest } from "../state/actions.js";
import { reloadOn } from "../state/changes.js";
import { defaultMark, settingName, valueText } from "./nvram_values.js";

const NOW = ["saved", "in_use", "factory"];

/** @param {Lifecycle} lifecycle @param {string} path @param {Resource<NvramState>} content */
export function newSnapshots(lifecycle, path, content) {
  const own = {
    label: "",
    before: "",
    after: "saved",
    diff: /** @type {{ before: string, after: string, rows: NvramChange[] } | null} */ (null),
  };
  /** @type {Resource<Snapshot[]>} */
  const list = resource(lifecycle, () => get(`${path}/snapshots`, { signal: lifecycle.signal }));
  reloadOn(lifecycle, ["nvram"], list.reload);
  /** @param {string | number} side */
  const named = (side) => {
    const one = list.value?.find(({ id }) => String(id) === String(side));
    if (!one) return t(`nvram-side_${side}`);
    return `${one.label || `#${one.id}`} · ${stamp(one.at)}`;
  };

  async function take() {
    const taken = await tryRequest(
      () => post(`${path}/snapshots`, own.label ? { label: own.label } : {}),
      t("nvram-taken"),
    );
    if (taken) Object.assign(own, { label: "", before: String(taken.id) });
    list.reload();
  }

  /** @param {string} before @param {string} after */
  async function compare(before, after) {
    const rows = await tryRequest(() => get(`${path}/diff${query({ before, after })}`));
    if (rows) own.diff = { before, after, rows };
    lifecycle.redraw();
  }

  /** @param {Snapshot} one */
  async function restore(one) {
    const question = {
      title: t("nvram-restore_title", { name: named(one.id) }),
      text: t("nvram-restore_text"),
      word: t("nvram-restore"),
    };
    await tryDestructive(question, () => post(`${path}/restore`, { snapshot: one.id }), t("nvram-restored"));
    content.reload();
  }

  /** @param {Snapshot} one */
  async function forget(one) {
    const question = { title: t("remove_title", { name: named(one.id) }), word: t("remove") };
    await tryDestructive(question, () => del(`${path}/snapshots/${seg(one.id)}`));
    list.reload();
  }

  async function factory() {
    const question = { title: t("nvram-factory"), text: t("nvram-factory_text"), word: t("nvram-factory") };
    await tryDestructive(question, () => post(`${path}/factory-reset`), t("nvram-restored"));
    content.reload();
  }

  function view() {
    return [taking(), shown(list, snapshots), shown(list, comparing)];
  }

  const taking = () => html`
    <form
      key="f"
      class="row"
      onsubmit=${(e) => {
        e.preventDefault();
        take();
      }}>
      ${requireRole(
        "operator",
        html`
          <input
            class="grow"
            placeholder=${t("nvram-label")}
            aria-label=${t("nvram-label")}
            value=${own.label}
            oninput=${(e) => {
              own.label = e.target.value;
            }} />
        `,
        html` <button class="small">${t("nvram-snapshot")}</button> `,
        html` <button type="button" class="small bad-act" onclick=${factory}>${t("nvram-factory")}</button> `,
      )}
    </form>
  `;

  /** @param {Snapshot[]} all */
  const snapshots = (all) => html`
    <ul key="l" class="small" id="snapshots">
      ${all.map(
        (one) => html`
          <li key=${one.id} class="row">
            <span class="grow">
              ${one.label || `#${one.id}`}
              <span class="faint">${` ${one.at ? stamp(one.at) : ""} ${bytes(one.bytes)}`}</span>
            </span>
            <button class="small plain" onclick=${() => compare(String(one.id), "saved")}>${t("nvram-compare")}</button>
            ${requireRole(
              "operator",
              html` <button class="small plain" onclick=${() => restore(one)}>${t("nvram-restore")}</button> `,
              html`
                <button class="small plain" aria-label=${t("remove")} onclick=${() => forget(one)}>${"×"}</button>
              `,
            )}
          </li>
        `,
      )}
    </ul>
  `;

  /** @param {Snapshot[]} all */
  function comparing(all) {
    const sides = [...all.map(({ id }) => String(id)), ...NOW];
    if (!sides.includes(own.after)) own.after = "saved";
    if (!sides.includes(own.before)) own.before = all.length ? String(all[0].id) : "factory";
    /** @param {"before" | "after"} side @param {string} label */
    const chooser = (side, label) => html`
      <select
        aria-label=${label}
        id=${`compare-${side}`}
        value=${own[side]}
        onchange=${(e) => {
          own[side] = e.target.value;
          lifecycle.redraw();
        }}>
        ${sides.map(
          (one) => html` <option key=${one} value=${one} selected=${one === own[side]}>${named(one)}</option> `,
        )}
      </select>
    `;
    return html`
      <div key="c" class="row compare">
        ${chooser("before", t("nvram-before"))}<span aria-hidden="true">→</span>${chooser("after", t("nvram-after"))}
        <button class="small" id="compare" onclick=${() => compare(own.before, own.after)}>
          ${t("nvram-compare")}
        </button>
      </div>
    `;
  }

  /** What was compared; null: nothing is. */
  function difference() {
    if (!own.diff) return null;
    const { before, after, rows } = own.diff;
    return html`
      <div id="nvram-diff">
        <div class="row">
          <b>${t("nvram-diff", { before: named(before), after: named(after) })}</b>
          <button
            class="small"
            onclick=${() => {
              own.diff = null;
              lifecycle.redraw();
            }}>
            ${t("close")}
          </button>
        </div>
        ${
          rows.length
            ? html`
                <table class="table nvram">
                  <thead>
                    <tr>
                      <th>${t("nvram-setting")}</th>
                      <th>${named(before)}</th>
                      <th>${named(after)}</th>
                    </tr>
                  </thead>
                  <tbody>
                    ${rows.map(changeRow)}
                  </tbody>
                </table>
              `
            : html` <p class="soft">${t("nvram-no_diff")}</p> `
        }
      </div>
    `;
  }

  /** @param {NvramChange} change */
  function changeRow(change) {
    const setting = content.value?.settings.find(
      ({ name }) => change.name === name || change.name.startsWith(`${name}.`),
    );
    return html`
      <tr key=${change.name}>
        <td title=${change.name}>
          ${settingName(setting ?? { parameters: [], code: "", about: "", name: change.name })}
          ${setting && html` <span class="faint">${` ${setting.source}`}</span> `}
        </td>
        <td>${sideText(change, change.before, setting)}</td>
        <td>${sideText(change, change.after, setting)}</td>
      </tr>
    `;
  }

  /**
   * What was never saved is the default, where there is one.
   * @param {NvramChange} change @param {any} value @param {NvramSetting | undefined} setting
   */
  function sideText(change, value, setting) {
    if (value !== null) return valueText(change, value);
    const known = setting?.name === change.name ? setting.default : null;
    return known === null ? t("nvram-never") : [valueText(change, known), defaultMark()];
  }

  return { view, difference };
}
