// Lanes: one for each module and each platform, as many as can be read, and where everything else is drawn.

import assert from "node:assert/strict";
import { test } from "node:test";
import { choose, layoutOf, OTHERS, placed } from "../../../src/nbtwin/web/static/js/sequence/layout.js";
import { drawingOf, moduleOf, platformOf } from "../../../src/nbtwin/web/static/js/sequence/lanes.js";
import { ends, room } from "../../../src/nbtwin/web/static/js/sequence/row.js";
import { entry } from "./fake_lab.js";

const names = (count) => Array.from({ length: count }, (_, i) => `meter-${i + 1}`);
const packet = (more = {}) =>
  entry(1, {
    kind: "datagram",
    source: "meter-2",
    fields: { from: "meter-2", to: "cmdmp", direction: "up", summary: "CON POST /rd", sending: 1, ...more },
  });
const chosen = (more) =>
  choose({ all: names(20), folded: new Set(), inView: [], before: [], recent: [], most: 12, ...more });

test("one module has a lane for its host, itself, the network and the platform, where they always were", () => {
  const lanes = placed(["meter"], ["cmdmp"]);
  assert.deepEqual(
    lanes.map((lane) => `${lane.kind} ${lane.name}`.trim()),
    ["host meter", "module meter", "network", "platform cmdmp"],
  );
  assert.deepEqual(
    lanes.map((lane) => Math.round(lane.at)),
    [7, 33, 63, 93],
  );
});

test("twelve modules have a lane each, in order and apart, and platforms one each", () => {
  const lanes = placed(names(12), ["andlink", "cmdmp"]);
  assert.equal(lanes.filter((lane) => lane.kind === "module").length, 12);
  assert.equal(lanes.filter((lane) => lane.kind === "platform").length, 2);
  for (const [i, lane] of lanes.entries()) assert.ok(i === 0 || lane.at - lanes[i - 1].at > 4, JSON.stringify(lanes));
  assert.ok(lanes[0].at > 0 && lanes[lanes.length - 1].at < 100);
});

test("a datagram goes from its own module's lane to its own platform's", () => {
  const layout = layoutOf(placed(names(4), ["andlink", "cmdmp"]));
  const [from, to] = ends(drawingOf(packet()), packet(), layout);
  assert.deepEqual([from, to], [layout.at("module", "meter-2"), layout.at("platform", "cmdmp")]);
  const lost = packet({ lost: true });
  assert.equal(ends(drawingOf(lost), lost, layout)[1], layout.at("network", ""));
  const down = packet({ direction: "down", from: "andlink", to: "meter-2" });
  assert.deepEqual([moduleOf(down), platformOf(down)], ["meter-2", "andlink"]);
});

test("a piece of a TCP stream goes between its module and the address of its peer", () => {
  const [own, peer] = [
    ["10.0.0.2", 49200],
    ["192.0.2.20", 9999],
  ];
  const plain = {
    sequence: 1,
    acknowledged: 1,
    flag: "data",
    data: "6162",
    lost: false,
    again: false,
    obstacle: null,
    summary: "TCP, 2 bytes: ab",
  };
  const piece = (more) =>
    entry(1, {
      kind: "state",
      code: "segment-seen",
      source: "meter-2",
      fields: { direction: "up", source: own, destination: peer, ...plain, ...more },
    });
  const layout = layoutOf(placed(names(4), ["192.0.2.20:9999", "cmdmp"]));
  const [module, far] = [layout.at("module", "meter-2"), layout.at("platform", "192.0.2.20:9999")];
  assert.deepEqual(ends(drawingOf(piece()), piece(), layout), [module, far]);
  assert.equal(drawingOf(piece()).label, "TCP, 2 bytes: ab");
  const down = piece({
    direction: "down",
    source: peer,
    destination: own,
    flag: "finished",
    data: "",
    summary: "TCP FIN",
  });
  assert.deepEqual(ends(drawingOf(down), down, layout), [far, module]);
  assert.equal(drawingOf(down).label, "TCP FIN");
  for (const more of [{ lost: true }, { obstacle: "no-route" }])
    assert.equal(ends(drawingOf(piece(more)), piece(more), layout)[1], layout.at("network", ""));
});

test("of more modules than can be read those in view have a lane, then those that had one, then the latest", () => {
  const inView = ["meter-20", "meter-7"];
  const found = chosen({ inView, before: ["meter-3"], recent: ["meter-19", "meter-18"] });
  assert.equal(found.length, 13);
  assert.equal(found[12], OTHERS);
  for (const name of [...inView, "meter-3", "meter-19", "meter-18"]) assert.ok(found.includes(name), name);
  assert.deepEqual(
    found.slice(0, 12),
    names(20).filter((name) => found.includes(name)),
  );
});

test("of two thousand modules no more than twelve have a lane, and what the others do is on theirs", () => {
  const modules = choose({
    all: names(2000),
    folded: new Set(),
    inView: names(2000),
    before: [],
    recent: [],
    most: 12,
  });
  const layout = layoutOf(placed(modules, ["cmdmp"]));
  assert.equal(layout.lanes.filter((lane) => lane.kind === "module").length, 13);
  assert.equal(layout.at("module", "meter-1999"), layout.at("module", OTHERS));
});

test("a lane that was folded is among the others, though there is room", () => {
  assert.deepEqual(choose({ all: ["a", "b"], folded: new Set(["a"]), inView: [], before: [], recent: [], most: 12 }), [
    "b",
    OTHERS,
  ]);
});

test("a label has a third of the width at least, beside an arrow that is shorter", () => {
  const layout = layoutOf(placed(names(12), ["cmdmp"]));
  for (const name of names(12)) {
    const one = packet({ from: name });
    const { left, right } = room(drawingOf(one), one, layout);
    assert.ok(right - left >= 33.9 && left >= 0 && right <= 100, `${name} ${left} ${right}`);
  }
  const line = entry(2, { kind: "at.in", source: "meter-12", code: "line-received", fields: { line: "AT" } });
  assert.equal(room(drawingOf(line), line, layout).end, true);
});
