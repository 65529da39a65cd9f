// Each entry is kept and told once, whatever the stream repeats.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { answerWith, answerWithTimeline, entry, FakeEventSource, useFakeLab } from "./fake_lab.js";

useFakeLab();
const { connect } = await import("../../../src/nbtwin/web/static/js/state/stream.js");
const { lab } = await import("../../../src/nbtwin/web/static/js/state/lab.js");
const {
  clear,
  KEPT,
  loadFrom,
  loadNewer,
  loadOlder,
  loadRecent,
  mayLoadOlder,
  missingIn,
  PAGE,
  push,
  RECENT,
  skip,
  timeline,
} = await import("../../../src/nbtwin/web/static/js/state/timeline.js");
const { timeLabels, timeOf } = await import("../../../src/nbtwin/web/static/js/base/format.js");
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

test("after a commit that fails, and one that succeeds, the lab is asked how its store is", async () => {
  connect();
  FakeEventSource.newest.open();
  const trouble = { code: "store-locked", fields: { where: "/var/store" }, detail: "" };
  for (const [number, code, wrong] of [
    [1, "commit-failed", trouble],
    [2, "commit-recovered", null],
  ]) {
    answerWith({ "/ready": { trouble: wrong } });
    const known = new Promise((resolve) => subscribe("lab", resolve));
    FakeEventSource.newest.send("entry", entry(number, { code }));
    await known;
    assert.deepEqual(lab.trouble, wrong);
  }
});

test("what comes while the past is fetched follows it, without what the past has already", async () => {
  answerWith({ "/traces": { entries: [entry(12), entry(11), entry(10)], oldest: 5 } });
  const fetched = loadRecent();
  for (const number of [11, 12, 13]) push(entry(number));
  assert.deepEqual(numbers(), []);
  await fetched;
  assert.deepEqual(numbers(), [10, 11, 12, 13]);
});

test("what a busy lab leaves out is no hole: the window begins behind it, and what was before is fetched", async () => {
  const past = answerWithTimeline(5_000);
  connect();
  FakeEventSource.newest.open();
  await loadRecent();
  while (past.newest < 6_000) past.add();
  FakeEventSource.newest.send("gap", { after: 5_000, before: 5_991 });
  for (let number = 5_991; number <= 6_000; number++) FakeEventSource.newest.send("entry", entry(number));
  assert.deepEqual(sound(), [5_991, 6_000]);
  await loadOlder();
  assert.deepEqual(sound(), [5_991 - PAGE, 6_000]);
});

test("what is left out while the newest are fetched is no hole either", async () => {
  answerWith({ "/traces": { entries: [entry(12), entry(11)], oldest: 5 } });
  const fetched = loadRecent();
  push(entry(13));
  skip(40);
  push(entry(40));
  await fetched;
  assert.deepEqual(numbers(), [40]);
});

test("what is left out does not move a window that is elsewhere", async () => {
  answerWithTimeline(100_000);
  await loadRecent();
  await loadFrom(null);
  skip(100_500);
  assert.deepEqual(sound(), [1, PAGE]);
});

test("a page of the past goes before what is there, without what is there already", async () => {
  answerWith({ "/traces": { entries: [entry(9), entry(8)], oldest: 5 } });
  await loadRecent();
  answerWith({ "/traces": { entries: [entry(8), entry(7), entry(6)], oldest: 5 } });
  assert.equal(await loadOlder(), 2);
  assert.deepEqual(numbers(), [6, 7, 8, 9]);
});

test("the same page of the past that two ask for is there once, and what is before it is not forgotten", async () => {
  answerWithTimeline(10_000);
  await loadRecent();
  await Promise.all([loadOlder(), loadOlder()]);
  assert.equal(mayLoadOlder(), true);
  await loadOlder();
  assert.deepEqual(sound(), [10_001 - RECENT - 2 * PAGE, 10_000]);
});

test("the answer to a question of before the lab was replaced is void", async () => {
  answerWith({ "/traces": { entries: [entry(90)], oldest: 1 } });
  const old = loadRecent();
  clear();
  answerWith({ "/traces": { entries: [entry(2), entry(1)], oldest: 1 } });
  await Promise.all([old, loadRecent()]);
  assert.deepEqual(numbers(), [1, 2]);
});

/** The window has no gap and nothing twice, and is bounded. */
function sound() {
  const there = numbers();
  assert.ok(there.length <= KEPT, String(there.length));
  assert.ok(there.every((number, i) => i === 0 || number === there[i - 1] + 1));
  return [there[0], there[there.length - 1]];
}

