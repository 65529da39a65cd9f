// A first visit, led through one of four doors: each step says what to do and sees that it was done; the last one is
// done by the visitor alone. Knows what to do in a lab, not how it is drawn.

import { html } from "../base/view.js";
import { get, post, seg } from "../base/api.js";
import { CMDMP_STATES, FAULT_CHANGES, LINES } from "../base/facts.js";
import { t } from "../base/i18n.js";
import { resource } from "../base/lifecycle.js";
import { link } from "../base/router.js";
import { copyLine } from "../parts/copy_line.js";
import { DOORS, doors } from "../parts/doors.js";
import { requireRole } from "../parts/require_role.js";
import { card, header } from "../parts/states.js";
import { tryRequest } from "../state/actions.js";
import { lab, setClock, setModule } from "../state/lab.js";
import { subscribe } from "../state/topics.js";

const NAME = "first"; // the module that the first two doors are about
const MODEL = "BC260Y-CN";
const ASKED = "AT+QDMPCFG?";
const MOST_LINES = 1000;

/**
 * @typedef {object} Step
 * @property {string} text id of its words
 * @property {() => unknown} done
 * @property {View} act what does it
 * @property {boolean} [once] and is not shown any more when it is done
 */

/** @param {{ door?: string }} params @param {Lifecycle} lifecycle */
export function startPage({ door = "" }, lifecycle) {
  const own = noticedFor(door);
  const models = resource(lifecycle, () => get("/models", { signal: lifecycle.signal }));
  lifecycle.every(500, () => lifecycle.redraw());
  const known = DOORS.some(([name]) => name === door);
  const title = () => t(known ? `start-${door}` : "start-title");
  return {
    title,
    view: () => [
      header(title(), { sub: t(known ? `start-${door}_about` : "start-about") }),
      !known ? doors() : door === "real" ? realModule(own, models.value ?? [], lifecycle) : steps(stepsOf(door, own)),
    ],
  };
}

/**
 * What was noticed since a door was first opened; what is done on other pages counts as well.
 * @typedef {{ lines: string[], lost: boolean, again: boolean, removed: boolean, said: string }} Noticed
 */

/** @type {Map<string, Noticed>} */
const doorsOpened = new Map();

/** @param {string} door */
function noticedFor(door) {
  const known = doorsOpened.get(door);
  if (known) return known;
  const own = { lines: [], lost: false, again: false, removed: false, said: "" };
  doorsOpened.set(door, own);
  subscribe("entry", (entry) => notice(own, entry));
  return own;
}

/** @param {Noticed} own @param {Entry} entry */
function notice(own, entry) {
  if (entry.kind === "at.in" && LINES.has(entry.code) && own.lines.length < MOST_LINES)
    own.lines.push(`${entry.source} ${entry.fields.line}`);
  if (entry.kind === "datagram" && entry.fields.lost) own.lost = true;
  if (entry.kind === "datagram" && entry.fields.sending > 1) own.again = true;
  if (FAULT_CHANGES.has(entry.code) && entry.code !== "fault-added") own.removed = true;
}

/** @param {string} door @param {Noticed} own @returns {Step[]} */
const stepsOf = (door, own) =>
  door === "registration" ? registration(own) : door === "losses" ? losses(own) : firmware(own);

const module = () => lab.modules.get(NAME);
const registered = () => CMDMP_STATES[module()?.cmdmp_state_name ?? ""]?.tone === "good";

/** @type {() => Step[]} */
const begun = () => [
  { text: "start-step_add", done: module, act: button("start-do_add", addModule), once: true },
  {
    text: "start-step_wait",
    done: registered,
    act: button("start-do_minute", () => advance("1min")),
    once: true,
  },
];

/** @param {Noticed} own @returns {Step[]} */
const registration = (own) => [
  ...begun(),
  { text: "start-step_story", done: registered, act: to(`${link("timeline")}?module=${NAME}`, "start-do_story") },
  {
    text: "start-step_ask",
    done: () => own.lines.includes(`${NAME} ${ASKED}`),
    act: [copyLine(ASKED), to(link("modules", NAME), "start-do_terminal")],
  },
];

/** @param {Noticed} own @returns {Step[]} */
const losses = (own) => [
  ...begun(),
  { text: "start-step_lose", done: () => own.lost, act: button("start-do_lose", lose), once: true },
  { text: "start-step_again", done: () => own.again, act: to(`${link("timeline")}?module=${NAME}`, "start-do_story") },
  { text: "start-step_mend", done: () => own.removed, act: to(link("faults"), "nav-faults") },
];

