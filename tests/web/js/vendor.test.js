// What others wrote is what they published: byte for byte the locked packages' files.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const ROOT = new URL("../../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT));

const MODULES = ["index", "bundle", "resource", "types", "resolver", "scope", "builtins", "memoizer", "ast"];
const PACKAGES = {
  preact: { name: "preact", files: [["preact.js", "dist/preact.mjs"]] },
  htm: { name: "htm", files: [["htm.js", "dist/htm.mjs"]] },
  fluent: { name: "@fluent/bundle", files: MODULES.map((one) => [`${one}.js`, `esm/${one}.js`]) },
  uplot: {
    name: "uplot",
    files: [
      ["uPlot.iife.min.js", "dist/uPlot.iife.min.js"],
      ["uPlot.css", "dist/uPlot.min.css"],
    ],
  },
};

test("each folder is a package, and each package has a folder", () => {
  const folders = readdirSync(new URL("src/nbtwin/web/static/vendor", ROOT));
  assert.deepEqual(folders.sort(), Object.keys(PACKAGES).sort());
});

for (const [folder, { name, files }] of Object.entries(PACKAGES)) {
  test(`${name} is unchanged, with its version and its licence`, () => {
    const ours = `src/nbtwin/web/static/vendor/${folder}`;
    const theirs = `node_modules/${name}`;
    const { version, license } = JSON.parse(read(`${theirs}/package.json`));
    assert.equal(read(`${ours}/VERSION.txt`).toString(), `${name} ${version} (npm), unchanged\n`);
    const words = { MIT: "Permission is hereby granted", "Apache-2.0": "Apache License" }[license];
    assert.ok(read(`${ours}/LICENSE.txt`).includes(words));
    for (const [own, published] of files) assert.deepEqual(read(`${ours}/${own}`), read(`${theirs}/${published}`), own);
  });
}
