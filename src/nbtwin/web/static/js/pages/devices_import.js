// A table of devices that is brought: looked at first, with line and column of everything that is wrong, then written.

import { html } from "../base/view.js";
import { call, seg } from "../base/api.js";
import { counted } from "../base/format.js";
import { hasWords, t, wordsOf } from "../base/i18n.js";
import { openDialog } from "../parts/dialog.js";
import { wrong } from "../parts/states.js";
import { toast } from "../parts/toast.js";

/** @type {Record<string, string>} */
const EXAMPLES = {
  andlink: "imei,name,group,tags,key\n867724030000225,Meter 7,Line 2,field v2,00112233445566778899AABBCCDDEEFF\n",
  cmdmp: "imei,name,group,tags,appkey,password\n867724030000225,Meter 7,Line 2,field v2,M100000001,a-password\n",
};

/**
 * @typedef {{ rows: number, unknown: number, labels: number, keys: number }} Looked
 * @typedef {{ code: string, detail: string, fields: Record<string, any> }} TableError
 */

/** @param {string} platform @param {string | undefined} operator @param {() => unknown} done */
export function importDevices(platform, operator, done) {
  const path = `/platforms/${seg(platform)}/devices.csv`;
  const own = {
    file: /** @type {File | null} */ (null),
    looked: /** @type {Looked | null} */ (null),
    errors: /** @type {TableError[]} */ ([]),
    problem: /** @type {any} */ (null),
    busy: false,
  };
  openDialog(t("csv-title"), ({ close, redraw }) => {
    /** @param {boolean} check */
    async function send(check) {
      Object.assign(own, { busy: true, errors: [], problem: null, looked: null });
      redraw();
      try {
        const found = await call("PUT", `${path}?check=${check}`, own.file, { raw: true });
        if (check) own.looked = found;
        else {
          toast(t("csv-written", { n: counted(found.rows) }), "good");
          done();
          close();
        }
      } catch (error) {
        own.problem = error;
        own.errors = /** @type {any} */ (error).errors ?? [];
      }
      own.busy = false;
      redraw();
    }
    return {
      body: [
        html` <p class="soft small">${t("csv-about")}</p> `,
        html`
          <p class="small">
            <a
              href=${`data:text/csv;charset=utf-8,${encodeURIComponent(EXAMPLES[operator ?? ""] ?? EXAMPLES.andlink)}`}
              download="devices.csv">
              ${t("csv-example")}
            </a>
          </p>
        `,
        html`
          <label class="field">
            ${t("csv-file")}
            <input
              type="file"
              id="csv-file"
              accept=".csv,text/csv,text/plain"
              onchange=${(/** @type {any} */ e) => {
                own.file = e.target.files?.[0] ?? null;
                if (own.file) send(true);
              }} />
          </label>
        `,
        own.looked &&
          html`
            <ul class="small" id="csv-looked">
              <li>${t("csv-rows", { n: counted(own.looked.rows) })}</li>
              ${own.looked.unknown > 0 && html` <li>${t("csv-unknown", { n: counted(own.looked.unknown) })}</li> `}
              ${own.looked.keys > 0 && html` <li>${t("csv-keys", { n: own.looked.keys })}</li> `}
            </ul>
          `,
        own.errors.length > 0 ? errorTable(own.errors) : own.problem && wrong(own.problem),
      ],
      foot: [
        html` <button type="button" onclick=${close}>${t("cancel")}</button> `,
        html`
          <button
            type="submit"
            class="main-act"
            id="csv-write"
            disabled=${own.busy || !own.looked}
            onclick=${() => send(false)}>
            ${own.looked ? t("csv-write", { n: counted(own.looked.rows) }) : t("csv-title")}
          </button>
        `,
      ],
    };
  });
}

/** @param {TableError[]} errors */
const errorTable = (errors) => html`
  <div role="alert" class="scrolls" style=${{ "max-height": "40vh" }}>
    <p class="small">${t("csv-nothing")}</p>
    <table class="table" id="csv-errors">
      <thead>
        <tr>
          <th>${t("csv-line")}</th>
          <th>${t("csv-column")}</th>
          <th>${t("csv-wrong")}</th>
        </tr>
      </thead>
      <tbody>
        ${errors.map(
          (one, i) => html`
            <tr key=${i}>
              <td class="num">${one.fields.line}</td>
              <td class="mono nowrap">${one.fields.column || "–"}</td>
              <td>${hasWords(one.code) ? wordsOf(one) : one.detail}</td>
            </tr>
          `,
        )}
      </tbody>
    </table>
  </div>
`;
