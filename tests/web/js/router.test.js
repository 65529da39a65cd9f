// Addresses name pages; one that names none, or cannot be read, is said to name none.

import assert from "node:assert/strict";
import { test } from "node:test";
import { link, match } from "../../../src/nbtwin/web/static/js/base/router.js";

const ROUTES = [
  ["/", "start"],
  ["/modules", "modules"],
  ["/modules/:name", "module"],
  ["/p/:platform/devices/:device", "device"],
];
const found = (hash) => match(ROUTES, hash);

test("an address names a page, its parts and its query", () => {
  assert.equal(found("").page, "start");
  assert.equal(found("#/modules").page, "modules");
  assert.deepEqual(found("#/p/cmdmp/devices/cmdmp%3A86?x=1").params, { platform: "cmdmp", device: "cmdmp:86" });
  assert.equal(found("#/modules?sort=id").query.get("sort"), "id");
});

test("a name with any character comes back from its link", () => {
  for (const name of ["meter", "a/b", "50%", "模块", "a?b#c"])
    assert.equal(found(link("modules", name)).params.name, name);
});

test("an address that is malformed or names nothing has no page", () => {
  for (const hash of ["#/modules/%", "#/modules/%E4%A", "#/nowhere", "#/modules/a/b"])
    assert.equal(found(hash), null, hash);
});
