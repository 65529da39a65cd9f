// Who was online when: a curve of the whole inventory, and of one device the spans in which it could be reached.

import { Island, html } from "../base/view.js";
import { get, query } from "../base/api.js";
import { span, stamp } from "../base/format.js";
import { t, word } from "../base/i18n.js";
import { resource, throttled } from "../base/lifecycle.js";
import { chart } from "../parts/chart.js";
import { card, segments, shown } from "../parts/states.js";
import { labNow } from "../state/lab.js";

const RANGES = [
  ["3600", "1 h"],
  ["86400", "24 h"],
  ["604800", "7 d"],
  ["2592000", "30 d"],
  ["", ""],
];
const POINTS = 300;

/** @param {Lifecycle} lifecycle @param {string} path of the platform */
export function newOnlineCurve(lifecycle, path) {
  const own = { range: "" };
  /** @type {Resource<OnlineCurve>} */
  const curve = resource(lifecycle, () => {
    const since = own.range ? Math.max(0, labNow() - Number(own.range)) : "";
    return get(`${path}/online${query({ since, points: POINTS })}`, { signal: lifecycle.signal });
  });
  const soon = throttled(5000, curve.reload);

  const view = () =>
    card(
      t("online-title"),
      segments(
        t("online-range"),
        RANGES.map(([value, text]) => [value, text || t("everything")]),
        own.range,
        (range) => {
          own.range = range;
          curve.reload();
          lifecycle.redraw();
        },
      ),
      shown(curve, ({ points, kept_since }) => [
        html`
          <${Island}
            key="chart"
            make=${chart}
            own=${{
              data: [points.map((p) => p.at), points.map((p) => p.online), points.map((p) => p.low)],
              version: `${own.range}/${points[points.length - 1].at}/${points[points.length - 1].online}`,
              steps: true,
              tall: 150,
              series: [
                { label: t("online-count"), tone: "good", fill: true },
                { label: t("online-low"), tone: "warm" },
              ],
            }} />
        `,
        kept_since !== null &&
          html` <p key="kept" class="small soft">${t("online-kept", { at: stamp(kept_since) })}</p> `,
      ]),
      { id: "online" },
    );

  return { view, reload: soon };
}

/** @param {Lifecycle} lifecycle @param {string} path of the device */
export function newDeviceOnline(lifecycle, path) {
  /** @type {Resource<DeviceOnline>} */
  const online = resource(lifecycle, () => get(`${path}/online`, { signal: lifecycle.signal }));

  const view = () => card(t("online-device"), null, shown(online, stripOf), { id: "reachable" });

  return { view, reload: throttled(1000, online.reload) };
}

/**
 * Where a mark of the strip is, in percent; two pixels at least, and none of it outside.
 * @param {number} left
 * @param {number} width
 */
const within = (left, width) => ({
  left: `min(${left}%, 100% - 2px)`,
  width: `max(2px, ${Math.min(width, 100 - left)}%)`,
});

/** @param {DeviceOnline} online */
function stripOf({ now, spans, heard, queue_mode, awake }) {
  if (!spans.length) return html` <p class="soft">${t("online-never")}</p> `;
  const begin = spans[0].since ?? heard[0] ?? now;
  const whole = Math.max(1, now - begin);
  /** @param {number | null} at @param {number} otherwise */
  const place = (at, otherwise) => (((at ?? otherwise) - begin) / whole) * 100;
  const last = spans[spans.length - 1];
  const sum = spans.reduce((all, one) => all + (one.until ?? now) - (one.since ?? begin), 0);
  return [
    html`
      <div class="strip-online" role="img" aria-label=${t("online-device")}>
        ${spans.map(
          (one, i) => html`
            <i
              key=${i}
              class="registered"
              title=${`${one.since === null ? "…" : stamp(one.since)} – ${one.until === null ? "" : stamp(one.until)}`}
              style=${within(place(one.since, begin), place(one.until, now) - place(one.since, begin))}></i>
          `,
        )}
        ${heard
          .filter((at) => at >= begin)
          .map(
            (at) => html`
              <i
                key=${`h${at}`}
                class="heard"
                title=${stamp(at)}
                style=${within(place(at, begin), queue_mode ? (awake / whole) * 100 : 0)}></i>
            `,
          )}
      </div>
    `,
    html`
      <div class="row small soft">
        <span>${stamp(begin)}</span>
        <span class="grow"></span>
        <span>${stamp(now)}</span>
      </div>
    `,
    html`
      <p class="small" id="online-said">
        ${
          last.until === null
            ? t("online-since", { at: last.since === null ? "…" : stamp(last.since) })
            : t("online-until", { at: stamp(last.until), why: word("history", last.ended) })
        }${` `}${t("online-share", { share: Math.round((sum / whole) * 1000) / 10, span: span(whole) })}${
          queue_mode ? ` ${t("online-sleeps", { span: span(awake) })}` : ""
        }
      </p>
    `,
    spans.length > 1 &&
      html`
        <ul class="small soft" id="online-gaps">
          ${spans
            .slice(0, -1)
            .slice(-5)
            .reverse()
            .map((one, i) => {
              const next = spans[spans.indexOf(one) + 1];
              return html`
                <li key=${i}>
                  ${t("online-gap", {
                    at: stamp(/** @type {number} */ (one.until)),
                    why: word("history", one.ended),
                    span: span((next.since ?? now) - (one.until ?? now)),
                  })}
                </li>
              `;
            })}
        </ul>
      `,
  ];
}
