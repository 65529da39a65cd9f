// Who wants to hear of what: topics with listeners. Knows nothing of what is said.

const listeners = new Map();

/** Hear every `say(topic, value)`; returns what ends it. */
export function hear(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, new Set());
  listeners.get(topic).add(listener);
  return () => listeners.get(topic).delete(listener);
}

export function say(topic, value) {
  for (const listener of listeners.get(topic) || []) listener(value);
}
