// Scripts of `nbtwin at` (docs/terminal.md, Scripts) in the browser: read as text, run over a host that is handed in.
// Knows the syntax and what a step comes to; knows no module, no clock and no page.

const WAIT = 30; // seconds that `wait` waits when it does not say
const ANSWER = 30; // and a command, without a `timeout` before it
const UNITS = /** @type {Record<string, number>} */ ({ ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86400 });
const KNOWN = ["AT…", "expect", "wait", "sleep", "send", "timeout", "> …", "# …"];

/**
 * What is wrong with a script, or with what came: a code of the catalogue and its fields.
 */
export class ScriptError extends Error {
  /** @param {number} number of the line @param {string} code @param {Record<string, any>} fields */
  constructor(number, code, fields = {}) {
    super(code);
    Object.assign(this, { number, code, fields });
    this.number = number;
    this.code = code;
    this.fields = fields;
  }
}

/**
 * `90`, `1.5h`, `1d 4h`: seconds; null for anything else.
 * @param {string} text
 */
export function span(text) {
  if (/^\s*\d{1,12}(\.\d{1,9})?\s*$/.test(text)) return Number(text);
  const parts = [...text.matchAll(/\s*(\d{1,12}(?:\.\d{1,9})?)\s*(ms|min|s|m|h|d)/gy)];
  const read = parts.reduce((length, [whole]) => length + whole.length, 0);
  if (!parts.length || read !== text.trimEnd().length) return null;
  return parts.reduce((total, [, number, unit]) => total + Number(number) * UNITS[unit], 0);
}

/**
 * @param {string} text
 * @returns {ScriptStep[]}
 */
export function parseScript(text) {
  /** @type {ScriptStep[]} */
  const steps = [];
  let within = ANSWER;
  for (const [i, whole] of text.split(/\r?\n/).entries()) {
    const [line, number] = [whole.trim(), i + 1];
    if (!line || line.startsWith("#")) continue;
    const [, word, rest] = /** @type {RegExpMatchArray} */ (line.match(/^(\S+)\s*(.*)$/));
    const last = steps.at(-1);
    if (line.startsWith(">") || word === "expect") {
      if (last?.kind !== "command" || (word !== "expect" && last.data))
        throw new ScriptError(number, "cli-script-no-command", { text: word === "expect" ? word : ">" });
      if (word === "expect") last.expected.push(pattern(needed(rest, number, word), number));
      else last.data = rawBytes(line.slice(1).replace(/^ /, ""), number);
    } else if (word === "timeout") within = spanOf(rest, number);
    else if (word === "wait") steps.push(waitStep(needed(rest, number, word), number));
    else if (word === "sleep") steps.push({ kind: "sleep", number, seconds: spanOf(rest, number) });
    else if (word === "send") steps.push({ kind: "raw", number, data: rawBytes(needed(rest, number, word), number) });
    else if (/^(at|a\/)/i.test(line)) steps.push({ kind: "command", number, line, within, data: null, expected: [] });
    else throw new ScriptError(number, "cli-script-line", { text: line, known: KNOWN });
  }
  return steps;
}

/** @param {string} text @param {number} number @param {string} word */
function needed(text, number, word) {
  if (!text) throw new ScriptError(number, "api-value-missing", { text: word });
  return text;
}

/** @param {string} text @param {number} number */
function spanOf(text, number) {
  const seconds = span(text);
  if (seconds === null) throw new ScriptError(number, "span-malformed", { value: text });
  return seconds;
}

/** @param {string} text @param {number} number @returns {ScriptStep} */
function waitStep(text, number) {
  const found = text.match(/^(.*\S)\s+([0-9.]+(?:ms|s|min|h))$/);
  const [wanted, seconds] = found ? [found[1], spanOf(found[2], number)] : [text, WAIT];
  return { kind: "wait", number, pattern: pattern(wanted, number), seconds };
}

/**
 * A line with * for anything, or /a regular expression/ that is found in it.
 * @param {string} text @param {number} number
 */
function pattern(text, number) {
  try {
    const isExpression = text.length > 2 && text.startsWith("/") && text.endsWith("/");
    const escaped = text.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return { text, expression: new RegExp(isExpression ? text.slice(1, -1) : `^${escaped.join(".*")}$`) };
  } catch (error) {
    throw new ScriptError(number, "cli-script-expression", { text, detail: String(error) });
  }
}

/**
 * `hex 1b 0d`, or text with \r \n \t \e \xHH in it, as hexadecimal digits.
 * @param {string} text @param {number} number
 */
