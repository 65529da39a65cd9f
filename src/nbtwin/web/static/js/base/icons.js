// Icons, drawn here: 20 × 20, one stroke. Knows shapes only.

import { html } from "./view.js";

/** @type {Record<string, string>} */
const SHAPES = {
  overview: "M3 3h6v8H3z M11 3h6v5h-6z M11 10h6v7h-6z M3 13h6v4H3z",
  modules: "M6 6h8v8H6z M8 3v3 M12 3v3 M8 14v3 M12 14v3 M3 8h3 M3 12h3 M14 8h3 M14 12h3",
  timeline: "M4 3v14 M10 3v14 M16 3v14 M4 7h6 M8 5.5L10 7 8 8.5 M16 12h-6 M12 10.5L10 12l2 1.5",
  platforms: "M3 4h14v5H3z M3 11h14v5H3z M6 6.5h.01 M6 13.5h.01",
  campaigns: "M10 3v10 M6 9l4 4 4-4 M4 16h12",
  faults: "M11 2L4 11h5l-1 7 8-10h-5z",
  scenarios: "M5 3l11 7-11 7z",
  fleet: "M3 17h14 M5 14v-4 M9 14V6 M13 14v-6 M16 14V3",
  keys: "M12.5 7.5a4 4 0 1 0-3 3.9L11 13h2v2h2v2h2v-2.5l-5.2-5.2a4 4 0 0 0 .7-1.8z M8 7h.01",
  docs: "M7 5L2 10l5 5 M13 5l5 5-5 5",
  leave: "M11 4H4v12h7 M8 10h9 M14 7l3 3-3 3",
  lab: "M8 3h4 M9 3v5l-5 8h12l-5-8V3",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z M10 2v2 M10 16v2 M2 10h2 M16 10h2 M4.5 4.5L6 6 M14 14l1.5 1.5 M4.5 15.5L6 14 M14 6l1.5-1.5",
  moon: "M16 12.5A7 7 0 0 1 7.5 4a7 7 0 1 0 8.5 8.5z",
  auto: "M10 3a7 7 0 1 0 0 14z M10 3a7 7 0 0 1 0 14",
  help: "M7 7.5a3 3 0 1 1 4.5 2.6c-.9.5-1.5 1-1.5 2 M10 15.5h.01",
  pause: "M7 4v12 M13 4v12",
  play: "M6 4l10 6-10 6z",
  forward: "M3 5l6 5-6 5z M11 5l6 5-6 5z",
  search: "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z M13 13l4 4",
  close: "M5 5l10 10 M15 5L5 15",
  up: "M5 12l5-5 5 5",
  down: "M5 8l5 5 5-5",
  right: "M8 5l5 5-5 5",
  plus: "M10 4v12 M4 10h12",
  edit: "M4 16l1-4 8-8 3 3-8 8z M11.5 5.5l3 3",
  trash: "M4 6h12 M8 6V4h4v2 M6 6l1 11h6l1-11",
  more: "M4 10h.01 M10 10h.01 M16 10h.01",
  retry: "M16 10a6 6 0 1 1-2-4.5 M16 3v3.5h-3.5",
  save: "M10 3v9 M6.5 8.5L10 12l3.5-3.5 M4 16h12",
};

/** @param {string} name */
export const icon = (name) => html`
  <svg
    viewBox="0 0 20 20"
    class="icon"
    aria-hidden="true"
    fill="none"
    stroke="currentColor"
    stroke-width="1.6"
    stroke-linecap="round"
    stroke-linejoin="round">
    <path d=${SHAPES[name]} />
  </svg>
`;
