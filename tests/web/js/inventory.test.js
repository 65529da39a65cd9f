// The inventory's columns: pressed once they sort, pressed again they sort the other way round.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sortedBy } from "../../../src/nbtwin/web/static/js/pages/inventory.js";

test("a column that is pressed sorts rising, then falling, then rising again", () => {
  const first = sortedBy("id", { sort: "last_seen_at", order: "desc" });
  assert.deepEqual(first, { sort: "id", order: "asc" });
  const second = sortedBy("id", first);
  assert.deepEqual(second, { sort: "id", order: "desc" });
  assert.deepEqual(sortedBy("id", second), { sort: "id", order: "asc" });
});

test("another column begins rising, whatever the one before was", () => {
  assert.deepEqual(sortedBy("state", { sort: "id", order: "asc" }), { sort: "state", order: "asc" });
});
