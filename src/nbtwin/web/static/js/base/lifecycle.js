// The life of a page: what it listens to ends with it. Knows timers, listeners and requests in general.

import { isAbort } from "./api.js";

/**
 * @param {Redraw} redraw
 * @returns {Lifecycle}
 */
export function newLifecycle(redraw) {
  /** @type {(() => unknown)[]} */
  const actions = []; // at its end
  const controller = new AbortController();
  actions.push(() => controller.abort());
  return {
    redraw,
    signal: controller.signal,
    onEnd: (action) => actions.push(action),
    every(milliseconds, action) {
      const timer = setInterval(action, milliseconds);
      actions.push(() => clearInterval(timer));
    },
    on(target, event, listener) {
      target.addEventListener(event, listener);
      actions.push(() => target.removeEventListener(event, listener));
    },
    end: () => actions.splice(0).forEach((action) => action()),
  };
}

/**
 * Something fetched: state is loading, ready or error; `reload` fetches again and keeps showing the old meanwhile.
 * @template T
 * @param {Lifecycle} lifecycle
 * @param {() => Promise<T>} fetcher
 * @returns {Resource<T>}
 */
export function resource(lifecycle, fetcher) {
  /** @type {Resource<T>} */
  const made = { state: "loading", value: null, error: null, reload };
  let asked = 0;
  async function reload() {
    const mine = ++asked;
    try {
      const value = await fetcher();
      if (mine !== asked || lifecycle.signal.aborted) return;
      Object.assign(made, { state: "ready", value, error: null });
    } catch (error) {
      if (mine !== asked || lifecycle.signal.aborted || isAbort(error)) return;
      Object.assign(made, { state: "error", error });
    }
    lifecycle.redraw();
  }
  reload();
  return made;
}

/**
 * The action at most once in so many milliseconds, the last call never lost.
 * @param {number} milliseconds
 * @param {() => unknown} action
 */
export function throttled(milliseconds, action) {
  /** @type {ReturnType<typeof setTimeout> | null} */
  let timer = null;
  let last = -Infinity;
  return () => {
    if (timer !== null) return;
    const wait = Math.max(0, last + milliseconds - performance.now());
    timer = setTimeout(() => {
      timer = null;
      last = performance.now();
      action();
    }, wait);
  };
}

/**
 * The action when it was not called for so many milliseconds.
 * @template {any[]} V
 * @param {number} milliseconds
 * @param {(...values: V) => unknown} action
 * @returns {(...values: V) => void}
 */
export function debounced(milliseconds, action) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
}
