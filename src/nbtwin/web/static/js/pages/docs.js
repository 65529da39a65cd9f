// The API, from its own schema: operations by tag, parameters, bodies, examples, a line for curl, a way to try each.

import { html } from "../base/view.js";
import { API, get } from "../base/api.js";
import { Messages } from "../base/catalogue.js";
import { bytes, milliseconds } from "../base/format.js";
import { currentLanguage, t } from "../base/i18n.js";
import { resource } from "../base/lifecycle.js";
import { curlOf, fieldsOf, fieldText, isStream, operationsOf, requestOf, searched, typeOf } from "../base/openapi.js";
import { fileAddress, link } from "../base/router.js";
import { card, empty, header, pill, shown } from "../parts/states.js";
import { toast } from "../parts/toast.js";
import { me } from "../state/access.js";

const LONGEST = 64 * 1024; // characters of an answer that are shown
/** @type {Record<string, string>} */
const COLOURS = { GET: "accent", POST: "good", PUT: "warm", PATCH: "warm", DELETE: "bad" };

/** @type {Promise<Messages> | null} */
let chinese = null;

/** What operations and tags do, in Chinese: the schema itself speaks English. */
async function loadChinese() {
  chinese ??= fetch(fileAddress("/words/operations.zh.ftl"))
    .then((answer) => answer.text())
    .then((text) => new Messages("zh", text));
  return chinese;
}

