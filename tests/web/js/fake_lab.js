// What the console needs of a browser and of a lab: a stream of events that tests feed, and answers to requests.

/** The newest stream; `open` and `send` are the server's side of it. */
export class FakeEventSource extends EventTarget {
  static CLOSED = 2;
  static newest = null;

  constructor(url) {
    super();
    this.url = url;
    this.readyState = 1;
    FakeEventSource.newest = this;
  }

  close() {
    this.readyState = FakeEventSource.CLOSED;
  }

  open() {
    this.onopen();
  }

  send(type, data) {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data), lastEventId: String(data.number ?? "") }));
  }

  /** The connection is gone, and the browser does not try again. */
  drop() {
    this.readyState = FakeEventSource.CLOSED;
    this.onerror();
  }
}

/** Requests are answered from this map of paths (without the query) to values. */
export function answerWith(answers) {
  globalThis.fetch = async (address) => {
    const path = address.replace("/api/v1", "").split("?")[0];
    return new Response(JSON.stringify(answers[path] ?? {}), { headers: { "content-type": "application/json" } });
  };
}

/** A lab that has kept entries 1 to `newest`, at a second each, and answers as the API does. */
export function answerWithTimeline(newest) {
  const past = { newest, add: () => entry(++past.newest) };
  globalThis.fetch = async (address) => {
    const asked = new URL(address, "http://lab").searchParams;
    const number = (name, otherwise) => Number(asked.get(name) ?? otherwise);
    const from = Math.max(1, number("after", 0) + 1, Math.ceil(number("since", 0)));
    const to = Math.min(past.newest, number("before", Infinity) - 1, Math.floor(number("until", Infinity)));
    const size = Math.max(0, Math.min(number("limit", 200), to - from + 1));
    const entries = Array.from({ length: size }, (_, i) => entry(asked.get("order") === "desc" ? to - i : from + i));
    const answer = { entries, oldest: 1, newest: past.newest, more: size < to - from + 1 };
    return new Response(JSON.stringify(answer), { headers: { "content-type": "application/json" } });
  };
  return past;
}

export const entry = (number, more = {}) => ({
  number,
  at: number,
  source: "meter",
  kind: "state",
  code: "woke",
  fields: {},
  ...more,
});

export function useFakeLab(answers = {}) {
  globalThis.EventSource = FakeEventSource;
  answerWith({
    "/access": { name: "local", role: "admin", tokens_needed: false },
    "/modules": [],
    "/platforms": [],
    ...answers,
  });
}
