// Who may use this lab: tokens (made once, shown once, kept as a hash) and the log of what was changed by whom. For
// admins.

import { html } from "../base/view.js";
import { del, get, post, query, seg } from "../base/api.js";
import { count, stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word } from "../base/i18n.js";
import { debounced, resource } from "../base/lifecycle.js";
import { errorText } from "../base/problems.js";
import { openDialog } from "../parts/dialog.js";
import { formField, isAbout } from "../parts/fields.js";
import { card, empty, header, pill, scrolls, search, shown } from "../parts/states.js";
import { leave, may, me } from "../state/access.js";
import { tryDestructive } from "../state/actions.js";
import { reloadOn } from "../state/changes.js";
import { subscribe } from "../state/topics.js";
import { newLabSnapshot } from "./lab_snapshot.js";

const ROLES = ["viewer", "operator", "admin"];
const LINES = 200;
const BEGAN = 102;

/** @param {unknown} _ @param {Lifecycle} lifecycle */
export const accessPage = (_, lifecycle) =>
  may("admin")
    ? adminPage(lifecycle)
    : {
        title: () => t("nav-access"),
        view: () => [whoIsHere(), card(null, null, empty("keys", t("access-for_admins")))],
      };

/** @param {number} status */
const outcome = (status) => {
  if (status === BEGAN) return pill("warm", t("access-began"));
  if (!status) return "";
  return pill(status >= 200 && status < 400 ? "good" : "bad", String(status));
};

const whoIsHere = () =>
  header(t("nav-access"), {
    sub: [
      html` <b key="n">${me.name}</b> `,
      pill("accent", word("role", me.role)),
      html` <span key="l">${t(me.tokens_needed ? `access-${me.role}_may` : "access-local")}</span> `,
    ],
    acts: me.tokens_needed && html` <button id="logout" onclick=${leave}>${t("access-leave")}</button> `,
  });

