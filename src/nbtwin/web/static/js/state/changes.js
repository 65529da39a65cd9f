// What somebody changes by a request, here or elsewhere: the stream says which part of the API it was, and a page that
// shows it asks anew. No page asks by the clock.

import { throttled } from "../base/lifecycle.js";
import { subscribe } from "./topics.js";

const AT_MOST_EVERY = 250; // milliseconds

/**
 * As long as the page is there.
 * @param {Lifecycle} lifecycle
 * @param {string[]} tags parts of the API, as its schema names them
 * @param {() => unknown} reload
 */
export function reloadOn(lifecycle, tags, reload) {
  const soon = throttled(AT_MOST_EVERY, () => lifecycle.signal.aborted || reload());
  const told = (/** @type {{ tag: string }} */ { tag }) => (!tag || tags.includes(tag)) && soon();
  lifecycle.onEnd(subscribe("changed", told));
}
