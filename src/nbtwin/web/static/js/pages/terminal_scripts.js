// Saved scripts of the terminal: kept by this browser, loaded from and saved to the files of `nbtwin at`, and run.

import { html } from "../base/view.js";
import { get, isAbort, post, seg } from "../base/api.js";
import { LINES } from "../base/facts.js";
import { t, wordsOf } from "../base/i18n.js";
import { errorText } from "../base/problems.js";
import { recall, remember } from "../base/prefs.js";
import { requireRole } from "../parts/require_role.js";
import { lab } from "../state/lab.js";
import { subscribe } from "../state/topics.js";
import { macrosToml, parseScript, runScript, ScriptError, scriptsOf } from "./at_script.js";
import { download } from "./terminal_log.js";

const EXAMPLE = "# attach\ntimeout 5s\nAT+CFUN=1\nAT+CEREG=1\nwait +CEREG: 1 2min\n";

/**
 * @param {Lifecycle} lifecycle
 * @param {string} name of the module
 * @param {(text: string, kind?: string) => void} note says something in the terminal
 */
export function newScripts(lifecycle, name, note) {
  const own = {
    open: false,
    saved: /** @type {SavedScript[]} */ (recall("scripts", [])),
    edited: /** @type {SavedScript & { was: string | null } | null} */ (null),
    error: /** @type {string | null} */ (null),
    running: /** @type {{ name: string, n: number, total: number } | null} */ (null),
    stopped: false,
  };
  /** @type {string[]} */
  let came = []; // since the last command
  let heard = () => {};
  lifecycle.onEnd(
    subscribe("entry", (entry) => {
      if (entry.source !== name || entry.kind !== "at.out" || !LINES.has(entry.code)) return;
      came.push(entry.fields.line);
      heard();
    }),
  );
  lifecycle.onEnd(() => stop());

  /** @param {SavedScript[]} scripts */
  function keep(scripts) {
    own.saved = [...scripts].sort((a, b) => a.name.localeCompare(b.name));
    remember("scripts", own.saved);
    lifecycle.redraw();
  }

  /** @type {ScriptHost} */
  const host = {
    stopped: () => own.stopped,
    begun: (_, n) => {
      if (own.running) own.running.n = n;
      lifecycle.redraw();
    },
    async command(line, data, within) {
      came = [];
      const body = { line, within: `${within}s`, ...(data ? { data } : {}) };
      const { lines, final, urcs } = await post(`/modules/${seg(name)}/command`, body, { signal: lifecycle.signal });
      if (lab.clock.mode === "simulated") came = [...lines, final, ...urcs]; // the stream may come later
      return { lines, final };
    },
    async raw(hex) {
      await post(`/modules/${seg(name)}/serial`, { hex, wait: 0 }, { signal: lifecycle.signal });
    },
    async sleep(seconds) {
      if (lab.clock.mode === "simulated") await post("/clock/advance", { span: `${seconds}s` });
      else await pause((seconds / (lab.clock.rate || 1)) * 1000);
    },
    wait: (fits, seconds) => (lab.clock.mode === "simulated" ? advancedTo(fits, seconds) : waitedFor(fits, seconds)),
  };

  /** @param {number} milliseconds */
  const pause = (milliseconds) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      heard = () => own.stopped && (clearTimeout(timer), resolve(null));
    });

  /** @param {(line: string) => boolean} fits */
  function taken(fits) {
    const at = came.findIndex(fits);
    if (at >= 0) came.splice(0, at + 1);
    return at >= 0;
  }

  /** @param {(line: string) => boolean} fits @param {number} seconds */
  async function waitedFor(fits, seconds) {
    const until = performance.now() + (seconds / (lab.clock.rate || 1)) * 1000;
    while (!taken(fits)) {
      const left = until - performance.now();
      if (left <= 0 || own.stopped) return false;
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        heard = () => (clearTimeout(timer), resolve(null));
      });
    }
    return true;
  }

  /**
   * In a lab whose time is simulated it passes for the script.
   * @param {(line: string) => boolean} fits @param {number} seconds
   */
  async function advancedTo(fits, seconds) {
    const { now } = await get("/clock");
    for (let left = seconds; !taken(fits);) {
      if (left <= 0 || own.stopped) return false;
      const body = { within: `${Math.max(left, 0.001)}s`, kind: "at.out", source: name };
      const { reached, entry, clock } = await post("/clock/run-until", body);
      if (!reached) return taken(fits);
      came.push(entry.fields.line);
      left = now + seconds - clock.now;
    }
    return true;
  }

  /** @param {SavedScript} script */
  async function run(script) {
    if (own.running) return;
    try {
      const steps = parseScript(script.text);
      Object.assign(own, { stopped: false, running: { name: script.name, n: 0, total: steps.length } });
      lifecycle.redraw();
      let begun = 0;
      const whole = await runScript(steps, { ...host, begun: (step, n) => (host.begun(step, n), (begun = n + 1)) });
      const words = { name: script.name, total: steps.length, n: begun };
      note(whole ? t("script-done", words) : t("script-stopped", words), whole ? "ok" : "note");
    } catch (error) {
      if (!isAbort(error)) note(wordsOfError(script.name, error), "bad");
    }
    own.running = null;
    lifecycle.redraw();
  }

  function stop() {
    own.stopped = true;
    heard();
  }

  /** @param {string} of @param {unknown} error */
  const wordsOfError = (of, error) =>
    error instanceof ScriptError ? `${of}:${error.number}: ${wordsOf(error)}` : `${of}: ${errorText(error)}`;

  function save() {
    const { edited } = own;
    if (!edited) return;
    const made = { name: edited.name.trim() || t("script-unnamed"), text: edited.text };
    try {
      parseScript(made.text);
    } catch (error) {
      own.error = wordsOfError(made.name, error);
      lifecycle.redraw();
      return;
    }
    own.edited = null;
    own.error = null;
    keep([...own.saved.filter(({ name: kept }) => kept !== made.name && kept !== edited.was), made]);
  }

  /** @param {File[]} files */
  async function load(files) {
    /** @type {SavedScript[]} */
    const found = [];
    let unread = false;
    for (const file of files) {
      const scripts = scriptsOf(file.name, await file.text());
      unread ||= !scripts.length;
      found.push(...scripts);
    }
    const names = new Set(found.map(({ name: one }) => one));
    own.error = unread ? t("script-none_in_file") : null;
    keep([...own.saved.filter(({ name: kept }) => !names.has(kept)), ...found]);
  }

  /** @param {SavedScript | null} script */
  function edit(script) {
    own.edited = script ? { ...script, was: script.name } : { name: "", text: EXAMPLE, was: null };
    own.error = null;
    lifecycle.redraw();
  }

  function view() {
    if (!own.open) return own.running ? progress() : "";
    return html`
      <div class="scripts" id="scripts">
        ${own.error && html` <p class="no" role="alert">${own.error}</p> `} ${own.edited ? editor(own.edited) : list()}
      </div>
      ${own.running && progress()}
    `;
  }

  const list = () => html`
    <div class="row">
      ${own.saved.map(
        (script) => html`
          <span key=${script.name} class="script">
            ${requireRole(
              "operator",
              html`
                <button
                  class="small"
                  data-run=${script.name}
                  disabled=${Boolean(own.running)}
                  onclick=${() => run(script)}>
                  ${`▸ ${script.name}`}
                </button>
              `,
            )}
            <button
              class="small plain"
              aria-label=${t("script-edit", { name: script.name })}
              title=${t("script-edit", { name: script.name })}
              onclick=${() => edit(script)}>
              ${"…"}
            </button>
          </span>
        `,
      )}
      ${!own.saved.length && html` <span class="soft">${t("script-none")}</span> `}
      <span class="grow"></span>
      <button class="small" id="new-script" onclick=${() => edit(null)}>${t("script-new")}</button>
      <label class="button small">
        ${t("script-load")}
        <input
          type="file"
          class="sr-only"
          id="load-scripts"
          multiple
          accept=".at,.txt,.toml"
          onchange=${(e) => {
            load([...e.target.files]);
            e.target.value = "";
          }} />
      </label>
      <button
        class="small"
        id="save-scripts"
        disabled=${!own.saved.length}
        title=${t("script-save_title")}
        onclick=${() => download("macros.toml", macrosToml(own.saved))}>
        ${t("script-save")}
      </button>
    </div>
  `;

  /** @param {SavedScript & { was: string | null }} edited */
  const editor = (edited) => html`
    <form
      class="stack"
      onsubmit=${(e) => {
        e.preventDefault();
        save();
      }}>
      <div class="row">
        <input
          id="script-name"
          class="grow"
          placeholder=${t("module-name")}
          aria-label=${t("module-name")}
          value=${edited.name}
          oninput=${(e) => {
            edited.name = e.target.value;
          }} />
        <button class="small main-act" id="keep-script">${t("script-keep")}</button>
        <button type="button" class="small" onclick=${() => download(`${edited.name || "script"}.at`, edited.text)}>
          ${t("script-download")}
        </button>
        ${
          edited.was !== null &&
          html`
            <button
              type="button"
              class="small bad-act"
              onclick=${() => {
                own.edited = null;
                keep(own.saved.filter(({ name: kept }) => kept !== edited.was));
              }}>
              ${t("remove")}
            </button>
          `
        }
        <button
          type="button"
          class="small"
          onclick=${() => {
            Object.assign(own, { edited: null, error: null });
            lifecycle.redraw();
          }}>
          ${t("cancel")}
        </button>
      </div>
      <textarea
        id="script-text"
        rows="8"
        spellcheck=${false}
        aria-label=${t("script-text")}
        value=${edited.text}
        oninput=${(e) => {
          edited.text = e.target.value;
        }}></textarea>
      <p class="small">${t("script-help")}</p>
    </form>
  `;

  function progress() {
    const { name: of, n, total } = /** @type {{ name: string, n: number, total: number }} */ (own.running);
    const words = t("script-running", { name: of, n, total });
    return html`
      <div class="pasting" role="status">
        <progress max=${total} value=${n} aria-label=${words}></progress>
        <span>${words}</span>
        <button class="small" onclick=${stop}>${t("terminal-stop")}</button>
      </div>
    `;
  }

  return {
    view,
    get open() {
      return own.open;
    },
    toggle() {
      own.open = !own.open;
      lifecycle.redraw();
    },
  };
}
