// The schema as the API's page reads it: operations, fields in words, the request that values make, its line for curl.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  curlOf,
  fieldsOf,
  operationsOf,
  requestOf,
  searched,
  typeOf,
} from "../../../src/nbtwin/web/static/js/base/openapi.js";

const SIGNAL = {
  type: "object",
  required: ["rssi"],
  properties: {
    rssi: { type: "integer", description: "+CSQ" },
    next: { anyOf: [{ $ref: "#/components/schemas/Signal" }, { type: "null" }] },
    power: { enum: ["on", "off"] },
    names: { type: "array", items: { type: "string" } },
  },
};
const DOCUMENT = {
  components: { schemas: { Signal: SIGNAL } },
  paths: {
    "/api/v1/modules/{name}/signal": {
      post: {
        operationId: "set_signal",
        tags: ["modules"],
        description: "How strong it is.",
        parameters: [
          { name: "name", in: "path", required: true, schema: { type: "string" } },
          { name: "kind", in: "query", schema: { anyOf: [{ type: "array", items: {} }, { type: "null" }] } },
        ],
        requestBody: {
          content: { "application/json": { schema: { $ref: "#/components/schemas/Signal" }, example: { rssi: 9 } } },
        },
        responses: { 200: { description: "OK", content: {} } },
      },
      get: { operationId: "read_signal", tags: ["modules"], responses: {} },
    },
  },
};
const [read, set] = operationsOf(DOCUMENT);

test("operations are those of the schema, each with what it takes", () => {
  assert.deepEqual([read.id, read.method, set.id, set.method], ["read_signal", "GET", "set_signal", "POST"]);
  assert.deepEqual(set.body.example, { rssi: 9 });
  assert.equal(read.body, null);
});

test("every word that is looked for has to be there, in either language", () => {
  const words = (one) => (one === set ? "信号" : "");
  assert.deepEqual(searched([read, set], "post SIGNAL", words), [set]);
  assert.deepEqual(searched([read, set], "信号", words), [set]);
  assert.deepEqual(searched([read, set], "signal nothing", words), []);
});

test("fields are told with their types, and an object within itself once", () => {
  const fields = fieldsOf(DOCUMENT, { $ref: "#/components/schemas/Signal" });
  assert.deepEqual(
    fields.map(({ name, required, type }) => [name, required, type]),
    [
      ["rssi", true, "integer"],
      ["next", false, "Signal | null"],
      ["power", false, '"on" | "off"'],
      ["names", false, "[string]"],
    ],
  );
  assert.deepEqual(fields[1].fields, []);
  assert.equal(typeOf(DOCUMENT, {}), "any");
});

test("a request has its values where they belong; what is empty is left out", () => {
  const asked = requestOf(set, { name: "a/b", kind: "state, at.in" }, '{"rssi": 9}');
  assert.equal(asked.url, "/api/v1/modules/a%2Fb/signal?kind=state&kind=at.in");
  assert.deepEqual(asked.headers, { "Content-Type": "application/json" });
  assert.equal(requestOf(read, { kind: "" }, null).url, "/api/v1/modules/{name}/signal");
});

test("the line for curl is one that a shell takes", () => {
  const asked = requestOf(set, { name: "meter" }, '{"text": "it\'s"}');
  assert.equal(
    curlOf(asked, "http://127.0.0.1:8080", true),
    "curl -s -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json'" +
      " --data-binary '{\"text\": \"it'\\''s\"}' http://127.0.0.1:8080/api/v1/modules/meter/signal",
  );
  const removed = { method: "DELETE", url: "/api/v1/faults?x=1", headers: {}, body: null };
  assert.equal(curlOf(removed, "http://h", false), "curl -s -X DELETE 'http://h/api/v1/faults?x=1'");
});
