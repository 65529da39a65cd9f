// An island: a list of which only the rows in view are in the page. Rows have one height; their number may be millions.

import { cloneElement, html, render } from "../base/view.js";
import { currentLanguage } from "../base/i18n.js";
import { currentZone } from "../base/zone.js";

const BEYOND = 8; // rows drawn above and below what is seen

/**
 * ListProps says what is given.
 * @param {HTMLElement} dom
 * @param {ListProps} first
 */
export function virtualList(dom, first) {
  let props = first;
  let asked = false;
  /** @type {number | null} */
  let jumped = null;
  let drawn = "";
  let wheel = 1;
  const inside = document.createElement("div");
  inside.className = "inside";
  dom.append(inside);
  const resize = new ResizeObserver(() => ask(true));
  resize.observe(dom);

  const atEnd = () => dom.scrollTop + dom.clientHeight >= dom.scrollHeight - props.height;
  let stuck = Boolean(props.follow);
  let last = 0; // where it was scrolled to: a list that has got lower is no longer at its end, and nobody went away

  dom.onscroll = () => {
    if (props.follow !== undefined) {
      stuck = atEnd() || (stuck && dom.scrollTop >= last);
      props.stuck?.(stuck);
    }
    last = dom.scrollTop;
    ask();
  };

  function ask(force = false) {
    if (force) drawn = "";
    if (!asked) {
      asked = true;
      requestAnimationFrame(draw);
    }
  }

  function draw() {
    asked = false;
    const { total, height } = props;
    inside.style.height = `${total * height}px`;
    if (props.jump && props.jump.token !== jumped) {
      jumped = props.jump.token;
      dom.scrollTop = Math.max(0, props.jump.index * height - (props.jump.top ? 0 : dom.clientHeight / 3));
      stuck = false;
    } else if (stuck && props.follow) dom.scrollTop = total * height;
    last = dom.scrollTop;
    const from = Math.max(0, Math.floor(last / height) - BEYOND);
    const to = Math.min(total, Math.ceil((last + dom.clientHeight) / height) + BEYOND);
    const state = `${from} ${to} ${currentLanguage()} ${currentZone()} ${props.version}`;
    if (state === drawn) return;
    drawn = state;
    const rows = [];
    wheel = Math.max(wheel, to - from);
    for (let index = from; index < to; index++) {
      const row = props.row(index);
      const key = props.recycle ? index % wheel : (row.key ?? index);
      const style = { transform: `translateY(${index * height}px)`, height: `${height}px` };
      rows.push(cloneElement(row, { key, style }));
    }
    render(html` <div role="presentation">${rows}</div> `, inside);
    props.seen?.(
      Math.max(0, Math.floor(dom.scrollTop / height)),
      Math.min(total, Math.ceil((dom.scrollTop + dom.clientHeight) / height)),
    );
  }

  draw();
  return {
    /** @param {ListProps} next */
    update(next) {
      if (next.follow && !props.follow) stuck = true;
      props = next;
      ask();
    },
    destroy() {
      resize.disconnect();
      render(null, inside);
    },
  };
}
