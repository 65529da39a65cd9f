// What went wrong with a request, in the language of the page: by the code of the lab's problem document where it has
// one.

import { Problem } from "./api.js";
import { hasWords, t, wordsOf } from "./i18n.js";

/** @param {unknown} error */
export function errorText(error) {
  if (!(error instanceof Problem)) return error instanceof Error ? error.message : String(error);
  if (error.status === 0) return t("no_answer");
  return error.code && hasWords(error.code) ? wordsOf({ code: error.code, fields: error.fields }) : error.message;
}

/**
 * What is wrong, with where it is (a database, a line of a file) in front.
 * @param {{ code: string, fields: Record<string, any> }} trouble
 */
export const placedWords = (trouble) => [trouble.fields.where, wordsOf(trouble)].filter(Boolean).join(": ");
