// How high a chart's axis is: a plot that can be read, whatever is drawn.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fitting, fromZero } from "../../../src/nbtwin/web/static/js/parts/ranges.js";

test("one value is in the middle of its axis", () => {
  for (const value of [21.5, -40, 0, 1e9]) {
    const [low, high] = fitting(null, value, value);
    assert.ok(low < value && value < high);
    assert.ok(Math.abs(high + low - 2 * value) < 1e-6 * Math.max(1, Math.abs(value)));
  }
});

test("where only differences count, the axis is near the values", () => {
  assert.deepEqual(fitting(null, 20, 30), [19, 31]);
});

test("a rate of nothing and no rate at all have an axis", () => {
  assert.deepEqual(fromZero(null, 0, 0), [0, 1]);
  assert.deepEqual(fromZero(null, null, null), [0, 1]);
  assert.deepEqual(fitting(null, null, null), [0, 1]);
});

test("a rate begins at 0, and nothing is cut off", () => {
  const [low, high] = fromZero(null, 3, 10);
  assert.equal(low, 0);
  assert.ok(high > 10);
});
