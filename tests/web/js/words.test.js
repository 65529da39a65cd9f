// The console's words: both languages have the same, and every word that a script asks for is there.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { TABLES } from "../../../src/nbtwin/web/static/js/base/i18n.js";

const STATIC = new URL("../../../src/nbtwin/web/static/", import.meta.url);
const variables = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test("both languages have the same keys in the same order, with the same values in each text", () => {
  assert.deepEqual(Object.keys(TABLES.en), Object.keys(TABLES.zh));
  for (const [key, text] of Object.entries(TABLES.en))
    assert.deepEqual(variables(text), variables(TABLES.zh[key]), key);
});

test("every word that a script asks for by name is in the tables", () => {
  const files = readdirSync(STATIC, { recursive: true }).filter(
    (name) => name.endsWith(".js") && !name.startsWith("vendor"),
  );
  let asked = 0;
  for (const file of files) {
    for (const [, key] of readFileSync(new URL(file, STATIC), "utf8").matchAll(/\bt\("([^"]+)"/g)) {
      assert.ok(key in TABLES.en, `${file} asks for ${key}`);
      asked += 1;
    }
  }
  assert.ok(asked > 200);
});