/** @param {{ operation?: string }} params @param {Lifecycle} lifecycle */
export function docsPage({ operation }, lifecycle) {
  let id = operation;
  const own = {
    filter: "",
    values: /** @type {Record<string, string>} */ ({}),
    body: /** @type {string | Blob | null} */ (null),
    begun: "",
    shown: false,
    answer: /** @type {Answer | null} */ (null),
    stop: /** @type {AbortController | null} */ (null),
  };
  const spec = resource(lifecycle, async () => {
    const [document, messages] = await Promise.all([get("/openapi.json", { signal: lifecycle.signal }), loadChinese()]);
    return { document, messages, operations: operationsOf(document) };
  });
  lifecycle.onEnd(() => own.stop?.abort());

  /** The operation of the address, when the page is opened. @param {HTMLElement | null} item */
  function seen(item) {
    if (item && !own.shown) requestAnimationFrame(() => item.scrollIntoView({ block: "nearest" }));
    own.shown = true;
  }

  /** Another operation on the same page: its list stays where it is. @param {MouseEvent} event @param {string} to */
  function choose(event, to) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    own.stop?.abort();
    id = to;
    history.pushState(null, "", link("docs", to));
    document.getElementById("main")?.scrollTo(0, 0);
    lifecycle.redraw();
  }

  return {
    title: () => id ?? t("docs-title"),
    view: () => [
      header(t("docs-title"), {
        sub: t("docs-about"),
        acts: html` <a class="button" href=${`${API}/openapi.json`} download="openapi.json">${t("docs-schema")}</a> `,
      }),
      shown(
        spec,
        (known) => html`
          <div class="docs">
            ${list(known)}
            <div class="stack">${chosen(known)}</div>
          </div>
        `,
      ),
    ],
  };

  /** @param {Known} known @param {string} key @param {string} text */
  function inWords({ messages }, key, text) {
    return currentLanguage() === "zh" && messages.has(key) ? messages.words(key) : text;
  }

  /** @param {Known} known */
  function list(known) {
    const words = (/** @type {Operation} */ one) => inWords(known, one.id, one.text);
    const found = searched(known.operations, own.filter, words);
    const tags = known.document.tags.map((/** @type {{ name: string }} */ tag) => tag.name);
    return html`
      <nav class="card docs-list" aria-label=${t("docs-operations")}>
        <input
          id="docs-search"
          data-search
          type="search"
          aria-label=${t("docs-search")}
          placeholder=${t("docs-search")}
          value=${own.filter}
          oninput=${(e) => {
            own.filter = e.target.value;
            lifecycle.redraw();
          }} />
        ${found.length === 0 && empty("search", t("none_fit"))}
        ${tags.map((/** @type {string} */ tag) => {
          const inside = found.filter((one) => one.tag === tag);
          return (
            inside.length > 0 &&
            html`
              <h2 key=${tag}>${inWords(known, tagKey(tag, "name"), tag)}</h2>
              <ul>
                ${inside.map(
                  (one) => html`
                    <li key=${one.id}>
                      <a
                        href=${link("docs", one.id)}
                        aria-current=${one.id === id ? "page" : null}
                        title=${words(one)}
                        ref=${(/** @type {HTMLElement | null} */ link) => one.id === operation && seen(link)}
                        onclick=${(e) => choose(e, one.id)}>
                        <b class=${`method ${COLOURS[one.method]}`}>${one.method}</b>
                        <code>${one.path.replace(API, "")}</code>
                      </a>
                    </li>
                  `,
                )}
              </ul>
            `
          );
        })}
      </nav>
    `;
  }

  /** @param {Known} known */
  function chosen(known) {
    const operation = known.operations.find((one) => one.id === id);
    if (id && !operation) return card(null, null, empty("search", t("docs-none", { id })));
    if (!operation) return overview(known);
    if (own.begun !== operation.id) begin(operation);
    return [about(known, operation), asking(operation), answered(), answers(known, operation)];
  }

  /** @param {Known} known */
  function overview(known) {
    return card(
      `nbtwin ${known.document.info.version}`,
      null,
      html`
        <div class="stack">
          ${inWords(known, "about", known.document.info.description)
            .split(/\n\n/)
            .map((text) => html` <p key=${text}>${text}</p> `)}
          <dl class="facts">
            ${known.document.tags.flatMap((/** @type {{ name: string, description: string }} */ tag) => [
              html` <dt>${inWords(known, tagKey(tag.name, "name"), tag.name)}</dt> `,
              html` <dd>${inWords(known, tagKey(tag.name, "about"), tag.description)}</dd> `,
            ])}
          </dl>
        </div>
      `,
    );
  }

  /** @param {Known} known @param {Operation} operation */
  function about(known, operation) {
    const words = inWords(known, operation.id, "");
    return card(
      html`
        <h2 id="docs-operation" class="docs-address">
          <b class=${`method ${COLOURS[operation.method]}`}>${operation.method}</b>
          <code>${operation.path}</code>
        </h2>
      `,
      html` <code class="soft">${operation.id}</code> `,
      html`
        <div class="stack">
          ${words && html` <p>${words}</p> `}
          <p lang="en" class=${words ? "soft" : null}>${operation.text}</p>
        </div>
      `,
    );
  }

  /** The fields of the request, filled with its example. */
  function begin(/** @type {Operation} */ operation) {
    own.begun = operation.id;
    own.values = Object.fromEntries(operation.parameters.map((one) => [one.name, fieldText(one.example)]));
    const example = operation.body?.example;
    own.body = example === undefined ? null : typeof example === "string" ? example : JSON.stringify(example, null, 2);
    own.answer = null;
  }

  /** @param {Operation} operation */
  function asking(operation) {
    const asked = requestOf(operation, own.values, own.body);
    const curl = curlOf(asked, location.origin, me.tokens_needed);
    return card(
      t("docs-request"),
      null,
      html`
        <form
          class="stack"
          id="docs-try"
          onsubmit=${(e) => {
            e.preventDefault();
            send(operation, asked);
          }}>
          ${operation.parameters.length > 0 && parameters(operation)}${operation.body && body(operation)}
          <div class="row">
            <code class="grow docs-curl" id="docs-curl">${curl}</code>
            <button type="button" class="small" onclick=${() => copy(curl)}>${t("docs-copy")}</button>
          </div>
          <div class="row">
            <button class="main-act" id="docs-send" disabled=${own.stop !== null}>
              ${t("docs-send", { method: operation.method })}
            </button>
            ${
              own.stop &&
              html` <button type="button" id="docs-stop" onclick=${() => own.stop?.abort()}>${t("docs-stop")}</button> `
            }
            <span class="soft">${isStream(operation) ? t("docs-stream") : t("docs-real")}</span>
          </div>
        </form>
      `,
    );
  }

  /** @param {Operation} operation */
  function parameters(operation) {
    return html`
      <div class="scrolls">
        <table class="table docs-fields">
          <thead>
            <tr>
              <th>${t("docs-name")}</th>
              <th>${t("docs-value")}</th>
              <th>${t("docs-meaning")}</th>
            </tr>
          </thead>
          <tbody>
            ${operation.parameters.map((one) => {
              const field = `docs-p-${one.name}`;
              return html`
                <tr key=${`${one.in} ${one.name}`}>
                  <td>
                    <label for=${field}><code>${one.name}</code></label>
                    ${one.required && html` <b class="bad-mark" title=${t("docs-required")}>*</b> `}
                    <div class="faint">${t(`docs-in_${one.in}`)}</div>
                  </td>
                  <td>
                    <input
                      class="mono"
                      id=${field}
                      required=${one.required}
                      value=${own.values[one.name] ?? ""}
                      placeholder=${fieldText(one.schema.default)}
                      oninput=${(e) => {
                        own.values[one.name] = e.target.value;
                        lifecycle.redraw();
                      }} />
                  </td>
                  <td lang="en">
                    ${one.description}
                    <div class="faint"><code>${typeOf(spec.value?.document ?? {}, one.schema)}</code></div>
                  </td>
                </tr>
              `;
            })}
          </tbody>
        </table>
      </div>
    `;
  }

  /** @param {Operation} operation */
  function body(operation) {
    const known = /** @type {NonNullable<Operation["body"]>} */ (operation.body);
    const document = spec.value?.document ?? {};
    const fields = fieldsOf(document, known.schema);
    return html`
      <label class="field">
        ${`${t("docs-body")}: ${known.mediaType}`}
        ${
          typeof own.body === "string"
            ? html`
                <textarea
                  id="docs-body"
                  rows=${Math.min(16, own.body.split("\n").length + 1)}
                  spellcheck="false"
                  value=${own.body}
                  oninput=${(e) => {
                    own.body = e.target.value;
                    lifecycle.redraw();
                  }}></textarea>
              `
            : html`
                <input
                  id="docs-file"
                  type="file"
                  onchange=${(e) => {
                    own.body = e.target.files[0] ?? null;
                    lifecycle.redraw();
                  }} />
              `
        }
      </label>
      ${fields.length > 0 && fieldTable(fields)}
    `;
  }

  /** @param {Operation} operation @param {Asked} asked */
  async function send(operation, asked) {
    const stop = new AbortController();
    const began = performance.now();
    own.stop = stop;
    own.answer = { status: 0, text: "", mediaType: "", total: null, took: 0, length: 0 };
    lifecycle.redraw();
    try {
      const { method, url, headers, body: content } = asked;
      const init = { method, headers: { ...headers, "Accept-Language": currentLanguage() }, signal: stop.signal };
      const answer = await fetch(url, { ...init, body: content ?? undefined, credentials: "same-origin" });
      own.answer.status = answer.status;
      own.answer.mediaType = (answer.headers.get("content-type") ?? "").split(";")[0];
      own.answer.total = answer.headers.get("x-total-count");
      await read(answer, own.answer, began);
    } catch (error) {
      if (!stop.signal.aborted) own.answer.text = String(error);
    }
    own.answer.took = performance.now() - began;
    own.answer.text = pretty(own.answer);
    own.stop = null;
    lifecycle.redraw();
  }

  /** As it comes, so that a stream is seen. @param {Response} answer @param {Answer} into @param {number} began */
  async function read(answer, into, began) {
    const reader = answer.body?.getReader();
    const decoder = new TextDecoder();
    const isText = /json|text|xml/.test(into.mediaType);
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      into.length += part.value.length;
      into.took = performance.now() - began;
      if (isText && into.text.length < LONGEST) into.text += decoder.decode(part.value, { stream: true });
      lifecycle.redraw();
    }
  }

  function answered() {
    const answer = own.answer;
    if (!answer) return null;
    const kind = answer.status === 0 ? "" : answer.status < 400 ? "good" : "bad";
    return card(
      t("docs-answer"),
      html`
        ${pill(kind, answer.status || "…")} ${pill("", milliseconds(answer.took / 1000))}
        ${pill("", bytes(answer.length))} ${answer.total !== null && pill("", t("all", { n: answer.total }))}
      `,
      answer.text
        ? html` <pre class="docs-text" id="docs-answer" tabindex="0">${answer.text}</pre> `
        : html` <p class="soft" id="docs-answer">${answer.mediaType || t("docs-nothing")}</p> `,
      { id: "docs-answered" },
    );
  }

  /** @param {Known} known @param {Operation} operation */
  function answers(known, operation) {
    const [good, refused] = [true, false].map((fine) => operation.answers.filter((one) => one.status < "4" === fine));
    return card(
      t("docs-answers"),
      null,
      html`
        <div class="stack">
          ${good.map((one) => {
            const fields = fieldsOf(known.document, one.schema);
            return html`
              <div key=${one.status} class="stack">
                <p>${pill("good", one.status)}${" "}<code>${one.mediaType}</code></p>
                ${
                  one.example !== undefined &&
                  html`
                    <pre class="docs-text" tabindex="0" aria-label=${t("docs-example")}>
                      ${typeof one.example === "string" ? one.example : JSON.stringify(one.example, null, 2)}
                    </pre>
                  `
                }${fields.length > 0 && fieldTable(fields)}
              </div>
            `;
          })}
          <p>
            ${refused.map((one) => html` <span key=${one.status}>${pill("bad", one.status)}${" "}</span> `)}
            <span class="soft">${t("docs-refusals")}</span>
          </p>
        </div>
      `,
    );
  }
}

