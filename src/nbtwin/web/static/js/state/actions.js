// Something the user does: the call, and what is said when it fails or succeeds. What destroys something asks first, or
// can be taken back. Knows toasts and questions, not pages.

import { isAbort, Problem } from "../base/api.js";
import { t } from "../base/i18n.js";
import { errorText } from "../base/problems.js";
import { fieldWord, isAbout } from "../parts/fields.js";
import { confirmed } from "../parts/dialog.js";
import { toast } from "../parts/toast.js";

/**
 * Run it; a refusal is shown where everybody looks, and the answer is undefined.
 * @template T
 * @param {() => Promise<T>} action
 * @param {string | null} [done] what to say when it succeeded
 */
export async function tryRequest(action, done = null) {
  try {
    const value = await action();
    if (done) toast(done, "good");
    return value;
  } catch (error) {
    if (isAbort(error)) return undefined;
    const text = errorText(error);
    toast(error instanceof Problem && error.field ? `${fieldWord(error.field)}${t("colon")}${text}` : text, "bad");
    return undefined;
  }
}

/**
 * The request of a form. A refusal about one of its fields is kept as the form's `problem`, to stand beside that field
 * (`formField`); any other is shown where everybody looks.
 * @template T
 * @param {{ problem?: unknown }} form
 * @param {string[]} fields that it has
 * @param {() => Promise<T>} action
 * @param {string | null} [done]
 */
export async function tryForm(form, fields, action, done = null) {
  form.problem = null;
  const kept = async () => {
    try {
      return await action();
    } catch (error) {
      if (!fields.some((name) => isAbout(error, name))) throw error;
      form.problem = error;
      return undefined;
    }
  };
  const value = await tryRequest(kept);
  if (done && value !== undefined) toast(done, "good");
  return value;
}

/**
 * What cannot be undone: asked first. Undefined when it was refused, or not meant.
 * @template T
 * @param {{ title: string, text?: string, word: string }} question
 * @param {() => Promise<T>} action
 * @param {string | null} [done]
 */
export async function tryDestructive({ title, text = t("no_way_back"), word }, action, done = null) {
  return (await confirmed(title, text, word)) ? tryRequest(action, done) : undefined;
}

/**
 * What can be undone: done at once, and said with a button that takes it back.
 * @template T
 * @param {() => Promise<T>} action
 * @param {string} done
 * @param {() => Promise<unknown>} undo
 */
export async function tryUndoable(action, done, undo) {
  const value = await tryRequest(action);
  if (value !== undefined) toast(done, "good", { word: t("undo"), act: () => tryRequest(undo) });
  return value;
}
