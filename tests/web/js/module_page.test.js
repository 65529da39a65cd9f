// A module's page: scripts of `nbtwin at` as docs/terminal.md has them, lines as bytes and as a log, settings in words.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  macrosToml,
  parseScript,
  rawBytes,
  runScript,
  scriptsOf,
} from "../../../src/nbtwin/web/static/js/pages/at_script.js";
import { cutAt, hexLines, logText } from "../../../src/nbtwin/web/static/js/pages/terminal_log.js";
import { valueText } from "../../../src/nbtwin/web/static/js/pages/nvram_values.js";
import { lineOf, valuesOf } from "../../../src/nbtwin/web/static/js/pages/nvram_form.js";

/** The first block of text in docs/terminal.md that is a script. */
const documented = /** @type {RegExpMatchArray} */ (
  readFileSync(new URL("../../../docs/terminal.md", import.meta.url), "utf8").match(/```\n(# attach\.at[\s\S]*?)```/)
)[1];

/**
 * A module that answers these lines.
 * @param {Record<string, string[]>} answers @param {string[]} [later] what comes by itself
 */
function host(answers, later = []) {
  /** @type {string[]} */
  const done = [];
  return {
    done,
    stopped: () => false,
    begun: () => {},
    command: async (/** @type {string} */ line, /** @type {string | null} */ data) => {
      done.push(data ? `${line} > ${data}` : line);
      const [final, ...rest] = [...(answers[line] ?? ["OK"])].reverse();
      return { lines: rest.reverse(), final };
    },
    wait: async (/** @type {(line: string) => boolean} */ fits) => later.some(fits),
    sleep: async (/** @type {number} */ seconds) => void done.push(`sleep ${seconds}`),
    raw: async (/** @type {string} */ hex) => void done.push(hex),
  };
}

test("the example of the document runs as it says", async () => {
  const there = host(
    { "AT+QDMPCFG?": ["+QDMPCFG: 1,117.161.2.41,5683,86400", "OK"], "AT+QDMPCFG=1,117.161.2.7,99999": ["ERROR"] },
    ["+CEREG: 1"],
  );
  assert.equal(await runScript(parseScript(documented), there), true);
  assert.deepEqual(there.done, ["AT+CFUN=1", "AT+CEREG=1", "AT+QDMPCFG?", "AT+QDMPCFG=1,117.161.2.7,99999"]);
});

test("the first step that fails ends it, with its line and why", async () => {
  for (const [script, code, number] of /** @type {[string, string, number][]} */ ([
    ["AT\n\nAT+X", "cli-script-error", 3],
    ["AT\nexpect +CGATT: 1", "cli-script-other", 1],
    ["AT\nwait +CEREG: 1 1s", "cli-script-never", 2],
    ["AT+SILENT", "cli-script-silence", 1],
  ]))
    await assert.rejects(runScript(parseScript(script), host({ "AT+X": ["ERROR"], "AT+SILENT": [""] })), {
      code,
      number,
    });
});

test("what cannot be understood is said before anything is sent", () => {
  for (const [script, code, number] of /** @type {[string, string, number][]} */ ([
    ["AT\nhello", "cli-script-line", 2],
    ["expect OK", "cli-script-no-command", 1],
    ["AT\n> one\n> two", "cli-script-no-command", 3],
    ["sleep soon", "span-malformed", 1],
    ["AT\nexpect /(/", "cli-script-expression", 2],
    ["send hex 1b 0", "cli-script-hex", 1],
  ]))
    assert.throws(() => parseScript(script), { code, number }, script);
});

test("data, raw bytes, spans and expressions are as in the terminal", async () => {
  const there = host({}, ["+QIND: ready 7"]);
  await runScript(
    parseScript("AT+QLASENDDATA=0x0100,2\n> hex 48 65\nsend a\\r\\x1b\nsleep 1min 30s\nwait /ready \\d/"),
    there,
  );
  assert.deepEqual(there.done, ["AT+QLASENDDATA=0x0100,2 > 4865", "610d1b", "sleep 90"]);
  assert.equal(rawBytes("水", 1), "e6b0b4");
});

