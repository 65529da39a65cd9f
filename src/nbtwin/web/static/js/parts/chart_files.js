// What a chart shows as a file: the values of the part that is seen as CSV, the picture with its title as PNG.

import { stamp } from "../base/format.js";
import { t } from "../base/i18n.js";
import { colour } from "../shell/theme.js";
import { wallOf } from "../state/wall.js";

const MARGIN = 12;
const LINE = 18;

/**
 * A row for each value: both clocks in words, the lab's in seconds, the figures (RFC 4180).
 * @param {ChartProps} own
 * @param {TimeSpan} seen
 */
export function asCsv({ data, series, unit }, [from, to]) {
  const names = series.map(({ label }) => (unit ? `${label} (${unit})` : label));
  const rows = [[t("chart-csv_lab"), t("chart-csv_seconds"), t("chart-csv_wall"), ...names]];
  for (const [i, at] of data[0].entries()) {
    if (at < from || at > to) continue;
    const wall = wallOf(at);
    rows.push([
      stamp(at, 3),
      at.toFixed(3),
      wall === null ? "" : stamp(wall, 3),
      ...data.slice(1).map((/** @type {(number | null)[]} */ line) => line[i] ?? ""),
    ]);
  }
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/**
 * Names come from devices: a spreadsheet must not take one for a formula.
 * @param {any} value
 */
function cell(value) {
  const text =
    typeof value === "string" && /^[=+@\t\r-]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The drawing on the card's ground, below its title and the names of its lines.
 * @param {HTMLCanvasElement} drawing
 * @param {ChartProps} own
 * @returns {Promise<Blob>}
 */
export function pictureOf(drawing, { name, series, unit }) {
  const scale = devicePixelRatio || 1;
  const canvas = document.createElement("canvas");
  canvas.width = drawing.width + 2 * MARGIN * scale;
  canvas.height = drawing.height + (2 * MARGIN + 2 * LINE) * scale;
  const g = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  g.fillStyle = colour("card");
  g.fillRect(0, 0, canvas.width, canvas.height);
  g.drawImage(drawing, MARGIN * scale, (MARGIN + 2 * LINE) * scale);
  g.scale(scale, scale);
  g.textBaseline = "top";
  g.fillStyle = colour("ink");
  g.font = "600 13px system-ui";
  g.fillText(unit ? `${name} (${unit})` : name, MARGIN, MARGIN);
  g.font = "12px system-ui";
  let x = MARGIN;
  for (const { label, tone } of series) {
    g.fillStyle = colour(tone);
    g.fillRect(x, MARGIN + LINE + 3, 9, 9);
    g.fillStyle = colour("soft");
    g.fillText(label, x + 14, MARGIN + LINE);
    x += 28 + g.measureText(label).width;
  }
  return new Promise((done, failed) =>
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture"))), "image/png"),
  );
}

/**
 * Into the browser's downloads.
 * @param {Blob} blob @param {string} name
 */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
