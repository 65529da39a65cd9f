// How pages describe what they show: htm templates that make Preact elements, and islands whose inside something else
// draws. The libraries lie in vendor/, unchanged; imports are relative, so the page needs no import map and no build.

import { cloneElement, Component, h, render } from "../../vendor/preact/preact.js";
import htm from "../../vendor/htm/htm.js";

export { cloneElement, render };

/** @type {(strings: readonly string[], ...values: any[]) => any} */
const template = /** @type {any} */ (htm).bind(h);
/** @type {WeakMap<TemplateStringsArray, string[]>} */
const tight = new WeakMap(); // the strings of a template as they stand in the source: the same without their layout

/**
 * html`<p class=${name}>${text}</p>` makes a Preact element; null and false show nothing. White space beside a tag or a
 * value means nothing, so the formatter may break lines anywhere; a space that is meant is a value: ${" "}.
 * @param {TemplateStringsArray} strings
 * @param {TemplateValue[]} values
 * @returns {View}
 */
export function html(strings, ...values) {
  const own = tight.get(strings) ?? withoutLayout(strings);
  tight.set(strings, own);
  return template(own, ...values);
}

/** @param {readonly string[]} strings */
function withoutLayout(strings) {
  let inTag = false;
  const kept = (/** @type {string} */ part) => {
    if (part === "<" || part === ">") inTag = part === "<";
    return inTag ? part : part.trim();
  };
  return strings.map((text) => (text.match(/[<>]|[^<>]+/g) ?? []).map(kept).join(""));
}

/**
 * Draw `view()` into `root` whenever what is returned is called, at most once a frame.
 * @param {HTMLElement} root
 * @param {() => View} view
 * @param {() => void} [drawn] called after each drawing
 * @returns {Redraw}
 */
export function mount(root, view, drawn = () => {}) {
  let asked = false;
  const draw = () => {
    asked = false;
    render(view(), root);
    drawn();
  };
  root.replaceChildren();
  draw();
  return () => {
    if (!asked) {
      asked = true;
      requestAnimationFrame(draw);
    }
  };
}

/**
 * An element whose inside is drawn by `make(element, own)`: a chart, a canvas, a list of which only a part is drawn.
 * `make` returns { update(own), destroy() }, both optional. Whatever else is given becomes an attribute of the element.
 * @extends {Component<{ make: (element: HTMLElement, own: any) => IslandMade<any>, own: any }>}
 */
export class Island extends Component {
  /** @type {HTMLElement | null} */
  element = null;

  /** @type {IslandMade<any>} */
  made = {};

  keep = (/** @type {HTMLElement | null} */ element) => {
    if (element) this.element = element;
  };

  componentDidMount() {
    if (this.element) this.made = this.props.make(this.element, this.props.own);
  }

  componentDidUpdate() {
    this.made.update?.(this.props.own);
  }

  componentWillUnmount() {
    this.made.destroy?.();
  }

  /** @param {any} props */
  render({ make: _make, own: _own, ...attributes }) {
    return h("div", { ...attributes, ref: this.keep });
  }
}

/**
 * As `ref` of a field in a dialog: it has the focus when it appears.
 * @param {HTMLElement | null} element
 */
export const takeFocus = (element) => element && requestAnimationFrame(() => element.focus());
