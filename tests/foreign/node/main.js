// A CoAP and LwM2M peer for tests, on three implementations from npm: words between tabs on standard input and output.
//
// "Endpoints" are the package `coap`, its server and its agent on one socket: a device or a server of few words.
// "Objects" and "register" are the client of `lwm2m-node-lib`, "serve" and "ask" its server. "get" is
// `node-coap-client`.
// The first argument is the folder with the modules.

import { Buffer } from "node:buffer";
import { createSocket } from "node:dgram";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { URL, URLSearchParams } from "node:url";

const load = createRequire(join(process.argv[2], "main.js"));
const escapes = { "\\": "\\\\", "\t": "\\t", "\n": "\\n" };
const tell = (...words) => {
  process.stdout.write(`${words.map((word) => String(word).replace(/[\\\t\n]/g, (c) => escapes[c])).join("\t")}\n`);
};
const bytes = (hex) => Buffer.from(hex ?? "", "hex");
const failed = (error) => error.code ?? error.message ?? error;

// ---- coap: a device or a server

const endpoints = new Map();

/** endpoint NAME [PORT]: a socket that asks and answers. */
function endpoint(name, port = "0") {
  const coap = load("coap");
  const socket = createSocket("udp4");
  const made = { agent: null, values: new Map(), streams: new Map(), clients: new Map(), observed: new Map() };
  endpoints.set(name, made);
  socket.bind(Number(port), "127.0.0.1", () => {
    const server = coap.createServer();
    server.on("request", (request, response) => answer(name, made, request, response));
    server.listen(socket);
    made.agent = new coap.Agent({ socket });
    tell("bound", name, socket.address().port);
  });
}

/** What comes: a registration gets a place; a value that is kept is read, written and observed. */
function answer(name, made, request, response) {
  const url = new URL(request.url, "coap://peer");
  const { method, headers, payload } = request;
  const format = headers["Content-Format"] ?? "";
  tell("asked", name, method, url.pathname, url.search.slice(1), format, headers.Accept ?? "", payload.toString("hex"));
  const kept = made.values.get(url.pathname);
  if (method === "POST" && url.pathname === "/rd") {
    made.clients.set(url.searchParams.get("ep"), request.rsinfo.port);
    response.code = "2.01";
    response.setOption("Location-Path", [Buffer.from("rd"), Buffer.from("5a")]);
    response.end();
  } else if (method === "GET" && kept) {
    if (kept.format) response.setOption("Content-Format", kept.format);
    if (headers.Observe === 0) {
      made.streams.set(url.pathname, response);
      response.on("finish", () => tell("ended", name, url.pathname));
      response.write(kept.value);
    } else {
      if (headers.Observe === 1) made.streams.get(url.pathname)?.end();
      response.end(kept.value);
    }
  } else if (method === "GET") {
    response.code = "4.04";
    response.end();
  } else {
    if (method === "PUT") made.values.set(url.pathname, { value: payload, format });
    response.code = method === "DELETE" ? "2.02" : "2.04";
    response.end();
  }
}

/** request NAME PORT METHOD PATH QUERY FORMAT PAYLOAD [BLOCK]: "answered NAME PATH CODE LOCATION PAYLOAD". */
function request(name, port, method, path, query, format, payload, block) {
  const { agent } = endpoints.get(name);
  const asked = agent.request({ host: "127.0.0.1", port: Number(port), method, pathname: path, query });
  if (format) asked.setOption("Content-Format", /^\d+$/.test(format) ? Buffer.from([Number(format)]) : format);
  if (block) asked.setOption("Block1", Buffer.from([Number(block)]));
  asked.on("response", (got) => {
    const location = got.options.filter((option) => option.name === "Location-Path").map((option) => option.value);
    tell("answered", name, path, got.code, location.flat().join("/"), got.payload.toString("hex"));
  });
  asked.on("error", (error) => tell("unanswered", name, path, failed(error)));
  asked.end(bytes(payload));
}

/** observe NAME PORT PATH: "notified NAME PATH NUMBER PAYLOAD" for each that comes. */
function observe(name, port, path) {
  const { agent, observed } = endpoints.get(name);
  const asked = agent.request({ host: "127.0.0.1", port: Number(port), pathname: path, observe: true });
  asked.on("response", (got) => {
    observed.set(path, got);
    got.on("data", (value) => tell("notified", name, path, got.headers.Observe, value.toString("hex")));
  });
  asked.on("error", (error) => tell("unanswered", name, path, failed(error)));
  asked.end();
}

// ---- lwm2m-node-lib

let device = null;
let serving = null;
const quiet = { logLevel: "FATAL", ipProtocol: "udp4", serverProtocol: "udp4" };
const library = () => load("lwm2m-node-lib");
const text = "application-vnd-oma-lwm2m/text";
const formats = [
  { name: text, value: 1541 },
  { name: "application/vnd.oma.lwm2m+tlv", value: 11542 }, // a number that it was not told of ends the process
  { name: "application/vnd.oma.lwm2m+json", value: 11543 },
];