/** @param {Noticed} own @returns {Step[]} */
function firmware(own) {
  const first = [...lab.modules.values()].find((one) => one.serial && one.serial !== "none");
  const port = first?.serial ?? "";
  return [
    { text: "start-step_port", done: () => first, act: button("start-do_add", addModule), once: true },
    { text: "start-step_open", done: () => own.lines.length, act: first && portLines(port) },
    {
      text: "start-step_line",
      done: () => own.lines.length,
      act: own.lines.length ? html` <code id="noticed">${own.lines[0]}</code> ` : null,
    },
  ];
}

/** @param {string} port */
function portLines(port) {
  const [kind, ...rest] = port.split(":");
  const remote = kind === "tcp" || kind === "rfc2217";
  const url = kind === "tcp" ? `socket://${rest.join(":")}` : remote ? `rfc2217://${rest.join(":")}` : port;
  const device = remote ? "/tmp/module" : port;
  return html`
    <div class="stack">
      ${remote && copyLine(`socat pty,raw,echo=0,link=${device} tcp:${rest.join(":")} &`)}
      ${copyLine(`minicom -D ${device} -b 9600`, "line-minicom")}
      ${copyLine(`python3 -c 'import serial
port = serial.serial_for_url("${url}", 9600, timeout=2)
port.write(b"AT\\r")
print(port.read(64))'`)}
      ${copyLine(`int fd = open("${device}", O_RDWR | O_NOCTTY);
write(fd, "AT\\r", 3);
n = read(fd, answer, sizeof answer);`)}
    </div>
  `;
}

/**
 * A real module is at a port of this machine, which only nbtwin's own commands open.
 * @param {Noticed} own
 * @param {{ model: string }[]} models
 * @param {Lifecycle} lifecycle
 */
function realModule(own, models, lifecycle) {
  const known = models.map(({ model }) => model).sort((a, b) => b.length - a.length);
  const plain = (/** @type {string} */ text) => text.toUpperCase().replace(/[\s-]/g, "");
  const model = known.find((name) => plain(own.said).includes(plain(name)));
  return steps([
    { text: "start-step_ports", done: () => own.said, act: copyLine("nbtwin at") },
    { text: "start-step_identify", done: () => own.said, act: copyLine("nbtwin at /dev/ttyUSB0 ATI") },
    {
      text: "start-step_said",
      done: () => model,
      act: html`
        <textarea
          id="said"
          rows="3"
          aria-label=${t("start-said")}
          placeholder=${"Quectel\nBC28\nRevision:…"}
          value=${own.said}
          oninput=${(e) => {
            own.said = e.target.value;
            lifecycle.redraw();
          }}></textarea>
        ${own.said && html` <p id="which" role="status">${model ?? t("start-model_unknown")}</p> `}
      `,
    },
    {
      text: "start-step_check",
      done: () => false,
      act: model && [
        copyLine(`nbtwin check /dev/ttyUSB0 --model "${model}"`, "line-check"),
        copyLine("nbtwin record /dev/ttyUSB0 first.rec", "line-record"),
      ],
    },
  ]);
}

/** @param {Step[]} list */
const steps = (list) =>
  card(
    null,
    null,
    html`
      <ol class="steps" id="steps">
        ${list.map(({ text, done, act, once }, i) => {
          const over = Boolean(done());
          return html`
            <li key=${text} class=${over ? "done" : ""}>
              <span class="mark" role="img" aria-label=${t(over ? "start-done" : "start-open")}>
                ${over ? "✓" : String(i + 1)}
              </span>
              <div class="stack">
                <p>${t(text, { name: NAME, model: MODEL })}</p>
                ${act && !(once && over) && requireRole("operator", html` <div class="acts">${act}</div> `)}
              </div>
            </li>
          `;
        })}
      </ol>
    `,
    { label: t("start-title") },
  );

/** @param {string} text @param {() => Promise<unknown>} act */
const button = (text, act) => html` <button id=${text} onclick=${act}>${t(text)}</button> `;

/** @param {string} href @param {string} text */
const to = (href, text) => html` <a class="button" id=${text} href=${href}>${t(text)}</a> `;

async function addModule() {
  if (module()) return;
  const made = await tryRequest(() => post("/modules", { model: MODEL, name: NAME, sim: "mobile" }));
  if (made) setModule(made);
}

/** @param {string} span */
async function advance(span) {
  const clock = await tryRequest(() => post("/clock/advance", { span }));
  if (clock) setClock(clock);
}

/** Its next three packets are lost; a restart makes it send some. */
async function lose() {
  const fault = `loss,direction=up,packets=1+2+3,source=${NAME}`;
  if (!(await tryRequest(() => post("/faults", { fault })))) return;
  await tryRequest(() => post(`/modules/${seg(NAME)}/power`, { action: "reset" }));
  await advance("1min");
}
