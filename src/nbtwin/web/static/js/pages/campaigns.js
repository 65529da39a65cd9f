// Firmware campaigns: packages, who gets one, how far each device is.

import { html } from "../base/view.js";
import { get, post, query, seg } from "../base/api.js";
import { CAMPAIGN_CHANGES } from "../base/facts.js";
import { count, span, stamp } from "../base/format.js";
import { t, word, wordsOf } from "../base/i18n.js";
import { resource, throttled } from "../base/lifecycle.js";
import { requireRole } from "../parts/require_role.js";
import { card, empty, header, pill, scrolls, shown, toggle } from "../parts/states.js";
import { tryRequest } from "../state/actions.js";
import { lab, labNow } from "../state/lab.js";
import { subscribe } from "../state/topics.js";
import { newPackages } from "./packages.js";

/** @type {Record<string, string>} */
const TONE = {
  running: "accent",
  stopping: "warm",
  stopped: "warm",
  finished: "good",
  starting: "accent",
  downloading: "accent",
  downloaded: "accent",
  updating: "accent",
  succeeded: "good",
  failed: "bad",
};
/** @type {Record<string, number>} */
const SHARE = {
  waiting: 0,
  starting: 0.1,
  downloading: 0.35,
  downloaded: 0.65,
  updating: 0.85,
  succeeded: 1,
  failed: 1,
  stopped: 1,
};
const MOST_DEVICES = 500;
/** @param {string} state */
const tone = (state) => TONE[state] ?? "";

