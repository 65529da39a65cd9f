// Something the user does: the call, and what is said when it fails or succeeds. Knows toasts, not pages.

import { isAbort, Problem } from "../base/api.js";
import { errorText } from "../base/problems.js";
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
    toast(error instanceof Problem && error.field ? `${error.field}: ${text}` : text, "bad");
    return undefined;
  }
}