test("the window slides to the beginning of a long timeline and back to its end, without gap or double", async () => {
  const past = answerWithTimeline(100_000);
  await loadRecent();
  while (timeline.entries[0].number > 1) {
    assert.ok(await loadOlder());
    sound();
    if (timeline.entries[0].number % 7 === 0) push(past.add());
  }
  assert.equal(timeline.atEnd, false);
  assert.equal(await loadOlder(), 0);
  push(past.add());
  assert.deepEqual(sound(), [1, KEPT]);
  while (!timeline.atEnd) {
    assert.ok(await loadNewer());
    sound();
  }
  push(past.add());
  assert.equal(sound()[1], past.newest);
  assert.equal(await loadNewer(), 0);
});

test("the window goes to the beginning at once, and takes what the stream says only at the end", async () => {
  const past = answerWithTimeline(100_000);
  await loadRecent();
  assert.equal((await loadFrom(null))?.number, 1);
  assert.deepEqual(sound(), [1, PAGE]);
  push(past.add());
  assert.deepEqual(sound(), [1, PAGE]);
  assert.deepEqual(told, [100_001]);
  await loadRecent();
  assert.equal(sound()[1], 100_001);
});

test("the window goes to a time, with what was before it; to one that has not come, it goes to the end", async () => {
  answerWithTimeline(100_000);
  await loadRecent();
  assert.equal((await loadFrom(50_000.5))?.number, 50_001);
  assert.deepEqual(sound(), [50_001 - PAGE, 50_000 + PAGE]);
  assert.equal(await loadFrom(200_000), null);
  assert.equal(sound()[1], 100_000);
  assert.equal(timeline.atEnd, true);
});

test("what comes while the last page is fetched is no gap", async () => {
  const past = answerWithTimeline(5_000);
  await loadRecent();
  await loadFrom(null);
  await loadNewer();
  const fetched = loadNewer();
  push(entry(5_001)); // the answer was made before
  await fetched;
  assert.equal(timeline.atEnd, false);
  past.add();
  await loadNewer();
  assert.equal(sound()[1], 5_001);
  assert.equal(timeline.atEnd, true);
});

test("a time is read as it is shown", () => {
  const wall = new Date("2026-11-29T06:15:00").getTime() / 1000;
  assert.equal(timeOf("2026-11-29 06:15", wall + 90_000), wall);
  assert.equal(timeOf("06:15", wall + 60), wall);
  assert.equal(timeOf("2026-11-29 20:15+14:00", wall), wall);
  assert.equal(timeOf("2026-11-29 20:15 +14:00", wall), wall);
  assert.equal(timeOf("2026-11-29 20:15+15:00", wall), null);
  assert.equal(timeOf("12d 06:15:01", 5), 12 * 86400 + 6 * 3600 + 901);
  assert.equal(timeOf("3d", 5), 3 * 86400);
  for (const wrong of ["", "soon", "25:00", "2026-13-01 00:00", "3d"]) assert.equal(timeOf(wrong, wall), null, wrong);
});

test("a page of older ones that comes after a gap is of another window: no hole is closed up", async () => {
  for (const number of [10, 11]) push(entry(number));
  answerWith({ "/traces": { entries: [entry(9), entry(8)], oldest: 1 } });
  const fetched = loadOlder();
  skip(500);
  push(entry(500));
  assert.equal(await fetched, 0);
  assert.deepEqual(numbers(), [500]);
});

test("what is missing of a day is counted from the numbers at its ends", async () => {
  for (const number of [10, 11]) push(entry(number));
  timeline.atEnd = false;
  answerWithTimeline(40);
  const { before, after } = await missingIn(entry(4).at, entry(20).at);
  assert.deepEqual([before, after], [6, 8]);
});

test("the marks of an axis are days over weeks, minutes over hours, seconds over minutes", () => {
  const [at, day] = [Date.UTC(2026, 10, 30) / 1000, 86_400];
  assert.deepEqual(timeLabels([at, at + 7 * day, at + 14 * day], 30 * day), ["11-30", "12-07", "12-14"]);
  assert.deepEqual(timeLabels([at, at + 3600], day), ["00:00", "01:00"]);
  assert.deepEqual(timeLabels([at, at + 30], 300), ["00:00:00", "00:00:30"]);
});
