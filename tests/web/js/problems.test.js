// What went wrong with a request is said in the language of the page, by its code where the lab gives one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { call, Problem } from "../../../src/nbtwin/web/static/js/base/api.js";
import { useWords } from "../../../src/nbtwin/web/static/js/base/i18n.js";
import { errorText, placedWords } from "../../../src/nbtwin/web/static/js/base/problems.js";

useWords("zh", "no_answer = 实验室没有应答\n", "platform-queue-full = 已有 { $limit } 个请求在等待\n");

/** What a call fails with when the lab answers so. */
async function failure(status, body) {
  const headers = { "content-type": "application/problem+json" };
  globalThis.fetch = async () => new Response(body && JSON.stringify(body), { status, headers });
  return assert.rejects(() => call("GET", "/x"), Problem).then(() => call("GET", "/x").catch((error) => error));
}

test("a problem with a code is said by its code and its fields", async () => {
  const fields = { limit: 5 };
  const error = await failure(409, { detail: "5 requests wait", code: "platform-queue-full", fields, field: "path" });
  assert.equal(errorText(error), "已有 5 个请求在等待");
  assert.deepEqual([error.status, error.field], [409, "path"]);
});

test("a problem without a code, or with one of another version, is said as the lab says it", async () => {
  assert.equal(errorText(await failure(404, { detail: "there is no module 'x'" })), "there is no module 'x'");
  assert.equal(errorText(await failure(409, { detail: "no", code: "unheard-of" })), "no");
});

test("an answer that is no problem document has its status", async () => {
  assert.equal(errorText(await failure(502, null)), "502");
});

test("a lab that does not answer is said so in the language of the page", async () => {
  globalThis.fetch = async () => {
    throw new TypeError("network");
  };
  const error = await call("GET", "/x").catch((failed) => failed);
  assert.equal(errorText(error), "实验室没有应答");
});

test("what is wrong with the lab is said with its place in front", () => {
  const trouble = { code: "platform-queue-full", fields: { limit: 5, where: "/var/store" } };
  assert.equal(placedWords(trouble), "/var/store: 已有 5 个请求在等待");
  assert.equal(placedWords({ ...trouble, fields: { limit: 5 } }), "已有 5 个请求在等待");
});

test("the lab is asked in the language of the page, whatever the browser's is", async () => {
  let asked;
  globalThis.fetch = async (address, { headers }) => {
    asked = headers["Accept-Language"];
    return new Response("{}", { status: 200, headers: { "content-type": "application/json" } });
  };
  await call("GET", "/x");
  assert.equal(asked, "zh");
});
