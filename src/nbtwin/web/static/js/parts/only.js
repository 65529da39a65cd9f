// What not everybody may do: there for whoever may, switched off with the reason for others. Knows roles by name.

import { h } from "../base/vdom.js";
import { t, word } from "../base/i18n.js";
import { may } from "../state/access.js";

export const needs = (role) => t("access.needs", { role: word("role", role) });

export const only = (role, ...children) => (may(role) ? children : h("fieldset", { class: "only", disabled: true, title: needs(role) }, ...children));
