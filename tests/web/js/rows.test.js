// The rows of the sequence diagram: one for each entry, or one for all of an hour.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newRows, rowAt } from "../../../src/nbtwin/web/static/js/sequence/rows.js";
import { entry } from "./fake_lab.js";

const KINDS = new Set(["at", "state", "datagram", "platform"]);
const kindsOf = (rows) => rows.map((row) => row.kind);
const packet = (number, at, sending) =>
  entry(number, { at, kind: "datagram", fields: { message_id: 7, token: "", direction: "up", sending } });

function rowsOf(entries, more = {}) {
  const made = newRows({ kinds: KINDS, ...more });
  entries.forEach(made.add);
  return made.rows;
}

test("silence of half a minute has a row of its own", () => {
  const rows = rowsOf([entry(1, { at: 0 }), entry(2, { at: 29 }), entry(3, { at: 59 })]);
  assert.deepEqual(kindsOf(rows), ["entry", "entry", "gap", "entry"]);
  assert.equal(rows[2].seconds, 30);
});

test("a packet that is sent again says how long after the first and the last sending", () => {
  const rows = rowsOf([packet(1, 0, 1), packet(2, 2, 2), packet(3, 6, 3)]);
  assert.deepEqual(
    rows.map((row) => row.since),
    [null, { first: 2, last: 2 }, { first: 6, last: 4 }],
  );
});

test("zoomed out, an hour is a row that counts, and empty hours are a gap", () => {
  const rows = rowsOf([packet(1, 10, 1), packet(2, 20, 2), packet(3, 3 * 3600, 1)], { zoom: 3600 });
  assert.deepEqual(kindsOf(rows), ["group", "gap", "group"]);
  assert.deepEqual(rows[0].counts, { up: 2, again: 1 });
  assert.equal(rows[1].seconds, 2 * 3600);
});

test("kinds, module, time and text narrow what is shown", () => {
  const entries = [entry(1, { code: "booted" }), entry(2, { source: "pump" }), entry(3, { kind: "lookup" }), entry(4)];
  const numbers = (more) => rowsOf(entries, more).map((row) => row.entry.number);
  assert.deepEqual(numbers({}), [1, 2, 4]);
  assert.deepEqual(numbers({ modules: new Map([["meter", ""]]) }), [1, 4]);
  assert.deepEqual(numbers({ text: "BOOT" }), [1]);
  assert.deepEqual(numbers({ since: 2, until: 3 }), [2]);
});

test("the row at a time is the first that is not before it", () => {
  const rows = rowsOf([1, 2, 3].map((number) => entry(number)));
  assert.deepEqual(
    [0, 2, 2.5, 9].map((at) => rowAt(rows, at)),
    [0, 1, 2, 2],
  );
});
