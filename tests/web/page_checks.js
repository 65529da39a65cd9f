// What a person would stumble over on a page: what cannot be reached, what lies over something else, what moves
// sideways. Put into a page by tests; knows geometry, nothing of the console.

(() => {
  const SLACK = 1.5; // pixels that rounding may cost
  const COLLIDE = 3; // pixels in both directions in which two texts share a place
  const SCROLLS_SIDEWAYS = "pre, textarea, input"; // where a line is whole

  const shownText = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 110);
  const clips = (style, axis) => style[`overflow${axis}`] !== "visible";
  const styles = new WeakMap();
  const styleOf = (element) => {
    if (!styles.has(element)) styles.set(element, getComputedStyle(element));
    return styles.get(element);
  };

  /** What is left of a box when everything that clips it has; null: nothing, or it is not shown at all. */
  function seen(box, from) {
    let { left, top, right, bottom } = box;
    for (let at = from; at && at !== document.documentElement; at = at.parentElement) {
      const style = styleOf(at);
      if (style.visibility === "hidden" || style.opacity === "0") return null;
      const own = at.getBoundingClientRect();
      if (clips(style, "X")) [left, right] = [Math.max(left, own.left), Math.min(right, own.right)];
      if (clips(style, "Y")) [top, bottom] = [Math.max(top, own.top), Math.min(bottom, own.bottom)];
      if (style.position === "fixed") break;
    }
    return right - left > 1 && bottom - top > 1 ? { left, top, right, bottom } : null;
  }

  /** Texts with where they stand, what is clipped left out. */
  function texts() {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!node.data.trim() || parent.closest("script, option, textarea, [aria-hidden=true]")) continue;
      if (!parent.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of range.getClientRects()) {
        const box = seen(rect, parent);
        if (box) found.push({ ...box, text: node.data.trim(), parent, layer: layerOf(parent) });
      }
    }
    return found;
  }

  /** What floats lies over the page on purpose: texts are compared within one layer. */
  function layerOf(element) {
    for (let at = element; at; at = at.parentElement) {
      const { position } = styleOf(at);
      if (position === "fixed" || position === "sticky") return at;
    }
    return null;
  }

  function collisions() {
    const all = texts().sort((a, b) => a.top - b.top);
    const found = [];
    for (const [i, one] of all.entries()) {
      for (let j = i + 1; j < all.length && all[j].top < one.bottom - COLLIDE; j++) {
        const other = all[j];
        const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const high = Math.min(one.bottom, other.bottom) - other.top;
        if (wide > COLLIDE && high > COLLIDE && one.layer === other.layer && one.parent !== other.parent)
          found.push(`"${one.text.slice(0, 40)}" and "${other.text.slice(0, 40)}"`);
      }
    }
    return [...new Set(found)];
  }

  const PRESSED = "button, a[href], input, select, textarea, summary, [tabindex='0']";

  const LEAST = 40; // pixels: an arrow and something of what is chosen

  /** Lists of which no choice can be read. */
  function squeezed() {
    const narrow = [...document.querySelectorAll("select")].filter((one) => {
      const { width } = one.getBoundingClientRect();
      return width && width < LEAST;
    });
    return narrow.map(shownText);
  }

  /** What can be pressed or filled in and is cut off, where no scrolling brings it into view. */
  function outOfReach() {
    const found = [];
    for (const element of document.querySelectorAll(PRESSED)) {
      const box = element.getBoundingClientRect();
      if (!box.width || !box.height || !element.checkVisibility({ visibilityProperty: true })) continue;
      if (element.matches(".skip, .only-read, .only-read *")) continue;
      if (cutOff(element, box)) found.push(shownText(element));
    }
    return found;
  }

  function cutOff(element, box) {
    let scrolled = false; // up and down, by something around it
    for (let at = element.parentElement; at && at !== document.documentElement; at = at.parentElement) {
      const style = styleOf(at);
      const own = at.getBoundingClientRect();
      if (clips(style, "X") && (box.left < own.left - SLACK || box.right > own.right + SLACK)) return true;
      scrolled ||= style.overflowY === "auto" || style.overflowY === "scroll";
      if (!scrolled && clips(style, "Y") && (box.top < own.top - SLACK || box.bottom > own.bottom + SLACK)) return true;
      if (style.position === "fixed") return false;
    }
    return box.left < -SLACK || box.right > innerWidth + SLACK;
  }

  /** What scrolls sideways, or would have to. */
  function sideways() {
    const found = [];
    for (const element of document.querySelectorAll("html, body, body *")) {
      const over = element.scrollWidth - element.clientWidth;
      const style = styleOf(element);
      if (over <= SLACK || element.clientWidth <= 1 || !clips(style, "X") || style.overflowX === "clip") continue;
      if (style.overflowX === "hidden" && style.textOverflow === "ellipsis") continue;
      if (element.closest(SCROLLS_SIDEWAYS) || element.matches("select")) continue;
      found.push(`${over}px: ${shownText(element)}`);
    }
    return found;
  }

  globalThis.pageChecks = { collisions, outOfReach, sideways, squeezed, seen };
})();
