// Plots of the values of a device over time: what was observed or read, number for number.

import { Island, html } from "../base/view.js";
import { get, query } from "../base/api.js";
import { stamp } from "../base/format.js";
import { t } from "../base/i18n.js";
import { resource, throttled } from "../base/lifecycle.js";
import { chart } from "../parts/chart.js";
import { card, shown } from "../parts/states.js";

const POINTS = 1000;
const MOST = 6;
const TONES = ["accent", "packet", "good", "warm", "platform", "bad"];

export function newPlots(lifecycle, path) {
  const all = resource(lifecycle, fetchAll);

  async function fetchAll() {
    const observed = await get(`${path}/observations`, { signal: lifecycle.signal });
    const paths = [...new Set(observed.map((one) => one.path))].slice(0, MOST);
    return Promise.all(
      paths.map((one) => get(`${path}/data${query({ path: one, limit: POINTS })}`, { signal: lifecycle.signal })),
    );
  }

  function view() {
    if (all.state === "error" && all.error.status === 404) return null; // a platform without operations
    return card(
      t("plots.title"),
      null,
      shown(all, (list) => {
        const some = list.filter((one) => one.points?.length);
        return some.length ? some.map(plotOf) : html` <p class="soft">${t("plots.none")}</p> `;
      }),
    );
  }

  function plotOf({ path: name, points }, i) {
    const lines = numbersIn(points);
    const tone = (j) => TONES[(i + j) % TONES.length];
    if (!lines.names.length || points.length < 2)
      return html`
        <div key=${name}>
          <h3 class="mono">${name}</h3>
          <ul class="small mono plain-values">
            ${points
              .slice(-5)
              .reverse()
              .map((p, j) => html` <li key=${j}>${`${stamp(p.at)}  ${readable(p.value)}`}</li> `)}
          </ul>
        </div>
      `;
    return html`
      <div key=${name}>
        <h3 class="mono">${name}</h3>
        <${Island}
          make=${chart}
          own=${{ data: lines.data, steps: true, tall: 150, version: `${points.length}/${points.at(-1).at}/${lines.names}`, series: lines.names.map((label, j) => ({ label: label || name, tone: tone(j), fill: lines.names.length === 1 })) }} />
      </div>
    `;
  }

  return { view, reload: throttled(500, all.reload) };
}

/** The numbers of a series: of plain values one line, of JSON objects (as applications send them) one line a member. */
export function numbersIn(points) {
  const rows = points.map((point) => [point.at, membersOf(point.value)]).filter(([, members]) => members);
  const names = [...new Set(rows.flatMap(([, members]) => Object.keys(members)))].slice(0, TONES.length);
  return {
    names,
    data: [rows.map(([at]) => at), ...names.map((name) => rows.map(([, members]) => members[name] ?? null))],
  };
}

function membersOf(value) {
  const plain = typeof value === "string" ? parsed(readable(value)) : value;
  if (typeof plain === "number") return { "": plain };
  if (!plain || typeof plain !== "object") return null;
  const found = Object.entries(plain).filter(([, one]) => typeof one === "number");
  return found.length ? Object.fromEntries(found) : null;
}

function parsed(text) {
  try {
    return text.trim() === "" ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

/** What was sent as bytes (0x…) as the text that it is, where it is one. */
export function readable(value) {
  if (typeof value !== "string") return typeof value === "object" ? JSON.stringify(value) : String(value);
  if (!/^0x([0-9a-f]{2})+$/i.test(value)) return value;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(fromHex(value.slice(2)));
  } catch {
    return value;
  }
}
