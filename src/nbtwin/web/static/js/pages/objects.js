// The object tree of a device, and what one may do with a path of it: read, write, execute, observe, discover, create,
// delete.

import { html, takeFocus } from "../base/view.js";
import { get, post } from "../base/api.js";
import { stamp, zonedTime } from "../base/format.js";
import { icon } from "../base/icons.js";
import { t, word, wordsOf } from "../base/i18n.js";
import { attributesOf, pathsOf, readable, valueOf, valuesOf, valueText } from "../base/values.js";
import { resource, throttled } from "../base/lifecycle.js";
import { openDialog } from "../parts/dialog.js";
import { requireRole } from "../parts/require_role.js";
import { card, empty, pill, shown } from "../parts/states.js";
import { tryRequest } from "../state/actions.js";
import { subscribe } from "../state/topics.js";

const OPERATIONS = [
  "read",
  "write",
  "execute",
  "observe",
  "cancel",
  "discover",
  "create",
  "delete",
  "write-attributes",
  "read-composite",
  "write-composite",
  "observe-composite",
  "cancel-composite",
];
const WITH_VALUE = new Set([
  "write",
  "write-partly",
  "create",
  "execute",
  "write-attributes",
  "write-composite",
  "observe",
]);
const WITHOUT_PATH = new Set(["write-composite"]);
const SEVERAL = new Set(["read-composite", "observe-composite", "cancel-composite"]);
/** What is written in place of the value, where that is not simply a value. @type {Record<string, string>} */
const HINTS = {
  "write-attributes": "objects-attributes",
  observe: "objects-attributes",
  "write-composite": "objects-values",
};
const MOST_LOGGED = 50;

