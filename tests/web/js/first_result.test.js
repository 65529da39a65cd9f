// What is seen in the file that a visitor's own module left.

import assert from "node:assert/strict";
import { test } from "node:test";
import { resultIn } from "../../../src/nbtwin/web/static/js/pages/first_result.js";

const HEADER = '{"recording":1,"began":"2026-11-29T21:00:00Z","port":"/dev/ttyUSB0","baud":9600,"hidden":true}';
const FROM_HOST = '{"at":0.103112,"from":"host","text":"ATI\\r"}';

test("a saved run has a model and its verdicts", () => {
  const outcomes = ["pass", "fail", "pass", "inconclusive"].map((verdict) => ({ case: "c", verdict }));
  const { kind, model, passed, failed } = resultIn(
    JSON.stringify({ nbtwin_check: 1, model: "BC28", outcomes }, null, 1),
  );
  assert.deepEqual([kind, model, passed, failed], ["run", "BC28", 2, 1]);
});

test("a recording has the lines of the module, cut wherever it may be", () => {
  const pieces = ["\\r\\nQuec", "tel\\r\\nBC28\\r\\n", "\\r\\nOK\\r\\n"].map(
    (text) => `{"at":1,"from":"module","text":"${text}"}`,
  );
  const { kind, lines, first } = resultIn([HEADER, FROM_HOST, ...pieces, '{"at":1,"fr'].join("\n"));
  assert.deepEqual([kind, lines, first], ["recording", 3, "Quectel"]);
});

test("what has nothing from a module is no result", () => {
  const empty = JSON.stringify({
    nbtwin_check: 1,
    model: "BC28",
    outcomes: [{ case: "c", verdict: "not-applicable" }],
  });
  const others = ["", "x", "[1]", '{"nbtwin_check":1}', empty, HEADER, `${HEADER}\n${FROM_HOST}\n`];
  assert.deepEqual(
    others.map(resultIn),
    others.map(() => null),
  );
});
