// The console page. Everything it shows and does goes through /api/v1; no library, no build step.
"use strict";

const API = "/api/v1";
const KINDS = ["at.in", "at.out", "state", "datagram", "platform", "deadline", "lookup", "fault", "lab"];
const LONGEST_TIMELINE = 2000;
const hidden = new Set(JSON.parse(localStorage.getItem("hidden") || '["deadline"]'));
const view = { chosen: null, modules: [], now: 0, fetchedAt: 0, history: [], cursor: 0 };
const $ = (id) => document.getElementById(id);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

async function call(path, method = "GET", body = undefined) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const answer = await fetch(API + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  const value = text ? JSON.parse(text) : null;
  if (!answer.ok) throw new Error(value && value.detail ? value.detail : answer.statusText);
  return value;
}

const two = (n) => String(n).padStart(2, "0");

function timeOfDay(at) {
  const d = new Date(at * 1000);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}.${String(d.getMilliseconds()).padStart(3, "0")}`;
}

function dateOf(at) {
  const d = new Date(at * 1000);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${s % 60} s`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

const labNow = () => view.now + (performance.now() - view.fetchedAt) / 1000;

// modules

function moduleCard(m) {
  const power = m.power === "on" ? "good" : m.power === "off" ? "bad" : "warm";
  const dmp = [6, 11].includes(m.cmdmp_state) ? "good" : [5, 7, 8, 9, 12, 13].includes(m.cmdmp_state) ? "bad" : "";
  const act = (path, body) => () => call(`/modules/${m.name}/${path}`, "POST", body).then(refresh, say);
  return element("div", { class: "card" + (m.name === view.chosen ? " chosen" : "") },
    element("h3", {},
      element("button", { onclick: () => choose(m.name) }, m.name), element("small", {}, m.model),
      element("span", { class: `pill ${power}` }, m.power),
      element("span", { class: `pill ${m.attached ? "good" : ""}` }, m.attached ? `attached · ${m.operator || "?"}` : "not attached"),
      element("span", { class: `pill ${dmp}`, title: "AT+QDMPCFG=6" }, `${m.cmdmp_state} ${m.cmdmp_state_name.toLowerCase().replaceAll("_", " ")}`)),
    element("dl", {}, element("dt", {}, "IMEI"), element("dd", {}, m.imei), element("dt", {}, "firmware"), element("dd", {}, m.firmware),
      element("dt", {}, "serial"), element("dd", {}, m.serial || "–")),
    m.waiting && element("div", { class: "waiting", "data-until": m.waiting.at }, element("b", {}, span(m.waiting.seconds)), ` · ${m.waiting.why}`),
    element("div", { class: "row" },
      element("button", { onclick: act("power", { action: m.power === "off" ? "on" : "off" }) }, m.power === "off" ? "power on" : "power off"),
      element("button", { onclick: act("power", { action: "reset" }) }, "reset"),
      element("button", { onclick: act("coverage", { coverage: !m.coverage }) }, m.coverage ? "lose coverage" : "restore coverage")));
}

function choose(name) {
  view.chosen = name;
  $("terminal-of").textContent = name ? `· ${name}` : "";
  drawModules();
  $("line").focus();
}

function drawModules() {
  $("modules").replaceChildren(...view.modules.map(moduleCard));
  if (!view.modules.length) $("modules").append("no module: nbtwin up --module BC260Y-CN");
}

// platforms and their devices

function deviceCard(d) {
  const good = d.state === "registered" ? "good" : "bad";
  const rows = [["IMSI", d.imsi || d.iccid], ["appkey", d.appkey], ["from", `${d.host}:${d.port}`], ["last seen", `${dateOf(d.last_seen_at)} ${timeOfDay(d.last_seen_at).slice(0, 8)}`],
    ["registered", `${d.registrations}×, updated ${d.updates}×`], ["lifetime", d.lifetime ? span(d.lifetime) : ""],
    ["flags", (d.flags || []).join(", ")], ...Object.entries(d.values || {}).filter(([, v]) => v && v !== "NULL")];
  return element("div", { class: "card" },
    element("h3", {}, d.imei, element("small", {}, d.platform), element("span", { class: `pill ${good}` }, d.state)),
    element("dl", {}, ...rows.filter(([, v]) => v).flatMap(([k, v]) => [element("dt", {}, k), element("dd", {}, String(v))])));
}

async function drawPlatforms() {
  const platforms = await call("/platforms");
  $("platforms").replaceChildren(...platforms.map((p) => element("span", { class: "pill" }, `${p.name} · udp ${p.udp} · ${p.devices}`)));
  const lists = await Promise.all(platforms.map((p) => call(`/platforms/${p.name}/devices?limit=50`)));
  const devices = lists.flat();
  $("devices").replaceChildren(...devices.map(deviceCard));
  if (!devices.length) $("devices").append("nobody has registered yet");
}

// the AT prompt

