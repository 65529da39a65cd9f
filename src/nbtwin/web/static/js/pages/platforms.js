// A platform's inventory: searched, filtered and sorted by the lab, only the rows in view asked for. Ten thousand or a
// million devices cost the same.

import { Island, html } from "../base/view.js";
import { API, get, isAbort, query, seg } from "../base/api.js";
import { count, counted, span, stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word } from "../base/i18n.js";
import { keepQuery, link } from "../base/router.js";
import { debounced, throttled } from "../base/lifecycle.js";
import { empty, header, loading, pill, search, segments, wrong } from "../parts/states.js";
import { virtualList } from "../parts/virtual.js";
import { lab, labNow, loadLab, loadPlatforms } from "../state/lab.js";
import { subscribe } from "../state/topics.js";
import { newDefinitions } from "./definitions.js";
import { manageKeys } from "./keys.js";

const PAGE = 100;
const MOST_PAGES = 40; // of devices kept in memory
const ROW = 38;
const STATES = ["", "bootstrapped", "registered", "expired", "de-registered"];
const COLUMNS = [
  ["id", ""],
  ["state", ""],
  ["model", "mid"],
  ["firmware", "mid"],
  ["imsi", "wide mid"],
  ["last_seen_at", "mid"],
  ["lifetime", "wide mid"],
];
const SORTED = new Set(["id", "state", "last_seen_at"]); // what the API sorts by

/** @param {Params} _ @param {Lifecycle} lifecycle */
export function platformsPage(_, lifecycle) {
  const definitions = newDefinitions(lifecycle);
  loadPlatforms().catch(() => {});
  return {
    title: () => t("nav-platforms"),
    view: () => [
      header(t("nav-platforms")),
      lab.error && !lab.loaded
        ? wrong(lab.error, loadLab)
        : !lab.loaded
          ? loading()
          : !lab.platforms.length
            ? html` <div class="card">${empty("platforms", t("platform-none"))}</div> `
            : html`
                <div class="modcards">
                  ${lab.platforms.map(
                    (p) => html`
                      <a key=${p.name} class="card modcard" href=${link("platforms", p.name)}>
                        <div class="title">
                          <b>${p.name}</b>
                          <span class="soft mono small">${p.udp}</span>
                        </div>
                        <div class="row">
                          ${pill("", t("platform-n_devices", { n: counted(p.devices) }))}
                          ${pill("good", `${count(p.registered)} ${word("devstate", "registered")}`)}
                          ${p.expired > 0 && pill("bad", `${count(p.expired)} ${word("devstate", "expired")}`)}
                        </div>
                        <div class="waits mono">
                          ${(p.addresses || []).map((a) => (Array.isArray(a) ? a.join(":") : a)).join(" ")}
                        </div>
                      </a>
                    `,
                  )}
                </div>
              `,
      html` <div key="definitions" style=${{ "margin-top": "16px" }}>${definitions.view()}</div> `,
    ],
  };
}

/** @param {Params} own @param {Lifecycle} lifecycle @param {URLSearchParams} asked */
export function platformPage({ platform }, lifecycle, asked) {
  const own = {
    text: asked.get("q") || "",
    state: asked.get("state") || "",
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

  function restart() {
    generation += 1;
    own.stale = true;
    fetching.clear();
    keepQuery({ q: own.text, state: own.state, sort: own.sort, order: own.order });
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
        containing: own.text,
        state: own.state,
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
  });
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
          <span class="faint" role="cell">…</span>
        </div>
      `;
    const cells = [
      html`
        <span key="i" class="mono" role="cell">
          <a class="whole-row" href=${link("platforms", platform, "devices", device.id)} data-device=${device.id}>
            ${device.imei || device.id}
          </a>
        </span>
      `,
      html` <span key="s" role="cell">${statePill(device)}</span> `,
      html` <span key="m" class="mid" role="cell">${device.model || device.device_type || "–"}</span> `,
      html` <span key="f" class="mid mono small" role="cell">${device.firmware || "–"}</span> `,
      html` <span key="u" class="wide mid mono small" role="cell">${device.imsi || device.iccid || "–"}</span> `,
      html`
        <span key="l" class="mid soft" role="cell" title=${stamp(device.last_seen_at)}>
          ${t("ago", { span: span(Math.max(0, labNow() - device.last_seen_at)) })}
        </span>
      `,
      html` <span key="t" class="wide mid soft" role="cell">${device.lifetime ? span(device.lifetime) : "–"}</span> `,
    ];
    return html`
      <div key=${device.id} class="vrow devices" role="row" aria-rowindex=${String(index + 1)}>${cells}</div>
    `;
  }

  const head = () => html`
    <div class="vhead devices" role="row">
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
    return `${API}/platforms/${seg(platform)}/devices.csv${query({ containing: own.text, state: own.state })}`;
  }

  function inventory() {
    if (own.error && !own.pages.size) return wrong(own.error, restart);
    if (own.total === null) return loading();
    if (!own.total)
      return own.text || own.state ? empty("search", t("none_fit")) : empty("platforms", t("platform-nobody"));
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
            <div class="grow" style=${{ "max-width": "420px" }}>
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
          </div>
        `,
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
