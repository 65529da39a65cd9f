// The batches of a platform: how far each is, what became of each device, stopped or shown as CSV. As the stream tells.

import { Island, html } from "../base/view.js";
import { API, get, isAbort, post, query, seg } from "../base/api.js";
import { count, counted, span, stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word, wordsOf } from "../base/i18n.js";
import { link } from "../base/router.js";
import { resource, throttled } from "../base/lifecycle.js";
import { readable, valueText } from "../base/values.js";
import { confirmed } from "../parts/dialog.js";
import { requireRole } from "../parts/require_role.js";
import { card, pill } from "../parts/states.js";
import { virtualList } from "../parts/virtual.js";
import { tryRequest } from "../state/actions.js";
import { lab, labNow } from "../state/lab.js";
import { subscribe } from "../state/topics.js";

const ROW = 34;
const ROWS = 10_000; // that one answer has
const SHOWN = 5; // rows without scrolling
const STATES = ["done", "refused", "queued", "asked", "waiting", "cancelled"];
/** @type {Record<string, string>} */
const TONES = { done: "good", refused: "bad", queued: "warm", asked: "accent", cancelled: "warm", waiting: "" };

/** @param {Lifecycle} lifecycle @param {string} platform */
export function newBatches(lifecycle, platform) {
  const path = `/platforms/${seg(platform)}/batches`;
  /** @type {Resource<BatchState[]>} */
  const batches = resource(lifecycle, () => get(path, { signal: lifecycle.signal }));
  const own = {
    shown: /** @type {number | null} */ (null),
    lost: /** @type {BatchState | null} */ (null), // it was shown, and went with the lab's run before it was over
    state: "",
    rows: /** @type {BatchRow[]} */ ([]),
    total: 0,
    version: 0,
  };
  const soon = throttled(400, loadRows);
  lifecycle.onEnd(
    subscribe("batch", (told) => {
      if (told.platform !== platform || !batches.value) return;
      const at = batches.value.findIndex((one) => one.number === told.number);
      if (at < 0) batches.value.unshift(told);
      else batches.value[at] = told;
      if (told.number === own.shown) soon();
      lifecycle.redraw();
    }),
  );

  lifecycle.onEnd(
    subscribe("link", () => {
      if (lab.link === "live") lookAgain(); // what was told meanwhile was missed
    }),
  );

  async function lookAgain() {
    const before = batches.value?.find((one) => one.number === own.shown);
    await batches.reload();
    if (!before || batches.state !== "ready") return;
    const same = batches.value?.some((one) => one.number === before.number && one.started_at === before.started_at);
    if (same) soon();
    else Object.assign(own, { shown: null, lost: before.ended_at === null ? before : null });
    lifecycle.redraw();
  }

  async function loadRows() {
    if (own.shown === null) return;
    const asked = `${own.shown}/${own.state}`;
    try {
      const rows = `${path}/${own.shown}/devices${query({ state: own.state, limit: ROWS })}`;
      const { value, total } = await get(rows, { whole: true, signal: lifecycle.signal });
      if (asked !== `${own.shown}/${own.state}`) return;
      Object.assign(own, { rows: value, total, version: own.version + 1 });
    } catch (error) {
      if (!isAbort(error)) batches.reload(); // the batch is gone with the lab's run
    }
    lifecycle.redraw();
  }

  /** @param {number} number */
  function show(number) {
    Object.assign(own, { shown: number, lost: null, state: "", rows: [], total: 0, version: own.version + 1 });
    loadRows();
    lifecycle.redraw();
  }

  /** @param {BatchState} batch */
  async function stop(batch) {
    const left = STATES.filter((name) => ["waiting", "queued"].includes(name)).reduce(
      (sum, name) => sum + (batch.counts[name] ?? 0),
      0,
    );
    if (await confirmed(t("batch-stop"), t("batch-stop_text", { n: counted(left) }), t("batch-stop")))
      await tryRequest(() => post(`${path}/${batch.number}/stop`));
  }

  function view() {
    const batch = batches.value?.find((one) => one.number === own.shown);
    if (!batch) return own.lost && lost(own.lost);
    const others = (batches.value ?? []).filter((one) => one !== batch);
    return card(
      html` <h2>${titleOf(batch)}</h2> `,
      [
        html` <span class="small soft">${t("campaign-took", { span: spanOf(batch) })}</span> `,
        others.length > 0 &&
          html`
            <select
              id="batch-others"
              aria-label=${t("batch-others")}
              onchange=${(/** @type {any} */ e) => show(Number(e.target.value))}>
              ${[batch, ...others].map(
                (one) => html`
                  <option key=${one.number} value=${one.number} selected=${one === batch}>
                    ${`${one.number} · ${titleOf(one)}`}
                  </option>
                `,
              )}
            </select>
          `,
        html`
          <a class="button small" href=${`${API}${path}/${batch.number}/devices.csv`} download="batch.csv">
            ${icon("save")}CSV
          </a>
        `,
        batch.ended_at === null &&
          requireRole(
            "operator",
            html`
              <button class="small bad-act" id="batch-stop" onclick=${() => stop(batch)}>${t("batch-stop")}</button>
            `,
          ),
        html`
          <button
            class="small plain"
            aria-label=${t("close")}
            onclick=${() => {
              own.shown = null;
              lifecycle.redraw();
            }}>
            ${icon("close")}
          </button>
        `,
      ],
      [progress(batch), rowsOf(batch)],
      { flush: true, id: "batch" },
    );
  }

  /** @param {BatchState} batch */
  const lost = (batch) => html`
    <div class="wrong" role="alert" id="batch-lost">
      <span class="grow">${t("batch-lost", { title: titleOf(batch), n: counted(batch.counts.waiting ?? 0) })}</span>
      <button
        class="small plain"
        aria-label=${t("close")}
        onclick=${() => {
          own.lost = null;
          lifecycle.redraw();
        }}>
        ${icon("close")}
      </button>
    </div>
  `;

  /** @param {BatchState} batch */
  const progress = (batch) => html`
    <div class="batch-progress">
      <div
        class="bar"
        role="progressbar"
        aria-label=${t("campaign-progress")}
        aria-valuenow=${String(endedOf(batch))}
        aria-valuemin="0"
        aria-valuemax=${String(batch.devices)}>
        ${["done", "refused", "cancelled"].map(
          (name) => html`
            <i
              key=${name}
              class=${TONES[name]}
              style=${{ width: `${((batch.counts[name] ?? 0) / batch.devices) * 100}%` }}></i>
          `,
        )}
      </div>
      <div class="row" id="batch-counts">
        ${chip(batch, "", batch.devices)}
        ${STATES.filter((name) => batch.counts[name] > 0).map((name) => chip(batch, name, batch.counts[name]))}
        ${batch.trouble && html` <span class="bad-text small">${wordsOf(batch.trouble)}</span> `}
      </div>
    </div>
  `;

  /** @param {BatchState} batch @param {string} name @param {number} n */
  const chip = (batch, name, n) => html`
    <button
      key=${name}
      class=${`chip pill ${TONES[name] ?? ""}`}
      aria-pressed=${String(own.state === name)}
      data-batch-state=${name || "all"}
      onclick=${() => {
        Object.assign(own, { state: name, version: own.version + 1 });
        loadRows();
      }}>
      ${`${count(n)} ${name ? word("batchstate", name) : t("everything")}`}
    </button>
  `;

  /** @param {BatchState} batch */
  function rowsOf(batch) {
    const { rows } = own; // the list may draw once more when there are others
    if (!rows.length) return null;
    /** @param {number} index */
    const row = (index) => rowOf(rows[index]);
    return [
      html`
        <${Island}
          key=${`${batch.number}/${own.state}`}
          class="vlist"
          make=${virtualList}
          tabindex="0"
          role="list"
          aria-label=${t("batch-result")}
          id="batch-rows"
          style=${{ height: `${Math.min(SHOWN, rows.length) * ROW + 2}px`, flex: "none" }}
          own=${{ total: rows.length, height: ROW, version: `${own.version}`, row }} />
      `,
      own.total > rows.length &&
        html` <p key="more" class="small soft pad">${t("batch-first", { n: count(rows.length) })}</p> `,
    ];
  }

  /** @param {BatchRow} row */
  function rowOf(row) {
    return html`
      <div key=${row.device} class="vrow batchrow" role="listitem" data-device=${row.device} data-state=${row.state}>
        <a class="mono" href=${link("platforms", platform, "devices", row.device)}>
          ${row.device.slice(row.device.indexOf(":") + 1)}
        </a>
        <span>${pill(TONES[row.state] ?? "", word("batchstate", row.state))}</span>
        <span class="small" title=${outcomeOf(row)}>${outcomeOf(row)}</span>
        <span class="mid faint small">${row.at === null ? "" : stamp(row.at)}</span>
      </div>
    `;
  }

  /** Back to the last one, where none is shown. */
  function again() {
    const last = batches.value?.[0];
    if (!last || own.shown !== null) return null;
    return html` <button id="batches" onclick=${() => show(last.number)}>${t("batch-last")}</button> `;
  }

  return { view, show, again };
}