/** @param {Lifecycle} lifecycle @param {string} path @param {{ answered: () => unknown }} own */
export function newObjects(lifecycle, path, { answered }) {
  const own = { path: "/3/0", operation: "read", value: "", busy: new Set(), whole: new Set() };
  /** @type {Resource<ObjectShown[]>} */
  const tree = resource(lifecycle, () => get(`${path}/objects`, { signal: lifecycle.signal }));
  /** @type {Resource<Observation[]>} */
  const watched = resource(lifecycle, () => get(`${path}/observations`, { signal: lifecycle.signal }));
  /** @type {Resource<OperationResult[]>} */
  const log = resource(lifecycle, () => get(`${path}/operations`, { signal: lifecycle.signal }));
  const soon = throttled(300, () => {
    tree.reload();
    watched.reload();
    log.reload();
    answered();
  });
  const device = decodeURIComponent(path.slice(path.lastIndexOf("/") + 1));
  lifecycle.onEnd(subscribe("operation", (result) => result.device === device && soon()));

  /** @param {string} operation @param {string} target @param {object} [extra] */
  async function operate(operation, target, extra = {}) {
    own.busy.add(`${operation}${target}`);
    lifecycle.redraw();
    const where = SEVERAL.has(operation) ? { paths: pathsOf(target) } : target ? { path: target } : {};
    const result = await tryRequest(() => post(`${path}/operations`, { operation, ...where, wait: 8, ...extra }));
    own.busy.delete(`${operation}${target}`);
    if (result) soon();
    lifecycle.redraw();
    return result;
  }

  /** @param {string} target */
  const isWatched = (target) => (watched.value || []).some((one) => one.path === target);
  /** @param {string} target */
  const watch = (target) => operate(isWatched(target) ? "cancel" : "observe", target);

  function view() {
    return card(
      t("objects-title"),
      [
        html` <a class="small" id="values-csv" href=${`/api/v1${path}/values.csv`} download="values.csv">CSV</a> `,
        html` <button class="small" onclick=${tree.reload} aria-label=${t("again")}>${icon("retry")}</button> `,
      ],
      [
        bar(),
        shown(tree, (objects) =>
          !objects.length
            ? empty("platforms", t("objects-none"))
            : html` <div class="tree" id="objects">${objects.map(objectOf)}</div> `,
        ),
      ],
      { flush: true },
    );
  }

  /** Any operation on any path. */
  function bar() {
    return html`
      <form
        class="form"
        style=${{ padding: "10px 14px", "border-bottom": "1px solid var(--line)" }}
        onsubmit=${(e) => {
          e.preventDefault();
          submit();
        }}>
        ${requireRole(
          "operator",
          html`
            <select
              aria-label=${t("objects-operation")}
              value=${own.operation}
              id="operation"
              onchange=${(e) => {
                own.operation = e.target.value;
                lifecycle.redraw();
              }}>
              ${OPERATIONS.map((name) => html` <option key=${name} value=${name}>${word("operation", name)}</option> `)}
            </select>
          `,
          !WITHOUT_PATH.has(own.operation) &&
            html`
              <input
                class=${`mono ${SEVERAL.has(own.operation) ? "grow" : ""}`}
                id="path"
                aria-label=${t(SEVERAL.has(own.operation) ? "objects-paths" : "objects-path")}
                placeholder=${SEVERAL.has(own.operation) ? "/3/0, /1/0/1" : ""}
                value=${own.path}
                size="12"
                oninput=${(e) => {
                  own.path = e.target.value;
                }} />
            `,
          WITH_VALUE.has(own.operation) &&
            html`
              <input
                class="mono grow"
                id="value"
                aria-label=${t("objects-value")}
                placeholder=${t(HINTS[own.operation] || "objects-value")}
                value=${own.value}
                oninput=${(e) => {
                  own.value = e.target.value;
                }} />
            `,
          html` <button class="main-act" id="operate" disabled=${own.busy.size > 0}>${t("objects-go")}</button> `,
        )}
      </form>
    `;
  }

  function submit() {
    const target = WITHOUT_PATH.has(own.operation) ? "" : own.path.trim();
    tryRequest(() => operate(own.operation, target, extraOf(own)));
  }

  /** @param {{ operation: string, value: string }} own */
  function extraOf({ operation, value }) {
    if (operation === "write-composite") return { values: valuesOf(value) };
    if (operation === "observe" && !value.trim()) return {};
    return operation === "write-attributes" || operation === "observe"
      ? { attributes: attributesOf(value) }
      : operation === "execute"
        ? value
          ? { arguments: value }
          : {}
        : WITH_VALUE.has(operation)
          ? { value: valueOf(value) }
          : {};
  }

  /** @param {ObjectShown} object */
  function objectOf(object) {
    return html`
      <details
        key=${object.id}
        open=${
          object.instances?.some((i) => i.resources?.some((r) => r.value !== null && r.value !== undefined)) ||
          object.id === 3
        }>
        <summary>
          ${icon("right")}
          <code>${`/${object.id}`}</code>
          <span>${object.name || ""}</span>
          ${object.version && html` <span class="faint small">${object.version}</span> `}
        </summary>
        ${(object.instances || []).map((instance) => instanceOf(object, instance))}
      </details>
    `;
  }

  /** @param {ObjectShown} object @param {InstanceShown} instance */
  function instanceOf(object, instance) {
    const target = `/${object.id}/${instance.id}`;
    return html`
      <div key=${instance.id}>
        <div class="resource" style=${{ background: "var(--sunk)" }}>
          <code>${target}</code>
          <span class="soft">${t("objects-instance", { id: instance.id })}</span>
          <span></span>
          <span class="acts">
            ${requireRole(
              "operator",
              act("read", target),
              act("discover", target),
              html`
                <button class="small" aria-pressed=${String(isWatched(target))} onclick=${() => watch(target)}>
                  ${t(isWatched(target) ? "objects-unwatch" : "operation-observe")}
                </button>
              `,
            )}
          </span>
        </div>
        ${resourcesOf(target, instance.resources || [])}
      </div>
    `;
  }

  /**
   * Those with a value; the others on demand, and all where nothing is known yet.
   * @param {string} target
   * @param {ResourceShown[]} all
   */
  function resourcesOf(target, all) {
    const known = all.filter((one) => (one.value !== null && one.value !== undefined) || isWatched(one.path));
    if (own.whole.has(target) || !known.length || known.length === all.length) return all.map(resourceOf);
    return [
      ...known.map(resourceOf),
      html`
        <div key="more" class="resource">
          <span></span>
          <button
            class="linklike small"
            onclick=${() => {
              own.whole.add(target);
              lifecycle.redraw();
            }}>
            ${t("objects-more", { n: all.length - known.length })}
          </button>
        </div>
      `,
    ];
  }

  /** @param {ResourceShown} one */
  const kindOf = (one) => [one.type, one.range, one.unit].filter(Boolean).join(" · ");

  /** @param {ResourceShown} one */
  function resourceOf(one) {
    const can = String(one.operations || "RW");
    const target = one.path;
    return html`
      <div key=${target} class=${`resource ${isWatched(target) ? "watched" : ""}`} data-path=${target}>
        <code>${target}</code>
        <span title=${kindOf(one)}>${one.name || ""}</span>
        <span
          class=${`val ${one.value === null || one.value === undefined ? "none" : ""}`}
          title=${one.at ? `${stamp(one.at, 3)} ${valueText(one.value)}` : null}>
          ${readable(valueText(one.value))}${
            one.unit &&
            one.value !== null &&
            one.value !== undefined &&
            html` <span class="faint unit">${one.unit}</span> `
          }
        </span>
        <span class="acts">
          ${requireRole(
            "operator",
            can.includes("R") && act("read", target),
            can.includes("W") &&
              html` <button class="small" onclick=${() => write(one)}>${t("operation-write")}</button> `,
            can.includes("E") && act("execute", target),
            can.includes("R") &&
              html`
                <button
                  class=${`small ${isWatched(target) ? "main-act" : ""}`}
                  aria-pressed=${String(isWatched(target))}
                  onclick=${() => watch(target)}>
                  ${t(isWatched(target) ? "objects-unwatch" : "operation-observe")}
                </button>
              `,
          )}
        </span>
      </div>
    `;
  }

  /** @param {string} operation @param {string} target */
  const act = (operation, target) => html`
    <button
      class="small"
      disabled=${own.busy.has(`${operation}${target}`)}
      data-act=${`${operation}${target}`}
      onclick=${() => operate(operation, target)}>
      ${word("operation", operation)}
    </button>
  `;

  /** @param {ResourceShown} one */
  function write(one) {
    let text = one.value === null || one.value === undefined ? "" : String(one.value);
    openDialog(`${t("operation-write")} ${one.path} ${one.name || ""}`, ({ close }) => ({
      body: html`
        <label class="field">
          ${kindOf(one) || t("objects-value")}
          <input
            class="mono"
            value=${text}
            ref=${takeFocus}
            oninput=${(e) => {
              text = e.target.value;
            }} />
        </label>
      `,
      foot: [
        html` <button type="button" onclick=${close}>${t("cancel")}</button> `,
        html`
          <button
            type="submit"
            class="main-act"
            onclick=${() => {
              close();
              operate("write", one.path, { value: valueOf(text, one.type) });
            }}>
            ${t("operation-write")}
          </button>
        `,
      ],
    }));
  }

  function logView() {
    return card(
      t("objects-log"),
      null,
      shown(log, (list) =>
        !list.length
          ? html` <p class="empty">${t("objects-no_log")}</p> `
          : html`
              <ul class="oplog" id="oplog">
                ${list.slice(0, MOST_LOGGED).map(
                  (one) => html`
                    <li key=${one.ticket}>
                      ${
                        one.done === false
                          ? pill("warm", "…")
                          : pill(String(one.code || "").startsWith("2") ? "good" : "bad", one.code || "–")
                      }
                      <span>
                        <b>${word("operation", one.operation)}</b>
                        ${` `}
                        <code>${one.path}</code>
                      </span>
                      <span class="faint">${one.at ? zonedTime(one.at, 0) : ""}</span>
                      ${
                        ((one.value !== null && one.value !== undefined && one.value !== "") || one.refusal) &&
                        html` <span class="val">${one.refusal ? wordsOf(one.refusal) : valueWithNames(one)}</span> `
                      }
                    </li>
                  `,
                )}
              </ul>
            `,
      ),
      { flush: true },
    );
  }

  /**
   * What the definition of the device says of a resource.
   * @param {string} path
   */
  function about(path) {
    for (const object of tree.value ?? [])
      for (const instance of object.instances ?? [])
        for (const one of instance.resources ?? []) if (one.path === path) return one;
    return null;
  }

  return { view, log: logView, reload: soon, about };
}

/**
 * The value of an answer with what the definition says of each resource in it: "Battery Level 87 %".
 * @param {OperationResult} result
 */
export function valueWithNames({ path, value, about }) {
  const named = about ?? {};
  /** @param {string} at @param {any} one */
  const line = (at, one) =>
    named[at]
      ? `${named[at].name} ${valueText(one)}${named[at].unit ? ` ${named[at].unit}` : ""}`
      : `${at === path ? "" : `${at.slice(at.lastIndexOf("/") + 1)}: `}${valueText(one)}`;
  if (value === null || typeof value !== "object" || named[path]) return line(path, value);
  return Object.entries(value)
    .map(([name, one]) => line(name.startsWith("/") ? name : `${path}/${name}`, one))
    .join("\n");
}
