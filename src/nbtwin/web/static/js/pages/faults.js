// What goes wrong on purpose: kinds with their fields, and the faults at work.

import { html } from "../base/view.js";
import { del, get, post } from "../base/api.js";
import { FAULT_CHANGES } from "../base/facts.js";
import { icon } from "../base/icons.js";
import { t, wordsOf } from "../base/i18n.js";
import { errorText } from "../base/problems.js";
import { resource } from "../base/lifecycle.js";
import { requireRole } from "../parts/require_role.js";
import { card, empty, header, shown } from "../parts/states.js";
import { formField, isAbout } from "../parts/fields.js";
import { tryDestructive, tryUndoable } from "../state/actions.js";
import { lab } from "../state/lab.js";
import { subscribe } from "../state/topics.js";
import { reloadOn } from "../state/changes.js";

const ORDER = [
  "direction",
  "source",
  "destination",
  "packets",
  "probability",
  "seconds",
  "spread",
  "copies",
  "code",
  "name",
  "octets",
  "places",
  "percent",
  "silence",
  "baud",
  "pins",
  "start",
  "end",
  "text",
];
/** @type {Record<string, string>} */
const EXAMPLES = {
  packets: "1+2+3",
  probability: "0.3",
  source: "meter",
  destination: "cmdmp",
  seconds: "3",
  start: "0",
  end: "1h",
  name: "*",
  code: "5.03",
  spread: "1",
  copies: "1",
  octets: "8",
  places: "echo+lines+final+after",
  percent: "110",
  silence: "10s",
  baud: "115200",
  pins: "dtr+ri+dcd",
  text: "+CEREG:5",
};

/** @param {Fault} one */
const described = (one) => wordsOf({ code: "fault-described", fields: { fault: one.detail } });

