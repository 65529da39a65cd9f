// Who may use this lab: tokens (made once, shown once, kept as a hash) and the log of what was changed by whom. For admins.

import { h } from "../base/vdom.js";
import { del, get, post, query, seg } from "../base/api.js";
import { count, stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word } from "../base/i18n.js";
import { debounced, resource } from "../base/scope.js";
import { confirmed, openDialog } from "../parts/dialog.js";
import { card, empty, header, pill, search, shown } from "../parts/states.js";
import { leave, may, me } from "../state/access.js";
import { attempt } from "../state/actions.js";
import { newWholeLab } from "./whole_lab.js";

const ROLES = ["viewer", "operator", "admin"];
const LINES = 200;

export const accessPage = (_, scope) => (may("admin") ? adminPage(scope) : { title: () => t("nav.access"), view: () => [whoIsHere(), card(null, null, empty("keys", t("access.for_admins")))] });

const whoIsHere = () => header(t("nav.access"), { sub: [h("b", { key: "n" }, me.name), pill("accent", word("role", me.role)), h("span", { key: "l" }, t(me.tokens_needed ? `access.${me.role}_may` : "access.local"))],
  acts: me.tokens_needed && h("button", { id: "logout", onclick: leave }, t("access.leave")) });

function adminPage(scope) {
  const own = { name: "", role: "viewer", lasts: "90d", text: "" };
  const tokens = resource(scope, () => get("/access/tokens", { signal: scope.signal }));
  const audit = resource(scope, () => get(`/access/audit${query({ limit: LINES, containing: own.text })}`, { whole: true, signal: scope.signal }));
  const whole = newWholeLab(scope);
  const soon = debounced(250, () => audit.reload());

  async function make() {
    const made = await attempt(() => post("/access/tokens", { name: own.name, role: own.role, ...(own.lasts ? { lasts: own.lasts } : {}) }));
    if (!made) return;
    own.name = "";
    tokens.reload();
    audit.reload();
    openDialog(t("access.made"), ({ close }) => ({
      body: [h("p", { key: "p" }, t("access.once")), h("code", { key: "c", id: "made-token", style: { "overflow-wrap": "anywhere", "user-select": "all" } }, made.token)],
      foot: [h("button", { type: "submit", class: "main-act", onclick: close }, t("close"))],
    }));
  }

  async function revoke(name) {
    if (!(await confirmed(t("access.revoke_title", { name }), t("access.revoke_text"), t("access.revoke")))) return;
    await attempt(() => del(`/access/tokens/${seg(name)}`));
    tokens.reload();
    audit.reload();
  }

  return {
    title: () => t("nav.access"),
    view: () => [
      whoIsHere(),
      h("div", { class: "split" },
        h("div", { class: "stack" }, card(t("access.tokens"), null, shown(tokens, tokenList), { flush: true }), card(t("access.new"), null, form()), whole.view()),
        card(t("access.audit"), search(t("access.search"), own.text, (text) => { own.text = text; soon(); }), shown(audit, auditLog), { flush: true })),
    ],
  };

  function tokenList(list) {
    if (!list.length) return empty("keys", t("access.no_tokens"));
    return h("ul", { class: "picklist", id: "tokens" }, list.map((one) => h("li", { key: one.name, class: "row", style: { padding: "7px 14px", "border-bottom": "1px solid var(--line)" } },
      h("span", { class: "grow" }, h("b", null, one.name), " ", pill(one.role === "admin" ? "warm" : "", word("role", one.role)), h("div", { class: "small soft" }, h("code", null, one.hint), ` · ${one.expires_at ? t("device.until", { at: stamp(one.expires_at) }) : t("access.forever")}${one.used_at ? ` · ${t("access.used", { at: stamp(one.used_at) })}` : ""}`)),
      h("button", { class: "plain small", "aria-label": `${t("access.revoke")} ${one.name}`, onclick: () => revoke(one.name) }, icon("trash")))));
  }

  function form() {
    return h("form", { class: "fields", onsubmit: (e) => { e.preventDefault(); make(); } },
      h("label", { class: "field" }, t("access.name"), h("input", { id: "token-name", value: own.name, oninput: (e) => { own.name = e.target.value.trim(); scope.redraw(); } })),
      h("label", { class: "field" }, t("access.role"), h("select", { onchange: (e) => { own.role = e.target.value; } }, ROLES.map((role) => h("option", { key: role, value: role, selected: role === own.role }, word("role", role))))),
      h("label", { class: "field" }, t("access.lasts"), h("input", { class: "mono", value: own.lasts, placeholder: "90d", oninput: (e) => { own.lasts = e.target.value.trim(); } })),
      h("button", { class: "main-act", id: "token-make", disabled: !own.name }, t("access.make")));
  }

  function auditLog({ value, total }) {
    if (!value.length) return empty("keys", t("access.no_audit"));
    return h("div", { class: "scrolls", style: { "max-height": "70vh" } }, h("table", { class: "table", id: "audit" },
      h("thead", null, h("tr", null, ["at", "who", "what", "target", "status"].map((name) => h("th", { key: name }, t(`access.${name}`))))),
      h("tbody", null, value.map((one, i) => h("tr", { key: `${one.at}${i}` }, h("td", { class: "mono small nowrap" }, stamp(one.at)), h("td", null, one.who), h("td", { class: "mono small" }, one.what), h("td", { class: "mono small" }, one.target),
        h("td", null, one.status ? pill(one.status < 400 ? "good" : "bad", String(one.status)) : ""))))), h("p", { class: "small soft", style: { padding: "8px 14px" } }, t("access.of", { n: count(value.length), total: count(total) })));
  }
}