/** @param {FieldShown[]} fields */
const fieldTable = (fields) => html`
  <details class="docs-schema">
    <summary>${t("docs-fields")}</summary>
    ${fieldList(fields)}
  </details>
`;

/** @param {FieldShown[]} fields @returns {View} */
const fieldList = (fields) => html`
  <dl class="docs-tree">
    ${fields.map(
      (field) => html`
        <div key=${field.name}>
          <dt>
            <code>${field.name}</code>
            ${field.required && html` <b class="bad-mark" title=${t("docs-required")}>*</b> `}${" "}
            <code class="faint">${field.type}</code>
          </dt>
          <dd><span lang="en">${field.text}</span>${field.fields.length > 0 && fieldList(field.fields)}</dd>
        </div>
      `,
    )}
  </dl>
`;

/** @param {string} tag @param {string} what */
const tagKey = (tag, what) => `tag-${tag.replaceAll(" ", "_")}-${what}`;

/** @param {Answer} answer */
function pretty({ mediaType, text }) {
  if (!mediaType.endsWith("json")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("docs-copied"));
  } catch {
    toast(t("docs-copy_refused"), "bad");
  }
}

/**
 * @typedef {import("../base/openapi.js").Operation} Operation
 * @typedef {import("../base/openapi.js").FieldShown} FieldShown
 * @typedef {import("../base/openapi.js").Asked} Asked
 * @typedef {{ document: any, messages: Messages, operations: Operation[] }} Known
 * @typedef {object} Answer
 * @property {number} status 0: none yet
 * @property {string} text
 * @property {string} mediaType
 * @property {string | null} total
 * @property {number} took milliseconds
 * @property {number} length bytes
 */