function say(text, kind = "note") {
  const shown = text instanceof Error ? text.message : text;
  const terminal = $("terminal");
  terminal.append(element("div", { class: text instanceof Error ? "error" : kind }, shown));
  while (terminal.childElementCount > 600) terminal.firstElementChild.remove();
  terminal.scrollTop = terminal.scrollHeight;
}

function sayLine(entry) {
  if (entry.kind === "at.in") say(entry.text, "in");
  else say(entry.text, /^OK$/.test(entry.text) ? "final" : /^(ERROR|\+CME ERROR)/.test(entry.text) ? "error" : entry.text.startsWith("(") ? "note" : "out");
}

$("prompt").addEventListener("submit", async (event) => {
  event.preventDefault();
  const line = $("line").value.trim();
  if (!line || !view.chosen) return;
  view.history.push(line);
  view.cursor = view.history.length;
  $("line").value = "";
  try {
    const answer = await call(`/modules/${view.chosen}/at`, "POST", { line });
    if (!answer.complete) say("no final result code yet");
  } catch (error) { say(error); }
  refresh();
});

$("line").addEventListener("keydown", (event) => {
  const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
  if (!step || !view.history.length) return;
  event.preventDefault();
  view.cursor = Math.min(Math.max(view.cursor + step, 0), view.history.length);
  $("line").value = view.history[view.cursor] || "";
});

// the clock

for (const button of document.querySelectorAll("[data-span]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try { await call("/clock/advance", "POST", { span: button.dataset.span }); } catch (error) { say(error); }
    button.disabled = false;
    refresh();
  });
}

function tick() {
  const now = labNow();
  if (view.now) $("time").textContent = `${dateOf(now)} ${timeOfDay(now).slice(0, 8)}`;
  for (const waiting of document.querySelectorAll(".waiting")) waiting.firstElementChild.textContent = span(waiting.dataset.until - now);
}

// the timeline

let pending = [], drawing = false;

function row(entry) {
  const lost = entry.detail && entry.detail.lost ? " lost" : "";
  return element("li", { class: entry.kind.replace(".", "-") + lost, title: `${dateOf(entry.at)} ${timeOfDay(entry.at)}` },
    element("time", {}, timeOfDay(entry.at)), element("span", { class: "who" }, entry.source), element("span", { class: "kind" }, entry.kind),
    element("span", { class: "text" }, entry.text));
}

function drawTimeline() {
  drawing = false;
  const list = $("timeline"), atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const shown = pending.filter((entry) => !hidden.has(entry.kind)).slice(-LONGEST_TIMELINE);
  list.append(...shown.map(row));
  for (const entry of pending.slice(-600)) if (entry.kind.startsWith("at.") && entry.source === view.chosen) sayLine(entry);
  pending = [];
  while (list.childElementCount > LONGEST_TIMELINE) list.firstElementChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
  refreshSoon();
}

function take(entry) {
  pending.push(entry);
  if (pending.length > 2 * LONGEST_TIMELINE) pending.splice(0, LONGEST_TIMELINE);
  if (!drawing) { drawing = true; setTimeout(drawTimeline, 60); }
}

function drawFilters() {
  $("filters").replaceChildren(...KINDS.map((kind) => {
    const box = element("input", { type: "checkbox", onchange: () => {
      box.checked ? hidden.delete(kind) : hidden.add(kind);
      localStorage.setItem("hidden", JSON.stringify([...hidden]));
      reload();
    } });
    box.checked = !hidden.has(kind);
    return element("label", {}, box, ` ${kind}`);
  }));
}

async function reload() {
  const text = await (await fetch(`${API}/timeline`)).text();
  $("timeline").replaceChildren(...text.split("\n").filter(Boolean).map((line) => JSON.parse(line))
    .filter((entry) => !hidden.has(entry.kind)).slice(-LONGEST_TIMELINE).map(row));
  $("timeline").scrollTop = $("timeline").scrollHeight;
}

function listen() {
  const events = new EventSource(`${API}/timeline/events?after=0`);
  events.onopen = () => { $("link").textContent = "live"; $("link").className = "pill good"; };
  events.onerror = () => { $("link").textContent = "no connection"; $("link").className = "pill bad"; };
  events.onmessage = (message) => take(JSON.parse(message.data));
}

let refreshing = null;
const refreshSoon = () => { refreshing ??= setTimeout(() => { refreshing = null; refresh(); }, 250); };

async function refresh() {
  try {
    const [modules, clock] = await Promise.all([call("/modules"), call("/clock"), drawPlatforms()]);
    view.modules = modules;
    view.now = clock.now;
    view.fetchedAt = performance.now();
    $("ahead").textContent = clock.ahead > 1 ? `+${span(clock.ahead)}` : "";
    if (!view.chosen && modules.length) { view.chosen = modules[0].name; $("terminal-of").textContent = `· ${view.chosen}`; }
    drawModules();
    tick();
  } catch (error) { $("link").textContent = "no connection"; $("link").className = "pill bad"; }
}

drawFilters();
refresh().then(listen);
setInterval(tick, 1000);
