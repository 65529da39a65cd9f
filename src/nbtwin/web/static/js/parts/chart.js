// An island: lines over time. uPlot draws (vendor/uplot, fetched when the first chart is shown); colours follow the
// theme.

import { colour } from "../shell/theme.js";
import { subscribe } from "../state/topics.js";
import { timeOfDay, dateOf } from "../base/format.js";
import { fileAddress } from "../base/router.js";

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
  /** @type {string | number | null} */
  let drawn = null;
  dom.classList.add("chart");
  const resize = new ResizeObserver(
    () => plot && dom.clientWidth && plot.setSize({ width: dom.clientWidth, height: props.tall ?? 170 }),
  );
  resize.observe(dom);
  const unsubscribe = subscribe("theme", () => {
    plot?.destroy();
    plot = null;
    make();
  });

  async function make() {
    const Plot = await load();
    if (gone || plot) return;
    plot = new Plot(options(), props.data, dom);
    drawn = props.version;
  }

  function options() {
    const [soft, line] = [colour("soft"), colour("line")];
    const axis = {
      stroke: soft,
      grid: { stroke: line, width: 1 },
      ticks: { stroke: line, width: 1, size: 4 },
      font: "11px system-ui",
    };
    return {
      width: dom.clientWidth || 400,
      height: props.tall ?? 170,
      legend: { live: true },
      cursor: { y: false, points: { size: 6 } },
      padding: [10, 28, 0, 0],
      scales: { x: { time: false }, y: { range: fromZero } },
      axes: [
        {
          ...axis,
          values: (/** @type {unknown} */ _, /** @type {number[]} */ ticks) => ticks.map(shortTime),
          space: 70,
          size: 26,
        },
        {
          ...axis,
          size: 48,
          /** @param {unknown} _ @param {number[]} ticks */
          values: (_, ticks) => ticks.map((n) => (Math.abs(n) >= 1000 ? `${n / 1000}k` : `${+n.toFixed(3)}`)),
        },
      ],
      series: [
        {
          label: " ",
          value: (/** @type {unknown} */ _, /** @type {number | null} */ at) =>
            at === null || at === undefined ? "" : timeOfDay(at, 0),
        },
        ...props.series.map(({ label, tone, fill }) => ({
          label,
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
  /** @type {any} */
  let Plot = { paths: null };
  load().then((loaded) => {
    Plot = loaded;
    return make();
  });

  /** @param {number} at */
  const shortTime = (at) => {
    const [low, high] = plot ? [plot.scales.x.min, plot.scales.x.max] : [0, 1];
    return high - low > 172800
      ? dateOf(at).slice(5)
      : high - low > 600
        ? timeOfDay(at, 0).slice(0, -3)
        : timeOfDay(at, 0);
  };

  return {
    /** @param {ChartProps} next */
    update(next) {
      /** @param {ChartProps} p */
      const labels = (p) => p.series.map((one) => one.label + one.tone).join();
      const other = labels(next) !== labels(props);
      props = next;
      if (!plot || (props.version === drawn && !other)) return;
      drawn = props.version;
      if (other) {
        plot.destroy();
        plot = null;
        make();
      } else plot.setData(props.data);
    },
    destroy() {
      gone = true;
      resize.disconnect();
      unsubscribe();
      plot?.destroy();
    },
  };
}

/**
 * The lowest and the highest value of the axis.
 * @param {unknown} _
 * @param {number | null} low
 * @param {number | null} high
 */
const fromZero = (_, low, high) => [Math.min(0, low ?? 0), high ? high * 1.1 : 1];

/** @param {string} rgb */
const faded = (rgb) =>
  rgb.replace(/^rgb\((.*)\)$/, "rgba($1, .12)").replace(/^(color|oklab|oklch)\((.*)\)$/, "$1($2 / .12)");
