// All modules: what each is, does and waits for; and how to put one more into the lab.

import { html, takeFocus } from "../base/view.js";
import { get, post } from "../base/api.js";
import { countdown } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word, wordsOf } from "../base/i18n.js";
import { errorText } from "../base/problems.js";
import { go, link } from "../base/router.js";
import { openDialog } from "../parts/dialog.js";
import { andlinkPill, attachPill, cmdmpPill, powerPill } from "../parts/module_state.js";
import { requireRole } from "../parts/require_role.js";
import { empty, header, loading, search, wrong } from "../parts/states.js";
import { pageShortcuts } from "../shell/shortcuts.js";
import { may } from "../state/access.js";
import { lab, labNow, loadLab, setModule } from "../state/lab.js";
import { OPERATORS } from "./switches.js";

const SHOWN = 60;

/** @param {unknown} _ @param {Lifecycle} lifecycle */
export function modulesPage(_, lifecycle) {
  const own = { text: "", shown: SHOWN };
  if (may("operator")) lifecycle.onEnd(pageShortcuts([["a", "module-add", () => addModule()]]));
  return {
    title: () => t("nav-modules"),
    view: () => {
      const text = own.text.toLowerCase();
      const found = [...lab.modules.values()].filter(
        (m) =>
          !text ||
          `${m.name} ${m.model} ${m.imei} ${m.imsi} ${m.power} ${m.cmdmp_state_name}`.toLowerCase().includes(text),
      );
      return [
        header(t("nav-modules"), {
          sub: `${lab.modules.size}`,
          acts: [
            search(t("module-search"), own.text, (value) => {
              Object.assign(own, { text: value, shown: SHOWN });
              lifecycle.redraw();
            }),
            requireRole(
              "operator",
              html`
                <button class="main-act" id="add-module" onclick=${addModule}>${icon("plus")}${t("module-add")}</button>
              `,
            ),
          ],
        }),
        !lab.loaded
          ? lab.error
            ? wrong(lab.error, loadLab)
            : loading()
          : !found.length
            ? noneYet(lab.modules.size)
            : cards(found.slice(0, own.shown)),
        found.length > own.shown &&
          html`
            <div class="empty">
              <button
                onclick=${() => {
                  own.shown += SHOWN;
                  lifecycle.redraw();
                }}>
                ${t("more", { n: found.length - own.shown })}
              </button>
            </div>
          `,
      ];
    },
  };
}

/** @param {number} some */
const noneYet = (some) => html`
  <div class="card">
    ${
      some
        ? empty("search", t("none_fit"))
        : empty("modules", t("module-none"), html` <p><a class="button" href="#/start">${t("start-title")}</a></p> `)
    }
  </div>
`;

/** @param {LabModule[]} modules */
export const cards = (modules) => html` <div class="modcards" id="modules">${modules.map(moduleCard)}</div> `;

/** @param {LabModule} module */
export function moduleCard(module) {
  return html`
    <a key=${module.name} class="card modcard" href=${link("modules", module.name)}>
      <div class="title">
        <b>${module.name}</b>
        <span class="soft">${module.model}</span>
        <span class="grow"></span>
        <span class="mono faint small">${module.imei}</span>
      </div>
      <div class="row">${powerPill(module)}${attachPill(module)}${cmdmpPill(module)}${andlinkPill(module)}</div>
      <div class="waits" title=${module.waiting?.why ?? null}>
        ${
          module.waiting
            ? [
                html` <b key="n">${countdown(Math.max(0, module.waiting.at - labNow()))}</b> `,
                ` · ${wordsOf(module.waiting)}`,
              ]
            : t("deadlines-none")
        }
      </div>
    </a>
  `;
}

async function addModule() {
  /** @type {string[]} */
  let models = [];
  const own = { model: "BC260Y-CN", name: "", sim: "mobile", serial: "pty", error: /** @type {any} */ (null) };
  try {
    models = (await get("/models")).map((/** @type {{ model: string }} */ one) => one.model);
  } catch (error) {
    own.error = error;
  }
  openDialog(t("module-add"), ({ close, redraw }) => {
    /** @param {string} name @param {string} label @param {View} control */
    const field = (name, label, control) => html`
      <label class="field">
        ${label}${control}${
          own.error?.field === name && html` <span class="pill bad" role="alert">${errorText(own.error)}</span> `
        }
      </label>
    `;
    /** @param {"model" | "name" | "sim" | "serial"} name */
    const bind = (name) => ({
      value: own[name],
      /** @param {any} e */
      oninput: (e) => {
        own[name] = e.target.value;
      },
    });
    async function create() {
      try {
        const module = await post("/modules", {
          model: own.model,
          sim: own.sim,
          serial: own.serial,
          ...(own.name ? { name: own.name } : {}),
        });
        setModule(module);
        close();
        go(link("modules", module.name).slice(1));
      } catch (error) {
        own.error = error;
        redraw();
      }
    }
    return {
      body: [
        own.error && !own.error.field && wrong(own.error),
        html`
          <div class="fields">
            ${field(
              "model",
              t("module-model"),
              html`
                <select
                  ...${bind("model")}
                  onchange=${(e) => {
                    own.model = e.target.value;
                  }}>
                  ${(models.length ? models : [own.model]).map(
                    (model) => html`
                      <option key=${model} value=${model} selected=${model === own.model}>${model}</option>
                    `,
                  )}
                </select>
              `,
            )}${field(
              "name",
              t("module-name"),
              html` <input ...${bind("name")} placeholder=${own.model.toLowerCase()} ref=${takeFocus} /> `,
            )}${field(
              "sim",
              "USIM",
              html`
                <select ...${bind("sim")}>
                  ${OPERATORS.map(
                    (operator) => html`
                      <option key=${operator} value=${operator}>${word("operator", operator)}</option>
                    `,
                  )}
                </select>
              `,
            )}${field(
              "serial",
              t("module-serial"),
              html`
                <select ...${bind("serial")}>
                  ${["pty", "tcp:127.0.0.1:0", "rfc2217:127.0.0.1:0", "none"].map(
                    (kind) => html` <option key=${kind} value=${kind}>${kind}</option> `,
                  )}
                </select>
              `,
            )}
          </div>
        `,
      ],
      foot: [
        html` <button type="button" onclick=${close}>${t("cancel")}</button> `,
        html` <button type="submit" class="main-act" onclick=${create}>${t("module-add")}</button> `,
      ],
    };
  });
}