export function rawBytes(text, number) {
  const [, digits] = text.match(/^hex\s+(.*)$/) ?? [];
  if (digits !== undefined) {
    if (!/^([0-9a-f]{2}\s*)+$/i.test(digits)) throw new ScriptError(number, "cli-script-hex", { text: digits });
    return digits.replace(/\s/g, "").toLowerCase();
  }
  const known = /** @type {Record<string, string>} */ ({ r: "\r", n: "\n", t: "\t", e: "\x1b", "\\": "\\" });
  const hex = (/** @type {string} */ part) =>
    [...new TextEncoder().encode(part)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/([^\\]+)|\\(?:x([0-9A-Fa-f]{2})|(.))|\\$/g, (_, plain, escape, letter) =>
    plain ? hex(plain) : (escape?.toLowerCase() ?? (letter ? hex(known[letter] ?? letter) : "")),
  );
}

/**
 * One step after the other, up to the first that fails: a ScriptError. The host sends and waits:
 * `command(line, data, within)` gives `{ lines, final }`, `wait(fits, seconds)` whether such a line came since the last
 * command, `sleep(seconds)`, `raw(hex)`, `begun(step, n)`; `stopped()`: no more.
 * @param {ScriptStep[]} steps
 * @param {ScriptHost} host
 */
export async function runScript(steps, host) {
  for (const [n, step] of steps.entries()) {
    if (host.stopped()) return false;
    host.begun(step, n);
    if (step.kind === "command") judge(step, await host.command(step.line, step.data, step.within));
    else if (step.kind === "sleep") await host.sleep(step.seconds);
    else if (step.kind === "raw") await host.raw(step.data);
    else {
      const came = await host.wait((line) => step.pattern.expression.test(line), step.seconds);
      const { text } = step.pattern;
      if (!came && !host.stopped())
        throw new ScriptError(step.number, "cli-script-never", { text, seconds: step.seconds });
    }
  }
  return !host.stopped();
}

/** @param {CommandStep} step @param {{ lines: string[], final: string }} answer */
function judge({ number, line, expected, within }, { lines, final }) {
  const named = expected.some((one) => one.expression.test(final));
  if (!final && !named) throw new ScriptError(number, "cli-script-silence", { line, seconds: within });
  const came = [...lines, final];
  for (const { text, expression } of expected)
    if (!came.some((one) => expression.test(one)))
      throw new ScriptError(number, "cli-script-other", { line, text, came });
  if (!["OK", "REBOOTING"].includes(final) && !named)
    throw new ScriptError(number, "cli-script-error", { line, final });
}

const TABLE = /^[ \t]*\[[ \t]*["']?([^\]"'\n]+)["']?[ \t]*\][^[]*?^[ \t]*script[ \t]*=[ \t]*/;
const SCRIPT = /(?:"""\n?([\s\S]*?[^\\]|)"""|'''\n?([\s\S]*?)'''|"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)')/;
const ESCAPES = /** @type {Record<string, string>} */ ({ n: "\n", t: "\t", r: "\r", e: "\x1b", b: "\b", f: "\f" });

/** Of a basic string of TOML. @param {string} text */
const unescaped = (text) =>
  text.replace(/\\(?:u([0-9A-Fa-f]{4})|(.))/g, (_, code, letter) =>
    code ? String.fromCharCode(parseInt(code, 16)) : (ESCAPES[letter] ?? letter),
  );

/**
 * The macros of a `macros.toml` (docs/terminal.md, Macros), or the one script that a file is. None where one of them
 * cannot be read: half a file is not taken.
 * @param {string} name of the file
 * @param {string} text
 * @returns {SavedScript[]}
 */
export function scriptsOf(name, text) {
  if (!name.endsWith(".toml")) return [{ name: name.replace(/\.[^.]*$/, ""), text }];
  const each = new RegExp(TABLE.source + SCRIPT.source, "gm");
  if (/^[ \t]*(\[|script[ \t]*=)/m.test(text.replace(each, ""))) return [];
  return [...text.matchAll(each)].map(([, key, long, rawLong, short, rawShort]) => ({
    name: key.trim(),
    text: rawLong ?? rawShort ?? unescaped(long ?? short),
  }));
}

/**
 * As `nbtwin at` takes them.
 * @param {SavedScript[]} scripts
 */
export const macrosToml = (scripts) =>
  scripts
    .map(({ name, text }) => {
      const inside = text.replaceAll("\\", "\\\\").replaceAll('"""', '""\\"');
      return `["${name.replace(/["\\\]]/g, "")}"]\nscript = """\n${inside.trimEnd()}\n"""\n`;
    })
    .join("\n");