/** register NAME PORT LIFETIME: the library's client, with the objects that it was given before. */
function register(name, port, lifetime) {
  const { client } = library();
  client.init({ ...quiet, client: { ...quiet, formats, lifetime, version: "1.0", observe: { period: 3000 } } });
  client.register("127.0.0.1", port, "", name, (error, information) => {
    if (error) {
      tell("refused", name, failed(error));
      return;
    }
    device = information;
    handle(name);
    tell("registered", name, device.location);
  });
}

function handle(name) {
  const { client } = library();
  client.setHandler(device.serverInfo, "write", (type, id, resource, value, done) => {
    tell("written", name, `/${type}/${id}/${resource}`, value);
    done();
  });
  client.setHandler(device.serverInfo, "execute", (type, id, resource, value, done) => {
    tell("executed", name, `/${type}/${id}/${resource}`, value ?? "");
    done();
  });
}

/** update NAME, leave NAME: what the client does about its registration. */
function update(name) {
  library().client.update(device, (error, information) => {
    if (!error) {
      device = information;
      handle(name);
    }
    tell(error ? "refused" : "updated", name, error ? failed(error) : "");
  });
}

function leave(name) {
  library().client.unregister(device, (error) => tell(error ? "refused" : "left", name, error ? failed(error) : ""));
}

/** serve PORT [ACCEPT]: the library's server, which asks for this format, or for none. */
function serve(port, accept) {
  const { server } = library();
  const config = {
    ...quiet,
    formats,
    port: Number(port),
    lifetimeCheckInterval: 1000,
    defaultType: "Device",
    types: [],
    writeFormat: text,
    defaultAcceptFormat: accept || null,
  };
  server.start(config, (error, information) => {
    if (error) {
      tell("error", failed(error));
      return;
    }
    serving = information;
    server.setHandler(serving, "registration", (endpoint, lifetime, version, binding, payload, done) => {
      tell("came", endpoint, lifetime, version, binding, payload);
      done();
    });
    server.setHandler(serving, "updateRegistration", (object, payload, done) => {
      tell("updated", object.name, object.lifetime, payload);
      done();
    });
    server.setHandler(serving, "unregistration", (object, done) => {
      tell("gone", object.name);
      done();
    });
    tell("listening", port);
  });
}

/** ask ENDPOINT VERB TYPE [INSTANCE [RESOURCE [VALUE]]]: "did ENDPOINT VERB PATH VALUE", or "refused" with the code. */
function ask(endpoint, verb, ...more) {
  const { server } = library();
  const path = `/${more.slice(0, 3).join("/")}`;
  const done = (error, value) =>
    tell(error ? "refused" : "did", endpoint, verb, path, error ? failed(error) : (value ?? ""));
  server.getDevice(endpoint, (error, { id } = {}) => {
    if (error) done(error);
    else if (verb === "observe") server.observe(id, ...more, (value) => tell("notified", endpoint, path, value), done);
    else if (verb === "cancel") server.cancelObserver(id, ...more, done);
    else if (verb === "writeAttributes") {
      const attributes = Object.fromEntries(new URLSearchParams(more[3]));
      server.writeAttributes(id, ...more.slice(0, 3), attributes, done);
    } else server[verb](id, ...more, done);
  });
}

// ---- node-coap-client

/** get NAME URL METHOD PAYLOAD: "got NAME CODE FORMAT PAYLOAD". */
async function get(name, url, method, payload) {
  const { CoapClient } = load("node-coap-client");
  try {
    const got = await CoapClient.request(url, method, bytes(payload));
    tell("got", name, got.code.toString(), got.format ?? "", got.payload?.toString("hex") ?? "");
  } catch (error) {
    tell("refused", name, failed(error));
  }
}

/** suite NAME...: these alone are offered by the sessions that follow. */
function onlySuites(...names) {
  const { dtls } = load("node-dtls-client");
  const create = dtls.createSocket;
  dtls.createSocket = (options) => create({ ...options, ciphers: names });
}

const commands = {
  endpoint,
  request,
  observe,
  register,
  update,
  leave,
  serve,
  ask,
  get,
  keep: (name, path, value, format) => endpoints.get(name).values.set(path, { value: bytes(value), format }),
  notify: (name, path, value) => endpoints.get(name).streams.get(path).write(bytes(value)),
  cancel: (name, path) => endpoints.get(name).observed.get(path).close(true),
  forget: (name, path) => endpoints.get(name).observed.get(path).close(),
  client: (name, device) => tell("client", name, device, endpoints.get(name).clients.get(device)),
  object: (uri) => library().client.registry.create(uri, (error) => error && tell("error", failed(error))),
  set: (uri, id, value) =>
    library().client.registry.setResource(uri, id, value, (error) => error && tell("error", failed(error))),
  secret: (identity, key) =>
    load("node-coap-client").CoapClient.setSecurityParams("127.0.0.1", {
      psk: { [identity]: bytes(key).toString("latin1") },
    }),
  suite: onlySuites,
  reset: () => load("node-coap-client").CoapClient.reset(),
  ping: (name, url) =>
    load("node-coap-client")
      .CoapClient.ping(url)
      .then((alive) => tell("alive", name, alive)),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const [command, ...words] = line.split("\t");
  commands[command](...words);
});
tell("ready");
