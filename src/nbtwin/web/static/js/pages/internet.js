// What a module does in the internet besides its services: its sockets, MQTT clients, pings, names, the time. Drawn
// from the module's state as the stream brings it.

import { html } from "../base/view.js";
import { bytes } from "../base/format.js";
import { t, word } from "../base/i18n.js";
import { card, pill } from "../parts/states.js";

/** @type {Record<string, string>} */
const TONES = {
  open: "good",
  connected: "good",
  listening: "good",
  connecting: "warm",
  resolving: "warm",
  opening: "warm",
  leaving: "warm",
  closing: "warm",
  finished: "warm",
  broken: "bad",
};

/** @param {LabModule} module nothing where it has none */
export function internetCard({ internet }) {
  if (!internet) return null;
  const { sockets, mqtt, pings, names, time_server } = internet;
  const under = [
    ...names.map((name) => t("internet-name", { name })),
    ...pings.map(({ host, size }) => t("internet-ping", { host, size })),
    ...(time_server ? [t("internet-time", { server: time_server })] : []),
  ];
  return html`
    <div class="whole">
      ${card(
        t("internet-title"),
        null,
        [
          !sockets.length && !mqtt.length && !under.length && html` <p class="soft small">${t("internet-none")}</p> `,
          sockets.length > 0 &&
            html`
              <ul class="internet">
                ${sockets.map(socketItem)}
              </ul>
            `,
          mqtt.length > 0 &&
            html`
              <ul class="internet">
                ${mqtt.map(mqttItem)}
              </ul>
            `,
          under.length > 0 &&
            html`
              <ul class="internet">
                ${under.map((text) => html` <li key=${text} class="soft">${text}</li> `)}
              </ul>
            `,
        ],
        { id: "internet" },
      )}
    </div>
  `;
}

/** @param {ModuleSocket} one */
const socketItem = (one) => html`
  <li key=${`${one.owner}${one.number}`} data-socket=${`${one.owner}-${one.number}`}>
    <div class="row">
      <b>${t("internet-socket", { number: one.number })}</b>
      <span class="soft">${`${one.transport.toUpperCase()} · ${word("socketowner", one.owner)}`}</span>
      ${pill(TONES[one.state] ?? "", word("socketstate", one.state))}
    </div>
    <div class="mono small">
      ${one.reached_at ? `${one.port} ← ${one.reached_at}` : `${one.port} ⇄ ${one.peer ?? "*"}`}
    </div>
    <div class="small">
      ${`${t("internet-sent", { bytes: bytes(one.sent) })} · ${t("internet-received", { bytes: bytes(one.received) })}`}
    </div>
    <div class="small soft">
      ${[
        t("internet-unread", { bytes: bytes(one.unread) }),
        ...(one.transport === "tcp" ? [t("internet-unsent", { bytes: bytes(one.unsent) })] : []),
      ].join(" · ")}
    </div>
  </li>
`;

/** @param {ModuleMqtt} one */
const mqttItem = (one) => html`
  <li key=${one.number} data-mqtt=${one.number}>
    <div class="row">
      <b>${t("internet-mqtt", { number: one.number })}</b>
      ${pill(TONES[one.state] ?? "", word("mqttstate", one.state))}
    </div>
    <div class="mono small">${[one.client_id, one.server].filter(Boolean).join(" → ")}</div>
    <div class="small soft">
      ${one.keep_alive ? t("internet-keep_alive", { seconds: one.keep_alive }) : t("internet-no_keep_alive")}
    </div>
    <div class="small">
      ${
        one.subscriptions.length
          ? one.subscriptions.map(
              ({ filter, qos }) => html` <div key=${filter}><code>${filter}</code>${` · QoS ${qos}`}</div> `,
            )
          : html` <span class="soft">${t("internet-no_subscriptions")}</span> `
      }
    </div>
  </li>
`;
