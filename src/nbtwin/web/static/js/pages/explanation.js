// What a command line means, as the lab explains it from its tables: chapter, fields, and why it would be refused.

import { h } from "../base/vdom.js";
import { t } from "../base/i18n.js";

/** In full, for below a line. */
export function explained(explanation) {
  if (explanation.error) return h("div", { class: "no" }, explanation.error);
  if (!explanation.commands?.length) return h("div", null, (explanation.lines || []).join(" "));
  return explanation.commands.map((command, i) => h("div", { key: i },
    h("div", { class: "head" }, h("code", null, command.name ? `AT${command.name}` : command.text), command.form && h("span", null, t(`form.${command.form}`)), h("span", null, command.says), h("span", { class: "src" }, command.source)),
    command.fields?.length > 0 && h("div", { class: "fieldline" }, command.fields.flatMap((field, j) => [
      h("span", { key: `n${j}`, class: "name" }, field.name ? `<${field.name}>` : "+"), h("span", { key: `v${j}`, class: "val" }, field.text ?? t("explain.left_out")),
      h("span", { key: `m${j}`, class: field.error ? "no" : "" }, field.error || field.note || field.takes)])),
    !command.executed ? h("div", { class: "no" }, t("explain.not_executed")) : command.error && !command.fields?.some((field) => field.error) ? h("div", { class: "no" }, command.error) : null));
}

/** In one line, for below the prompt while one types. */
export function shortly(explanation) {
  if (explanation.error) return h("span", { class: "no" }, explanation.error);
  const command = explanation.commands?.at(-1);
  if (!command) return (explanation.lines || []).join(" ");
  const bad = command.fields?.find((field) => field.error);
  const field = bad || command.fields?.findLast((one) => one.text !== null && one.text !== undefined);
  return [h("code", { key: "c" }, command.name ? `AT${command.name}` : command.text), " ", command.says, command.source && h("span", { class: "src" }, `  ${command.source}`),
    field && !command.error && h("span", null, ` · <${field.name}> ${field.note || field.takes}`), command.error && h("span", { class: "no" }, ` · ${command.error}`)];
}
