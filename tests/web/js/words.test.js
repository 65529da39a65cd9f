// The words of the console and of the lab: both languages have the same ids with the same variables, and every id that
// a script asks for is there.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Messages } from "../../../src/nbtwin/web/static/js/base/catalogue.js";
import { t, useWords, word, wordsOf } from "../../../src/nbtwin/web/static/js/base/i18n.js";

const ROOT = new URL("../../../src/nbtwin/", import.meta.url);
const STATIC = new URL("web/static/", ROOT);
const read = (path) => readFileSync(new URL(path, ROOT), "utf8");
const FOLDERS = { "the console's": "web/static/words", "the lab's": "timeline/catalogue" };

/** Ids of a file, each with the variables in its message. */
const messagesOf = (text) =>
  Object.fromEntries(
    [...text.matchAll(/^([a-zA-Z][\w-]*) = (.*(?:\n[ }].*)*)/gm)].map(([, id, pattern]) => [
      id,
      [...new Set([...pattern.matchAll(/\$(\w+)/g)].map(([, name]) => name))].sort(),
    ]),
  );

for (const [whose, folder] of Object.entries(FOLDERS)) {
  test(`${whose} words have the same ids and the same variables in both languages`, () => {
    const [english, chinese] = ["en", "zh"].map((language) => messagesOf(read(`${folder}/${language}.ftl`)));
    assert.deepEqual(Object.keys(english).sort(), Object.keys(chinese).sort());
    for (const [id, variables] of Object.entries(english)) assert.deepEqual(chinese[id], variables, id);
  });

  test(`${whose} files are read in full, without a message that is broken`, () => {
    for (const language of ["en", "zh"]) {
      const text = read(`${folder}/${language}.ftl`);
      const messages = new Messages(language, text);
      for (const id of Object.keys(messagesOf(text))) assert.ok(messages.has(id), id);
    }
  });
}

test("every id that a script asks for is in the console's words", () => {
  const ids = messagesOf(read("web/static/words/en.ftl"));
  const files = readdirSync(STATIC, { recursive: true }).filter(
    (name) => name.endsWith(".js") && !name.startsWith("vendor"),
  );
  let asked = 0;
  for (const file of files) {
    for (const [, id] of readFileSync(new URL(file, STATIC), "utf8").matchAll(/\bt\("([^"]+)"/g)) {
      assert.ok(id in ids, `${file} asks for ${id}`);
      asked += 1;
    }
  }
  assert.ok(asked > 200);
});

test("the page speaks the language that it was given, of its own words and of the lab's", () => {
  for (const [language, own, fact] of [
    ["en", "Modules", "no answer to packet 2"],
    ["zh", "模块", "第 2 个报文尚无应答"],
  ]) {
    useWords(language, read(`web/static/words/${language}.ftl`), read(`timeline/catalogue/${language}.ftl`));
    assert.equal(t("nav-modules"), own);
    assert.equal(wordsOf({ code: "coap-packet-unanswered", fields: { number: 2 } }), fact);
  }
  assert.equal(word("kind", "at.in"), "发往模块的 AT 命令");
  assert.equal(word("kind", "unheard-of"), "unheard-of");
});
