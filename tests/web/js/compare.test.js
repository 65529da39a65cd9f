// Two things beside each other: what stands in both is on one line, what differs is marked.

import assert from "node:assert/strict";
import { test } from "node:test";
import { aligned, byteDifferences, fieldPairs, stepPairs } from "../../../src/nbtwin/web/static/js/sequence/compare.js";
import { choices, readRun, runOf } from "../../../src/nbtwin/web/static/js/sequence/runs.js";
import { useWords } from "../../../src/nbtwin/web/static/js/base/i18n.js";
import { entry } from "./fake_lab.js";

useWords("en", "compare-registration = { $module } { $at } { $n }\ncompare-module = { $module }\n", "");

const letters = (left, right) =>
  aligned([...left], [...right], (a, b) => a === b)
    .map(([a, b]) => `${a ?? "-"}${b ?? "-"}`)
    .join(" ");

test("what is the same stands beside each other, what only one has beside nothing", () => {
  assert.equal(letters("abcd", "abd"), "aa bb c- dd");
  assert.equal(letters("abd", "axbd"), "aa -x bb dd");
  assert.equal(letters("", "ab"), "-a -b");
  assert.equal(letters("aXYd", "aQd"), "aa X- Y- -Q dd");
});

test("bytes that were put in differ, and those behind them do not", () => {
  const [left, right] = byteDifferences(Uint8Array.of(1, 2, 3, 4), Uint8Array.of(1, 9, 2, 3, 5));
  assert.deepEqual([[...left], [...right]], [[3], [1, 4]]);
});

test("fields are paired by their names; a value that is another, and a field that is missing, differ", () => {
  const field = (name, value) => ({ name, value, start: 0, end: 1, source: "" });
  const pairs = fieldPairs(
    [field("Code", "0.02"), field("Uri-Path", "rd"), field("Token", "aa")],
    [field("Code", "0.02"), field("Token", "bb")],
  );
  assert.deepEqual(
    pairs.map(({ left, right, differs }) => [left?.value, right?.value, differs]),
    [
      ["0.02", "0.02", false],
      ["rd", undefined, true],
      ["aa", "bb", true],
    ],
  );
});

const register = (number, at, module, more = {}) =>
  entry(number, {
    at,
    source: module,
    kind: "datagram",
    code: "datagram-seen",
    fields: { operation: "Register", direction: "up", from: module, to: "cmdmp", sending: 1, ...more },
  });

test("two runs are aligned by step, each time since its own beginning, and a loss is a difference", () => {
  const left = [entry(1, { at: 10, code: "booted" }), register(2, 15, "meter"), entry(3, { at: 16, code: "attached" })];
  const right = [
    entry(8, { at: 100, source: "pump", code: "booted" }),
    register(9, 105, "pump", { lost: true }),
    register(10, 107, "pump", { sending: 2 }),
    entry(11, { at: 108, source: "pump", code: "attached" }),
  ];
  const pairs = stepPairs(left, right);
  assert.deepEqual(
    pairs.map(({ left, right, differs }) => [left?.number ?? null, right?.number ?? null, differs]),
    [
      [1, 8, false],
      [2, 9, true],
      [null, 10, true],
      [3, 11, false],
    ],
  );
  assert.deepEqual([pairs[3].leftAfter, pairs[3].rightAfter], [6, 8]);
});

test("a run has a name that an address keeps: a registration, what a module did, a run of a scenario", () => {
  assert.deepEqual(readRun("registration.25"), { kind: "registration", number: 25 });
  assert.deepEqual(readRun("scenario.3"), { kind: "scenario", number: 3 });
  assert.deepEqual(readRun(runOf("meter-2", [10.5, 20])), { kind: "module", name: "meter-2", since: 10.5, until: 20 });
  assert.deepEqual(readRun(runOf("meter", null)), { kind: "module", name: "meter", since: null, until: null });
  assert.equal(readRun("nonsense"), null);
  const list = choices([register(1, 1, "meter"), register(2, 3, "meter", { sending: 2 })], ["meter"], null);
  assert.deepEqual(
    list.map(([run]) => run),
    ["registration.1", "meter@-"],
  );
});
