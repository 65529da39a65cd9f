// What others wrote is what they published: byte for byte the locked packages' files.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const ROOT = new URL("../../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT));

const FILES = {
  preact: [["preact.js", "dist/preact.mjs"]],
  htm: [["htm.js", "dist/htm.mjs"]],
  uplot: [
    ["uPlot.esm.js", "dist/uPlot.esm.js"],
    ["uPlot.css", "dist/uPlot.min.css"],
  ],
};

for (const [name, files] of Object.entries(FILES)) {
  test(`${name} is unchanged, with its version and its licence`, () => {
    const folder = `src/nbtwin/web/static/vendor/${name}`;
    const { version } = JSON.parse(read(`node_modules/${name}/package.json`));
    assert.equal(read(`${folder}/VERSION.txt`).toString(), `${name} ${version} (npm), unchanged\n`);
    assert.deepEqual(read(`${folder}/LICENSE.txt`), read(`node_modules/${name}/LICENSE`));
    for (const [ours, theirs] of files)
      assert.deepEqual(read(`${folder}/${ours}`), read(`node_modules/${name}/${theirs}`));
  });
}