/** @param {Lifecycle} lifecycle */
function adminPage(lifecycle) {
  const own = { name: "", role: "viewer", lasts: "90d", text: "", problem: /** @type {any} */ (null) };
  const tokens = resource(lifecycle, () => get("/access/tokens", { signal: lifecycle.signal }));
  const audit = resource(lifecycle, () =>
    get(`/access/audit${query({ limit: LINES, containing: own.text })}`, { whole: true, signal: lifecycle.signal }),
  );
  const whole = newLabSnapshot(lifecycle);
  const soon = debounced(250, () => audit.reload());
  reloadOn(lifecycle, ["access"], tokens.reload);
  lifecycle.onEnd(subscribe("changed", () => soon())); // each is a line of the log

  async function make() {
    own.problem = null;
    /** @type {any} */
    let made;
    try {
      const lasts = own.lasts.trim();
      const asked = { name: own.name.trim(), role: own.role, ...(lasts ? { lasts } : {}) };
      made = await post("/access/tokens", asked);
    } catch (error) {
      own.problem = error;
      lifecycle.redraw();
      return;
    }
    own.name = "";
    tokens.reload();
    audit.reload();
    openDialog(t("access-made"), ({ close }) => ({
      body: [
        html` <p key="p">${t("access-once")}</p> `,
        html`
          <code key="c" id="made-token" style=${{ "overflow-wrap": "anywhere", "user-select": "all" }}>
            ${made.token}
          </code>
        `,
      ],
      foot: [html` <button type="submit" class="main-act" onclick=${close}>${t("close")}</button> `],
    }));
  }

  /** @param {string} name */
  async function revoke(name) {
    const title = t("access-revoke_title", { name });
    const question = { title, text: t("access-revoke_text"), word: t("access-revoke") };
    await tryDestructive(question, () => del(`/access/tokens/${seg(name)}`));
    tokens.reload();
    audit.reload();
  }

  return {
    title: () => t("nav-access"),
    view: () => [
      whoIsHere(),
      html`
        <div class="split">
          <div class="stack">
            ${card(t("access-tokens"), null, shown(tokens, tokenList), { flush: true })}
            ${card(t("access-new"), null, form())} ${whole.view()}
          </div>
          ${card(
            t("access-audit"),
            search(t("access-search"), own.text, (text) => {
              own.text = text;
              soon();
            }),
            shown(audit, auditLog),
            { flush: true },
          )}
        </div>
      `,
    ],
  };

  /** @param {Token[]} list */
  function tokenList(list) {
    if (!list.length) return empty("keys", t("access-no_tokens"));
    return html`
      <ul class="picklist" id="tokens">
        ${list.map(
          (one) => html`
            <li key=${one.name} class="row" style=${{ padding: "7px 14px", "border-bottom": "1px solid var(--line)" }}>
              <span class="grow">
                <b>${one.name}</b>
                ${" "}${pill(one.role === "admin" ? "warm" : "", word("role", one.role))}
                <div class="small soft">
                  <code>${one.hint}</code>
                  ${` · ${one.expires_at ? t("device-until", { at: stamp(one.expires_at) }) : t("access-forever")}
${one.used_at ? ` · ${t("access-used", { at: stamp(one.used_at) })}` : ""}`}
                </div>
              </span>
              <button
                class="plain small"
                aria-label=${`${t("access-revoke")} ${one.name}`}
                onclick=${() => revoke(one.name)}>
                ${icon("trash")}
              </button>
            </li>
          `,
        )}
      </ul>
    `;
  }

  function form() {
    return html`
      <form
        class="fields"
        onsubmit=${(e) => {
          e.preventDefault();
          make();
        }}>
        ${formField(
          { label: t("access-name"), name: "name", id: "token-name", error: own.problem },
          (about) => html`
            <input
              value=${own.name}
              ...${about}
              oninput=${(e) => {
                own.name = e.target.value;
                lifecycle.redraw();
              }} />
          `,
        )}
        <label class="field">
          ${t("access-role")}
          <select
            onchange=${(e) => {
              own.role = e.target.value;
            }}>
            ${ROLES.map(
              (role) => html`
                <option key=${role} value=${role} selected=${role === own.role}>${word("role", role)}</option>
              `,
            )}
          </select>
        </label>
        ${formField(
          { label: t("access-lasts"), name: "lasts", id: "token-lasts", error: own.problem },
          (about) => html`
            <input
              class="mono"
              value=${own.lasts}
              placeholder="90d"
              ...${about}
              oninput=${(e) => {
                own.lasts = e.target.value;
              }} />
          `,
        )}
        ${
          own.problem &&
          !["name", "lasts"].some((name) => isAbout(own.problem, name)) &&
          html` <p class="field-wrong" role="alert">${errorText(own.problem)}</p> `
        }
        <button class="main-act" id="token-make" disabled=${!own.name.trim()}>${t("access-make")}</button>
      </form>
    `;
  }

  /** @param {Counted<AuditLine>} own */
  function auditLog({ value, total }) {
    if (!value.length) return empty("keys", t("access-no_audit"));
    const table = html`
      <table class="table" id="audit">
        <thead>
          <tr>
            ${["at", "who", "what", "target", "status"].map(
              (name) => html` <th key=${name}>${t(`access-${name}`)}</th> `,
            )}
          </tr>
        </thead>
        <tbody>
          ${value.map(
            (one, i) => html`
              <tr key=${`${one.at}${i}`}>
                <td class="mono small nowrap">${stamp(one.at)}</td>
                <td>${one.who}</td>
                <td class="mono small">${one.what}</td>
                <td class="mono small">${one.target}</td>
                <td>${outcome(one.status)}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
      <p class="small soft" style=${{ padding: "8px 14px" }}>
        ${t("access-of", { n: count(value.length), total: count(total) })}
      </p>
    `;
    return scrolls(t("access-audit"), table, "70vh");
  }
}
