// A device's name, group and tags: shown, and changed in a dialog.

import { html, takeFocus } from "../base/view.js";
import { put } from "../base/api.js";
import { t } from "../base/i18n.js";
import { openDialog } from "../parts/dialog.js";
import { wrong } from "../parts/states.js";
import { tagPills } from "./inventory.js";

/** @param {Device} device */
export const labelOf = ({ name, group, tags }) =>
  (name || group || tags?.length > 0) &&
  html`
    <span class="row" id="label">
      ${name && html` <b>${name}</b> `}${group && html` <span class="soft">${group}</span> `}${tagPills(tags)}
    </span>
  `;

/** @param {string} path of the device @param {Device} device @param {() => unknown} done */
export function editLabel(path, device, done) {
  const own = { name: device.name, group: device.group, tags: (device.tags || []).join(" ") };
  /** @type {any} */
  let error = null;
  openDialog(t("label-edit"), ({ close, redraw }) => {
    async function save() {
      try {
        await put(`${path}/label`, { ...own, tags: own.tags.split(/[\s,;]+/).filter(Boolean) });
        close();
        done();
      } catch (problem) {
        error = problem;
        redraw();
      }
    }
    /** @param {"name" | "group" | "tags"} name @param {boolean} [focus] */
    const field = (name, focus) => html`
      <label class="field">
        ${t(`label-${name}`)}
        <input
          id=${`label-${name}`}
          value=${own[name]}
          ref=${focus ? takeFocus : null}
          oninput=${(/** @type {any} */ e) => {
            own[name] = e.target.value;
          }} />
      </label>
    `;
    return {
      body: [field("name", true), field("group"), field("tags"), error && wrong(error)],
      foot: [
        html` <button type="button" onclick=${close}>${t("cancel")}</button> `,
        html` <button type="submit" class="main-act" id="label-save" onclick=${save}>${t("label-save")}</button> `,
      ],
    };
  });
}
