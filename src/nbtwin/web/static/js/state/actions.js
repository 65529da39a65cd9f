// Something the user does: the call, and what is said when it fails or succeeds. Knows toasts, not pages.

import { Problem } from "../base/api.js";
import { toast } from "../parts/toast.js";

/** Run it; a refusal is shown where everybody looks, and the answer is undefined. */
export async function attempt(action, done = null) {
  try {
    const value = await action();
    if (done) toast(done, "good");
    return value;
  } catch (error) {
    if (error.name === "AbortError") return undefined;
    toast(error instanceof Problem && error.field ? `${error.field}: ${error.message}` : error.message, "bad");
    return undefined;
  }
}