/** @param {BatchRow} row */
function outcomeOf(row) {
  if (row.refusal) return wordsOf(row.refusal);
  const value = row.value === null || row.value === undefined ? "" : readable(valueText(row.value));
  return [row.code, value].filter(Boolean).join(" · ");
}

/** @param {BatchState} batch */
const endedOf = ({ counts }) => (counts.done ?? 0) + (counts.refused ?? 0) + (counts.cancelled ?? 0);

/** @param {BatchState} batch */
const spanOf = (batch) => span(Math.max(0, (batch.ended_at ?? labNow()) - batch.started_at));

/** @param {BatchState} batch */
export function titleOf({ act, about, devices }) {
  const n = t("platform-n_devices", { n: counted(devices) });
  if (act === "operate")
    return [word("operation", about.operation), about.path, about.value === undefined ? "" : valueText(about.value), n]
      .filter(Boolean)
      .join(" · ");
  if (act !== "label") return `${t(`batch-${act}`)} · ${n}`;
  const changes = [
    ...(about.add ?? []).map((/** @type {string} */ tag) => `+${tag}`),
    ...(about.remove ?? []).map((/** @type {string} */ tag) => `−${tag}`),
    about.group === undefined ? "" : `${t("label-group")} ${about.group || "–"}`,
  ];
  return [t("batch-label"), ...changes, n].filter(Boolean).join(" · ");
}
