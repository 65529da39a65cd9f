// A small virtual DOM: h() describes, patch() makes the page so. Keeps focus, scroll and selection where nothing changed.
// Knows nothing of the console. An "island" is an element whose inside somebody else draws (a chart, a virtual list).

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "hidden", "readOnly", "indeterminate", "open"]);
const HOLE = "#hole";

/** h("button", { class: "x", onclick: f }, "text", [more], null). Nothing (null, false) keeps its place among its siblings. */
export function h(tag, props, ...children) {
  const own = props || {};
  return { tag, props: own, key: own.key, children: own.island ? [] : normal(children), dom: null, island: null };
}

function normal(children) {
  const made = [];
  for (const child of children.flat(4)) {
    if (child === null || child === undefined || child === false || child === true) made.push({ tag: HOLE, dom: null });
    else if (typeof child === "object") made.push(child);
    else made.push({ tag: null, text: String(child), dom: null });
  }
  return made;
}

/** Draw `view()` into `root` whenever `redraw` is called, at most once a frame. */
export function mount(root, view) {
  let current = { dom: root, children: [], props: {} };
  let asked = false;
  const draw = () => {
    asked = false;
    const next = { dom: root, children: normal([view()]), props: {} };
    patchChildren(root, current.children, next.children, false);
    current = next;
  };
  draw();
  return () => {
    if (!asked) {
      asked = true;
      requestAnimationFrame(draw);
    }
  };
}

/** For islands: replace what `root` shows by `view`, patching against what was shown before. */
export function render(root, view) {
  const next = normal([view]);
  patchChildren(root, root.shown || [], next, root.namespaceURI === SVG);
  root.shown = next;
}

function patchChildren(parent, olds, news, svg) {
  const keyed = new Map();
  const free = [];
  for (const old of olds) (old.key === undefined ? free.push(old) : keyed.set(old.key, old));
  let taken = 0;
  const used = new Set();
  for (const node of news) {
    const old = node.key === undefined ? free[taken++] : keyed.get(node.key);
    if (old && old.tag === node.tag && old.props?.island === node.props?.island) {
      update(old, node, svg);
      used.add(old);
    } else create(node, svg);
  }
  for (const old of olds) {
    if (!used.has(old)) {
      leave(old);
      old.dom.remove();
    }
  }
  let cursor = parent.firstChild; // what goes is gone by now: what stays is not moved, and keeps its focus
  for (const node of news) {
    if (node.dom === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node.dom, cursor);
  }
}

function create(node, svg) {
  if (node.tag === null) node.dom = document.createTextNode(node.text);
  else if (node.tag === HOLE) node.dom = document.createComment("");
  else {
    const inside = svg || node.tag === "svg";
    const dom = (node.dom = inside ? document.createElementNS(SVG, node.tag) : document.createElement(node.tag));
    patchChildren(dom, [], node.children, inside);
    setProps(dom, {}, node.props);
    if (node.props.island) node.island = node.props.island(dom, node.props) || {};
    if (node.props.focus) requestAnimationFrame(() => dom.focus());
  }
}

function update(old, node, svg) {
  const dom = (node.dom = old.dom);
  if (node.tag === null) {
    if (old.text !== node.text) dom.data = node.text;
  } else if (node.tag !== HOLE) {
    if (!node.props.island) patchChildren(dom, old.children, node.children, svg || node.tag === "svg");
    setProps(dom, old.props, node.props);
    node.island = old.island;
    node.island?.update?.(node.props);
  }
}

function leave(node) {
  node.island?.destroy?.();
  for (const child of node.children || []) leave(child);
}

function setProps(dom, old, props) {
  for (const name in old) if (!(name in props)) setProp(dom, name, null);
  for (const name in props) {
    if (name === "value" || name === "checked" || old[name] !== props[name]) setProp(dom, name, props[name]);
  }
}

function setProp(dom, name, value) {
  if (name === "key" || name === "island" || name === "focus" || name === "args") return;
  if (name === "style") setStyle(dom, value);
  else if (name.startsWith("on")) dom[name] = value;
  else if (PROPERTIES.has(name) && !(dom.namespaceURI === SVG)) {
    if (dom[name] !== value) dom[name] = value ?? "";
  } else if (value === null || value === undefined || value === false) dom.removeAttribute(name);
  else dom.setAttribute(name, value === true ? "" : value);
}

/** Through the CSSOM, which the page's content security policy allows; a style attribute it does not. */
function setStyle(dom, style) {
  dom.removeAttribute("style");
  for (const name in style || {}) {
    if (style[name] !== null && style[name] !== undefined) dom.style.setProperty(name, style[name]);
  }
}
