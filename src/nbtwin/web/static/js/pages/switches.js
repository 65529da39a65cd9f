// What one can do to a module from outside: power, reset and its causes, coverage, signal, USIM, firmware, its NAT.

import { html } from "../base/view.js";
import { del, get, post, put, seg } from "../base/api.js";
import { t, word } from "../base/i18n.js";
import { resource } from "../base/lifecycle.js";
import { requireRole } from "../parts/require_role.js";
import { segments, toggle } from "../parts/states.js";
import { tryRequest } from "../state/actions.js";
import { setModule } from "../state/lab.js";

export const OPERATORS = ["mobile", "telecom", "unicom", "none"];

/** @param {Lifecycle} lifecycle @param {string} name */
export function newSwitches(lifecycle, name) {
  const own = { cause: "", version: "", rssi: /** @type {number | null} */ (null) };
  const path = `/modules/${seg(name)}`;
  /** @type {Resource<{ causes: string[] }>} */
  const capabilities = resource(lifecycle, () => get(`${path}/capabilities`, { signal: lifecycle.signal }));

  /** @param {() => any} action @param {string | null} [done] */
  async function act(action, done = null) {
    const module = await tryRequest(action, done);
    if (module?.name) setModule(module);
    lifecycle.redraw();
  }
  /** @param {string} action @param {string | null} [cause] */
  const power = (action, cause = null) => act(() => post(`${path}/power`, cause ? { action, cause } : { action }));
  /** @param {string} operator */
  const usim = (operator) => act(() => (operator === "none" ? del(`${path}/usim`) : put(`${path}/usim`, { operator })));

  /** @param {string} label @param {View[]} content */
  const line = (label, ...content) => html`
    <div class="line">
      <span class="what">${label}</span>
      ${content}
    </div>
  `;

  /** @param {LabModule} module */
  function view(module) {
    const off = module.power === "off";
    const causes = capabilities.value?.causes || [];
    return html`
      <div class="switches" id="switches">
        ${requireRole(
          "operator",
          line(
            t("switches-power"),
            toggle(word("power", module.power), !off, (on) => power(on ? "on" : "off"), {
              "aria-label": t("switches-power"),
              id: "power",
            }),
            module.power === "asleep" &&
              html` <button class="small" onclick=${() => power("wake")}>${t("switches-wake")}</button> `,
          ),
          line(
            t("switches-reset"),
            html`
              <button class="small" disabled=${off} onclick=${() => power("reset", own.cause || null)}>
                ${t("switches-reset_now")}
              </button>
            `,
            causes.length > 0 &&
              html`
                <select
                  aria-label=${t("switches-cause")}
                  value=${own.cause}
                  class="grow"
                  onchange=${(e) => {
                    own.cause = e.target.value;
                    lifecycle.redraw();
                  }}>
                  <option value="">${t("switches-pin")}</option>
                  ${causes.map(
                    (cause) => html`
                      <option key=${cause} value=${cause}>${cause.replace(/^REBOOT_CAUSE_/, "")}</option>
                    `,
                  )}
                </select>
              `,
          ),
          line(
            t("switches-coverage"),
            toggle(
              t(module.coverage ? "switches-covered" : "switches-uncovered"),
              module.coverage,
              (coverage) => act(() => post(`${path}/coverage`, { coverage })),
              { "aria-label": t("switches-coverage"), id: "coverage" },
            ),
            html`
              <button
                class="small plain"
                title=${t("switches-rebind_title")}
                onclick=${() => act(() => post(`${path}/rebind`), t("switches-rebound"))}>
                ${t("switches-rebind")}
              </button>
            `,
          ),
          module.rssi !== undefined && line(t("switches-signal"), signal(module)),
          line(
            "USIM",
            html`<span id="usim"
              >${segments(
                "USIM",
                OPERATORS.map((operator) => [operator, word("card", operator)]),
                module.imsi ? (module.operator ?? "") : "none",
                usim,
              )}</span
            >`,
          ),
          line(
            t("module-firmware"),
            html`
              <form
                class="row grow"
                onsubmit=${(e) => {
                  e.preventDefault();
                  const version = own.version.trim();
                  if (version) act(() => post(`${path}/firmware`, { version }), t("switches-updated"));
                }}>
                <input
                  class="mono grow"
                  placeholder=${module.firmware}
                  aria-label=${t("switches-version")}
                  value=${own.version}
                  oninput=${(e) => {
                    own.version = e.target.value;
                  }} />
                <button class="small" disabled=${off}>${t("switches-update")}</button>
              </form>
            `,
          ),
        )}
      </div>
    `;
  }

  /** @param {LabModule} module */
  function signal(module) {
    const rssi = own.rssi ?? module.rssi;
    return [
      html`
        <input
          key="range"
          type="range"
          min="0"
          max="31"
          value=${String(rssi === 99 ? 0 : rssi)}
          aria-label=${t("switches-signal")}
          oninput=${(e) => {
            own.rssi = Number(e.target.value);
            lifecycle.redraw();
          }}
          onchange=${(e) => {
            act(() => post(`${path}/signal`, { rssi: Number(e.target.value) }));
            own.rssi = null;
          }} />
      `,
      html`
        <span key="value" class="mono small nowrap">${rssi === 99 ? "99" : `${rssi} · ${rssi * 2 - 113} dBm`}</span>
      `,
    ];
  }

  return { view };
}
