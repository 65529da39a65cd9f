// Who may register with a platform: appkeys and their passwords (CMDMP), or the keys of each device (Andlink). Masked
// by the lab.

import { html } from "../base/view.js";
import { del, get, post, put, query, seg } from "../base/api.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";
import { openDialog } from "../parts/dialog.js";
import { requireRole } from "../parts/require_role.js";
import { formField } from "../parts/fields.js";
import { empty, loading, toggle, wrong } from "../parts/states.js";
import { tryDestructive, tryForm } from "../state/actions.js";

/**
 * @typedef {object} KeyKind
 * @property {[name: string, text: string, secret: boolean][]} fields
 * @property {(platform: string, reveal: boolean | undefined) => Promise<Record<string, string>[]>} list
 * @property {(platform: string, own: Record<string, string>) => Promise<unknown>} add
 * @property {(platform: string, key: Record<string, string>) => Promise<unknown>} remove
 * @property {string} name of the field that names a key
 */

/** @type {KeyKind} */
const APPKEYS = {
  fields: [
    ["appkey", "appkey", false],
    ["password", "keys-password", true],
  ],
  list: (_, reveal) => get(`/appkeys${query({ reveal })}`),
  add: (_, own) => post("/appkeys", own),
  remove: (_, key) => del(`/appkeys/${seg(key.appkey)}`),
  name: "appkey",
};

/** @type {KeyKind} */
const DEVICE_KEYS = {
  fields: [
    ["device", "keys-device", false],
    ["bootstrap_key", "keys-bootstrap_key", true],
    ["key", "keys-key", true],
  ],
  list: (platform, reveal) => get(`/platforms/${seg(platform)}/keys${query({ reveal })}`),
  add: (platform, { device, ...keys }) => put(`/platforms/${seg(platform)}/keys/${seg(device)}`, keys),
  remove: (platform, key) => del(`/platforms/${seg(platform)}/keys/${seg(key.device)}`),
  name: "device",
};

/** @param {string} platform @param {string | undefined} operator */
export function manageKeys(platform, operator) {
  const kind = operator === "andlink" ? DEVICE_KEYS : APPKEYS;
  /** @type {Record<string, string>[] | null} */
  let list = null;
  /** @type {any} */
  let problem = null;
  /** @type {Record<string, string>} */
  let own = {};
  const form = { problem: /** @type {unknown} */ (null) };
  let asked = false;
  let revealed = false;

  openDialog(t("keys-title"), ({ redraw }) => {
    async function load() {
      try {
        list = await kind.list(platform, revealed || undefined);
      } catch (error) {
        problem = error;
      }
      redraw();
    }
    /** @param {boolean} on */
    function reveal(on) {
      revealed = on;
      load();
    }
    async function add() {
      const fields = kind.fields.map(([name]) => name);
      if (await tryForm(form, fields, () => kind.add(platform, own), t("keys-added"))) own = {};
      load();
    }
    /** @param {Record<string, string>} key */
    async function remove(key) {
      const question = { title: t("keys-remove"), text: key[kind.name], word: t("remove") };
      await tryDestructive(question, () => kind.remove(platform, key));
      load();
    }
    if (!asked) {
      asked = true;
      load();
    }
    /** @param {Record<string, string>} key */
    const row = (key) => html`
      <tr key=${key[kind.name]}>
        ${kind.fields.map(([name]) => html` <td key=${name} class="mono">${key[name]}</td> `)}
        <td class="right">
          ${requireRole(
            "admin",
            html`
              <button
                type="button"
                class="small plain"
                aria-label=${`${t("remove")} ${key[kind.name]}`}
                onclick=${() => remove(key)}>
                ${icon("trash")}
              </button>
            `,
          )}
        </td>
      </tr>
    `;
    /** @param {string} text */
    const label = (text) => (text === "appkey" ? text : t(text));
    return {
      body: [
        problem
          ? wrong(problem)
          : !list
            ? loading()
            : !list.length
              ? empty("keys", t("keys-none"))
              : html`
                  <table class="table">
                    <thead>
                      <tr>
                        ${kind.fields.map(([name, text]) => html` <th key=${name}>${label(text)}</th> `)}
                        <td></td>
                      </tr>
                    </thead>
                    <tbody>
                      ${list.map(row)}
                    </tbody>
                  </table>
                `,
        html` <div>${requireRole("admin", toggle(t("keys-reveal"), revealed, reveal, { id: "reveal" }))}</div> `,
        html`
          <div class="form">
            ${requireRole(
              "admin",
              kind.fields.map(([name, text, secret]) =>
                formField(
                  { label: label(text), name, id: `key-${name}`, error: form.problem },
                  (about) => html`
                    <input
                      class="mono"
                      type=${secret ? "password" : "text"}
                      autocomplete=${secret ? "new-password" : "off"}
                      value=${own[name] ?? ""}
                      ...${about}
                      oninput=${(e) => {
                        own[name] = e.target.value;
                      }} />
                  `,
                ),
              ),
              html` <button type="submit" class="main-act" onclick=${add}>${t("keys-add")}</button> `,
            )}
          </div>
        `,
      ],
    };
  });
}
