// What a command line means, as the lab explains it from its tables: chapter, fields, and why it would be refused.

import { html } from "../base/view.js";
import { t } from "../base/i18n.js";

/**
 * In full, for below a line.
 * @param {Explanation} explanation
 */
export function explained(explanation) {
  if (explanation.error) return html` <div class="no">${explanation.error}</div> `;
  if (!explanation.commands?.length) return html` <div>${(explanation.lines || []).join(" ")}</div> `;
  return explanation.commands.map(
    (command, i) => html`
      <div key=${i}>
        <div class="head">
          <code>${command.name ? `AT${command.name}` : command.text}</code>
          ${command.form && html` <span>${t(`form-${command.form}`)}</span> `}
          <span>${command.says}</span>
          <span class="src">${command.source}</span>
        </div>
        ${
          command.fields?.length > 0 &&
          html`
            <div class="fieldline">
              ${command.fields.flatMap((field, j) => [
                html` <span key=${`n${j}`} class="name">${field.name ? `<${field.name}>` : "+"}</span> `,
                html` <span key=${`v${j}`} class="val">${field.text ?? t("explain-left_out")}</span> `,
                html`
                  <span key=${`m${j}`} class=${field.error ? "no" : ""}>
                    ${field.error || field.note || field.takes}
                  </span>
                `,
              ])}
            </div>
          `
        }${
          !command.executed
            ? html` <div class="no">${t("explain-not_executed")}</div> `
            : command.error && !command.fields?.some((field) => field.error)
              ? html` <div class="no">${command.error}</div> `
              : null
        }
      </div>
    `,
  );
}

/**
 * In one line, for below the prompt while one types.
 * @param {Explanation} explanation
 */
export function shortly(explanation) {
  if (explanation.error) return html` <span class="no">${explanation.error}</span> `;
  const command = explanation.commands?.at(-1);
  if (!command) return (explanation.lines || []).join(" ");
  const bad = command.fields?.find((field) => field.error);
  const field = bad || command.fields?.findLast((one) => one.text !== null && one.text !== undefined);
  return [
    html` <code key="c">${command.name ? `AT${command.name}` : command.text}</code> `,
    " ",
    command.says,
    command.source && html` <span class="src">${`  ${command.source}`}</span> `,
    field && !command.error && html` <span>${` · <${field.name}> ${field.note || field.takes}`}</span> `,
    command.error && html` <span class="no">${` · ${command.error}`}</span> `,
  ];
}
