// What not everybody may do: there for whoever may, switched off with the reason for others. Knows roles by name.

import { html } from "../base/view.js";
import { t, word } from "../base/i18n.js";
import { may } from "../state/access.js";

/** @param {string} role */
export const needs = (role) => t("access-needs", { role: word("role", role) });

/**
 * What only this role may do: for others it is disabled, and says why.
 * @param {string} role
 * @param {View[]} children
 */
export const requireRole = (role, ...children) =>
  may(role) ? children : html` <fieldset class="only" disabled title=${needs(role)}>${children}</fieldset> `;
