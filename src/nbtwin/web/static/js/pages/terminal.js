// A terminal at a module's AT port: what passed there (from this page or any other host), a prompt with history and
// completion, and the explanation of each line. Knows the port through the API and the timeline.

import { Island, html, render, takeFocus } from "../base/view.js";
import { Problem, get, isAbort, post, query, seg } from "../base/api.js";
import { stamp, timeOfDay } from "../base/format.js";
import { currentLanguage, t } from "../base/i18n.js";
import { errorText } from "../base/problems.js";
import { recall, remember } from "../base/prefs.js";
import { LINES, NOTED, textOf } from "../base/facts.js";
import { isErrorLine } from "../sequence/lanes.js";
import { debounced, throttled } from "../base/lifecycle.js";
import { needs, requireRole } from "../parts/require_role.js";
import { may } from "../state/access.js";
import { timeline } from "../state/timeline.js";
import { subscribe } from "../state/topics.js";
import { search, toggle as switchOf } from "../parts/states.js";
import { explained, shortly } from "./explanation.js";
import { cutAt, download, hexLines, logText } from "./terminal_log.js";
import { newScripts } from "./terminal_scripts.js";

const MOST_LINES = 1500;
const MOST_HISTORY = 200;
const FINAL = new Set(["OK", "REBOOTING"]);
const PASTED_WITHIN = 60; // seconds that a pasted line's answer may take: what the API allows
const SILENT_WITHIN = 1; // and a line that is no command: a module says nothing to it
/**
 * Explanations are kept as they came, in a language.
 * @param {string} line
 */
const keyOf = (line) => `${currentLanguage()} ${line}`;

