// The notes of an entry, to read, write and take off. Knows notes and roles.

import { html } from "../base/view.js";
import { stamp } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t } from "../base/i18n.js";
import { requireRole } from "../parts/require_role.js";
import { tryDestructive, tryRequest } from "../state/actions.js";
import { addNote, notesOf, removeNote } from "./notes.js";

/** @param {Lifecycle} lifecycle */
export function newNotePad(lifecycle) {
  let written = { entry: 0, text: "" };

  /** @param {Entry} entry */
  function view(entry) {
    if (written.entry !== entry.number) written = { entry: entry.number, text: "" };
    return html`
      <section class="notes" aria-label=${t("note-title")}>
        ${notesOf(entry).map(
          (note) => html`
            <blockquote key=${note.id}>
              <p>${note.text}</p>
              <footer class="soft small">
                ${`${note.by} · ${stamp(note.written_at)}`}
                ${requireRole(
                  "operator",
                  html`
                    <button
                      class="plain small"
                      aria-label=${t("note-remove")}
                      onclick=${() =>
                        tryDestructive({ title: t("note-remove"), word: t("remove") }, () => removeNote(note))}>
                      ${icon("trash")}
                    </button>
                  `,
                )}
              </footer>
            </blockquote>
          `,
        )}
        <form class="row" onsubmit=${(/** @type {Event} */ event) => save(event, entry)}>
          <input
            id="note"
            class="grow"
            maxlength="2000"
            placeholder=${t("note-write")}
            aria-label=${t("note-write")}
            value=${written.text}
            oninput=${(/** @type {any} */ event) => (written.text = event.target.value)} />
          ${requireRole("operator", html` <button class="small" type="submit">${t("note-save")}</button> `)}
        </form>
      </section>
    `;
  }

  /** @param {Event} event @param {Entry} entry */
  async function save(event, entry) {
    event.preventDefault();
    const text = written.text.trim();
    if (!text) return;
    const done = await tryRequest(() => addNote(entry, text).then(() => true));
    if (done) written.text = "";
    lifecycle.redraw();
  }

  return { view };
}
