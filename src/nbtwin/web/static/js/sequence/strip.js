// An island: the density of everything that is kept, as bars over its whole span, with a window that says what is in
// view. Press and drag goes there; drag with Shift (or the right button) marks a span to look at alone. Draws on a
// canvas.

import { dateOf, isDate, span, timeOfDay } from "../base/format.js";
import { currentZone } from "../base/zone.js";
import { colour } from "../shell/theme.js";
import { subscribe } from "../state/topics.js";

const HEIGHT = 52;
const EDGE = 5; // free at either side
const GROUND = 14; // below the bars: the times
const TONES = ["faint", "at-in", "packet", "bad"];
const COLOURS = [...TONES, "soft", "line", "accent", "accent-soft", "ink"];

/** @param {Entry} entry */
const toneOf = (entry) =>
  entry.fields.lost || entry.kind === "fault"
    ? 3
    : entry.kind === "datagram"
      ? 2
      : entry.kind.startsWith("at.")
        ? 1
        : 0;

/**
 * StripProps says what is given.
 * @param {HTMLElement} dom
 * @param {StripProps} first
 */
export function densityStrip(dom, first) {
  let props = first;
  /** @type {Record<string, string>} */
  let colours = {};
  /** @type {{ from: number, to: number, marking: boolean } | null} */
  let pressed = null;
  let asked = false;
  const canvas = document.createElement("canvas");
  dom.append(canvas);
  const resize = new ResizeObserver(() => ask());
  resize.observe(dom);
  const unsubscribe = subscribe("theme", () => {
    colours = {};
    ask();
  });

  function ask() {
    if (!asked) {
      asked = true;
      requestAnimationFrame(draw);
    }
  }

  /** @returns {TimeSpan | null} */
  const bounds = () => {
    const entries = props.entries();
    if (!entries.length) return null;
    const start = entries[0].at;
    return [start, Math.max(entries[entries.length - 1].at, start + 1)];
  };

  function draw() {
    asked = false;
    if (!colours.ink) colours = Object.fromEntries(COLOURS.map((name) => [name, colour(name)]));
    const width = dom.clientWidth;
    const scale = devicePixelRatio || 1;
    if (canvas.width !== width * scale) Object.assign(canvas, { width: width * scale, height: HEIGHT * scale });
    const g = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    g.setTransform(scale, 0, 0, scale, 0, 0);
    g.clearRect(0, 0, width, HEIGHT);
    const range = bounds();
    if (!range || !width) return;
    bars(g, width, range);
    windows(g, width, range);
    axis(g, width, range);
  }

  /** @param {CanvasRenderingContext2D} g @param {number} width @param {TimeSpan} own */
  function bars(g, width, [start, end]) {
    const columns = Math.max(1, Math.floor((width - 2 * EDGE) / 3));
    const counts = TONES.map(() => new Uint32Array(columns));
    for (const entry of props.entries())
      counts[toneOf(entry)][
        Math.min(columns - 1, Math.max(0, Math.floor(((entry.at - start) / (end - start)) * columns)))
      ] += 1;
    let most = 1;
    for (let x = 0; x < columns; x++) most = Math.max(most, counts[0][x] + counts[1][x] + counts[2][x] + counts[3][x]);
    const high = HEIGHT - GROUND - 3;
    for (let x = 0; x < columns; x++) {
      const sum = counts[0][x] + counts[1][x] + counts[2][x] + counts[3][x];
      if (!sum) continue;
      const tall = Math.max(3, (Math.log2(1 + sum) / Math.log2(1 + most)) * high);
      let y = HEIGHT - GROUND;
      for (let tone = 0; tone < TONES.length; tone++) {
        const part = (counts[tone][x] / sum) * tall;
        g.fillStyle = colours[TONES[tone]];
        g.fillRect(EDGE + x * 3, y - part, 2, part);
        y -= part;
      }
    }
  }

  /** @param {CanvasRenderingContext2D} g @param {number} width @param {TimeSpan} own */
  function windows(g, width, [start, end]) {
    /** @param {number} at */
    const x = (at) => EDGE + ((at - start) / (end - start)) * (width - 2 * EDGE);
    const seen = props.view;
    if (seen) {
      const left = Math.min(width - 6, Math.max(0, x(seen[0]) - 3));
      const wide = Math.max(6, Math.min(width, x(seen[1]) + 3) - left);
      g.globalAlpha = 0.16;
      g.fillStyle = colours.accent;
      g.fillRect(left, 0, wide, HEIGHT - GROUND);
      g.globalAlpha = 1;
      g.strokeStyle = colours.accent;
      g.lineWidth = 1.5;
      g.strokeRect(left + 0.75, 0.75, Math.max(2.5, wide - 1.5), HEIGHT - GROUND - 1.5);
    }
    const marked = pressed?.marking ? [pressed.from, pressed.to].sort((a, b) => a - b) : props.marked;
    if (marked) {
      g.fillStyle = colours.ink;
      g.globalAlpha = 0.1;
      g.fillRect(0, 0, Math.max(0, x(marked[0])), HEIGHT - GROUND);
      g.fillRect(x(marked[1]), 0, width, HEIGHT - GROUND);
      g.globalAlpha = 1;
    }
  }

  /** @param {CanvasRenderingContext2D} g @param {number} width @param {TimeSpan} own */
  function axis(g, width, [start, end]) {
    g.fillStyle = colours.line;
    g.fillRect(0, HEIGHT - GROUND, width, 1);
    g.fillStyle = colours.soft;
    g.font = "10.5px system-ui, sans-serif";
    g.textBaseline = "bottom";
    const long = end - start > 86400;
    /** @param {number} at */
    const text = (at) => (long ? dateOf(at).slice(5) + " " : "") + timeOfDay(at, end - start < 30 ? 1 : 0);
    const step = long ? 118 : 84;
    const whole = isDate(end) ? `${span(end - start)} · ${currentZone()}` : span(end - start);
    const free = width - g.measureText(whole).width - 2;
    for (let x = 0; x + step <= free; x += step)
      g.fillText(text(start + (x / width) * (end - start)), x + 2, HEIGHT - 1);
    g.textAlign = "right";
    g.fillText(whole, width - 2, HEIGHT - 1);
    g.textAlign = "left";
  }

  /** @param {MouseEvent} event */
  const timeAt = (event) => {
    const range = bounds();
    const box = dom.getBoundingClientRect();
    return (
      range &&
      range[0] +
        Math.min(1, Math.max(0, (event.clientX - box.left - EDGE) / (box.width - 2 * EDGE))) * (range[1] - range[0])
    );
  };
  dom.onpointerdown = (event) => {
    const at = timeAt(event);
    if (at === null) return;
    dom.setPointerCapture(event.pointerId);
    pressed = { from: at, to: at, marking: event.shiftKey || event.button === 2 };
    if (!pressed.marking) props.go(at);
  };
  dom.onpointermove = (event) => {
    if (!pressed) return;
    pressed.to = timeAt(event) ?? pressed.to;
    if (pressed.marking) ask();
    else props.go(pressed.to);
  };
  dom.onpointerup = () => {
    const done = pressed;
    pressed = null;
    if (done?.marking && done.from !== done.to) props.mark(Math.min(done.from, done.to), Math.max(done.from, done.to));
    ask();
  };
  dom.oncontextmenu = (event) => event.preventDefault();

  draw();
  return {
    /** @param {StripProps} next */
    update(next) {
      const same =
        next.version === props.version &&
        String(next.view) === String(props.view) &&
        String(next.marked) === String(props.marked);
      props = next;
      if (!same) ask();
    },
    destroy() {
      resize.disconnect();
      unsubscribe();
    },
  };
}
