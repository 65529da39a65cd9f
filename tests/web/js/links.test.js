// The address of the time line: it keeps all that is needed to see the same again, and takes nonsense for nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { anywhere, isStep, readPlace, writePlace } from "../../../src/nbtwin/web/static/js/sequence/address.js";
import { ranges } from "../../../src/nbtwin/web/static/js/sequence/take_along.js";
import { answerFrom } from "../../../src/nbtwin/web/static/js/story/answers.js";
import { entry } from "./fake_lab.js";

const query = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value !== ""));

test("a place is the same after it was in an address", () => {
  const place = {
    modules: ["meter", "pump"],
    zoom: 3,
    text: "POST /rd & more",
    span: [1796003056.25, 1796003060],
    hidden: ["deadline", "state"],
    followed: { kind: "campaign", number: 3, platform: "andlink" },
    chosen: 25,
    against: 57,
    runs: ["registration.25", "pump@1796003056.25-"],
    folded: ["unicom"],
    top: "b1796000400",
  };
  const text = query(writePlace(place)).toString();
  assert.deepEqual(readPlace(new URLSearchParams(text)), place);
});

test("an address that says nothing, or nonsense, is a new page; that nothing is hidden is said", () => {
  assert.deepEqual(readPlace(new URLSearchParams("")), anywhere());
  const wrong = "zoom=century&since=5&until=4&entry=-1&against=7&follow=x&runs=one&top=here";
  assert.deepEqual(readPlace(new URLSearchParams(wrong)), anywhere());
  assert.equal(writePlace({ ...anywhere(), hidden: [] }).hide, "none");
  assert.deepEqual(readPlace(new URLSearchParams("hide=none")).hidden, []);
});

test("one goes back from a packet, a zoom, a comparison; not from each row that was passed", () => {
  const from = writePlace(anywhere());
  assert.equal(isStep(from, writePlace({ ...anywhere(), chosen: 3 })), true);
  assert.equal(isStep(from, writePlace({ ...anywhere(), zoom: 2 })), true);
  assert.equal(isStep(from, writePlace({ ...anywhere(), runs: ["a", "b"] })), true);
  assert.equal(isStep(from, writePlace({ ...anywhere(), top: "17", text: "rd" })), false);
  assert.equal(isStep(writePlace({ ...anywhere(), chosen: 3 }), writePlace({ ...anywhere(), chosen: 4 })), false);
});

test("numbers of entries are short where none is left out, and never too long for an address", () => {
  assert.equal(ranges([1, 2, 3, 7, 9, 10]), "1-3,7,9-10");
  assert.equal(ranges([]), "");
  const odd = Array.from({ length: 20_000 }, (_, i) => 2 * i + 1);
  assert.ok(ranges(odd).length <= 12_000 && ranges(odd).endsWith(",39999"));
});

test("a story answers as the lab does, in the reader's language", async () => {
  const told = {
    modules: [],
    entries: [1, 2, 3].map((number) => entry(number, { layout: [{ name: "Code" }] })),
    otherwise: { 2: { layout: [{ name: "代码" }] } },
    notes: [{ id: 1, entry: 2 }],
    words: { "/words/en.ftl": "a = b" },
  };
  const fetch = answerFrom(told);
  const json = async (path, language) =>
    (await fetch(`/api/v1${path}`, { headers: { "Accept-Language": language ?? "en" } })).json();
  const page = await json("/traces?order=desc&limit=2");
  assert.deepEqual([page.entries.map((one) => one.number), page.oldest, page.more], [[3, 2], 1, true]);
  assert.equal((await json("/traces/2", "zh")).layout[0].name, "代码");
  assert.equal((await json("/traces/2")).layout[0].name, "Code");
  assert.deepEqual(await json("/notes"), told.notes);
  assert.equal(await (await fetch("/words/en.ftl")).text(), "a = b");
  assert.equal((await fetch("/api/v1/modules")).status, 404);
});
