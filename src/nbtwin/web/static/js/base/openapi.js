// The API's schema (OpenAPI 3.1), read for people: operations by tag, types and fields in words, the request that an
// operation's values make, and the same as a line for curl. Knows schemas; draws nothing and sends nothing.

const DEEPEST = 6; // levels of fields within fields
const METHODS = ["get", "post", "put", "patch", "delete"];
const STREAMS = ["text/event-stream"];

/**
 * @typedef {Record<string, any>} Schema
 * @typedef {{ name: string, required: boolean, type: string, text: string, fields: FieldShown[] }} FieldShown
 * @typedef {object} Operation
 * @property {string} id
 * @property {string} method in capitals
 * @property {string} path
 * @property {string} tag
 * @property {string} text
 * @property {Schema[]} parameters
 * @property {{ mediaType: string, schema: Schema, example: any } | null} body
 * @property {{ status: string, text: string, mediaType: string, schema: Schema, example: any }[]} answers
 * @typedef {{ method: string, url: string, headers: Record<string, string>, body: string | Blob | null }} Asked
 */

/** @param {Schema} document @returns {Operation[]} in the order of the schema */
export function operationsOf(document) {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    METHODS.filter((method) => method in methods).map((method) => operationOf(path, method, methods[method])),
  );
}

/** @param {string} path @param {string} method @param {Schema} known @returns {Operation} */
function operationOf(path, method, known) {
  const [content] = contentsOf(known.requestBody ?? {});
  return {
    id: known.operationId,
    method: method.toUpperCase(),
    path,
    tag: known.tags[0],
    text: known.description ?? "",
    parameters: known.parameters ?? [],
    body: content ?? null,
    answers: Object.entries(known.responses).map(([status, answer]) => {
      const [content = { mediaType: "", schema: {}, example: undefined }] = contentsOf(answer);
      return { status, text: answer.description, ...content };
    }),
  };
}

/** @param {Schema} described */
const contentsOf = (described) =>
  Object.entries(described.content ?? {}).map(([mediaType, { schema = {}, example }]) => ({
    mediaType,
    schema,
    example,
  }));

/** @param {Operation} operation */
export const isStream = (operation) => operation.answers.some((answer) => STREAMS.includes(answer.mediaType));

/**
 * The operations that have every word of what is looked for, in what they are called or in their address.
 * @param {Operation[]} operations
 * @param {string} text
 * @param {(operation: Operation) => string} words
 */
export function searched(operations, text, words) {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  return operations.filter((one) => {
    const said = `${one.method} ${one.path} ${one.id} ${one.tag} ${words(one)}`.toLowerCase();
    return wanted.every((word) => said.includes(word));
  });
}

/** @param {Schema} document @param {Schema} schema @returns {Schema} */
function resolved(document, schema) {
  const [, name] = /^#\/components\/schemas\/(.+)$/.exec(schema.$ref ?? "") ?? [];
  return name ? document.components.schemas[name] : schema;
}

/** @param {Schema} schema */
const nameOf = (schema) => /[^/]+$/.exec(schema.$ref ?? "")?.[0] ?? "";

/**
 * What values it has, in a few words: `string | null`, `list of ModuleState`, `on | off`.
 * @param {Schema} document
 * @param {Schema} schema
 * @returns {string}
 */
export function typeOf(document, schema) {
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return either.map((/** @type {Schema} */ one) => typeOf(document, one)).join(" | ");
  const plain = resolved(document, schema);
  if (plain.enum) return plain.enum.map((/** @type {any} */ one) => JSON.stringify(one)).join(" | ");
  if ("const" in plain) return JSON.stringify(plain.const);
  if (plain.type === "array") return `[${typeOf(document, plain.items ?? {})}]`;
  return nameOf(schema) || plain.type || "any";
}

/**
 * The fields of an object, and those of the objects in it.
 * @param {Schema} document
 * @param {Schema} schema
 * @param {string[]} [above] names of the objects that it is in
 * @returns {FieldShown[]}
 */
export function fieldsOf(document, schema, above = []) {
  const either = (schema.anyOf ?? schema.oneOf)?.find((/** @type {Schema} */ one) => one.type !== "null");
  const plain = resolved(document, either ?? schema);
  const name = nameOf(either ?? schema);
  if (above.length > DEEPEST || (name && above.includes(name))) return [];
  if (plain.type === "array") return fieldsOf(document, plain.items ?? {}, above);
  const required = new Set(plain.required ?? []);
  return Object.entries(plain.properties ?? {}).map(([field, described]) => ({
    name: field,
    required: required.has(field),
    type: typeOf(document, described),
    text: described.description ?? "",
    fields: fieldsOf(document, described, [...above, name]),
  }));
}

/**
 * What is sent: values by name of their parameter (an empty one is left out; of a list, parts between commas).
 * @param {Operation} operation
 * @param {Record<string, string>} values
 * @param {string | Blob | null} body
 * @returns {Asked}
 */
export function requestOf(operation, values, body) {
  let path = operation.path;
  const query = new URLSearchParams();
  /** @type {Record<string, string>} */
  const headers = {};
  for (const { name, in: where, schema } of operation.parameters) {
    const value = values[name] ?? "";
    if (where === "path") path = path.replace(`{${name}}`, name === "path" ? value : encodeURIComponent(value));
    else if (value === "") continue;
    else if (where === "header") headers[name] = value;
    else for (const one of isList(schema) ? value.split(",") : [value]) query.append(name, one.trim());
  }
  if (operation.body && body !== null) headers["Content-Type"] = operation.body.mediaType;
  const text = query.toString();
  return { method: operation.method, url: text ? `${path}?${text}` : path, headers, body: operation.body && body };
}

/** @param {Schema} schema @returns {boolean} */
const isList = (schema) => schema.type === "array" || Boolean(schema.anyOf?.some(isList));

/**
 * A value as it stands in its field.
 * @param {any} value
 */
export const fieldText = (value) => (value === undefined || value === null ? "" : [value].flat().join(","));

/**
 * The same request as a line for a shell.
 * @param {Asked} asked
 * @param {string} origin
 * @param {boolean} withToken the lab asks for one
 */
export function curlOf({ method, url, headers, body }, origin, withToken) {
  const isFile = body !== null && typeof body !== "string";
  const parts = ["curl -s"];
  if (method !== (body === null ? "GET" : isFile ? "PUT" : "POST")) parts.push(`-X ${method}`);
  if (withToken) parts.push('-H "Authorization: Bearer $TOKEN"');
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (isFile) parts.push("-T FILE");
  else if (body !== null) parts.push(`--data-binary ${quoted(body)}`);
  return [...parts, quoted(origin + url)].join(" ");
}

/** @param {string} text */
const quoted = (text) => (/^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
