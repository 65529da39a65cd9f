// What stands where something is not there: loading, empty, wrong. One look for all pages.

import { html } from "../base/view.js";
import { icon } from "../base/icons.js";
import { errorText } from "../base/problems.js";
import { t } from "../base/i18n.js";

export const loading = () => html`
  <div class="loading" role="status" aria-label=${t("loading")}>
    <div class="ghost"></div>
    <div class="ghost"></div>
    <div class="ghost"></div>
  </div>
`;

/** @param {string} shape @param {View} text @param {View[]} more */
export const empty = (shape, text, ...more) => html`
  <div class="empty">
    ${icon(shape)}
    <p>${text}</p>
    ${more}
  </div>
`;

/**
 * A page for a name that the lab does not know: an old link, a mistyped address.
 * @param {string} shape
 * @param {string} name
 * @param {string} text
 * @param {string} place where there are such
 */
export const notThere = (shape, name, text, place) => [
  header(name),
  html`
    <div class="card">
      ${empty(shape, text, html` <p><a class="button" href=${`#${place}`}>${t(`nav-${place.slice(1)}`)}</a></p> `)}
    </div>
  `,
];

/** @param {Error} error @param {(() => unknown) | null} [again] */
export const wrong = (error, again = null) => html`
  <div class="wrong" role="alert">
    <span class="grow">${errorText(error)}</span>
    ${again && html` <button onclick=${again}>${icon("retry")}${t("again")}</button> `}
  </div>
`;

/**
 * A resource as it is: skeleton, problem with a way to try again, or what `view` makes of its value.
 * @template T
 * @param {Resource<T>} resource
 * @param {(value: T) => View} view
 */
export function shown(resource, view) {
  if (resource.value !== null && resource.state !== "error") return view(resource.value);
  if (resource.state === "error") return wrong(resource.error, resource.reload);
  return loading();
}

/**
 * @param {View} title
 * @param {View} acts
 * @param {View} body
 * @param {{ flush?: boolean, id?: string | null, label?: string | null }} [more]
 */
export const card = (title, acts, body, { flush = false, id = null, label = null } = {}) => html`
  <section class="card" id=${id} aria-label=${label ?? (typeof title === "string" ? title : null)}>
    ${
      title !== null &&
      html`
        <header>
          ${typeof title === "string" ? html` <h2>${title}</h2> ` : title}${
            acts && html` <div class="acts">${acts}</div> `
          }
        </header>
      `
    }
    <div class=${flush ? "body flush" : "body"}>${body}</div>
  </section>
`;

/**
 * What may be larger than its place, as a long table: the keyboard scrolls it, too.
 * @param {string} label
 * @param {View} content
 * @param {string | null} [tall] at most
 */
export const scrolls = (label, content, tall = null) => html`
  <div class="scrolls" role="group" tabindex="0" aria-label=${label} style=${tall && { "max-height": tall }}>
    ${content}
  </div>
`;

/** @param {string} kind @param {View[]} content */
export const pill = (kind, ...content) => html` <span class=${`pill ${kind}`}>${content}</span> `;

/**
 * Names and values, those without a value left out.
 * @param {[name: string, value: View, mono?: boolean][]} rows
 */
export const facts = (rows) => html`
  <dl class="facts">
    ${rows
      .filter(([, value]) => value !== null && value !== undefined && value !== "")
      .flatMap(([name, value, mono]) => [
        html` <dt>${name}</dt> `,
        html` <dd class=${mono ? "mono" : null}>${value}</dd> `,
      ])}
  </dl>
`;

/**
 * Radio buttons that look like one bar; arrow keys move within it.
 * @template T
 * @param {string} label
 * @param {[value: T, text: string, title?: string][]} options
 * @param {T} chosen
 * @param {(value: T) => unknown} choose
 */
export const segments = (label, options, chosen, choose) => html`
  <div class="seg" role="group" aria-label=${label}>
    ${options.map(
      ([value, text, title]) => html`
        <button
          key=${String(value)}
          aria-pressed=${String(value === chosen)}
          title=${title ?? null}
          onclick=${() => choose(value)}
          data-value=${String(value)}>
          ${text}
        </button>
      `,
    )}
  </div>
`;

/** @param {View} title @param {{ crumbs?: View, sub?: View, acts?: View }} [more] */
export const header = (title, { crumbs = null, sub = null, acts = null } = {}) => html`
  <header>
    ${crumbs && html` <nav class="crumbs" aria-label=${t("crumbs")}>${crumbs}</nav> `}
    <h1>${title}</h1>
    ${sub && html` <div class="sub row">${sub}</div> `}${acts && html` <div class="acts">${acts}</div> `}
  </header>
`;

/** @param {string} text @param {boolean} checked @param {(on: boolean) => unknown} change @param {object} [more] */
export const toggle = (text, checked, change, more = {}) => html`
  <label class="check">
    <input
      type="checkbox"
      class="switch"
      role="switch"
      checked=${checked}
      onchange=${(event) => change(event.target.checked)}
      ...${more} />
    ${text}
  </label>
`;

/**
 * @param {string} placeholder
 * @param {string} value
 * @param {(text: string) => unknown} change
 * @param {object} [more]
 */
export const search = (placeholder, value, change, more = {}) => html`
  <div class="search">
    ${icon("search")}
    <input
      type="search"
      placeholder=${placeholder}
      aria-label=${placeholder}
      value=${value}
      oninput=${(event) => change(event.target.value)}
      data-search
      ...${more} />
  </div>
`;
