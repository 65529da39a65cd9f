// What is shown as something to take along: text, Mermaid, SVG, PNG. Made of the same drawings as the diagram itself.

import { stamp, timeOfDay } from "../base/format.js";
import { textOf } from "../base/facts.js";
import { t } from "../base/i18n.js";
import { drawingOf, moduleOf, platformOf } from "./lanes.js";
import { colour } from "../shell/theme.js";
import { ends } from "./row.js";

export const MOST = 500; // entries in a picture
const LONGEST = 100; // characters of a label

/** @param {Entry[]} entries */
export const asText = (entries) =>
  entries.map((entry) => `${stamp(entry.at, 3)}  ${entry.source}  ${textOf(entry)}`).join("\n") + "\n";

/** What Mermaid would take for the end of a line or a comment is written otherwise. @param {string} text */
const label = (text) =>
  (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text).replace(
    /[#;%\n]/g,
    (letter) => ({ "#": "#35;", ";": "#59;", "%": "#37;" })[letter] ?? " ",
  );

/**
 * Mermaid's language for sequence diagrams: arrows for AT lines and datagrams, notes for what a module becomes.
 * @param {Entry[]} entries
 */
export function asMermaid(entries) {
  /** @type {Map<string, string>} */
  const names = new Map();
  const id = (/** @type {string} */ name) => {
    if (!names.has(name)) names.set(name, `p${names.size + 1}`);
    return names.get(name);
  };
  const lines = entries.flatMap((entry) => {
    const drawing = drawingOf(entry);
    const said = label(`${timeOfDay(entry.at)} ${drawing.label}`);
    if (drawing.shape === "pill") return [`Note over ${id(entry.source)}: ${said}`];
    const names = {
      host: t("lane-host_of", { module: moduleOf(entry) }),
      module: moduleOf(entry),
      platform: platformOf(entry),
      network: t("lane-network"),
    };
    const to = entry.kind === "datagram" ? (entry.fields.direction === "down" ? "module" : "platform") : drawing.to;
    const again = (drawing.again ?? 1) > 1 ? ` (${t("seq-again", { n: drawing.again })})` : "";
    return [`${id(names[drawing.from])}${drawing.lost ? "-x" : "->>"}${id(names[to])}: ${said}${again}`];
  });
  const declared = [...names].map(([name, known]) => `participant ${known} as ${label(name)}`);
  return ["sequenceDiagram", ...[...declared, ...lines].map((line) => `    ${line}`), ""].join("\n");
}

const WIDTH = 1200;
const WHEN = 110;
const ROW = 30;
const HEAD = 40;
const LETTER = 6.5; // pixels of a letter, about

/** @param {string} text */
const xml = (text) =>
  text.replace(/[&<>"]|\p{Cc}/gu, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] ?? " ");

/** @param {string} text @param {number} pixels */
function fitting(text, pixels) {
  let used = 0;
  for (const [i, letter] of [...text].entries()) {
    used += letter.charCodeAt(0) > 0x2e80 ? 11.5 : LETTER;
    if (used > pixels) return `${[...text].slice(0, Math.max(1, i - 1)).join("")}…`;
  }
  return text;
}

/**
 * A picture that stands by itself: no style sheet, no script, the page's colours of this moment.
 * @param {Entry[]} entries
 * @param {Layout} layout
 * @param {(lane: LanePlaced) => string} nameOf
 * @param {(tone: string) => string} colour of a tone, or "ink", "soft", "card", "line"
 */
export function asSvg(entries, layout, nameOf, colour) {
  const height = HEAD + entries.length * ROW + 12;
  const x = (/** @type {number} */ percent) => Math.round(WHEN + ((WIDTH - WHEN - 10) * percent) / 100);
  const line = colour("line");
  const lives = layout.lanes.map(
    ({ at }) => `<path d="M${x(at)} ${HEAD - 8}V${height - 6}" stroke="${line}" fill="none"/>`,
  );
  const space = (WIDTH - WHEN) / layout.lanes.length;
  const heads = layout.lanes.map((lane) =>
    textAt(
      x(lane.at),
      22,
      fitting(nameOf(lane), space),
      `text-anchor="middle" font-weight="600" fill="${colour("ink")}"`,
    ),
  );
  const rows = entries.map((entry, i) => svgRow(entry, HEAD + i * ROW, { x, layout, colour }));
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"` +
    ` font-family="system-ui, sans-serif" font-size="11.5">` +
    `<rect width="100%" height="100%" fill="${colour("card")}"/>` +
    `${[...lives, ...heads, ...rows].join("")}</svg>\n`
  );
}

/** @param {number} x @param {number} y @param {string} text @param {string} manner */
const textAt = (x, y, text, manner) => `<text x="${x}" y="${y}" ${manner}>${xml(text)}</text>`;

/**
 * @param {Entry} entry
 * @param {number} y
 * @param {{ x: (percent: number) => number, layout: Layout, colour: (tone: string) => string }} own
 */
function svgRow(entry, y, { x, layout, colour }) {
  const drawing = drawingOf(entry);
  const tone = colour(drawing.tone);
  const whose = layout.many && moduleOf(entry) ? `${entry.source}  ` : "";
  const time = textAt(WHEN - 12, y + 17, timeOfDay(entry.at), `text-anchor="end" fill="${colour("soft")}"`);
  // Beside its mark, where there is more room.
  /** @type {(left: number, right: number, line: number, text: string) => string} */
  const beside = (left, right, line, text) => {
    const end = left > WIDTH * 0.6;
    const at = end ? right - 7 : left + 8;
    const manner = `${end ? 'text-anchor="end" ' : ""}${halo(colour)} fill="${tone}"`;
    return textAt(at, line, fitting(text, end ? at - WHEN : WIDTH - at - 10), manner);
  };
  if (drawing.shape === "pill") {
    const at = x(layout.at(drawing.at, drawing.at === "platform" ? entry.source : moduleOf(entry)));
    const said = beside(at, at, y + 17, whose + drawing.label);
    return `${time}<circle cx="${at}" cy="${y + 13}" r="3" fill="${tone}"/>${said}`;
  }
  const [a, b] = ends(drawing, entry, layout).map(x);
  const way = b > a ? 1 : -1;
  const tip = drawing.lost
    ? `M${b - 5} ${y + 18}l10 10m0 -10l-10 10`
    : `M${b - way * 8} ${y + 19}l${way * 7} 4l${-way * 7} 4`;
  const stroke = `stroke="${tone}" fill="none"`;
  const dash = drawing.lost ? ' stroke-dasharray="5 4"' : "";
  const marks = [(drawing.again ?? 1) > 1 && t("seq-again", { n: drawing.again }), drawing.lost && t("seq-lost")];
  const said = whose + [...marks, drawing.label].filter(Boolean).join(" · ");
  return (
    `${time}<path d="M${a} ${y + 23}H${b}" ${stroke}${dash}/><path d="${tip}" ${stroke}/>` +
    beside(Math.min(a, b), Math.max(a, b), y + 16, said)
  );
}

/** @param {(tone: string) => string} colour */
const halo = (colour) => `stroke="${colour("card")}" stroke-width="4" paint-order="stroke" stroke-linejoin="round"`;

/** What the diagram's tones are called among the page's colours. */
const TONES = /** @type {Record<string, string>} */ ({
  in: "at-in",
  out: "at-out",
  error: "bad",
  lost: "bad",
  bad: "bad",
  why: "bad",
  packet: "packet",
  again: "warm",
  platform: "platform",
  state: "ink",
  card: "card",
  line: "line-strong",
  ink: "ink",
});

/**
 * The colour of a tone as the page has it now, as a value that any program reads.
 * @returns {(tone: string) => string}
 */
export function pageColours() {
  /** @type {Map<string, string>} */
  const known = new Map();
  return (tone) => {
    const token = TONES[tone] ?? "soft";
    const value = known.get(token) ?? colour(token);
    known.set(token, value);
    return value;
  };
}

/** @param {string} svg @returns {Promise<Blob>} */
export function asPng(svg) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onerror = () => reject(new Error("the picture cannot be drawn"));
    image.onload = () => {
      const canvas = document.createElement("canvas");
      const scale = image.height > 8000 ? 1 : 2;
      canvas.width = image.width * scale;
      canvas.height = image.height * scale;
      canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
    };
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  });
}

/**
 * To the clipboard, or as a file where the browser has none for this page. True: it was copied.
 * @param {Blob} blob
 * @param {string} name of the file
 */
export async function handOut(blob, name) {
  try {
    if (blob.type.startsWith("text/")) await navigator.clipboard.writeText(await blob.text());
    else await navigator.clipboard.write([new ClipboardItem({ [blob.type]: blob })]);
    return true;
  } catch {
    save(blob, name);
    return false;
  }
}

/** @param {Blob} blob @param {string} name */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
