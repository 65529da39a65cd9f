// What a command line means, as the lab explains it from its tables: chapter, fields, and why it would be refused.

import { html } from "../base/view.js";
import { t, wordsOf } from "../base/i18n.js";

/**
 * In full, for below a line.
 * @param {Explanation} explanation
 */
export function explained(explanation) {
  if (explanation.error) return html` <div class="no">${wordsOf(explanation.error)}</div> `;
  if (!explanation.commands?.length) return html` <div>${nothing()}</div> `;
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
                html` <span key=${`m${j}`} class=${field.error ? "no" : ""}> ${about(field)} </span> `,
              ])}
            </div>
          `
        }${
          !command.executed
            ? html` <div class="no">${t("explain-not_executed")}</div> `
            : command.error && !command.fields?.some((field) => field.error)
              ? html` <div class="no">${wordsOf(command.error)}</div> `
              : null
        }
      </div>
    `,
  );
}

const nothing = () => wordsOf({ code: "explain-no-command" });

/**
 * What is wrong with a value, else what it stands for, else what it may be.
 * @param {FieldExplained} field
 */
function about(field) {
  if (field.error) return wordsOf(field.error);
  if (field.text === null) return wordsOf({ code: "explain-left-out", fields: { value: field.value } });
  if (field.text === "") return wordsOf({ code: "explain-left-empty" });
  return field.meaning || (field.takes ? wordsOf(field.takes) : "");
}

/**
 * In one line, for below the prompt while one types.
 * @param {Explanation} explanation
 */
export function shortly(explanation) {
  if (explanation.error) return html` <span class="no">${wordsOf(explanation.error)}</span> `;
  const command = explanation.commands?.at(-1);
  if (!command) return nothing();
  const bad = command.fields?.find((field) => field.error);
  const field = bad || command.fields?.findLast((one) => one.text !== null && one.text !== undefined);
  return [
    html` <code key="c">${command.name ? `AT${command.name}` : command.text}</code> `,
    " ",
    command.says,
    command.source && html` <span class="src">${`  ${command.source}`}</span> `,
    field && !command.error && html` <span>${` · <${field.name}> ${about(field)}`}</span> `,
    command.error && html` <span class="no">${` · ${wordsOf(command.error)}`}</span> `,
  ];
}