test("macros come out of a macros.toml as they went in, and any other file is one script", () => {
  const scripts = [
    { name: "attach", text: "AT+CFUN=1\nwait +CEREG: 1 2min\n" },
    { name: "raw one", text: "send a\\r\\n\n" },
  ];
  assert.deepEqual(scriptsOf("macros.toml", macrosToml(scripts)), scripts);
  const written = '[attach]\nkey = "f5"        # f5 to f12\nscript = """\nAT+CFUN=1\n"""\n';
  assert.deepEqual(scriptsOf("macros.toml", written), [{ name: "attach", text: "AT+CFUN=1\n" }]);
  assert.deepEqual(scriptsOf("boot.at", "AT"), [{ name: "boot", text: "AT" }]);
});

test("a script in any string of TOML is read; of a file with one that cannot be read nothing is taken", () => {
  const forms = `[a]\nscript = "AT\\nATI"\n[b]\nscript = 'send a\\r'\n["c"]\nscript = '''\nAT\n'''\n`;
  assert.deepEqual(scriptsOf("macros.toml", forms), [
    { name: "a", text: "AT\nATI" },
    { name: "b", text: "send a\\r" },
    { name: "c", text: "AT\n" },
  ]);
  const quoted = [{ name: "said", text: 'AT+QSEND="""x"""\n' }];
  assert.deepEqual(scriptsOf("macros.toml", macrosToml(quoted)), quoted);
  assert.deepEqual(scriptsOf("macros.toml", forms + "[d]\nscript = 7\n"), []);
});

test("lines are shown as bytes, found, and written to a log with the marks of nbtwin at", () => {
  assert.equal(hexLines("AT+CGMR"), "0000  41 54 2b 43 47 4d 52                             AT+CGMR");
  assert.deepEqual(cutAt("+CEREG: 1", "ereg"), ["+C", "EREG", ": 1"]);
  const line = { at: 3723.5, number: 1, key: 1 };
  const log = logText([
    { ...line, kind: "in", text: "AT" },
    { ...line, kind: "ok", text: "OK" },
  ]);
  assert.equal(log.replace(/^\S+ /gm, ""), "> AT\n  OK\n");
});

test("a setting's line is made of what is saved and what is written, never of what is masked", () => {
  const write = 'AT+Q=2,"<key>","<password>",<type>';
  const common = {
    code: "",
    command: "+Q",
    source: "",
    says: "",
    write,
    many: false,
    about: "",
    in_use: null,
    waiting: false,
  };
  const rows = [
    { ...common, name: "a", parameters: ["key"], saved: "k", default: "M1" },
    { ...common, name: "b", parameters: ["password"], saved: "abcd****", default: "nbtw****" },
    { ...common, name: "c", parameters: ["type"], saved: null, default: 1 },
  ];
  const { values, defaults } = valuesOf(rows[0], rows);
  assert.deepEqual(values, { key: "k", password: "", type: "" });
  assert.deepEqual(defaults, { key: "M1", password: "nbtw****", type: "1" });
  assert.equal(lineOf(write, { ...values, password: "p", type: "2" }), 'AT+Q=2,"k","p",2');
  assert.equal(lineOf("AT+Q=1,<a>,<b>,<c>", { b: "5" }), "AT+Q=1,,5");
});

test("a value of a setting is text, whatever it is made of", () => {
  const servers = [{ type: "LWM2M", host: "192.0.2.1", port: 5683 }];
  for (const [value, text] of /** @type {[any, string][]} */ ([
    [servers, "LWM2M,192.0.2.1,5683"],
    [["1", "01000011"], "1, 01000011"],
    ["", '""'],
    [[], "–"],
    [null, "–"],
    [false, "false"],
  ]))
    assert.equal(valueText({ name: "x" }, value), text);
});
