// The life of a page: what it listens to ends with it. Knows timers, listeners and requests in general.

export function newScope(redraw) {
  const enders = [];
  const controller = new AbortController();
  enders.push(() => controller.abort());
  return {
    redraw,
    signal: controller.signal,
    end: (ender) => enders.push(ender),
    every(milliseconds, action) {
      const timer = setInterval(action, milliseconds);
      enders.push(() => clearInterval(timer));
    },
    on(target, event, listener) {
      target.addEventListener(event, listener);
      enders.push(() => target.removeEventListener(event, listener));
    },
    close: () => enders.splice(0).forEach((ender) => ender()),
  };
}

/** Something fetched: state is loading, ready or error; `reload` fetches anew and keeps showing the old meanwhile. */
export function resource(scope, fetcher) {
  const made = { state: "loading", value: null, error: null, reload };
  let asked = 0;
  async function reload() {
    const mine = ++asked;
    try {
      const value = await fetcher();
      if (mine !== asked || scope.signal.aborted) return;
      Object.assign(made, { state: "ready", value, error: null });
    } catch (error) {
      if (mine !== asked || scope.signal.aborted || error.name === "AbortError") return;
      Object.assign(made, { state: "error", error });
    }
    scope.redraw();
  }
  reload();
  return made;
}

/** The action at most once in so many milliseconds, the last call never lost. */
export function throttled(milliseconds, action) {
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

export function debounced(milliseconds, action) {
  let timer = null;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), milliseconds);
  };
}