/** @param {unknown} _ @param {Lifecycle} lifecycle */
export function faultsPage(_, lifecycle) {
  const own = {
    kind: "loss",
    values: /** @type {Record<string, string>} */ ({ direction: "up" }),
    problem: /** @type {any} */ (null),
  };
  const kinds = resource(lifecycle, () => get("/faults/kinds", { signal: lifecycle.signal }));
  const faults = resource(lifecycle, () => get("/faults", { signal: lifecycle.signal }));
  reloadOn(lifecycle, ["faults"], faults.reload);
  lifecycle.onEnd(subscribe("entry", (entry) => FAULT_CHANGES.has(entry.code) && faults.reload()));

  const text = () =>
    [
      own.kind,
      ...Object.entries(own.values)
        .map(([k, v]) => [k, `${v ?? ""}`.trim()])
        .filter(([, v]) => v !== "")
        .sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b))
        .map(([k, v]) => `${k}=${v}`),
    ].join(",");

  async function add() {
    own.problem = null;
    try {
      await post("/faults", { fault: text() });
    } catch (error) {
      own.problem = error;
    }
    faults.reload();
    lifecycle.redraw();
  }

  async function removeAll() {
    const question = { title: t("fault-remove_all_title"), word: t("fault-remove_all") };
    await tryDestructive(question, () => del("/faults"));
    faults.reload();
  }

  /** @param {Fault} one */
  async function removeOne(one) {
    const again = () => post("/faults", one.detail);
    await tryUndoable(() => del(`/faults/${one.number}`), t("removed", { name: described(one) }), again);
    faults.reload();
  }

  return {
    title: () => t("nav-faults"),
    view: () => [
      header(t("nav-faults"), { sub: t("fault-about") }),
      html`
        <div class="split">
          ${card(
            t("fault-active"),
            faults.value?.length > 1 &&
              requireRole(
                "operator",
                html` <button class="small bad-act" onclick=${removeAll}>${t("fault-remove_all")}</button> `,
              ),
            shown(faults, listOf),
            { flush: true },
          )}${card(t("fault-new"), null, shown(kinds, form))}
        </div>
      `,
    ],
  };

  /** @param {Fault[]} list */
  function listOf(list) {
    return !list.length
      ? empty("faults", t("fault-none"))
      : html`
          <table class="table" id="faults">
            <tbody>
              ${list.map(
                (one) => html`
                  <tr key=${one.number}>
                    <td class="soft nowrap">${`#${one.number}`}</td>
                    <td>
                      ${described(one)}
                      ${
                        one.unmatched.length > 0 &&
                        html` <div class="soft">${t("fault-unmatched", { fields: one.unmatched.join(", ") })}</div> `
                      }
                    </td>
                    <td class="right">
                      ${requireRole(
                        "operator",
                        html`
                          <button
                            class="small plain"
                            aria-label=${`${t("remove")} ${described(one)}`}
                            onclick=${() => removeOne(one)}>
                            ${icon("trash")}
                          </button>
                        `,
                      )}
                    </td>
                  </tr>
                `,
              )}
            </tbody>
          </table>
        `;
  }

  /** @param {FaultKind[]} list */
  function form(list) {
    const chosen = list.find((one) => one.kind === own.kind) || list[0];
    const names = [...(chosen.fields || [])]

      .filter((name) => name !== "kind")
      .sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
    return html`
      <form
        class="stack"
        onsubmit=${(e) => {
          e.preventDefault();
          add();
        }}>
        ${requireRole(
          "operator",
          html`
            <div class="faultcards" role="group" aria-label=${t("fault-kind")}>
              ${list.map(
                (one) => html`
                  <button
                    key=${one.kind}
                    type="button"
                    class="faultcard"
                    aria-pressed=${String(one.kind === own.kind)}
                    data-kind=${one.kind}
                    onclick=${() => choose(one)}>
                    <b>${t(`fault-${one.kind}`)}</b>
                    <span>${wordsOf({ code: "fault-says", fields: { kind: one.kind } })}</span>
                  </button>
                `,
              )}
            </div>
          `,
          html`
            <div class="fields">${names.map(field)}</div>
            <datalist id="units">
              ${[...lab.modules.keys(), ...lab.platforms.map((p) => p.name)].map(
                (unit) => html` <option key=${unit} value=${unit}></option> `,
              )}
            </datalist>
          `,
          html`
            <div class="row">
              <code class="grow" id="fault-text">${text()}</code>
              <button class="main-act" id="fault-add">${t("fault-add")}</button>
            </div>
          `,
          own.problem &&
            !names.some((name) => isAbout(own.problem, name)) &&
            html` <p class="field-wrong" role="alert">${errorText(own.problem)}</p> `,
        )}
      </form>
    `;
  }

  /** @param {FaultKind} one */
  function choose(one) {
    own.kind = one.kind;
    const names = new Set(one.fields || []);
    for (const name of Object.keys(own.values)) if (!names.has(name)) delete own.values[name];
    lifecycle.redraw();
  }

  /** @param {string} name */
  function field(name) {
    /** @param {string} value */
    const set = (value) => {
      own.values[name] = value;
      lifecycle.redraw();
    };
    /** @param {Record<string, string | null>} about */
    const control = (about) =>
      name === "direction"
        ? html`
            <select value=${own.values.direction ?? ""} ...${about} onchange=${(e) => set(e.target.value)}>
              ${["", "up", "down"].map(
                (d) => html` <option key=${d} value=${d}>${t(`fault-direction-${d || "both"}`)}</option> `,
              )}
            </select>
          `
        : html`
            <input
              class="mono"
              value=${own.values[name] ?? ""}
              placeholder=${EXAMPLES[name] ?? ""}
              list=${name === "source" || name === "destination" ? "units" : null}
              ...${about}
              oninput=${(e) => set(e.target.value)} />
          `;
    return formField({ label: t(`fault-field-${name}`), name, id: `fault-${name}`, error: own.problem }, control);
  }
}
