// A platform's inventory: searched, filtered and sorted by the lab, only the rows in view asked for. Ten thousand or a
// million devices cost the same. Rows, or all that fit the search, are chosen, and something is done to them.

import { Island, html } from "../base/view.js";
import { API, get, isAbort, query, seg } from "../base/api.js";
import { counted, span, stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { DUPLICATE } from "../base/facts.js";
import { flagsInWords, t, word } from "../base/i18n.js";
import { go, keepQuery, link } from "../base/router.js";
import { debounced, resource, throttled } from "../base/lifecycle.js";
import { requireRole } from "../parts/require_role.js";
import { empty, header, loading, pill, search, segments, wrong } from "../parts/states.js";
import { virtualList } from "../parts/virtual.js";
import { lab, labNow } from "../state/lab.js";
import { subscribe } from "../state/topics.js";
import { askBatch } from "./batch_dialogs.js";
import { newBatches } from "./batches.js";
import { newChosen } from "./chosen.js";
import { importDevices } from "./devices_import.js";
import { manageKeys } from "./keys.js";
import { newLiveLog } from "./live_log.js";
import { newOnlineCurve } from "./online.js";

const PAGE = 100;
const MOST_PAGES = 40; // of devices kept in memory
const ROW = 38;
const STATES = ["", "bootstrapped", "registered", "expired", "de-registered"];
const COLUMNS = [
  ["id", ""],
  ["name", "mid"],
  ["state", ""],
  ["model", "mid"],
  ["firmware", "wide mid"],
  ["tags", "wide mid"],
  ["last_seen_at", "mid"],
];
const SORTED = new Set(["id", "name", "state", "model", "last_seen_at"]); // what the API sorts by
/** @type {import("./batch_dialogs.js").BatchAct[]} */
const ACTS = ["operate", "tag", "untag", "group", "take-back", "deregister", "forget"];
const MOST_NAMED = 200; // devices in the address of another page

/** @param {Params} own @param {Lifecycle} lifecycle @param {URLSearchParams} asked */
export function platformPage({ platform }, lifecycle, asked) {
  const own = {
    text: asked.get("q") || "",
    state: asked.get("state") || "",
    group: asked.get("group") || "",
    tag: asked.get("tag") || "",
    curve: asked.has("online"),
    sort: asked.get("sort") || "last_seen_at",
    order: asked.get("order") || "desc",
    total: /** @type {number | null} */ (null),
    pages: /** @type {Map<number, Device[]>} */ (new Map()),
    error: /** @type {Error | null} */ (null),
    version: 0,
    stale: false, // what is shown stays until the answer to the present question is there
  };
  const fetching = new Set();
  let generation = 0;
  const path = `/platforms/${seg(platform)}`;
  const changed = () => {
    own.version += 1;
    lifecycle.redraw();
  };
  const chosen = newChosen(changed);
  const batches = newBatches(lifecycle, platform);
  const online = newOnlineCurve(lifecycle, path);
  /** @type {Resource<DeviceLabels>} */
  const labels = resource(lifecycle, () => get(`${path}/labels`, { signal: lifecycle.signal }));
  /** @type {{ name: string, log: ReturnType<typeof newLiveLog> } | null} */
  let heard = null; // of somebody who is not in the inventory
  let last = -1; // the row that was chosen last: with Shift all between it and the next one

  const filters = () => ({ containing: own.text, state: own.state, group: own.group, tag: own.tag });

  function restart() {
    generation += 1;
    own.stale = true;
    fetching.clear();
    chosen.clear();
    keepQuery({
      q: own.text,
      state: own.state,
      group: own.group,
      tag: own.tag,
      sort: own.sort,
      order: own.order,
      online: own.curve ? "1" : "",
    });
    fetchPage(0);
    lifecycle.redraw();
  }
  const searchSoon = debounced(200, restart);

  /** @param {number} page */
  async function fetchPage(page) {
    if (fetching.has(page)) return;
    fetching.add(page);
    const mine = generation;
    try {
      const asked = query({
        ...filters(),
        sort: own.sort,
        order: own.order,
        limit: PAGE,
        offset: page * PAGE,
      });
      const { value, total } = await get(`/platforms/${seg(platform)}/devices${asked}`, {
        whole: true,
        signal: lifecycle.signal,
      });
      if (mine !== generation) return;
      if (own.stale) own.pages.clear();
      own.stale = false;
      own.pages.delete(page);
      own.pages.set(page, value);
      if (own.pages.size > MOST_PAGES) own.pages.delete([...own.pages.keys()][0]);
      own.total = Number.isNaN(total) ? Math.max(own.total ?? 0, page * PAGE + value.length) : total;
      own.error = null;
    } catch (error) {
      if (isAbort(error) || mine !== generation) return;
      own.error = error instanceof Error ? error : new Error(String(error));
    } finally {
      if (mine === generation) fetching.delete(page);
    }
    own.version += 1;
    lifecycle.redraw();
  }

  const inView = [0, 0];
  const refresh = throttled(3000, () => {
    for (let page = inView[0]; page <= inView[1]; page++) fetchPage(page);
    if (own.curve) online.reload();
  });
  const anew = throttled(500, () => {
    labels.reload();
    refresh();
  });
  lifecycle.onEnd(
    subscribe("batch", (told) => told.platform === platform && !["operate", "take-back"].includes(told.act) && anew()),
  );
  lifecycle.onEnd(subscribe("device", (d) => d.platform === platform && refresh()));
  lifecycle.every(5000, () => {
    own.version += 1;
    lifecycle.redraw();
  });
  restart();

  /** @param {number} from @param {number} to */
  function seen(from, to) {
    inView[0] = Math.floor(from / PAGE);
    inView[1] = Math.floor(Math.max(0, to - 1) / PAGE);
    for (let page = inView[0]; page <= inView[1]; page++) if (!own.stale && !own.pages.has(page)) fetchPage(page);
  }

  /** @param {string} name */
  function sortBy(name) {
    Object.assign(own, sortedBy(name, own));
    restart();
  }

  /** @param {number} index */
  function row(index) {
    const device = own.pages.get(Math.floor(index / PAGE))?.[index % PAGE];
    if (!device)
      return html`
        <div key=${index} class="vrow devices" role="row" aria-rowindex=${String(index + 1)}>
          <span role="cell"></span>
          <span role="cell" class="faint">…</span>
        </div>
      `;
    const name = device.id.slice(device.id.indexOf(":") + 1);
    return html`
      <div
        key=${device.id}
        class=${`vrow devices ${chosen.has(device.id) ? "on" : ""}`}
        role="row"
        aria-rowindex=${String(index + 1)}
        data-device=${device.id}>
        <span role="cell">
          <input
            type="checkbox"
            aria-label=${t("batch-choose", { device: name })}
            checked=${chosen.has(device.id)}
            onclick=${(/** @type {any} */ e) => choose(index, e.target.checked, e.shiftKey)} />
        </span>
        <span role="cell" class="mono">
          <a class="whole-row" href=${link("platforms", platform, "devices", device.id)}>${device.imei || name}</a>
          ${suspicion(device.flags, true)}
        </span>
        <span role="cell" class="mid" title=${[device.name, device.group].filter(Boolean).join(" · ")}>
          ${device.name || html` <span class="faint">–</span> `}
          ${device.group && html` <span class="faint small">${` ${device.group}`}</span> `}
        </span>
        <span role="cell">${statePill(device)}</span>
        <span role="cell" class="mid">${device.model || device.device_type || "–"}</span>
        <span role="cell" class="wide mid mono small">${device.firmware || "–"}</span>
        <span role="cell" class="wide mid">${tagPills(device.tags)}</span>
        <span role="cell" class="mid soft" title=${stamp(device.last_seen_at)}>
          ${t("ago", { span: span(Math.max(0, labNow() - device.last_seen_at)) })}
        </span>
      </div>
    `;
  }

  /** @param {number} index @param {boolean} on @param {boolean} between */
  function choose(index, on, between) {
    const from = between && last >= 0 ? Math.min(last, index) : index;
    const to = between && last >= 0 ? Math.max(last, index) : index;
    const ids = [];
    for (let i = from; i <= to; i++) {
      const device = own.pages.get(Math.floor(i / PAGE))?.[i % PAGE];
      if (device) ids.push(device.id);
    }
    last = index;
    chosen.setSome(ids, on);
  }

  /** @param {import("./batch_dialogs.js").BatchAct} act */
  async function act(act) {
    const known = act === "group" ? labels.value?.groups : labels.value?.tags;
    const batch = await askBatch({
      platform,
      act,
      of: chosen.of(own),
      count: chosen.count(own.total ?? 0),
      known: (known ?? []).map((one) => one.name),
    });
    if (!batch) return;
    chosen.clear();
    batches.show(batch.number);
  }

  /** To the page of campaigns, with these. */
  function campaign() {
    const of = chosen.all
      ? { containing: own.text, group: own.group, tag: own.tag }
      : { devices: chosen.names().join(" ") };
    go(`/campaigns${query({ platform, ...of })}`);
  }

  const head = () => html`
    <div class="vhead devices" role="row">
      <span role="columnheader">
        <input
          type="checkbox"
          id="choose-all"
          aria-label=${t("batch-choose_all", { n: counted(own.total ?? 0) })}
          title=${t("batch-choose_all", { n: counted(own.total ?? 0) })}
          checked=${chosen.all}
          onclick=${(/** @type {any} */ e) => (e.target.checked ? chosen.chooseAll() : chosen.clear())} />
      </span>
      ${COLUMNS.map(([name, kind]) =>
        SORTED.has(name)
          ? html`
              <span
                key=${name}
                class=${kind}
                role="columnheader"
                aria-sort=${own.sort === name ? (own.order === "asc" ? "ascending" : "descending") : "none"}>
                <button class="sort" data-sort=${name} onclick=${() => sortBy(name)}>
                  ${`${t(`device-${name}`)}${own.sort === name ? (own.order === "asc" ? " ↑" : " ↓") : ""}`}
                </button>
              </span>
            `
          : html` <span key=${name} class=${kind} role="columnheader">${t(`device-${name}`)}</span> `,
      )}
    </div>
  `;

  /** The same devices as CSV. */
  function fileOf() {
    return `${API}${path}/devices.csv${query(filters())}`;
  }

  function inventory() {
    if (own.error && !own.pages.size) return wrong(own.error, restart);
    if (own.total === null) return loading();
    if (!own.total) return nobody();
    return [
      head(),
      html`
        <${Island}
          key="list"
          class="vlist"
          make=${virtualList}
          role="rowgroup"
          tabindex="0"
          aria-label=${t("platform-inventory")}
          id="devices"
          own=${{ total: own.total, height: ROW, version: `${generation}/${own.version}/${own.total}`, row, seen }} />
      `,
    ];
  }

  /** Nobody fits; of a name that the lab has heard it says what. */
  function nobody() {
    if (!own.text && !own.state && !own.group && !own.tag) return empty("platforms", t("platform-nobody"));
    if (own.text.length < 4) return empty("search", t("none_fit"));
    if (heard?.name !== own.text)
      heard = {
        name: own.text,
        log: newLiveLog(lifecycle, { name: own.text, title: t("platform-heard"), keep: false }),
      };
    return html`
      <div class="nobody">
        <p>${`${t("none_fit")} ${t("platform-not_here", { name: own.text })}`}</p>
        ${heard.log.view()}
      </div>
    `;
  }

  /** What may be done to those that are chosen. */
  function acts() {
    const n = chosen.count(own.total ?? 0);
    if (!n) return null;
    return html`
      <div class="batchbar" role="toolbar" aria-label=${t("batch-acts")} id="batchbar">
        <b>${t("batch-chosen", { n: counted(n) })}</b>
        ${
          !chosen.all &&
          (own.total ?? 0) > n &&
          html`
            <button class="linklike small" id="all-that-fit" onclick=${chosen.chooseAll}>
              ${t("batch-choose_all", { n: counted(own.total ?? 0) })}
            </button>
          `
        }
        <span class="grow"></span>
        ${requireRole(
          "operator",
          ACTS.map(
            (name) => html`
              <button
                key=${name}
                class=${`small ${name === "forget" || name === "deregister" ? "bad-act" : ""}`}
                data-batch=${name}
                onclick=${() => act(name)}>
                ${t(`batch-${name}`)}
              </button>
            `,
          ),
          (lab.platforms.find((p) => p.name === platform)?.operator ?? "") === "andlink" &&
            (chosen.all ? !own.state : n <= MOST_NAMED) &&
            html` <button class="small" data-batch="campaign" onclick=${campaign}>${t("nav-campaigns")} …</button> `,
        )}
        <button class="small plain" aria-label=${t("batch-clear")} onclick=${chosen.clear}>${icon("close")}</button>
      </div>
    `;
  }

  /** @param {"group" | "tag"} name @param {{ name: string, devices: number }[]} known */
  const filter = (name, known) =>
    (known.length > 0 || own[name]) &&
    html`
      <select
        id=${`filter-${name}`}
        aria-label=${t(`label-${name}`)}
        onchange=${(/** @type {any} */ e) => {
          own[name] = e.target.value;
          restart();
        }}>
        <option value="">${t(`label-any_${name}`)}</option>
        ${known.map(
          (one) => html`
            <option key=${one.name} value=${one.name} selected=${one.name === own[name]}>
              ${`${one.name} (${counted(one.devices)})`}
            </option>
          `,
        )}
      </select>
    `;

  return {
    title: () => platform,
    fills: true,
    view: () => {
      const about = lab.platforms.find((p) => p.name === platform);
      return [
        header(platform, {
          crumbs: [html` <a key="a" href="#/platforms">${t("nav-platforms")}</a> `, ` / ${platform}`],
          sub: [
            about && html` <span class="mono">${`udp ${about.udp}`}</span> `,
            own.total !== null && pill("", t("platform-n_devices", { n: counted(own.total) })),
          ],
          acts: [
            html`
              <button id="keys" onclick=${() => manageKeys(platform, about?.operator)}>
                ${icon("keys")}${t("keys-title")}
              </button>
            `,
            batches.again(),
            html`
              <button
                id="online-curve"
                aria-pressed=${String(own.curve)}
                onclick=${() => {
                  own.curve = !own.curve;
                  if (own.curve) online.reload();
                  lifecycle.redraw();
                }}>
                ${icon("fleet")}${t("online-title")}
              </button>
            `,
            requireRole(
              "operator",
              html`
                <button id="import-devices" onclick=${() => importDevices(platform, about?.operator, () => anew())}>
                  ${icon("plus")}${t("csv-title")}
                </button>
              `,
            ),
            html`
              <a class="button" id="devices-csv" href=${fileOf()} download=${`${platform}-devices.csv`}>
                ${icon("save")}CSV
              </a>
            `,
            html`
              <a class="button" href=${`#/campaigns?platform=${seg(platform)}`}>
                ${icon("campaigns")}${t("nav-campaigns")}
              </a>
            `,
          ],
        }),
        html`
          <div class="row" style=${{ "margin-bottom": "10px" }}>
            <div class="grow" style=${{ "max-width": "420px", "min-width": "220px" }}>
              ${search(
                t("platform-search"),
                own.text,
                (text) => {
                  own.text = text;
                  searchSoon();
                },
                { id: "search" },
              )}
            </div>
            ${segments(
              t("device-state"),
              STATES.map((state) => [state, state ? word("devstate", state) : t("everything")]),
              own.state,
              (state) => {
                own.state = state;
                restart();
              },
            )}
            ${filter("group", labels.value?.groups ?? [])}${filter("tag", labels.value?.tags ?? [])}
          </div>
        `,
        own.curve && online.view(),
        batches.view(),
        acts(),
        html`
          <div
            class="card"
            role=${own.total ? "table" : null}
            aria-label=${t("platform-inventory")}
            aria-rowcount=${own.total ? String(own.total) : null}
            style=${{
              flex: "1",
              display: "flex",
              "flex-direction": "column",
              "min-height": "280px",
              overflow: "hidden",
            }}>
            ${inventory()}
          </div>
        `,
      ];
    },
  };
}

/**
 * What pressing the head of a column makes of the order: that column, rising; the same again, the other way round.
 * @param {string} name
 * @param {{ sort: string, order: string }} before
 */
export const sortedBy = (name, { sort, order }) => ({
  sort: name,
  order: sort === name && order === "asc" ? "desc" : "asc",
});

/** @param {Device} device */
export const statePill = (device) =>
  pill(
    { registered: "good", expired: "bad", "de-registered": "warm" }[device.state] ?? "",
    word("devstate", device.state),
  );

/**
 * That somebody else may call himself the same.
 * @param {string[]} flags
 * @param {boolean} [short] a mark where there is no room
 */
export function suspicion(flags, short = false) {
  if (!flags?.includes(DUPLICATE)) return null;
  const said = flagsInWords([DUPLICATE]);
  return short
    ? html` <span class="pill bad" role="img" aria-label=${said} title=${said} data-flag="duplicate">!</span> `
    : html` <span key="duplicate" class="pill bad" data-flag="duplicate">${said}</span> `;
}

/** @param {string[]} tags */
export const tagPills = (tags) => (tags || []).map((tag) => html` <span key=${tag} class="pill tag">${tag}</span> `);
