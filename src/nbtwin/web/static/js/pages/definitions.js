// Definitions of objects: those that the user brought, what is in each, and a DDF file as more of them.

import { html } from "../base/view.js";
import { call, del, get, query, seg } from "../base/api.js";
import { icon } from "../base/icons.js";
import { counted } from "../base/format.js";
import { t } from "../base/i18n.js";
import { resource } from "../base/lifecycle.js";
import { openDialog } from "../parts/dialog.js";
import { requireRole } from "../parts/require_role.js";
import { card, shown } from "../parts/states.js";
import { may } from "../state/access.js";
import { tryDestructive, tryRequest } from "../state/actions.js";
import { reloadOn } from "../state/changes.js";

/** @param {Lifecycle} lifecycle */
export function newDefinitions(lifecycle) {
  const own = { replace: false };
  /** @type {Resource<ObjectListed[]>} */
  const all = resource(lifecycle, () => get("/objects", { signal: lifecycle.signal }));
  reloadOn(lifecycle, ["objects"], all.reload);

  /** @param {File | undefined} file */
  async function bring(file) {
    if (!file) return;
    const asked = query(own.replace ? { replace: "true" } : {});
    await tryRequest(
      async () => call("POST", `/objects${asked}`, await file.arrayBuffer(), { raw: true }),
      t("definition-added"),
    );
    all.reload();
  }

  /** @param {ObjectListed} one */
  async function remove(one) {
    const question = { title: t("remove_title", { name: `/${one.id} ${one.version}` }), word: t("remove") };
    await tryDestructive(question, () => del(`/objects/${one.id}/${seg(one.version)}`));
    all.reload();
  }

  /** @param {ObjectListed} one */
  async function open(one) {
    /** @type {ObjectDefined} */
    const whole = await tryRequest(() => get(`/objects/${one.id}${query({ version: one.version })}`));
    if (!whole) return;
    openDialog(`${one.id} ${one.name} ${one.version}`, () => ({
      body: html`
        <div class="tablewrap">
          <table class="table" id="definition">
            <thead>
              <tr>
                ${["number", "name", "type", "operations", "range", "unit"].map(
                  (name) => html` <th key=${name}>${t(`definition-${name}`)}</th> `,
                )}
              </tr>
            </thead>
            <tbody>
              ${whole.resources.map(
                (row) => html`
                  <tr key=${row.id}>
                    <td class="mono">${row.id}</td>
                    <td>${row.name}${row.mandatory ? " *" : ""}</td>
                    <td>${row.multiple ? `${row.type} [ ]` : row.type}</td>
                    <td class="mono">${row.operations}</td>
                    <td class="mono">${row.range}</td>
                    <td>${row.unit}</td>
                  </tr>
                `,
              )}
            </tbody>
          </table>
        </div>
      `,
    }));
  }

  /** @param {ObjectListed} one */
  const row = (one) => html`
    <li key=${`${one.id} ${one.version}`} class="row" style=${{ "flex-wrap": "nowrap" }}>
      <button class="pick" onclick=${() => open(one)}>
        <b>${one.name}</b>
        <span class="mono">${`/${one.id} · ${one.version}`}</span>
      </button>
      ${
        one.source === "added" &&
        requireRole(
          "operator",
          html`
            <button
              class="plain small"
              aria-label=${`${t("remove")} ${one.id} ${one.version}`}
              onclick=${() => remove(one)}>
              ${icon("trash")}
            </button>
          `,
        )
      }
    </li>
  `;

  /** @param {ObjectListed[]} list */
  function lists(list) {
    const added = list.filter((one) => one.source === "added");
    const builtIn = list.filter((one) => one.source !== "added");
    return [
      added.length
        ? html`
            <ul class="picklist" id="definitions" key="added">
              ${added.map(row)}
            </ul>
          `
        : html` <p class="soft" key="none">${t("definition-none")}</p> `,
      html`
        <details key="built-in">
          <summary class="soft small">${t("definition-built_in", { n: counted(builtIn.length) })}</summary>
          <ul class="picklist">
            ${builtIn.map(row)}
          </ul>
        </details>
      `,
    ];
  }

  const view = () =>
    card(t("definition-title"), null, [
      html` <div key="lists">${shown(all, lists)}</div> `,
      html`
        <div
          key="up"
          class="stack"
          ondragover=${(e) => e.preventDefault()}
          ondrop=${(e) => {
            e.preventDefault();
            if (may("operator")) bring(e.dataTransfer.files[0]);
          }}>
          ${requireRole(
            "operator",
            html`
              <label class="field">
                ${t("definition-file")}
                <input
                  type="file"
                  id="definition-file"
                  accept=".xml,application/xml,text/xml"
                  onchange=${(e) => {
                    bring(e.target.files[0]);
                    e.target.value = "";
                  }} />
              </label>
            `,
            html`
              <label class="row">
                <input
                  type="checkbox"
                  checked=${own.replace}
                  onchange=${(e) => {
                    own.replace = e.target.checked;
                  }} />
                ${t("definition-replace")}
              </label>
            `,
          )}
        </div>
      `,
    ]);

  return { view };
}
