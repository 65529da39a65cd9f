// What is asked of many devices: which are chosen, what the question sends, how a value is told with its names.

import assert from "node:assert/strict";
import test from "node:test";

import { bodyOf } from "../../../src/nbtwin/web/static/js/pages/batch_dialogs.js";
import { newChosen } from "../../../src/nbtwin/web/static/js/pages/chosen.js";
import { isAbout } from "../../../src/nbtwin/web/static/js/pages/live_log.js";
import { valueWithNames } from "../../../src/nbtwin/web/static/js/pages/objects.js";
import { sourceOf } from "../../../src/nbtwin/web/static/js/pages/remarks.js";

const SEARCH = { text: "bc28", state: "", group: "line 2", tag: "field" };
const ORDER = { operation: "write", path: " /1/0/1 ", value: "300", words: "", within: "" };

test("all that fit are a search, some rows are names", () => {
  const chosen = newChosen(() => {});
  chosen.setSome(["andlink:1", "andlink:2"], true);
  chosen.set("andlink:1", false);
  assert.deepEqual(chosen.of(SEARCH), { devices: ["andlink:2"] });
  assert.equal(chosen.count(2000), 1);
  chosen.chooseAll();
  assert.equal(chosen.count(2000), 2000);
  assert.ok(chosen.has("andlink:77"));
  assert.deepEqual(chosen.of(SEARCH), { containing: "bc28", state: null, group: "line 2", tags: ["field"] });
});

test("an order has what its operation takes", () => {
  const order = { operation: "write", path: "/1/0/1", value: 300 };
  assert.deepEqual(bodyOf("operate", ORDER), { act: "operate", order });
  assert.deepEqual(bodyOf("operate", { ...ORDER, within: "2" }).order, { ...order, within: 7200 });
  assert.deepEqual(bodyOf("operate", { ...ORDER, operation: "read" }).order, { operation: "read", path: "/1/0/1" });
  const attributes = { ...ORDER, operation: "write-attributes", value: "pmin=60 pmax=" };
  assert.deepEqual(bodyOf("operate", attributes).order?.attributes, { pmin: 60, pmax: null });
  const typed = { ...ORDER, operation: "write-attributes", value: "pmin=6o", within: "two" };
  assert.deepEqual(bodyOf("operate", typed).order?.attributes, { pmin: "6o" }, "not null, which takes it away");
  assert.equal(bodyOf("operate", typed).order?.within, "two", "not the usual span");
  assert.deepEqual(bodyOf("untag", { ...ORDER, words: "a, b" }), { act: "label", labels: { remove: ["a", "b"] } });
  assert.deepEqual(bodyOf("forget", ORDER), { act: "forget" });
});

test("a value is told with name and unit", () => {
  const about = { "/3/0/9": { name: "Battery Level", unit: "%" } };
  /** @type {any} */
  const result = { path: "/3/0/9", value: 87, about };
  assert.equal(valueWithNames(result), "Battery Level 87 %");
  assert.equal(valueWithNames({ ...result, path: "/3/0", value: { 9: 87, 77: "x" } }), "Battery Level 87 %\n77: x");
});

test("an entry is about a device that it names", () => {
  /** @type {any} */
  const entry = { source: "andlink", fields: { device: "andlink:867724030000225" } };
  assert.ok(isAbout(entry, "867724030000225"));
  assert.ok(!isAbout(entry, "867724030000226"));
});

test("a remark says whose rule it is", () => {
  assert.equal(sourceOf("remark-imei-luhn", "telecom"), "3GPP TS 23.003 6.2.1");
  assert.equal(sourceOf("remark-version", "cmdmp"), "DOC-C 2.2.3");
});
