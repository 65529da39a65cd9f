// What belongs together: an exchange by message id and token, a registration from its boot on, a campaign.

import assert from "node:assert/strict";
import { test } from "node:test";
import { follow, followable, readFollowed, writeFollowed } from "../../../src/nbtwin/web/static/js/sequence/follow.js";
import { entry } from "./fake_lab.js";

const IMEIS = new Map([
  ["meter", "863703031270866"],
  ["pump", "863703036897093"],
]);

/** A CoAP message: `up` goes from the module to the platform. */
function message(number, way, { module = "meter", platform = "cmdmp", ...fields }) {
  const [from, to] = way === "up" ? [module, platform] : [platform, module];
  const all = { from, to, direction: way, sending: 1, protocol: "coap", token: "", path: [], ...fields };
  return entry(number, { source: module, kind: "datagram", fields: all });
}
const request = (number, way, id, token, more = {}) =>
  message(number, way, { type: "CON", code: "0.01", message_id: id, token, ...more });
const answer = (number, way, id, token, more = {}) =>
  message(number, way, { type: "ACK", code: "2.05", message_id: id, token, ...more });
const numbers = (entries, followed) => [...follow(entries, followed, IMEIS)];
const exchange = (number) => ({ kind: "exchange", number, platform: "" });

test("an exchange has every sending of its request and the answer, and nothing of others", () => {
  const entries = [
    request(1, "up", 7, "aa"),
    request(2, "up", 7, "aa", { sending: 2, lost: true }),
    request(3, "up", 8, "bb"),
    request(4, "up", 7, "aa", { module: "pump" }),
    answer(5, "down", 8, "bb"),
    answer(6, "down", 7, "aa"),
  ];
  for (const number of [1, 2, 6]) assert.deepEqual(numbers(entries, exchange(number)), [1, 2, 6]);
});

test("a separate answer belongs to it with its own acknowledgement, from whichever it is followed", () => {
  const entries = [
    request(1, "down", 40, "cc"),
    message(2, "up", { type: "ACK", code: "0.00", message_id: 40 }),
    message(3, "up", { type: "CON", code: "2.05", message_id: 900, token: "cc" }),
    message(4, "down", { type: "ACK", code: "0.00", message_id: 900 }),
    message(5, "up", { type: "CON", code: "2.05", message_id: 901, token: "dd" }),
  ];
  for (const number of [1, 2, 3, 4]) assert.deepEqual(numbers(entries, exchange(number)), [1, 2, 3, 4]);
});

test("the same message id an hour later is another exchange, and so is the same token in another request", () => {
  const later = { ...request(3, "up", 7, "zz"), at: 3600 };
  assert.deepEqual(numbers([request(1, "up", 7, "aa"), answer(2, "down", 7, "aa"), later], exchange(1)), [1, 2]);
  const again = [
    request(1, "up", 1, "aa"),
    answer(2, "down", 1, "aa"),
    request(3, "up", 2, "aa"),
    answer(4, "down", 2, "aa"),
  ];
  assert.deepEqual(numbers(again, exchange(1)), [1, 2]);
  assert.deepEqual(numbers(again, exchange(4)), [3, 4]);
});

test("a registration goes from its boot to its updates, until the module begins anew", () => {
  const entries = [
    entry(1, { code: "powered-on" }),
    entry(2, { source: "pump", code: "powered-on" }),
    entry(3, { kind: "at.in", code: "line-received", fields: { line: "AT" } }),
    entry(4, { kind: "lookup", code: "name-resolved" }),
    message(5, "up", { protocol: "dtls" }),
    request(6, "up", 1, "a", { path: ["rd"], code: "0.02", operation: "Register" }),
    entry(7, {
      kind: "platform",
      source: "cmdmp",
      code: "device-registered",
      fields: { device: "cmdmp:863703031270866" },
    }),
    answer(8, "down", 1, "a", { operation: "to Register" }),
    request(9, "down", 2, "b", { path: ["3", "0"], operation: "Read /3/0" }),
    request(10, "up", 3, "c", { path: ["rd", "x"], operation: "Update" }),
    entry(11, { code: "restarted" }),
    request(12, "up", 4, "d", { path: ["rd"], operation: "Register" }),
  ];
  const first = [1, 4, 5, 6, 7, 8, 10];
  for (const number of [6, 7, 10]) {
    assert.deepEqual(numbers(entries, { kind: "registration", number, platform: "" }), first);
  }
  assert.deepEqual(numbers(entries, { kind: "registration", number: 12, platform: "" }), [11, 12]);
});

test("a campaign has all its devices, what they transfer and how far each is, and nobody else", () => {
  const step = (number, campaign, device) =>
    entry(number, { kind: "platform", source: "andlink", code: "campaign-progressed", fields: { campaign, device } });
  const entries = [
    request(1, "down", 1, "a", { platform: "andlink", path: ["5", "0", "1"] }),
    entry(2, {
      kind: "platform",
      source: "andlink",
      code: "campaign-started",
      fields: { campaign: 3, devices: ["andlink:863703031270866"] },
    }),
    request(3, "down", 2, "b", { platform: "andlink", path: ["5", "0", "1"] }),
    request(4, "down", 2, "b", { platform: "andlink", module: "pump", path: ["5", "0", "1"] }),
    answer(4.5, "up", 2, "b", { platform: "andlink" }),
    step(5, 4, "andlink:863703036897093"),
    request(6, "down", 3, "c", { platform: "andlink", path: ["3", "0"], operation: "Read /3/0" }),
    step(7, 3, "andlink:863703031270866"),
  ];
  assert.deepEqual(numbers(entries, { kind: "campaign", number: 3, platform: "andlink" }), [2, 3, 4.5, 7]);
  const [offered] = followable(entries[7], IMEIS).filter((one) => one.kind === "campaign");
  assert.deepEqual(offered, { kind: "campaign", number: 3, platform: "andlink" });
});

test("what is followed stands in an address, and nonsense there follows nothing", () => {
  for (const text of ["exchange.25", "registration.7", "campaign.andlink.3"])
    assert.equal(writeFollowed(readFollowed(text)), text);
  for (const text of [null, "", "exchange", "exchange.0", "exchange.x", "campaign.3", "other.4", "exchange.a.4"])
    assert.equal(readFollowed(text), null, String(text));
});
