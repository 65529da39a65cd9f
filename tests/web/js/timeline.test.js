// Each entry is kept and told once, whatever the stream repeats.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { answerWith, entry, FakeEventSource, useFakeLab } from "./fake_lab.js";

useFakeLab();
const { connect } = await import("../../../src/nbtwin/web/static/js/state/stream.js");
const { clear, loadOlder, loadRecent, push, timeline } =
  await import("../../../src/nbtwin/web/static/js/state/timeline.js");
const { subscribe } = await import("../../../src/nbtwin/web/static/js/state/topics.js");

const numbers = () => timeline.entries.map((one) => one.number);
let told = [];
subscribe("entry", (one) => told.push(one.number));

beforeEach(() => {
  clear();
  told = [];
});

test("what the lab replays after a reconnect is shown once", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  connect();
  FakeEventSource.newest.open();
  for (const number of [1, 2, 3]) FakeEventSource.newest.send("entry", entry(number));
  const before = FakeEventSource.newest;
  before.drop();
  mock.timers.tick(500);
  assert.notEqual(FakeEventSource.newest, before);
  assert.match(FakeEventSource.newest.url, /last_event_id=3/);
  FakeEventSource.newest.open();
  for (const number of [2, 3, 4]) FakeEventSource.newest.send("entry", entry(number));
  assert.deepEqual(numbers(), [1, 2, 3, 4]);
  assert.deepEqual(told, [1, 2, 3, 4]);
  mock.timers.reset();
});

test("what comes while the past is fetched follows it, without what the past has already", async () => {
  answerWith({ "/traces": { entries: [entry(12), entry(11), entry(10)], oldest: 5 } });
  const fetched = loadRecent();
  for (const number of [11, 12, 13]) push(entry(number));
  assert.deepEqual(numbers(), []);
  await fetched;
  assert.deepEqual(numbers(), [10, 11, 12, 13]);
});

test("a page of the past goes before what is there, without what is there already", async () => {
  answerWith({ "/traces": { entries: [entry(9), entry(8)], oldest: 5 } });
  await loadRecent();
  answerWith({ "/traces": { entries: [entry(8), entry(7), entry(6)], oldest: 5 } });
  assert.equal(await loadOlder(), 2);
  assert.deepEqual(numbers(), [6, 7, 8, 9]);
});

test("the answer to a question of before the lab was replaced is void", async () => {
  answerWith({ "/traces": { entries: [entry(90)], oldest: 1 } });
  const old = loadRecent();
  clear();
  answerWith({ "/traces": { entries: [entry(2), entry(1)], oldest: 1 } });
  await Promise.all([old, loadRecent()]);
  assert.deepEqual(numbers(), [1, 2]);
});
