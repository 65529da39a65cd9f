// What waits for a device in Queue Mode, when it is due, and what one may do about it: move and take back.

import { html } from "../base/view.js";
import { del, get, put } from "../base/api.js";
import { span, stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word, wordsOf } from "../base/i18n.js";
import { valueText } from "../base/values.js";
import { resource, throttled } from "../base/lifecycle.js";
import { requireRole } from "../parts/require_role.js";
import { card, pill, shown } from "../parts/states.js";
import { tryDestructive, tryRequest } from "../state/actions.js";
import { labNow } from "../state/lab.js";

const ENDED_SHOWN = 5;
/** @type {Record<CommandShown["state"], string>} */
const COLOURS = { waiting: "warm", sent: "warm", answered: "good", failed: "bad", expired: "bad", cancelled: "dim" };

/**
 * @param {Lifecycle} lifecycle
 * @param {string} path of the device
 * @param {(path: string) => ResourceShown | null} about what the definition says of a resource
 */
export function newQueue(lifecycle, path, about) {
  /** @type {Resource<QueueShown>} */
  const queue = resource(lifecycle, () => get(`${path}/queue?ended=true`, { signal: lifecycle.signal }));
  const soon = throttled(300, queue.reload);

  /** @param {CommandShown} command @param {number} position */
  async function move({ ticket }, position) {
    await tryRequest(() => put(`${path}/queue/${ticket}`, { position }));
    queue.reload();
  }

  /** @param {CommandShown} command */
  async function cancel({ ticket }) {
    const question = { title: t("queue-cancel_title"), word: t("remove") };
    await tryDestructive(question, () => del(`${path}/queue/${ticket}`), t("queue-cancelled"));
    queue.reload();
  }

  /** @param {CommandShown} one @param {number} waiting how many do */
  const acts = (one, waiting) =>
    one.position !== null && [
      html`
        <button
          key="up"
          class="small"
          disabled=${one.position === 1}
          aria-label=${t("queue-up", { ticket: one.ticket })}
          onclick=${() => move(one, /** @type {number} */ (one.position) - 1)}>
          ${icon("up")}
        </button>
      `,
      html`
        <button
          key="down"
          class="small"
          disabled=${one.position === waiting}
          aria-label=${t("queue-down", { ticket: one.ticket })}
          onclick=${() => move(one, /** @type {number} */ (one.position) + 1)}>
          ${icon("down")}
        </button>
      `,
      html`
        <button
          key="cancel"
          class="small"
          data-cancel=${one.ticket}
          aria-label=${t("queue-cancel", { ticket: one.ticket })}
          onclick=${() => cancel(one)}>
          ${icon("close")}
        </button>
      `,
    ];

  /** @param {CommandShown} one */
  const endOf = (one) =>
    one.refusal
      ? wordsOf(one.refusal)
      : one.ended_at
        ? stamp(one.ended_at)
        : t("queue-until", { at: stamp(one.deadline) });

  /** @param {CommandShown} one @param {number} waiting */
  const commandOf = (one, waiting) => html`
    <li key=${one.ticket} data-ticket=${one.ticket}>
      ${pill(COLOURS[one.state], one.position === null ? word("command", one.state) : String(one.position))}
      <span>
        <b>${word("operation", one.operation)}</b>
        ${` `}
        <code>${one.path}</code>
        ${about(one.path) && html` <span class="soft">${` ${about(one.path)?.name}`}</span> `}
        ${
          one.value !== null &&
          html` <code class="soft">${` ${valueText(one.value)} ${about(one.path)?.unit ?? ""}`.trimEnd()}</code> `
        }
      </span>
      <span class="acts">${requireRole("operator", acts(one, waiting))}</span>
      <span class="val"> ${endOf(one)} </span>
    </li>
  `;

  /** @param {NextWindow} window */
  function due({ open, until, due_at, known_from }) {
    if (open) return until === null ? t("queue-open") : t("queue-open_for", { span: left(until) });
    if (due_at === null) return t("queue-unknown");
    return t("queue-due", { at: stamp(due_at), span: left(due_at), from: word("window", known_from) });
  }

  /** @param {number} at */
  const left = (at) => span(Math.max(0, at - labNow()));

  /** @param {QueueShown} found */
  function listOf({ window, commands }) {
    const ended = commands.filter((one) => one.ended_at !== null).slice(-ENDED_SHOWN);
    const open = commands.filter((one) => one.ended_at === null);
    const waiting = open.filter((one) => one.position !== null).length;
    return [
      html` <p key="due" class="small" id="window" style=${{ padding: "10px 14px", margin: 0 }}>${due(window)}</p> `,
      html`
        <ul key="list" class="oplog" id="queue">
          ${[...open, ...ended.reverse()].map((one) => commandOf(one, waiting))}
        </ul>
      `,
      !commands.length && html` <p key="none" class="empty">${t("queue-none")}</p> `,
    ];
  }

  /** Of a device in Queue Mode alone. @param {Device} device */
  const view = ({ binding }) =>
    String(binding || "").includes("Q") && card(t("queue-title"), null, shown(queue, listOf), { flush: true });

  return { view, reload: soon };
}
