// The catalogue's functions, and what arguments are to a message: as the terminal has them, because both read one file.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Messages, spanOf } from "../../../src/nbtwin/web/static/js/base/catalogue.js";

const say = (pattern, fields, at, separator = ", ") =>
  new Messages("en", `list-separator = { "${separator}" }\nit = ${pattern}\n`).words("it", fields, at);

test("WORD words what is inside: a fact, a code with the fields of its fact, a list", () => {
  const messages = new Messages(
    "en",
    `
list-separator = { ", " }
registration-failed = failed: { WORD($reason) }
coap-packet-unanswered = no answer to packet { $number }
state-changed = now { $new }
carried = { $service }: { WORD($event) }
fated = { WORD($impairment) }
cut-short = cut to { $octets } octets
delayed = delayed { SPAN($delay) }
`,
  );
  const failed = { reason: "coap-packet-unanswered", number: 6 };
  assert.equal(messages.words("registration-failed", failed), "failed: no answer to packet 6");
  const event = { code: "state-changed", new: "REGISTERED" };
  assert.equal(messages.words("carried", { service: "andlink", event }), "andlink: now REGISTERED");
  const impairment = ["cut-short", "delayed"];
  assert.equal(messages.words("fated", { impairment, octets: 7, delay: 2 }), "cut to 7 octets, delayed 2s");
  assert.equal(messages.words("fated", { impairment: [] }), "");
  assert.equal(messages.words("fated", { impairment: "a library's own words" }), "a library's own words");
});

test("SPAN says a span in its two largest units", () => {
  const spans = {
    0: "0s",
    0.25: "250ms",
    2: "2s",
    90: "1min 30s",
    3600: "1h",
    5430: "1h 30min",
    100800: "1d 4h",
    1.5: "1.5s",
  };
  for (const [seconds, words] of Object.entries(spans))
    assert.equal(say("{ SPAN($p) }", { p: Number(seconds) }), words);
  assert.equal(spanOf(-90), "-1min 30s");
});

test("UNTIL says how long it is to an instant from the time of the entry, and never less than nothing", () => {
  assert.equal(say("{ UNTIL($at) }", { at: 130 }, 100), "30s");
  assert.equal(say("{ UNTIL($at) }", { at: 90 }, 100), "0s");
});

test("TIME says an instant of a simulated lab by its day and time", () => {
  assert.equal(say("{ TIME($at) }", { at: 3 * 86400 + 4 * 3600 }), "3d 04:00:00.000");
});

test("PEER and PEERS say HOST:PORT", () => {
  assert.equal(say("{ PEER($p) }", { p: ["127.0.0.1", 5683] }), "127.0.0.1:5683");
  assert.equal(say("{ PEER($p) }", { p: "10.0.0.1" }), "10.0.0.1");
  assert.equal(
    say("{ PEERS($p) }", {
      p: [
        ["a", 1],
        ["b", 2],
      ],
    }),
    "a:1, b:2",
  );
  assert.equal(say("{ PEER($p) }", { p: null }), "");
});

test("FAULT words a fault by its members, as an object, as its line, and several", () => {
  const messages = new Messages(
    "en",
    `
list-separator = { ", " }
fault-separator = { "; " }
fault-member-separator = { ", " }
fault-with-kind = { $kind }
fault-with-packets = only no. { LIST($packets) }
fault-with-seconds = { $kind ->
    [delay] by { SPAN($seconds) }
   *[reordering] at most { SPAN($seconds) }
}
it = { FAULT($fault) }
`,
  );
  const [first, second] = ["delay, by 3s", "loss, only no. 1, 2"];
  assert.equal(messages.words("it", { fault: { kind: "delay", seconds: 3 } }), first);
  assert.equal(messages.words("it", { fault: { kind: "loss", packets: [1, 2] } }), second);
  assert.equal(messages.words("it", { fault: ["delay,seconds=3", "loss,packets=1+2"] }), `${first}; ${second}`);
  assert.equal(messages.words("it", { fault: [] }), "");
});

test("PATH, LIST and VALUES say what is in them", () => {
  assert.equal(say("{ PATH($p) }", { p: [3, 0, 9] }), "/3/0/9");
  assert.equal(say("{ LIST($n) }", { n: ["a", 2, null] }), "a, 2, ");
  assert.equal(say("{ LIST($n) }", { n: ["a", 2] }, 0, "、"), "a、2");
  assert.equal(say("{ VALUES($m) }", { m: { lt: 300, b: ["U", "Q"] } }), "lt=300, b=U, Q");
});

test("BYTES says text where it is text, and digits where it is not", () => {
  assert.equal(say("{ BYTES($d) }", { d: "6d65746572" }), "meter");
  assert.equal(say("{ BYTES($d) }", { d: "e6a8a1e59d97" }), "模块");
  for (const digits of ["ff00", "0a", "1"]) assert.equal(say("{ BYTES($d) }", { d: digits }), digits);
});

test("a text of any length is cut to what a line can hold", () => {
  assert.equal(say("{ BYTES($d) }", { d: "61".repeat(5000) }).length, 257);
  assert.equal(say("{ $text }", { text: "x".repeat(5000) }).length, 257);
});

test("numbers are shown as they are, and select by their value", () => {
  assert.equal(say("{ $n }", { n: 863703031270866 }), "863703031270866");
  assert.equal(say("{ $n }", { n: 0.1 + 0.2 }), "0.3");
  const suite = "{ $n ->\n    [49320] CCM_8\n   *[other] suite { $n }\n}";
  assert.equal(say(suite, { n: 49320 }), "CCM_8");
  assert.equal(say(suite, { n: 12345 }), "suite 12345");
});

test("truth is selected by true and false, and nothing by none", () => {
  const back = "{ $there ->\n    [true] is back\n   *[false] is lost\n}";
  assert.equal(say(back, { there: true }), "is back");
  assert.equal(say(back, { there: false }), "is lost");
  const id = 'id{ $id ->\n    [none] { "" }\n   *[other] { " " }{ $id }\n}';
  for (const nothing of [null, "", []]) assert.equal(say(id, { id: nothing }), "id");
  assert.equal(say(id, { id: "a1" }), "id a1");
});

test("a code of another version is shown by its name and its fields", () => {
  const words = new Messages("en", "").words("some-new-fact", { number: 3, why: "tired", at_once: true, empty: "" });
  assert.equal(words, "some new fact: number 3, tired, at once true");
});

test("an id that stands twice in a file is an error", () => {
  assert.throws(() => new Messages("en", "it = one\nit = two\n"), /override/);
});

test("an empty text that a message only shows is nothing, not a word", () => {
  assert.equal(say("'{ $value }' is empty", { value: "" }), "'' is empty");
  assert.equal(say("{ BYTES($value) }", { value: "" }), "");
});

test("what a message selects by and is not given is nothing, and no name in braces", () => {
  const pattern = `refused{ $diagnostic ->
    [none] { "" }
   *[other] : { $diagnostic }
}`;
  assert.equal(say(pattern, {}), "refused");
  assert.equal(say(pattern, { diagnostic: "no room" }), "refused: no room");
});
