// A line of a device's history: names of fields and codes in the reader's language, no JSON.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { historyText } from "../../../src/nbtwin/web/static/js/base/history.js";
import { useWords } from "../../../src/nbtwin/web/static/js/base/i18n.js";

const ROOT = new URL("../../../src/nbtwin/", import.meta.url);
const read = (path) => readFileSync(new URL(path, ROOT), "utf8");
const speak = (language) =>
  useWords(language, read(`web/static/words/${language}.ftl`), read(`timeline/catalogue/${language}.ftl`));

test("a registration with a changed USIM says it in words", () => {
  const fields = { peer: "10.0.0.1:5683", location: "rd/1", imsi: ["46000", ""], flags: ["pairing changed"] };
  speak("zh");
  assert.equal(historyText(fields), "对端 10.0.0.1:5683，注册路径 rd/1，IMSI 46000 → –，标志 机卡配对已变");
  speak("en");
  assert.match(historyText(fields), /flags pairing changed$/);
});

test("values of the inventory have their names", () => {
  speak("zh");
  assert.equal(historyText({ values: { 6603: "aa:bb", 6606: "x" } }), "MAC aa:bb，CPU x");
});

test("a refusal is worded with what belongs to it", () => {
  speak("zh");
  const said = historyText({ refusal: "coap-body-too-long", limit: 5, response_code: "4.13" });
  assert.doesNotMatch(said, /limit|coap-|response/);
  assert.match(said, /响应码 4\.13$/);
});
