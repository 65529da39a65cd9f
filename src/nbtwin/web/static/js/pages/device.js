// One device as its platform knows it: identity, object tree with operations, plots of what was observed, history.

import { html } from "../base/view.js";
import { del, get, query, seg } from "../base/api.js";
import { count, span, stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { historyText } from "../base/history.js";
import { flagsInWords, t, word } from "../base/i18n.js";
import { go, link } from "../base/router.js";
import { resource, throttled } from "../base/lifecycle.js";
import { requireRole } from "../parts/require_role.js";
import { card, empty, facts, header, shown } from "../parts/states.js";
import { tryDestructive } from "../state/actions.js";
import { lab, labNow } from "../state/lab.js";
import { subscribe } from "../state/topics.js";
import { newObjects } from "./objects.js";
import { newPlots } from "./plots.js";
import { editLabel, labelOf } from "./device_label.js";
import { statePill, suspicion } from "./inventory.js";
import { newLiveLog } from "./live_log.js";
import { newDeviceOnline } from "./online.js";
import { newQueue } from "./queue.js";
import { remarksCard } from "./remarks.js";

const HISTORY = 200;

/** @param {Params} own @param {Lifecycle} lifecycle */
export function devicePage({ platform, device }, lifecycle) {
  const path = `/platforms/${seg(platform)}/devices/${seg(device)}`;
  const about = resource(lifecycle, () => get(path, { signal: lifecycle.signal }));
  const history = resource(lifecycle, () =>
    get(`${path}/history${query({ limit: HISTORY })}`, { whole: true, signal: lifecycle.signal }),
  );
  const plots = newPlots(lifecycle, path);
  const objects = newObjects(lifecycle, path, { answered: plots.reload });
  const queue = newQueue(lifecycle, path, objects.about);
  const online = newDeviceOnline(lifecycle, path);
  const log = newLiveLog(lifecycle, { name: device.slice(device.indexOf(":") + 1) });
  const soon = throttled(500, () => {
    queue.reload();
    online.reload();
    about.reload();
    history.reload();
    objects.reload();
  });
  lifecycle.onEnd(subscribe("operation", (result) => result.device === device && queue.reload()));
  lifecycle.onEnd(subscribe("device", (d) => d.device === device && soon()));
  lifecycle.every(1000, () => lifecycle.redraw());

  const strict = () => lab.platforms.find((one) => one.name === platform)?.strict ?? false;

  async function forget() {
    const question = { title: t("device-forget"), text: t("device-forget_text"), word: t("device-forget") };
    if ((await tryDestructive(question, () => del(path), t("device-forgotten"))) !== undefined)
      go(link("platforms", platform).slice(1));
  }

  return {
    title: () => about.value?.imei || device,
    view: () => [
      header(about.value?.imei || device, {
        crumbs: [
          html` <a key="a" href="#/platforms">${t("nav-platforms")}</a> `,
          " / ",
          html` <a key="b" href=${link("platforms", platform)}>${platform}</a> `,
        ],
        sub: about.value
          ? [
              statePill(about.value),
              labelOf(about.value),
              suspicion(about.value.flags),
              html`
                <span key="s">
                  ${t("device-seen", { span: span(Math.max(0, labNow() - about.value.last_seen_at)) })}
                </span>
              `,
            ]
          : null,
        acts: requireRole(
          "operator",
          about.value &&
            html`
              <button id="edit-label" onclick=${() => editLabel(path, about.value, about.reload)}>
                ${t("label-edit")}
              </button>
            `,
          about.value &&
            html` <button class="bad-act" onclick=${forget}>${icon("trash")}${t("device-forget")}</button> `,
        ),
      }),
      shown(
        about,
        (d) => html`
          <div class="devpage">
            <div class="stack">${plots.view()}${objects.view()}${log.view()}</div>
            <div class="stack">
              ${remarksCard(d, log.entries(), strict())}${identity(d)}${online.view()}${queue.view(d)}
              ${objects.log()}${values(d)}${pairings(d)}${historyCard(history, objects.about)}
            </div>
          </div>
        `,
      ),
    ],
  };
}

/** @param {Device} d */
const identity = (d) =>
  card(
    t("device-identity"),
    null,
    facts([
      ["IMEI", d.imei, true],
      ["IMEI 2", d.imei2, true],
      ["IMSI", d.imsi, true],
      ["ICCID", d.iccid, true],
      [t("device-model"), d.model],
      [t("device-firmware"), d.firmware, true],
      ["appkey", d.appkey, true],
      [t("device-terminal_type"), d.terminal_type],
      [t("device-version"), d.version],
      ["LwM2M", lwm2mOf(d)],
      [t("device-endpoint"), d.endpoint, true],
      [t("device-from"), d.host ? `${d.host}:${d.port}` : "", true],
      [t("device-location"), d.location, true],
      [
        t("device-lifetime"),
        d.lifetime ? `${span(d.lifetime)} · ${t("device-until", { at: stamp(d.refreshed_at + d.lifetime) })}` : "",
      ],
      [t("device-first_seen"), stamp(d.first_seen_at)],
      [t("device-registered_at"), d.registered_at ? stamp(d.registered_at) : ""],
      [
        t("device-counts"),
        t("device-counted", { registrations: d.registrations, updates: d.updates, refusals: d.refusals }),
      ],
      [t("device-flags"), flagsInWords(d.flags || [])],
    ]),
  );

/**
 * How it registered: "1.1 · UDP, SMS 4912345 · Queue Mode".
 * @param {Device} d
 */
const lwm2mOf = (d) =>
  [
    d.lwm2m_version,
    d.transports.map((/** @type {string} */ name) => (name === "SMS" && d.sms ? `SMS ${d.sms}` : name)).join(", "),
    d.queue_mode ? t("device-queue_mode") : "",
  ]
    .filter(Boolean)
    .join(" · ");

/** @param {Device} d */
function values(d) {
  const rows = d.platform === "cmdmp" ? Object.entries(d.values || {}) : [];
  return (
    rows.length > 0 &&
    card(
      t("device-values"),
      null,
      html`
        <table class="table">
          <tbody>
            ${rows.map(
              ([number, value]) => html`
                <tr key=${number}>
                  <td class="mono soft">${number}</td>
                  <td>${t(`value-${number}`)}</td>
                  <td class="mono">${String(value)}</td>
                </tr>
              `,
            )}
          </tbody>
        </table>
      `,
      { flush: true },
    )
  );
}

/** @param {Device} d */
const pairings = (d) =>
  (d.pairings || []).length > 1 &&
  card(
    t("device-usims"),
    null,
    html`
      <ul class="small">
        ${d.pairings.map(
          (/** @type {[string, string, number]} */ [iccid, imsi, at], /** @type {number} */ i) => html`
            <li key=${i} class="mono">${`${stamp(at)}  ${imsi || iccid}`}</li>
          `,
        )}
      </ul>
    `,
  );

/** @param {Resource<Counted<HistoryLine>>} history @param {(path: string) => ResourceShown | null} about */
const historyCard = (history, about) =>
  card(
    t("device-history"),
    history.value &&
      html` <span class="small soft">${Number.isNaN(history.value.total) ? "" : count(history.value.total)}</span> `,
    shown(history, ({ value: lines }) =>
      !lines.length
        ? empty("timeline", t("device-no_history"))
        : html`
            <div class="historybox" role="group" tabindex="0" aria-label=${t("device-history")}>
              <ul class="history" id="history">
                ${[...lines].reverse().map(
                  (line, i) => html`
                    <li key=${`${line.at}${line.code}${i}`}>
                      <time>${stamp(line.at)}</time>
                      <b title=${line.code}>${word("history", line.code)}</b>
                      <span class="detail"
                        >${[named(line.fields, about), historyText(line.fields)].filter(Boolean).join(" ")}</span
                      >
                    </li>
                  `,
                )}
              </ul>
            </div>
          `,
    ),
    { flush: true },
  );

/**
 * What the definition calls the path of a line, and in which unit its value is: "Battery Level, %".
 * @param {Record<string, any>} fields
 * @param {(path: string) => ResourceShown | null} about
 */
function named({ path }, about) {
  const known = typeof path === "string" ? about(path) : null;
  return known ? `${[known.name, known.unit].filter(Boolean).join(", ")} ·` : "";
}
