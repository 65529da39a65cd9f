// Values: what is typed becomes what the resource's type asks, and what is known becomes text or a line of a plot.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  attributesOf,
  numbersIn,
  pathsOf,
  readable,
  valueOf,
  valuesOf,
  valueText,
} from "../../../src/nbtwin/web/static/js/base/values.js";

test("true and false are written as booleans, in any spelling that one types", () => {
  for (const text of ["true", "True", "1", "yes", " true "]) assert.equal(valueOf(text, "boolean"), true, text);
  for (const text of ["false", "0", "no", ""]) assert.equal(valueOf(text, "boolean"), false, text);
});

test("numbers are written as numbers where the type asks or nothing says otherwise", () => {
  assert.equal(valueOf("12", "integer"), 12);
  assert.equal(valueOf("-0.5", "float"), -0.5);
  assert.equal(valueOf("60"), 60);
  assert.equal(valueOf("60", "string"), "60");
  assert.equal(valueOf("1.2.3"), "1.2.3");
});

test("what is no number goes to the lab as it was typed, which refuses it", () => {
  for (const text of ["", "6o", "Infinity", "2026-11-30"]) assert.equal(valueOf(text, "integer"), text);
  assert.equal(valueOf("{0"), "{0");
});

test("an attribute without a value is taken away", () => {
  assert.deepEqual(attributesOf("pmin=60&pmax= gt=1.5,lt"), { pmin: 60, pmax: null, gt: 1.5, lt: null });
});

test("an object in braces is an instance, number by number", () => {
  assert.deepEqual(valueOf('{"0": "coap://h", "9": 3}'), { 0: "coap://h", 9: 3 });
});

test("several paths have commas or spaces between", () => {
  assert.deepEqual(pathsOf(" /3/0,/1/0/1  /5/0/3, "), ["/3/0", "/1/0/1", "/5/0/3"]);
  assert.deepEqual(pathsOf(""), []);
});

test("values by path are told apart where the next path begins", () => {
  assert.deepEqual(valuesOf('/1/0/1=600, /3/0/15=Asia/Shanghai /3/0/14=a b=c; /1/0={"2": 5, "3": 6}'), {
    "/1/0/1": 600,
    "/3/0/15": "Asia/Shanghai",
    "/3/0/14": "a b=c",
    "/1/0": { 2: 5, 3: 6 },
  });
  assert.deepEqual(valuesOf(" "), {});
});

test("values are shown as text, instances a line a resource", () => {
  assert.equal(valueText(null), "–");
  assert.equal(valueText(false), "false");
  assert.equal(valueText({ 0: "a", 1: { 2: true } }), "0: a\n1: 2: true");
});

test("bytes that are text are read as text, others stay bytes", () => {
  assert.equal(readable("0x7b22c2b0223a317d"), '{"°":1}');
  assert.equal(readable("0xff00"), "0xff00");
  assert.equal(readable("0x1"), "0x1");
});

test("a plot has a line for each number of what was sent, bytes or not", () => {
  const points = [
    { at: 1, value: '{"celsius":20,"name":"a"}' },
    { at: 2, value: "0x7b2263656c73697573223a32317d" },
    { at: 3, value: "nothing" },
    { at: 4, value: '{"humidity":55}' },
  ];
  const { names, data } = numbersIn(points, 6);
  assert.deepEqual(names, ["celsius", "humidity"]);
  assert.deepEqual(data, [
    [1, 2, 4],
    [20, 21, null],
    [null, null, 55],
  ]);
});

test("plain numbers are one line, and no more lines than asked for are drawn", () => {
  assert.deepEqual(numbersIn([{ at: 1, value: 7 }], 6), { names: [""], data: [[1], [7]] });
  assert.deepEqual(numbersIn([{ at: 1, value: '{"a":1,"b":2,"c":3}' }], 2).names, ["a", "b"]);
});
