// An island: lines over the lab's time, with the wall clock as a second axis on top. Drag over a part to look into it,
// press twice (or Back) for the whole; what is drawn goes into a file as CSV or PNG. uPlot draws (vendor/uplot, fetched
// when the first chart is shown); colours follow the theme.

import { colour } from "../shell/theme.js";
import { subscribe } from "../state/topics.js";
import { currentLanguage, t } from "../base/i18n.js";
import { fileAddress } from "../base/router.js";
import { currentZone } from "../base/zone.js";
import { isDate, stamp, timeLabels } from "../base/format.js";
import { wallOf } from "../state/wall.js";
import { asCsv, pictureOf, save } from "./chart_files.js";
import { fitting, fromZero } from "./ranges.js";

const TALL = 220;
const NARROWEST = 6; // pixels: less is a press, not a drag
const INCREMENTS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200].concat(
  [1, 2, 5, 10, 20, 50, 100, 200, 500].map((days) => days * 86400),
);
/** @type {Record<string, [number, number]>} by how much of what is seen its begin and its end go */
const KEYS = {
  "+": [0.25, -0.25],
  "=": [0.25, -0.25],
  "-": [-0.5, 0.5],
  ArrowLeft: [-0.2, -0.2],
  ArrowRight: [0.2, 0.2],
};
const ALONE = 30; // seconds on either side of a value that stands alone

/** @type {Promise<any> | null} uPlot's class */
let library = null;

function load() {
  library ??= new Promise((resolve, reject) => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = fileAddress("/vendor/uplot/uPlot.css");
    const script = document.createElement("script");
    script.src = fileAddress("/vendor/uplot/uPlot.iife.min.js");
    script.onload = () => resolve(/** @type {any} */ (globalThis).uPlot);
    script.onerror = reject;
    document.head.append(style, script);
  });
  return library;
}

/**
 * ChartProps says what is given.
 * @param {HTMLElement} dom
 * @param {ChartProps} first
 */