/** @param {unknown} _ @param {Lifecycle} lifecycle */
export function campaignsPage(_, lifecycle) {
  const own = {
    chosen: /** @type {{ platform: string, id: number } | null} */ (null),
    package: "",
    devices: "",
    endpoint: "",
    manufacturer: "",
    model: "",
    firmware: "",
    mode: "auto",
    perMinute: "",
    updates: true,
  };
  const platforms = () => lab.platforms.filter((p) => p.operator === "andlink");
  const packages = newPackages(lifecycle, (name) => {
    own.package = name;
    lifecycle.redraw();
  });
  /** @type {Resource<Campaign[]>} */
  const campaigns = resource(lifecycle, async () => {
    const lists = await Promise.all(
      platforms().map((p) =>
        get(`/platforms/${seg(p.name)}/campaigns`, { signal: lifecycle.signal }).then((list) =>
          list.map((/** @type {Campaign} */ c) => ({ ...c, platform: p.name })),
        ),
      ),
    );
    return lists.flat();
  });
  /** @type {Resource<DeviceProgress[]>} */
  const devices = resource(lifecycle, async () =>
    own.chosen
      ? get(`${pathOf(own.chosen)}/devices${query({ limit: MOST_DEVICES })}`, { signal: lifecycle.signal })
      : [],
  );
  const soon = throttled(400, () => {
    campaigns.reload();
    devices.reload();
  });
  lifecycle.onEnd(subscribe("entry", (entry) => CAMPAIGN_CHANGES.has(entry.code) && soon()));
  lifecycle.onEnd(subscribe("platforms", soon));

  /** @param {{ platform: string, id: number }} one */
  const pathOf = (one) => `/platforms/${seg(one.platform)}/campaigns/${one.id}`;

  /** @param {Campaign} one */
  function choose(one) {
    own.chosen = { platform: one.platform, id: one.id };
    devices.reload();
    lifecycle.redraw();
  }

  async function start() {
    const platform = platforms()[0].name;
    const names = own.devices.split(/[\s,]+/).filter(Boolean);
    const made = await tryRequest(
      () =>
        post(`/platforms/${seg(platform)}/campaigns`, {
          package: own.package,
          mode: own.mode,
          updates: own.updates,
          per_minute: Number(own.perMinute) || 0,
          devices: names,
          endpoint: own.endpoint.trim(),
          manufacturer: own.manufacturer.trim(),
          model: own.model.trim(),
          firmware: own.firmware.trim(),
        }),
      t("campaign-started"),
    );
    if (made) choose({ ...made, platform });
    soon();
  }

  /** @param {Campaign} one */
  async function stop(one) {
    await tryRequest(() => post(`${pathOf(one)}/stop`));
    soon();
  }

  return {
    title: () => t("nav-campaigns"),
    view: () => {
      const chosen = (campaigns.value || []).find(
        (one) => one.id === own.chosen?.id && one.platform === own.chosen?.platform,
      );
      return [
        header(t("nav-campaigns"), { sub: t("campaign-about") }),
        html`
          <div class="split">
            <div class="stack">${packages.view(own.package)}${newCard()}</div>
            <div class="stack">
              ${card(t("campaign-all"), null, shown(campaigns, listOf), { flush: true })}${chosen && detailCard(chosen)}
            </div>
          </div>
        `,
      ];
    },
  };

  function newCard() {
    if (lab.loaded && !platforms().length)
      return card(t("campaign-new"), null, empty("campaigns", t("campaign-no_platform")));
    return card(
      t("campaign-new"),
      null,
      html`
        <form
          class="stack"
          onsubmit=${(e) => {
            e.preventDefault();
            start();
          }}>
          ${requireRole(
            "operator",
            html`
              <label class="field">
                ${t("campaign-package")}
                <select
                  id="campaign-package"
                  onchange=${(e) => {
                    own.package = e.target.value;
                    lifecycle.redraw();
                  }}>
                  <option value="">–</option>
                  ${packages
                    .list()
                    .map(
                      (one) => html`
                        <option key=${one.name} value=${one.name} selected=${one.name === own.package}>
                          ${[one.name, one.version].filter(Boolean).join(" · ")}
                        </option>
                      `,
                    )}
                </select>
              </label>
            `,
            html`
              <label class="field">
                ${t("campaign-devices")}
                <textarea
                  rows="2"
                  placeholder=${t("campaign-everyone")}
                  id="campaign-devices"
                  value=${own.devices}
                  oninput=${(e) => {
                    own.devices = e.target.value;
                  }}></textarea>
              </label>
            `,
            html`
              <details class="stack">
                <summary>${t("campaign-narrower")}</summary>
                ${narrower("endpoint", "meter-*")}${narrower("manufacturer", "")}${narrower("model", "")}
                ${narrower("firmware", "")}
              </details>
            `,
            html`
              <label class="field">
                ${t("campaign-mode")}
                <select
                  onchange=${(e) => {
                    own.mode = e.target.value;
                  }}>
                  ${["auto", "pull", "push"].map(
                    (mode) => html`
                      <option key=${mode} value=${mode} selected=${mode === own.mode}>${t(`campaign-${mode}`)}</option>
                    `,
                  )}
                </select>
              </label>
            `,
            html`
              <label class="field">
                ${t("campaign-per_minute")}
                <input
                  class="mono"
                  inputmode="numeric"
                  placeholder=${t("campaign-no_limit")}
                  value=${own.perMinute}
                  oninput=${(e) => {
                    own.perMinute = e.target.value;
                  }} />
              </label>
            `,
            toggle(t("campaign-updates"), own.updates, (updates) => {
              own.updates = updates;
              lifecycle.redraw();
            }),
            html`
              <button class="main-act" id="campaign-start" disabled=${!own.package}>${t("campaign-start")}</button>
            `,
          )}
        </form>
      `,
    );
  }

  /** @param {"endpoint" | "manufacturer" | "model" | "firmware"} name @param {string} example */
  function narrower(name, example) {
    return html`
      <label class="field">
        ${t(`campaign-of_${name}`)}
        <input
          class="mono"
          id=${`campaign-${name}`}
          placeholder=${example || t("campaign-any")}
          value=${own[name]}
          oninput=${(e) => {
            own[name] = e.target.value;
          }} />
      </label>
    `;
  }

  /** @param {Campaign[]} list */
  function listOf(list) {
    if (!list.length) return empty("campaigns", t("campaign-none"));
    return html`
      <div class="picklist" id="campaigns">
        ${list.map(
          (one) => html`
            <button
              key=${`${one.platform}/${one.id}`}
              class="pick"
              aria-pressed=${String(own.chosen?.id === one.id)}
              onclick=${() => choose(one)}>
              <div class="row" style=${{ width: "100%" }}>
                <b>${one.name}</b>
                ${pill(tone(one.state), word("campaignstate", one.state))}
                <span class="grow"></span>
                <span class="faint small">
                  ${[one.version, t(`campaign-${one.mode}_short`), stamp(one.started_at)].filter(Boolean).join(" · ")}
                </span>
              </div>
              ${progress(one)}
            </button>
          `,
        )}
      </div>
    `;
  }

  /** @param {Campaign} one */
  function detailCard(one) {
    return card(
      one.name,
      [
        html`
          <span class="small soft">
            ${t("campaign-took", { span: span((one.ended_at ?? labNow()) - one.started_at) })}
          </span>
        `,
        one.state === "running" &&
          requireRole(
            "operator",
            html` <button class="small bad-act" onclick=${() => stop(one)}>${t("campaign-stop")}</button> `,
          ),
      ],
      shown(devices, (list) =>
        scrolls(
          t("campaign-devices"),
          html`
            <table class="table" id="campaign-progress">
              <thead>
                <tr>
                  ${["device", "state", "progress", "firmware", "detail"].map(
                    (name) => html` <th key=${name}>${t(`campaign-${name}`)}</th> `,
                  )}
                </tr>
              </thead>
              <tbody>
                ${list.map((device) => deviceRow(one, device))}
              </tbody>
            </table>
          `,
          "60vh",
        ),
      ),
      { flush: true },
    );
  }

  /** @param {Campaign} campaign @param {DeviceProgress} one */
  function deviceRow(campaign, one) {
    const share = Math.round((SHARE[one.step] ?? 0) * 100);
    return html`
      <tr key=${one.device} data-step=${one.step}>
        <td class="mono nowrap">
          <a href=${`#/platforms/${seg(campaign.platform)}/devices/${seg(`${campaign.platform}:${one.device}`)}`}>
            ${one.device}
          </a>
        </td>
        <td>${pill(tone(one.step), word("campaignstate", one.step))}</td>
        <td style=${{ "min-width": "110px", "vertical-align": "middle" }}>
          <div
            class="bar"
            role="progressbar"
            aria-label=${t("campaign-progress")}
            aria-valuenow=${String(share)}
            aria-valuemin="0"
            aria-valuemax="100">
            <i class=${tone(one.step)} style=${{ width: `${share}%` }}></i>
          </div>
        </td>
        <td class="mono small">${one.version || "–"}</td>
        <td class="small soft">
          ${[
            one.cause ? wordsOf(one.cause) : one.text,
            one.result !== null && one.result !== undefined && t("campaign-result", { n: one.result }),
            one.way && one.way !== campaign.mode && t(`campaign-${one.way}_short`),
            one.attempts > 1 && t("campaign-attempts", { n: one.attempts }),
          ]
            .filter(Boolean)
            .join(" · ")}
        </td>
      </tr>
    `;
  }
}

/** @param {Campaign} own */
function progress({ counts, devices }) {
  const done = counts.succeeded ?? 0;
  const failed = (counts.failed ?? 0) + (counts.stopped ?? 0);
  /** @param {number} n @param {string} name */
  const part = (n, name) => n > 0 && html` <i class=${name} style=${{ width: `${(n / (devices || 1)) * 100}%` }}></i> `;
  const busy = Object.entries(counts).reduce(
    (sum, [step, n]) => sum + (["succeeded", "failed", "stopped"].includes(step) ? 0 : n * SHARE[step]),
    0,
  );
  return html`
    <div class="progress-line" style=${{ width: "100%" }}>
      <div
        class="bar"
        role="progressbar"
        aria-label=${t("campaign-progress")}
        aria-valuenow=${String(done)}
        aria-valuemin="0"
        aria-valuemax=${String(devices)}>
        ${part(done, "good")}${part(failed, "bad")}${part(busy, "")}
      </div>
      <div class="row">
        <span>${t("campaign-progressed", { done: count(done), total: count(devices) })}</span>
        ${failed > 0 && html` <span>${t("campaign-failures", { n: count(failed) })}</span> `}
      </div>
    </div>
  `;
}
