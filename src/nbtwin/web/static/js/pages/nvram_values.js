// A setting of the NVRAM in words: the document's own for its parameters, the page's for what it is, and its values.

import { html } from "../base/view.js";
import { stamp } from "../base/format.js";
import { hasWords, t, wordsOf } from "../base/i18n.js";

/** @param {{ parameters: string[], code: string, name: string, about: string }} setting */
export const settingName = ({ parameters, code, name, about }) => [
  parameters.length > 0 && html` <code key="p">${parameters.map((one) => `<${one}>`).join(", ")}</code> `,
  about && html` <code key="a">${`${parameters.length ? " · " : ""}${about}`}</code> `,
  html` <span key="w" class="says">${meaning(code, name, parameters)}</span> `,
];

/** @param {string} code @param {string} name @param {string[]} parameters */
function meaning(code, name, parameters) {
  if (code === "nvram-setting-generic-config") return parameters.length ? "" : name.replace("generic.config.", "");
  return hasWords(code) ? wordsOf({ code }) : name;
}

/** @param {{ name: string }} setting @param {any} value */
export function valueText({ name }, value) {
  if (value === null || value === undefined) return "–";
  if (/\.(at|update_due_at)$/.test(name) && typeof value === "number") return stamp(value);
  if (Array.isArray(value)) return value.length ? value.map(one).join(", ") : "–";
  if (typeof value === "object") return one(value);
  return value === "" ? '""' : String(value);
}

/** @param {any} value of a list, or a structure such as a server */
const one = (value) => (value && typeof value === "object" ? Object.values(value).join(",") : String(value));

export const defaultMark = () => [" ", html` <span key="d" class="pill">${t("nvram-default")}</span> `];
