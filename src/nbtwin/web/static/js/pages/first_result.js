// What a visitor's own module left in a file: a saved run of `nbtwin check`, or a recording. Knows the two formats as
// far as the page shows them; the file stays in the browser.

/**
 * @typedef {object} FirstResult
 * @property {"run" | "recording"} kind
 * @property {string} model of a run; "" in a recording
 * @property {number} passed verdicts of a run
 * @property {number} failed
 * @property {number} lines that a module said in a recording
 * @property {string} first of them
 */

/**
 * Null for what is neither, or has nothing from a module.
 * @param {string} text
 * @returns {FirstResult | null}
 */
export function resultIn(text) {
  const made = { model: "", passed: 0, failed: 0, lines: 0, first: "" };
  const [head, ...rows] = text.split("\n");
  if (parsed(head)?.recording) {
    const bytes = rows.map(parsed).filter((row) => row?.from === "module" && row.text);
    const said = bytes.map((row) => row.text).join("");
    const lines = said.split(/[\r\n]+/).filter(Boolean);
    return lines.length ? { ...made, kind: "recording", lines: lines.length, first: lines[0] } : null;
  }
  const run = parsed(text);
  if (!run?.nbtwin_check || !Array.isArray(run.outcomes)) return null;
  const count = (/** @type {string} */ verdict) =>
    run.outcomes.filter((/** @type {any} */ one) => one.verdict === verdict).length;
  const [passed, failed] = [count("pass"), count("fail")];
  return passed + failed ? { ...made, kind: "run", model: String(run.model), passed, failed } : null;
}

/** @param {string} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
