// Firmware campaigns: packages, who gets one, how far each device is.

import { Island, html } from "../base/view.js";
import { API, get, post, Problem, query, seg } from "../base/api.js";
import { CAMPAIGN_CHANGES } from "../base/facts.js";
import { bytes, count, counted, span, stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word, wordsOf } from "../base/i18n.js";
import { link } from "../base/router.js";
import { resource, throttled } from "../base/lifecycle.js";
import { numberOr } from "../base/values.js";
import { confirmed } from "../parts/dialog.js";
import { requireRole } from "../parts/require_role.js";
import { formField } from "../parts/fields.js";
import { card, empty, header, pill, shown, toggle } from "../parts/states.js";
import { tryForm, tryRequest } from "../state/actions.js";
import { lab, labNow } from "../state/lab.js";
import { subscribe } from "../state/topics.js";
import { virtualList } from "../parts/virtual.js";
import { sortedBy } from "./inventory.js";
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
const MOST_DEVICES = 10_000;
const ROW = 36;
const COLUMNS = ["device", "step", "bytes", "attempts", "version"]; // what the API sorts by, and the reason behind
/** @param {string} state */
const tone = (state) => TONE[state] ?? "";

const FIELDS = ["package", "devices", "per_minute", "endpoint", "manufacturer", "model", "firmware", "group", "tag"];
/** @param {unknown} _ @param {Lifecycle} lifecycle @param {URLSearchParams} asked */
export function campaignsPage(_, lifecycle, asked) {
  const own = {
    problem: /** @type {unknown} */ (null),
    sort: "device",
    order: "asc",
    step: "",
    version: 0,
    total: 0,
    containing: asked.get("containing") || "",
    group: asked.get("group") || "",
    tag: asked.get("tag") || "",
    chosen: /** @type {{ platform: string, id: number } | null} */ (null),
    package: "",
    devices: (asked.get("devices") || "").split(" ").join("\n"),
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
  const devices = resource(lifecycle, async () => {
    if (!own.chosen) return [];
    const { step, sort, order } = own;
    const wanted = query({ step, sort, order, limit: MOST_DEVICES });
    const found = await get(`${pathOf(own.chosen)}/devices${wanted}`, { whole: true, signal: lifecycle.signal });
    Object.assign(own, { version: own.version + 1, total: found.total });
    return found.value;
  });
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

  /** Everything but how many that are. */
  const plan = () => ({
    package: own.package,
    mode: own.mode,
    updates: own.updates,
    per_minute: own.perMinute.trim() ? numberOr(own.perMinute) : 0,
    devices: own.devices.split(/[\s,]+/).filter(Boolean),
    endpoint: own.endpoint.trim(),
    manufacturer: own.manufacturer.trim(),
    model: own.model.trim(),
    firmware: own.firmware.trim(),
    containing: own.containing.trim(),
    group: own.group.trim(),
    tags: own.tag.split(/[\s,;]+/).filter(Boolean),
  });

  /** How many devices fit is asked of the lab, then of whoever starts it, and has to be so when it begins. */
  async function start() {
    const path = `/platforms/${seg(platforms()[0].name)}/campaigns`;
    const expected = await tryForm(own, FIELDS, () => numberOf(path));
    lifecycle.redraw();
    if (expected === undefined) return;
    const title = t("campaign-start_n", { n: counted(expected) });
    const file = packages.list().find((one) => one.name === own.package);
    const text = t("campaign-start_text", { package: own.package, version: file?.version || "–" });
    if (!(await confirmed(title, text, t("campaign-start")))) return;
    const made = await tryForm(own, FIELDS, () => post(path, { ...plan(), expected }), t("campaign-started"));
    if (made) choose({ ...made, platform: platforms()[0].name });
    soon();
  }

  /** @param {string} path @returns {Promise<number>} */
  async function numberOf(path) {
    try {
      await post(path, { ...plan(), expected: 0 });
    } catch (error) {
      if (error instanceof Problem && error.status === 409 && error.fields.found) return error.fields.found;
      throw error;
    }
    return 0;
  }

  /** @param {Campaign} one */
  async function stop(one) {
    const left = one.devices - ["succeeded", "failed", "stopped"].reduce((n, step) => n + (one.counts[step] ?? 0), 0);
    const text = t("campaign-stop_text", { n: counted(left) });
    if (!(await confirmed(t("campaign-stop"), text, t("campaign-stop")))) return;
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
              ${formField(
                { label: t("campaign-devices"), name: "devices", id: "campaign-devices", error: own.problem },
                (about) => html`
                  <textarea
                    rows="2"
                    placeholder=${t("campaign-everyone")}
                    value=${own.devices}
                    ...${about}
                    oninput=${(e) => {
                      own.devices = e.target.value;
                    }}></textarea>
                `,
              )}
            `,
            html`
              <details class="stack" open=${Boolean(own.containing || own.group || own.tag)}>
                <summary>${t("campaign-narrower")}</summary>
                ${narrower("endpoint", "meter-*")}${narrower("manufacturer", "")}${narrower("model", "")}
                ${narrower("firmware", "")}${narrower("containing", "")}${narrower("group", "")}${narrower("tag", "")}
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
              ${formField(
                { label: t("campaign-per_minute"), name: "per_minute", id: "campaign-per_minute", error: own.problem },
                (about) => html`
                  <input
                    class="mono"
                    inputmode="numeric"
                    placeholder=${t("campaign-no_limit")}
                    value=${own.perMinute}
                    ...${about}
                    oninput=${(e) => {
                      own.perMinute = e.target.value;
                    }} />
                `,
              )}
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

  /**
   * @param {"endpoint" | "manufacturer" | "model" | "firmware" | "containing" | "group" | "tag"} name
   * @param {string} example
   */
  function narrower(name, example) {
    return formField(
      { label: t(`campaign-of_${name}`), name, id: `campaign-${name}`, error: own.problem },
      (about) => html`
        <input
          class="mono"
          placeholder=${example || t("campaign-any")}
          value=${own[name]}
          ...${about}
          oninput=${(e) => {
            own[name] = e.target.value;
          }} />
      `,
    );
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
        html`
          <a
            class="button small"
            id="campaign-csv"
            href=${`${API}${pathOf(one)}/devices.csv`}
            download=${`campaign-${one.id}.csv`}>
            ${icon("save")}CSV
          </a>
        `,
        one.state === "running" &&
          requireRole(
            "operator",
            html` <button class="small bad-act" onclick=${() => stop(one)}>${t("campaign-stop")}</button> `,
          ),
      ],
      [steps(one), shown(devices, (list) => rowsOf(one, list))],
      { flush: true },
    );
  }

  /** Which of its devices are listed. @param {Campaign} one */
  function steps(one) {
    return html`
      <div class="row pad" id="campaign-steps">
        ${["", ...Object.keys(SHARE)]
          .filter((step) => !step || (one.counts[step] ?? 0) > 0)
          .map(
            (step) => html`
              <button
                key=${step}
                class=${`chip pill ${step ? tone(step) : ""}`}
                aria-pressed=${String(own.step === step)}
                onclick=${() => {
                  own.step = step;
                  devices.reload();
                  lifecycle.redraw();
                }}>
                ${count(step ? one.counts[step] : one.devices)}${" "}${
                  step ? word("campaignstate", step) : t("everything")
                }
              </button>
            `,
          )}
      </div>
    `;
  }

  /** @param {string} name */
  function sortBy(name) {
    Object.assign(own, sortedBy(name, own));
    devices.reload();
  }

  /** @param {Campaign} one @param {DeviceProgress[]} list */
  function rowsOf(one, list) {
    return html`
      <div role="table" id="campaign-progress" aria-label=${t("campaign-progress")} aria-rowcount=${String(own.total)}>
        <div role="rowgroup">
          <div class="vhead campaignrow" role="row">
            ${COLUMNS.map(
              (name) => html`
                <span
                  key=${name}
                  role="columnheader"
                  class=${name === "attempts" || name === "version" ? "mid" : ""}
                  aria-sort=${own.sort === name ? (own.order === "asc" ? "ascending" : "descending") : null}>
                  <button class="sort" data-sort=${name} onclick=${() => sortBy(name)}>
                    ${`${t(`campaign-${name}`)}${own.sort === name ? (own.order === "asc" ? " ↑" : " ↓") : ""}`}
                  </button>
                </span>
              `,
            )}
            <span role="columnheader">${t("campaign-reason")}</span>
          </div>
        </div>
        <${Island}
          class="vlist"
          make=${virtualList}
          role="rowgroup"
          tabindex="0"
          aria-label=${t("campaign-devices")}
          style=${{ height: `min(60vh, ${list.length * ROW + 2}px)`, flex: "none" }}
          own=${{
            total: list.length,
            height: ROW,
            version: `${one.id}/${own.version}`,
            row: (/** @type {number} */ index) => deviceRow(one, list[index], index),
          }} />
        ${
          own.total > list.length &&
          html` <p class="small soft pad">${t("batch-first", { n: count(list.length) })}</p> `
        }
      </div>
    `;
  }

  /** @param {Campaign} campaign @param {DeviceProgress} one @param {number} index */
  function deviceRow(campaign, one, index) {
    const share = Math.round((one.size ? one.bytes / one.size : (SHARE[one.step] ?? 0)) * 100);
    const id = `${campaign.platform}:${one.device}`;
    return html`
      <div
        key=${one.device}
        class="vrow campaignrow"
        role="row"
        aria-rowindex=${String(index + 1)}
        data-step=${one.step}>
        <span role="cell" class="mono"
          ><a href=${link("platforms", campaign.platform, "devices", id)}>${one.device}</a></span
        >
        <span role="cell">${pill(tone(one.step), word("campaignstate", one.step))}</span>
        <span role="cell" class="transfer">
          <span
            class="bar"
            role="progressbar"
            aria-label=${t("campaign-bytes")}
            aria-valuenow=${String(share)}
            aria-valuemin="0"
            aria-valuemax="100">
            <i class=${tone(one.step)} style=${{ width: `${share}%` }}></i>
          </span>
          <span class="small">${one.size ? `${bytes(one.bytes)} / ${bytes(one.size)}` : bytes(one.bytes)}</span>
        </span>
        <span role="cell" class="mid">${one.attempts}</span>
        <span role="cell" class="mid mono small">${one.version || "–"}</span>
        <span role="cell" class="small soft" title=${reasonOf(campaign, one)}>${reasonOf(campaign, one)}</span>
      </div>
    `;
  }
}

/**
 * The verdict in words: why it ended, what the device says of it, how the package came.
 * @param {Campaign} campaign
 * @param {DeviceProgress} one
 */
const reasonOf = (campaign, one) =>
  [
    one.cause ? wordsOf(one.cause) : one.text,
    one.result !== null && one.result !== undefined && t("campaign-result", { n: one.result }),
    one.way && one.way !== campaign.mode && t(`campaign-${one.way}_short`),
  ]
    .filter(Boolean)
    .join(" · ");

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