export function chart(dom, first) {
  let props = first;
  /** @type {any} */
  let plot = null;
  let gone = false;
  let drawn = "";
  /** @type {TimeSpan | null} what was dragged over */
  let zoom = null;
  dom.classList.add("chart");
  const place = document.createElement("div");
  const tools = document.createElement("div");
  tools.className = "chart-tools";
  dom.append(place, tools);
  const resize = new ResizeObserver(
    () => plot && dom.clientWidth && plot.setSize({ width: dom.clientWidth, height: props.tall ?? TALL }),
  );
  resize.observe(dom);
  const unsubscribe = subscribe("theme", anew);
  const button = (/** @type {string} */ name, /** @type {() => unknown} */ action) => {
    const made = document.createElement("button");
    made.className = "small plain";
    made.dataset.chart = name;
    made.onclick = action;
    tools.append(made);
    return made;
  };
  const buttons = [button("back", () => look(null)), button("csv", asFile), button("png", asPicture)];

  /** @returns {TimeSpan} */
  function whole() {
    const xs = props.data[0];
    if (props.span) return props.span;
    const [low, high] = [xs[0] ?? 0, xs[xs.length - 1] ?? 1];
    return low === high ? [low - ALONE, high + ALONE] : [low, high];
  }

  /** @param {TimeSpan | null} span */
  function look(span) {
    zoom = span;
    const [min, max] = zoom ?? whole();
    plot?.setScale("x", { min, max });
    label();
  }

  function label() {
    buttons[0].hidden = !zoom;
    place.setAttribute("aria-label", t("chart-keys", { name: props.name }));
    for (const one of buttons) one.textContent = t(`chart-${one.dataset.chart}`);
  }

  /** @returns {TimeSpan} */
  const seen = () => zoom ?? whole();

  /** The plot is looked into by keys as by dragging. @param {KeyboardEvent} event */
  function keyed(event) {
    const [from, to] = seen();
    const part = KEYS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || !(part || (event.key === "Escape" && zoom))) return;
    event.preventDefault();
    event.stopPropagation();
    const [first, last] = whole();
    const span = part && [from + part[0] * (to - from), to + part[1] * (to - from)];
    const moved = span && [Math.max(first, span[0]), Math.min(last, span[1])];
    if (!moved || (moved[0] <= first && moved[1] >= last)) look(null);
    else if (part[0] !== part[1] || (span[0] >= first && span[1] <= last)) look(/** @type {TimeSpan} */ (moved));
  }
  place.tabIndex = 0;
  place.setAttribute("role", "group");
  place.onkeydown = keyed;
  const fileName = () => props.name.replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "") || "chart";

  function asFile() {
    save(new Blob([asCsv(props, seen())], { type: "text/csv" }), `${fileName()}.csv`);
  }

  async function asPicture() {
    if (plot) save(await pictureOf(plot.ctx.canvas, props), `${fileName()}.png`);
  }

  function anew() {
    plot?.destroy();
    plot = null;
    make();
  }

  async function make() {
    const Plot = await load();
    if (gone || plot) return;
    plot = new Plot(options(Plot), props.data, place);
    drawn = keyOf(props);
    look(zoom);
  }

  /** @param {any} Plot */
  function options(Plot) {
    const [soft, line] = [colour("soft"), colour("line")];
    const axis = {
      stroke: soft,
      grid: { stroke: line, width: 1 },
      ticks: { stroke: line, width: 1, size: 4 },
      font: "11px system-ui",
      labelFont: "11px system-ui",
      labelSize: 16,
    };
    const isLabDate = isDate(whole()[1]);
    return {
      width: dom.clientWidth || 400,
      height: props.tall ?? TALL,
      legend: { live: true },
      cursor: {
        y: false,
        points: { size: 6 },
        drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => () => look(null) },
      },
      padding: [4, 28, 0, 0],
      scales: { x: { time: false }, y: { range: props.fits ? fitting : fromZero } },
      axes: [
        {
          ...axis,
          values: (/** @type {any} */ u, /** @type {number[]} */ ticks) =>
            timeLabels(ticks, u.scales.x.max - u.scales.x.min),
          space: 74,
          incrs: INCREMENTS,
          size: 26,
          label: isLabDate ? t("chart-lab_time", { zone: currentZone() }) : t("chart-lab_span"),
        },
        {
          ...axis,
          size: 48,
          values: (/** @type {unknown} */ _, /** @type {number[]} */ ticks) => ticks.map(shortNumber),
        },
        {
          ...axis,
          scale: "x",
          side: 0,
          grid: { show: false },
          values: (/** @type {unknown} */ _, /** @type {number[]} */ ticks) => ticks.map(shortWall),
          space: 74,
          incrs: INCREMENTS,
          size: 26,
          label: t("chart-wall_time", { zone: currentZone() }),
        },
      ],
      hooks: {
        drawClear: [shade],
        setSelect: [
          (/** @type {any} */ u) => {
            if (u.select.width < NARROWEST) return;
            look([u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")]);
            u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          },
        ],
      },
      series: [
        {
          label: " ",
          value: (/** @type {unknown} */ _, /** @type {number | null} */ at) =>
            at === null || at === undefined ? "" : stamp(at),
        },
        ...props.series.map(({ label: name, tone, fill }) => ({
          label: name,
          stroke: colour(tone),
          width: 1.5,
          points: { show: props.data[0].length < 40 },
          fill: fill ? faded(colour(tone)) : undefined,
          paths: props.steps ? Plot.paths?.stepped?.({ align: 1 }) : undefined,
          /** @param {unknown} _ @param {number | null} n */
          value: (_, n) =>
            n === null || n === undefined ? "–" : `${+n.toFixed(3)}${props.unit ? ` ${props.unit}` : ""}`,
        })),
      ],
    };
  }

  /**
   * Steps that are counted in part only.
   * @param {any} u
   */
  function shade(u) {
    u.ctx.save();
    u.ctx.fillStyle = faded(colour("warm"));
    for (const [from, to] of props.partial ?? []) {
      const [left, right] = [
        u.valToPos(Math.max(from, u.scales.x.min), "x", true),
        u.valToPos(Math.min(to, u.scales.x.max), "x", true),
      ];
      if (right > left) u.ctx.fillRect(left, u.bbox.top, right - left, u.bbox.height);
    }
    u.ctx.restore();
  }

  /** Where a day passes within a second, the wall clock's second says more than its day. @param {number} at */
  function shortWall(at) {
    const [wall, from, to] = [at, plot?.scales.x.min, plot?.scales.x.max].map(wallOf);
    return wall === null ? "" : timeLabels([wall], from === null || to === null ? 601 : to - from)[0];
  }

  load().then(make);
  label();

  return {
    /** @param {ChartProps} next */
    update(next) {
      const other = linesOf(next) !== linesOf(props);
      props = next;
      if (!plot || keyOf(props) === drawn) return;
      label();
      if (other) {
        anew();
        return;
      }
      drawn = keyOf(props);
      plot.setData(props.data, false);
      look(zoom);
    },
    destroy() {
      gone = true;
      resize.disconnect();
      unsubscribe();
      plot?.destroy();
    },
  };
}

/** What makes a chart another one. @param {ChartProps} own */
const linesOf = (own) =>
  [currentLanguage(), currentZone(), own.unit, ...own.series.map((one) => one.label + one.tone)].join();

/** @param {ChartProps} own */
const keyOf = (own) => `${own.version} ${linesOf(own)}`;

/** @param {number} n */
const shortNumber = (n) => (Math.abs(n) >= 1000 ? `${n / 1000}k` : `${+n.toFixed(3)}`);

/** @param {string} rgb */
const faded = (rgb) =>
  rgb.replace(/^rgb\((.*)\)$/, "rgba($1, .12)").replace(/^(color|oklab|oklch)\((.*)\)$/, "$1($2 / .12)");