/** @param {Lifecycle} lifecycle @param {string} name */
export function newTerminal(lifecycle, name) {
  const own = {
    lines: /** @type {TerminalLine[]} */ ([]),
    line: "",
    options: /** @type {Suggestion[]} */ ([]),
    picked: -1,
    live: /** @type {Explanation | null} */ (null),
    sending: false,
    explainAll: recall("explain", false),
    open: new Set(),
    explanations: new Map(),
    wanted: new Set(),
    at: /** @type {number | null} */ (null),
    draft: "",
    paste: /** @type {Paste | null} */ (null),
    pending: /** @type {string | null} */ (null), // what was pasted, to be looked at before it is sent
    onEnter: recall("paste-waits", false),
    hex: recall("hex", false),
    sought: "",
    found: 0, // which of the lines with that text is shown
  };
  const scripts = newScripts(lifecycle, name, (text, kind = "note") => {
    addLine(kind, text);
    lifecycle.redraw();
  });
  let heard = () => {};
  /** @type {string[]} */
  let history = recall("history", []);
  const soon = throttled(60, lifecycle.redraw);
  fill();
  lifecycle.onEnd(
    subscribe("timeline", () => {
      fill();
      soon();
    }),
  );
  lifecycle.onEnd(
    subscribe("entry", (entry) => {
      if (entry.source === name) heard();
      if (entry.source === name && take(entry)) soon();
    }),
  );

  function fill() {
    const notes = own.lines.filter((line) => line.kind === "note");
    own.lines = [];
    for (const entry of timeline.entries) if (entry.source === name) take(entry);
    own.lines.push(...notes);
  }

  /** @param {Entry} entry */
  function take(entry) {
    if (entry.kind === "at.in" || entry.kind === "at.out")
      addLine(kindOf(entry), textOf(entry), entry.at, entry.number);
    else if (entry.kind === "state" && NOTED.has(entry.code)) addLine("note", textOf(entry), entry.at, entry.number);
    else return false;
    return true;
  }

  /** @param {Entry} entry */
  function kindOf(entry) {
    if (entry.kind === "at.in") return "in";
    if (!LINES.has(entry.code)) return "why";
    return FINAL.has(entry.fields.line) ? "ok" : isErrorLine(entry.fields.line) ? "bad" : "out";
  }

  /** @param {string} kind @param {string} text @param {number | null} [at] @param {number | null} [number] */
  function addLine(kind, text, at = null, number = null) {
    own.lines.push({ kind, text, at, number, key: number ?? `n${Math.random()}` });
    if (own.lines.length > MOST_LINES) own.lines.splice(0, 200);
  }

  /** @param {string} line */
  async function send(line) {
    Object.assign(own, { line: "", at: null, options: [], picked: -1, live: null, sending: true });
    lifecycle.redraw();
    try {
      const answer = await ask(line);
      if (!answer.complete) addLine("note", t("terminal-no_final"));
    } catch (error) {
      if (!isAbort(error)) addLine("bad", errorText(error));
    }
    own.sending = false;
    lifecycle.redraw();
  }

  /**
   * What the module answers, kept in the history. Throws what the lab refuses with.
   * @param {string} line @param {number} [timeout] in seconds
   */
  async function ask(line, timeout) {
    history = [...history.filter((one) => one !== line), line].slice(-MOST_HISTORY);
    remember("history", history);
    const answer = await post(`/modules/${seg(name)}/at`, { line, timeout }, { signal: lifecycle.signal });
    if (answer.explanation) own.explanations.set(keyOf(line), answer.explanation);
    return answer;
  }

  /**
   * Each line when the one before is answered, up to one that is not, or until somebody stops it.
   * @param {string[]} lines
   */
  async function sendAll(lines) {
    if (own.paste) {
      own.paste.left.push(...lines);
      own.paste.total += lines.length;
      return;
    }
    const paste = { left: [...lines], total: lines.length, errors: 0, stopped: false };
    own.paste = paste;
    try {
      while (paste.left.length && !paste.stopped) {
        lifecycle.redraw();
        const line = paste.left[0];
        const isCommand = /^at/i.test(line);
        const answer = await askWhenStarted(line, isCommand ? PASTED_WITHIN : SILENT_WITHIN, paste);
        if (!answer) break;
        paste.left.shift();
        if (answer.answer.length && isErrorLine(answer.answer.at(-1))) paste.errors += 1;
        if (!answer.complete && isCommand) {
          addLine("bad", t("terminal-unanswered", { line }));
          break;
        }
      }
    } catch (error) {
      if (!isAbort(error)) addLine("bad", errorText(error));
    }
    own.paste = null;
    const { total, errors, left } = paste;
    addLine("note", t("terminal-pasted", { n: total - left.length, total, errors }));
    lifecycle.redraw();
  }

  /**
   * As `ask`; a module that starts again is waited for. Null: stopped meanwhile.
   * @param {string} line @param {number} timeout @param {Paste} paste
   */
  async function askWhenStarted(line, timeout, paste) {
    while (!paste.stopped) {
      const something = new Promise((resolve) => (heard = () => resolve(null)));
      paste.wake = heard;
      try {
        return await ask(line, timeout);
      } catch (error) {
        const starting = error instanceof Problem && error.code === "api-module-deaf";
        if (!starting || error.fields.state !== "booting") throw error;
      }
      await something;
    }
    return null;
  }

  function stop() {
    if (!own.paste) return;
    own.paste.stopped = true;
    own.paste.wake?.();
    lifecycle.redraw();
  }

  /** @param {any} event */
  function onpaste(event) {
    const text = event.clipboardData.getData("text").replace(/\r\n?/g, "\n");
    if (!text.includes("\n")) return;
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = event.target;
    /** @type {string[]} */
    const lines = (value.slice(0, selectionStart) + text + value.slice(selectionEnd)).split("\n");
    if (own.onEnter) {
      own.pending = lines.join("\n");
      setLine("", false);
      return;
    }
    setLine(lines.pop() ?? "");
    sendLines(lines);
  }

  /** @param {string[]} lines */
  function sendLines(lines) {
    const sent = lines.map((line) => line.trim()).filter((line) => line && !line.startsWith("#"));
    if (sent.length) sendAll(sent);
  }

  function sendPending() {
    const lines = (own.pending ?? "").split("\n");
    own.pending = null;
    sendLines(lines);
    lifecycle.redraw();
    requestAnimationFrame(() => document.getElementById("line")?.focus());
  }

  const suggest = debounced(90, async (line) => {
    try {
      const found = line.trim()
        ? await get(`/modules/${seg(name)}/completions${query({ line, limit: 30 })}`, {
            signal: lifecycle.signal,
          })
        : [];
      if (own.line !== line) return;
      own.options = found.filter((/** @type {Suggestion} */ option) => option.insert !== line);
      own.picked = -1;
    } catch {
      own.options = [];
    }
    lifecycle.redraw();
  });

  const explain = debounced(160, async (line) => {
    try {
      const found = line.trim() ? await explanationOf(line) : null;
      if (own.line === line) own.live = found;
    } catch {
      own.live = null;
    }
    lifecycle.redraw();
  });

  /** @param {string} line */
  async function explanationOf(line) {
    if (!own.explanations.has(keyOf(line)))
      own.explanations.set(
        keyOf(line),
        await get(`/modules/${seg(name)}/explain${query({ line })}`, { signal: lifecycle.signal }),
      );
    if (own.explanations.size > 500) own.explanations.delete(own.explanations.keys().next().value);
    return own.explanations.get(keyOf(line));
  }

  /**
   * For a line that is on the screen, whoever wrote it: asked for once.
   * @param {string} text
   */
  function want(text) {
    if (own.wanted.has(keyOf(text))) return;
    own.wanted.add(keyOf(text));
    explanationOf(text).then(soon, () => {});
  }

  /** @param {TerminalLine} line */
  async function toggle(line) {
    if (!own.open.delete(line.key)) {
      own.open.add(line.key);
      await explanationOf(line.text).catch(() => {});
    }
    lifecycle.redraw();
  }

  /** @param {string} line @param {boolean} [asked] */
  function setLine(line, asked = true) {
    own.line = line;
    own.picked = -1;
    if (asked) suggest(line);
    else own.options = [];
    explain(line);
    lifecycle.redraw();
  }

  /** @param {number} by */
  function recalled(by) {
    if (own.at === null) own.draft = own.line;
    const at = Math.max(0, Math.min(history.length, (own.at ?? history.length) + by));
    own.at = at === history.length ? null : at;
    setLine(own.at === null ? own.draft : history[at], false);
  }

  /** @param {any} event */
  function onkeydown(event) {
    const { options, picked } = own;
    const open = options.length > 0;
    if (event.key === "Enter") {
      event.preventDefault();
      if (open && picked >= 0) setLine(options[picked].insert, false);
      else if (own.line.trim()) send(own.line.trim());
    } else if (event.key === "Tab" && open && !event.shiftKey && own.line) {
      event.preventDefault();
      setLine(options[Math.max(0, picked)].insert);
    } else if (event.key === "ArrowDown" && open && (picked >= 0 || own.at === null)) {
      event.preventDefault();
      pick(Math.min(picked + 1, options.length - 1));
    } else if (event.key === "ArrowUp" && open && picked > 0) {
      event.preventDefault();
      pick(picked - 1);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      own.options = [];
      recalled(event.key === "ArrowUp" ? -1 : 1);
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      own.options = [];
      lifecycle.redraw();
    }
  }

  /** @param {number} index */
  function pick(index) {
    own.picked = index;
    lifecycle.redraw();
    requestAnimationFrame(() => document.getElementById(`option-${index}`)?.scrollIntoView({ block: "nearest" }));
  }

  return {
    view: () => html`
      <div class="terminal">
        ${tools()}${screen()}${live()}${scripts.view()}${pasting()}${own.pending === null ? prompt() : pending()}
      </div>
    `,
    send,
    /** @param {string} line which somebody has to finish */
    begin(line) {
      setLine(line);
      requestAnimationFrame(() => document.getElementById("line")?.focus());
    },
    get all() {
      return own.explainAll;
    },
    /** @param {boolean} all */
    setAll(all) {
      own.explainAll = all;
      remember("explain", all);
      lifecycle.redraw();
    },
    clear() {
      own.lines = [];
      lifecycle.redraw();
    },
  };

  function tools() {
    const hits = hitsOf();
    return html`
      <div class="tools" role="toolbar" aria-label=${t("terminal-tools")}>
        ${search(
          t("terminal-search"),
          own.sought,
          (text) => {
            Object.assign(own, { sought: text, found: Math.max(0, hitsOf(text).length - 1) });
            lifecycle.redraw();
          },
          {
            id: "terminal-search",
            /** @param {KeyboardEvent} e */
            onkeydown: (e) => e.key === "Enter" && step(e.shiftKey ? -1 : 1),
          },
        )}${
          own.sought &&
          html`
            <span class="small hits" role="status">${hits.length ? `${own.found + 1} / ${hits.length}` : "0"}</span>
            <button class="small plain" aria-label=${t("terminal-before")} onclick=${() => step(-1)}>${"↑"}</button>
            <button class="small plain" aria-label=${t("terminal-after")} onclick=${() => step(1)}>${"↓"}</button>
          `
        }
        <span class="grow"></span>
        ${switchOf(t("terminal-hex"), own.hex, (on) => set("hex", "hex", on), { id: "terminal-hex" })}
        ${switchOf(t("terminal-paste_waits"), own.onEnter, (on) => set("onEnter", "paste-waits", on), {
          id: "paste-waits",
          title: t("terminal-paste_waits_title"),
        })}
        <button class="small" id="open-scripts" aria-expanded=${String(scripts.open)} onclick=${scripts.toggle}>
          ${t("terminal-scripts")}
        </button>
        <button class="small" id="terminal-log" onclick=${() => download(`${name}-at.log`, logText(own.lines))}>
          ${t("terminal-log")}
        </button>
      </div>
    `;
  }

  /** @param {"hex" | "onEnter"} what @param {string} kept @param {boolean} on */
  function set(what, kept, on) {
    own[what] = on;
    remember(kept, on);
    lifecycle.redraw();
  }

  /** Lines with what is searched. @param {string} [text] */
  function hitsOf(text = own.sought) {
    return text ? own.lines.filter((line) => line.text.toLowerCase().includes(text.toLowerCase())) : [];
  }

  /** @param {number} by */
  function step(by) {
    const { length } = hitsOf();
    if (length) own.found = (own.found + by + length) % length;
    lifecycle.redraw();
  }

  function pending() {
    return html`
      <form
        class="prompt pending"
        onsubmit=${(e) => {
          e.preventDefault();
          sendPending();
        }}>
        <textarea
          id="pending"
          rows=${Math.min(8, (own.pending ?? "").split("\n").length + 1)}
          aria-label=${t("terminal-pending")}
          spellcheck=${false}
          value=${own.pending}
          ref=${takeFocus}
          oninput=${(e) => {
            own.pending = e.target.value;
          }}
          onkeydown=${(e) => {
            if (e.key === "Enter" && !e.shiftKey) {
              e.preventDefault();
              sendPending();
            } else if (e.key === "Escape") {
              e.stopPropagation();
              own.pending = null;
              lifecycle.redraw();
            }
          }}></textarea>
        <div class="stack">
          <button class="small" id="send-pending">${t("terminal-send")}</button>
          <span class="small">${t("terminal-pending_keys")}</span>
        </div>
      </form>
    `;
  }

  function screen() {
    return html`
      <${Island}
        class="screen"
        id="terminal"
        tabindex="0"
        role="log"
        aria-live="polite"
        aria-label=${t("terminal-title")}
        make=${screenIsland}
        own=${{
          version: [
            own.lines.length,
            own.lines.at(-1)?.key,
            own.explainAll,
            own.open.size,
            own.explanations.size,
            own.hex,
            own.sought,
            own.found,
            currentLanguage(),
          ].join("/"),
          lines: () => {
            const found = hitsOf()[own.found];
            return own.lines.flatMap((line) => lineOf(line, line === found));
          },
          sought: own.sought ? `${own.sought}/${own.found}` : "",
        }} />
    `;
  }

  /** @param {TerminalLine} line @param {boolean} isFound */
  function lineOf(line, isFound) {
    const asHex =
      own.hex && (line.kind === "in" || line.number !== null) && line.kind !== "why" && line.kind !== "note";
    const shown = html`
      <div key=${line.key} class=${`tline ${line.kind} ${isFound ? "found" : ""}`}>
        <span class="tat" aria-hidden="true" title=${line.at === null ? null : stamp(line.at, 3)}
          >${line.at === null ? "" : timeOfDay(line.at, 0)}</span
        >
        ${asHex ? html` <pre class="bytes">${hexLines(line.text)}</pre> ` : html` <span>${marked(line.text)}</span> `}
        ${
          line.kind === "in" &&
          html`
            <button
              class="ask"
              aria-expanded=${String(own.open.has(line.key))}
              title=${t("terminal-explain")}
              onclick=${() => toggle(line)}>
              ?
            </button>
          `
        }
      </div>
    `;
    const asked = line.kind === "in" && (own.explainAll || own.open.has(line.key));
    const explanation = asked ? own.explanations.get(keyOf(line.text)) : null;
    if (asked && !explanation) want(line.text);
    return explanation
      ? [shown, html` <div key=${`e${line.key}`} class="explained">${explained(explanation)}</div> `]
      : [shown];
  }

  /** @param {string} text */
  function marked(text) {
    if (!own.sought) return text;
    return cutAt(text, own.sought).map((part, i) => (i % 2 ? html` <mark key=${i}>${part}</mark> ` : part));
  }

  function live() {
    return html`
      <div class="live" id="live" aria-live="polite">
        ${own.live && own.line ? shortly(own.live) : t("terminal-hint")}
      </div>
    `;
  }

  function pasting() {
    if (!own.paste) return "";
    const { total, left, stopped } = own.paste;
    const n = total - left.length;
    return html`
      <div class="pasting" id="pasting" role="status">
        <progress max=${total} value=${n} aria-label=${t("terminal-pasting", { n, total })}></progress>
        <span>${t("terminal-pasting", { n, total })}</span>
        <button class="small" id="stop-paste" disabled=${stopped} onclick=${stop}>${t("terminal-stop")}</button>
      </div>
    `;
  }

  function prompt() {
    const { options, picked } = own;
    return html`
      <form
        class="prompt"
        autocomplete="off"
        onsubmit=${(e) => {
          e.preventDefault();
          if (own.line.trim()) send(own.line.trim());
        }}>
        ${
          options.length > 0 &&
          html`
            <ul class="options" id="options" role="listbox" aria-label=${t("terminal-completions")}>
              ${options.map(
                (option, i) => html`
                  <li
                    key=${option.insert}
                    id=${`option-${i}`}
                    role="option"
                    aria-selected=${String(i === picked)}
                    onmousedown=${(e) => {
                      e.preventDefault();
                      setLine(option.insert);
                    }}>
                    <code>${option.text}</code>
                    <span class="says">${option.says}</span>
                    <span class="src">${option.source}</span>
                  </li>
                `,
              )}
            </ul>
          `
        }
        <label for="line">${">"}</label>
        ${requireRole(
          "operator",
          html`
            <input
              id="line"
              value=${own.line}
              spellcheck=${false}
              autocapitalize="off"
              placeholder=${may("operator") ? "AT+QDMPCFG?" : needs("operator")}
              role="combobox"
              aria-expanded=${String(options.length > 0)}
              aria-controls="options"
              aria-autocomplete="list"
              aria-activedescendant=${picked >= 0 ? `option-${picked}` : null}
              aria-describedby="live"
              oninput=${(e) => {
                own.at = null;
                setLine(e.target.value);
              }}
              onkeydown=${onkeydown}
              onpaste=${onpaste}
              onblur=${() => {
                own.options = [];
                lifecycle.redraw();
              }} />
          `,
          html` <button class="small" disabled=${own.sending}>${t("terminal-send")}</button> `,
        )}
      </form>
    `;
  }
}

/**
 * Keeps the newest line in view unless the reader has scrolled up.
 * @param {HTMLElement} dom
 * @param {ScreenProps} first
 */
function screenIsland(dom, first) {
  /** @type {string | null} */
  let version = null;
  let shown = "";
  /** @param {ScreenProps} own */
  const draw = ({ lines, version: next, sought }) => {
    if (next === version) return;
    const atEnd = version === null || dom.scrollTop + dom.clientHeight >= dom.scrollHeight - 30;
    version = next;
    render(html` <div>${lines()}</div> `, dom);
    if (sought && sought !== shown) dom.querySelector(".found")?.scrollIntoView({ block: "nearest" });
    else if (atEnd) dom.scrollTop = dom.scrollHeight;
    shown = sought;
  };
  draw(first);
  return { update: draw };
}
