// One more module for the lab: its model, who it is, its card and its serial port. What the lab refuses stands beside
// the field that is wrong.

import { html, takeFocus } from "../base/view.js";
import { get, post, Problem } from "../base/api.js";
import { t, word } from "../base/i18n.js";
import { errorText } from "../base/problems.js";
import { go, link } from "../base/router.js";
import { openDialog } from "../parts/dialog.js";
import { wrong } from "../parts/states.js";
import { setModule } from "../state/lab.js";
import { OPERATORS } from "./switches.js";

/** @typedef {{ model: string, firmware: string, operators: string[], documents: string[] }} ModelOffered */

/** How the serial port comes out; the port of the last two may be any free one. */
const KINDS = ["pty", "tcp", "rfc2217"];

/**
 * What the API is asked for; what was left empty is made up by the lab.
 * @param {Record<string, string>} own
 */
export function orderOf({ model, name, imei, firmware, sim, imsi, iccid, kind, port }) {
  const card = sim === "imsi" ? { imsi } : { sim };
  const serial = kind === "pty" ? "pty" : `${kind}:127.0.0.1:${port.trim() || "0"}`;
  const given = Object.entries({ name, imei, firmware, iccid: sim === "none" ? "" : iccid });
  const more = Object.fromEntries(given.map(([key, value]) => [key, value.trim()]).filter(([, value]) => value));
  return { model, serial, ...card, ...more };
}

export async function addModule() {
  /** @type {ModelOffered[]} */
  let models = [];
  /** @type {Record<string, string>} */
  const own = { model: "BC260Y-CN", sim: "mobile", kind: "pty" };
  for (const name of ["name", "imei", "firmware", "imsi", "iccid", "port"]) own[name] = "";
  let error = /** @type {any} */ (null);
  try {
    models = await get("/models");
  } catch (problem) {
    error = problem;
  }
  openDialog(t("module-add"), ({ close, redraw }) => {
    const offered = models.find(({ model }) => model === own.model);
    /** @param {string} name @param {string} label @param {View} control @param {string} [field] as the API calls it */
    const field = (name, label, control, field = name) => html`
      <label class="field">
        ${label}${control}${problemsOf(error, field).map(
          (text) => html` <span class="field-wrong" role="alert">${text}</span> `,
        )}
      </label>
    `;
    /** @param {string} name @param {object} [more] */
    const input = (name, more = {}) => html`
      <input
        name=${name}
        value=${own[name]}
        spellcheck=${false}
        autocomplete="off"
        oninput=${(e) => {
          own[name] = e.target.value;
        }}
        ...${more} />
    `;
    /** @param {string} name @param {[value: string, text: string][]} options */
    const select = (name, options) => html`
      <select
        name=${name}
        value=${own[name]}
        onchange=${(e) => {
          own[name] = e.target.value;
          redraw();
        }}>
        ${options.map(
          ([value, text]) => html`
            <option key=${value} value=${value} selected=${value === own[name]}>${text}</option>
          `,
        )}
      </select>
    `;
    async function create() {
      try {
        const module = await post("/modules", orderOf(own));
        setModule(module);
        close();
        go(link("modules", module.name).slice(1));
      } catch (problem) {
        error = problem;
        redraw();
      }
    }
    const names = models.length ? models.map(({ model }) => model) : [own.model];
    const hasPort = own.kind !== "pty";
    const madeUp = { placeholder: t("module-made_up"), inputmode: "numeric" };
    const operators = offered?.operators.map((one) => word("operator", one)).join(", ");
    const port = () => input("port", { placeholder: t("module-any_port"), inputmode: "numeric" });
    const stays = t(hasPort ? "module-port_stays" : "module-pty_stays", {
      name: own.name || own.model.toLowerCase().replaceAll(" ", ""),
    });
    return {
      body: [
        error && !error.field && wrong(error),
        html`
          <div class="fields add-module">
            ${field(
              "model",
              t("module-model"),
              select(
                "model",
                names.map((model) => [model, model]),
              ),
            )}${field(
              "name",
              t("module-name"),
              input("name", { placeholder: own.model.toLowerCase().replaceAll(" ", ""), ref: takeFocus }),
            )}${field("imei", "IMEI", input("imei", madeUp))}${field(
              "firmware",
              t("module-firmware"),
              input("firmware", { placeholder: offered?.firmware ?? "" }),
            )}${field(
              "sim",
              "USIM",
              select("sim", [...OPERATORS.map(cardOption), ["imsi", t("module-by_imsi")]]),
            )}${own.sim === "imsi" && field("imsi", "IMSI", input("imsi", { inputmode: "numeric" }))}${
              own.sim !== "none" && field("iccid", "ICCID", input("iccid", madeUp))
            }${field(
              "kind",
              t("module-serial"),
              select(
                "kind",
                KINDS.map((kind) => [kind, t(`serial-${kind}`)]),
              ),
              hasPort ? "" : "serial",
            )}${hasPort && field("port", t("module-port"), port(), "serial")}
          </div>
          <p class="small soft">${operators && t("module-registers_with", { operators })}${" "}${stays}</p>
        `,
      ],
      foot: [
        html` <button type="button" onclick=${close}>${t("cancel")}</button> `,
        html` <button type="submit" class="main-act" onclick=${create}>${t("module-add")}</button> `,
      ],
    };
  });
}

/** @param {string} operator @returns {[string, string]} */
const cardOption = (operator) => [operator, word("operator", operator)];

/**
 * What is wrong with a field, in the page's language.
 * @param {any} error @param {string} field
 */
function problemsOf(error, field) {
  if (!(error instanceof Problem) || !field) return [];
  const every = error.errors.length ? error.errors : [error];
  return every
    .filter((one) => one.field === field)
    .map((one) => errorText(one instanceof Problem ? one : problem(one)));
}

/** @param {{ field: string | null, code: string, fields: Record<string, any>, detail: string }} one */
const problem = (one) => new Problem(422, one);
