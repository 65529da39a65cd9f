// A setting changed in place: the values of its command, the line that they make, and what the module says to it. The
// line goes where the terminal's go.

import { html, takeFocus } from "../base/view.js";
import { get, post, query, seg } from "../base/api.js";
import { isErrorLine } from "../sequence/lanes.js";
import { t } from "../base/i18n.js";
import { debounced } from "../base/lifecycle.js";
import { errorText } from "../base/problems.js";
import { explained, shortly } from "./explanation.js";

const MASKED = /\*{3,}$/;

/**
 * The line, with its values in place of `<parameter>`; a comma with nothing behind it is left out.
 * @param {string} write @param {Record<string, string>} values
 */
export const lineOf = (write, values) => filled(write, values).replace(/(,|,"")+$/, "");

/** @param {string} write @param {Record<string, string>} values */
const filled = (write, values) => write.replace(/<([^>]+)>/g, (_, name) => values[name] ?? "");

/**
 * What stands in the fields first: what is saved, where it is not masked; of a list of values that was never saved, the
 * defaults.
 * @param {NvramSetting} setting
 * @param {NvramSetting[]} all
 */
export function valuesOf(setting, all) {
  /** @type {Record<string, string>} */
  const values = {};
  /** @type {Record<string, string>} */
  const defaults = {};
  for (const one of all) {
    if (one.write !== setting.write || one.many) continue;
    const known = one.saved ?? (one.parameters.length > 1 ? one.default : null);
    for (const [i, parameter] of one.parameters.entries()) {
      const of = (/** @type {any} */ value) =>
        one.parameters.length > 1 ? value?.[i] : Array.isArray(value) ? value.join(",") : value;
      const [text, otherwise] = [String(of(known) ?? ""), String(of(one.default) ?? "")];
      values[parameter] = MASKED.test(text) ? "" : text;
      defaults[parameter] = otherwise;
    }
  }
  return { values, defaults };
}

/** @param {Lifecycle} lifecycle @param {string} name */
export function newSettingForm(lifecycle, name) {
  const own = {
    setting: /** @type {NvramSetting | null} */ (null),
    values: /** @type {Record<string, string>} */ ({}),
    defaults: /** @type {Record<string, string>} */ ({}),
    explanation: /** @type {Explanation | null} */ (null),
    answer: /** @type {{ answer: string[], explanation: Explanation } | null} */ (null),
    error: /** @type {unknown} */ (null),
    sending: false,
  };
  const line = () => lineOf(own.setting?.write ?? "", own.values);

  const explain = debounced(120, async (asked) => {
    own.explanation = await get(`/modules/${seg(name)}/explain${query({ line: asked })}`, {
      signal: lifecycle.signal,
    }).catch(() => null);
    lifecycle.redraw();
  });

  /** @param {NvramSetting} setting @param {NvramSetting[]} all */
  function toggle(setting, all) {
    const open = own.setting?.name !== setting.name;
    Object.assign(own, { setting: open ? setting : null, explanation: null, answer: null, error: null });
    if (open) {
      Object.assign(own, valuesOf(setting, all));
      fill();
    }
    lifecycle.redraw();
  }

  /** Where nothing may be left out, the fields have what is used now. */
  async function fill() {
    const { setting } = own;
    const asked = filled(setting?.write ?? "", own.values);
    const found = await get(`/modules/${seg(name)}/explain${query({ line: asked })}`).catch(() => null);
    if (own.setting !== setting || found?.ok !== false) return;
    for (const [parameter, text] of Object.entries(own.defaults))
      if (!MASKED.test(text)) own.values[parameter] ||= text;
    explain(line());
    lifecycle.redraw();
  }

  async function send() {
    Object.assign(own, { sending: true, answer: null, error: null });
    lifecycle.redraw();
    try {
      own.answer = await post(`/modules/${seg(name)}/at`, { line: line() }, { signal: lifecycle.signal });
    } catch (error) {
      own.error = error;
    }
    own.sending = false;
    lifecycle.redraw();
  }

  function view() {
    const { setting, values, defaults } = own;
    if (!setting) return null;
    const parameters = [...new Set([...setting.write.matchAll(/<([^>]+)>/g)].map(([, one]) => one))];
    const first = parameters.includes(setting.parameters[0]) ? setting.parameters[0] : parameters[0];
    return html`
      <form
        class="setting-form"
        id="setting-form"
        onsubmit=${(e) => {
          e.preventDefault();
          send();
        }}>
        <div class="row">
          ${parameters.map(
            (parameter) => html`
              <label key=${parameter} class="field">
                <code>${`<${parameter}>`}</code>
                <input
                  class="mono"
                  data-parameter=${parameter}
                  ref=${parameter === first ? takeFocusOnce : null}
                  value=${values[parameter] ?? ""}
                  placeholder=${defaults[parameter] ?? ""}
                  spellcheck=${false}
                  oninput=${(e) => {
                    own.values[parameter] = e.target.value;
                    explain(line());
                    lifecycle.redraw();
                  }} />
              </label>
            `,
          )}
        </div>
        <div class="row">
          <code class="grow line">${line()}</code>
          <button class="main-act small" disabled=${own.sending}>${t("terminal-send")}</button>
          <button type="button" class="small" onclick=${() => toggle(setting, [])}>${t("close")}</button>
        </div>
        <div class="small soft said" aria-live="polite">${said()}</div>
      </form>
    `;
  }

  function said() {
    if (own.error) return html` <p class="no" role="alert">${errorText(own.error)}</p> `;
    if (!own.answer) return own.explanation ? shortly(own.explanation) : "";
    const { answer, explanation } = own.answer;
    const refused = answer.length === 0 || isErrorLine(answer.at(-1) ?? "");
    return [
      html` <pre key="a" class=${refused ? "no" : "yes"}>${answer.join("\n") || t("terminal-no_final")}</pre> `,
      refused && html` <div key="e">${explained(explanation)}</div> `,
    ];
  }

  return {
    view,
    toggle,
    get setting() {
      return own.setting;
    },
  };
}

/** @type {WeakSet<HTMLElement>} */
const focused = new WeakSet();

/** @param {HTMLElement | null} element */
function takeFocusOnce(element) {
  if (element && !focused.has(element)) takeFocus(element);
  if (element) focused.add(element);
}
