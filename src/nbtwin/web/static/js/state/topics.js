// Topics and their subscribers. Knows nothing of what is published.

/** @type {Map<string, Set<(value: any) => unknown>>} */
const listeners = new Map();

/**
 * The listener is called with the value of every `publish(topic, value)`; what is returned ends that.
 * @param {string} topic
 * @param {(value: any) => unknown} listener
 */
export function subscribe(topic, listener) {
  const subscribed = listeners.get(topic) ?? new Set();
  listeners.set(topic, subscribed.add(listener));
  return () => subscribed.delete(listener);
}

/** @param {string} topic @param {any} [value] */
export function publish(topic, value) {
  for (const listener of listeners.get(topic) || []) listener(value);
}
