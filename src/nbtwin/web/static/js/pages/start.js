// A first visit, led through one of four doors: each step says what to do and sees that it was done; the last one is
// done by the visitor alone. Knows what to do in a lab, not how it is drawn. A real module is at a port that only
// nbtwin's own commands open: what became of them is seen in the file that they leave.

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
import { resultIn } from "./first_result.js";

const NAME = "first"; // the module that the first two doors are about
const MODEL = "BC260Y-CN";
const ASKED = "AT+QDMPCFG?";
const GREETING = "AT";
const ANY_PORT = "/dev/ttyUSB0";

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
 * @typedef {object} Noticed
 * @property {string} line the last one that came to a module, behind its name
 * @property {string} greeted by AT: the name of a module
 * @property {boolean} asked of the first module, its server
 * @property {boolean} lost
 * @property {boolean} again
 * @property {boolean} removed
 * @property {string} port of a real module
 * @property {string} said by it
 * @property {import("./first_result.js").FirstResult | null} [result] null: the file has none
 */

/** @type {Map<string, Noticed>} */
const doorsOpened = new Map();

/** @param {string} door */
function noticedFor(door) {
  const known = doorsOpened.get(door);
  if (known) return known;
  const own = { line: "", greeted: "", asked: false, lost: false, again: false, removed: false, port: "", said: "" };
  doorsOpened.set(door, own);
  subscribe("entry", (entry) => notice(own, entry));
  return own;
}

/** @param {Noticed} own @param {Entry} entry */
function notice(own, entry) {
  if (entry.kind === "at.in" && LINES.has(entry.code)) noticeLine(own, entry.source, entry.fields.line);
  if (entry.kind === "datagram" && entry.fields.lost) own.lost = true;
  if (entry.kind === "datagram" && entry.fields.sending > 1) own.again = true;
  if (FAULT_CHANGES.has(entry.code) && entry.code !== "fault-added") own.removed = true;
}

/** @param {Noticed} own @param {string} module @param {string} line */
function noticeLine(own, module, line) {
  own.line = `${module} ${line}`;
  if (line.trim().toUpperCase() === GREETING) own.greeted ||= module;
  if (module === NAME && line === ASKED) own.asked = true;
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
    done: () => own.asked,
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
    { text: "start-step_open", done: () => own.line, act: first && portLines(port) },
    {
      text: "start-step_line",
      done: () => own.greeted,
      act: own.line ? html` <code id="noticed">${own.greeted ? `${own.greeted} ${GREETING}` : own.line}</code> ` : null,
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
 * @param {Noticed} own
 * @param {{ model: string }[]} models
 * @param {Lifecycle} lifecycle
 */
function realModule(own, models, lifecycle) {
  const known = models.map(({ model }) => model).sort((a, b) => b.length - a.length);
  const plain = (/** @type {string} */ text) => text.toUpperCase().replace(/[\s-]/g, "");
  const model = known.find((name) => plain(own.said).includes(plain(name)));
  const port = own.port.trim() || ANY_PORT;
  /** @param {Partial<Noticed>} noticed */
  const set = (noticed) => {
    Object.assign(own, noticed);
    lifecycle.redraw();
  };
  return steps([
    { text: "start-step_ports", done: () => own.port.trim(), act: [copyLine("nbtwin at"), portField(own, set)] },
    { text: "start-step_identify", done: () => own.said.trim(), act: copyLine(`nbtwin at ${port} ATI`, "line-ati") },
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
          oninput=${(e) => set({ said: e.target.value })}></textarea>
        ${own.said && html` <p id="which" role="status">${model ?? t("start-model_unknown")}</p> `}
      `,
    },
    {
      text: "start-step_check",
      done: () => own.result,
      act: model && [
        copyLine(`nbtwin check ${port} --model "${model}" --save first.json`, "line-check"),
        copyLine(`nbtwin record ${port} first.rec`, "line-record"),
        resultField(own, set),
      ],
    },
  ]);
}

/** @param {Noticed} own @param {(noticed: Partial<Noticed>) => void} set */
const portField = (own, set) => html`
  <label class="field">
    ${t("start-port")}
    <input
      class="mono"
      id="real-port"
      spellcheck=${false}
      placeholder=${ANY_PORT}
      value=${own.port}
      oninput=${(e) => set({ port: e.target.value })} />
  </label>
`;

/** @param {Noticed} own @param {(noticed: Partial<Noticed>) => void} set */
const resultField = (own, set) => html`
  <label class="field">
    ${t("start-result")}
    <input
      type="file"
      id="result-file"
      accept=".json,.rec"
      onchange=${async (e) => set({ result: resultIn((await e.target.files[0]?.text()) ?? "") })} />
  </label>
  ${own.result !== undefined && html` <p id="result" role="status">${resultText(own.result)}</p> `}
`;

/** @param {import("./first_result.js").FirstResult | null} result */
const resultText = (result) => (result ? t(`start-result_${result.kind}`, { ...result }) : t("start-result_none"));

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
