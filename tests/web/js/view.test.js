// Templates: what they mean does not depend on how the formatter breaks their lines.

import assert from "node:assert/strict";
import { test } from "node:test";
import { html } from "../../../src/nbtwin/web/static/js/base/view.js";

test("the layout of a template is no content", () => {
  const element = html`
    <p class="a b">
      ${"x"} ${"y"}
      <b>bold text</b>
    </p>
  `;
  assert.equal(element.type, "p");
  assert.equal(element.props.class, "a b");
  const [x, y, bold] = element.props.children;
  assert.deepEqual([x, y, bold.type, bold.props.children], ["x", "y", "b", "bold text"]);
});

test("a space that is meant is a value", () => {
  assert.deepEqual(html` <p>${"a"}${" "}${"b"}</p> `.props.children, ["a", " ", "b"]);
});

test("attributes keep their values, spread ones too", () => {
  const { props } = html` <input title="a  b" disabled=${false} ...${{ id: "x" }} /> `;
  assert.deepEqual(props, { title: "a  b", disabled: false, id: "x" });
});

test("the same template draws different values at different times", () => {
  const shown = (name) => html` <i>${name}</i> `;
  assert.equal(shown("one").props.children, "one");
  assert.equal(shown("two").props.children, "two");
});
