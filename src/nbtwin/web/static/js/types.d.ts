// Shapes for the type checker alone, never sent to a browser: what the API answers, and what the console's parts hand
// to each other.

type View = any; // whatever a template may show: elements, text, numbers, lists of them, null and false
type TemplateValue = ((event: any) => unknown) | object | string | number | boolean | null | undefined;
type Redraw = () => void;

interface Lifecycle {
  redraw: Redraw;
  signal: AbortSignal;
  onEnd(action: () => unknown): void;
  every(milliseconds: number, action: () => unknown): void;
  on(target: EventTarget, event: string, listener: (event: any) => void): void;
  end(): void;
}

interface Resource<T> {
  state: "loading" | "ready" | "error";
  value: T | null;
  error: any;
  reload(): Promise<void>;
}

interface Page {
  title?: () => string;
  view: () => View;
  fills?: boolean; // as tall as the window, scrolling inside
}

type Params = Record<string, string>;
type PageMaker = (params: any, lifecycle: Lifecycle, query: URLSearchParams) => Page;
type Route = [pattern: string, load: () => Promise<PageMaker>];
type Shortcut = [key: string, text: string, action: () => unknown];

interface IslandMade<T> {
  update?(own: T): void;
  destroy?(): void;
}

// What the API answers. Fields that the console does not read are left out.

interface Entry {
  number: number;
  at: number;
  source: string;
  kind: string;
  code: string;
  fields: Record<string, any>;
  layout?: DecodedField[];
  inside?: { data: string | null; fields: DecodedField[] }[];
}

interface DecodedField {
  start: number;
  end: number;
  name: string;
  value: string;
  source: string;
}

interface Waiting {
  at: number;
  seconds: number;
  why: string;
  code: string;
  fields: Record<string, any>;
  part?: string;
  source?: string;
}

interface Clock {
  now: number;
  ahead: number;
  mode: string;
  rate: number;
  paused: boolean;
  advancing: boolean;
  zone: string; // in which times are shown
  next: Waiting | null;
}

interface LabModule {
  name: string;
  model: string;
  imei: string;
  firmware: string;
  serial: string;
  power: string;
  imsi: string | null;
  iccid: string | null;
  operator: string | null;
  coverage: boolean;
  attached: boolean;
  rssi: number;
  function: number;
  cmdmp_state: number;
  cmdmp_state_name: string;
  andlink: { state: string; registered: boolean; server: string | null } | null;
  internet: ModuleInternet | null;
  waiting: Waiting | null;
  standing: Standing[];
}

/** What a module does in the internet besides its services. */
interface ModuleInternet {
  sockets: ModuleSocket[];
  pings: { owner: string; host: string; size: number; timeout: number }[];
  names: string[];
  mqtt: ModuleMqtt[];
  time_server: string | null;
}

interface ModuleSocket {
  owner: string;
  number: number;
  transport: string;
  port: number;
  peer: string | null;
  state: string;
  reached_at: string | null;
  unread: number;
  unsent: number;
  sent: number;
  received: number;
}

interface ModuleMqtt {
  number: number;
  server: string;
  state: string;
  client_id: string;
  keep_alive: number;
  subscriptions: { filter: string; qos: number }[];
}

interface Platform {
  name: string;
  operator: string;
  udp: string;
  addresses: string[];
  devices: number;
  registered: number;
  expired: number;
  strict: boolean;
}

/** A device as its platform's store has it; which fields are there depends on the operator. */
interface Device {
  id: string;
  platform: string;
  state: string;
  last_seen_at: number;
  [field: string]: any;
}

interface Cause {
  code: string;
  fields: Record<string, any>;
}

interface OperationResult {
  ticket: number;
  platform: string;
  device: string;
  operation: string;
  path: string;
  done: boolean;
  code: string;
  value: any;
  raw: any; // the value as it came, where it was encrypted
  refusal: Cause | null;
  at: number | null;
  about?: Record<string, { name: string; unit: string }>; // by path
}

interface NextWindow {
  open: boolean;
  until: number | null;
  due_at: number | null;
  known_from: "now" | "period" | "lifetime" | "nothing";
}

interface CommandShown {
  ticket: number;
  operation: string;
  path: string;
  value: any;
  state: "waiting" | "sent" | "answered" | "failed" | "expired" | "cancelled";
  position: number | null;
  deadline: number;
  ended_at: number | null;
  refusal: Cause | null;
}

interface QueueShown {
  window: NextWindow;
  commands: CommandShown[];
}

interface ResourceShown {
  id: number;
  path: string;
  name: string;
  type: string;
  operations: string;
  multiple: boolean;
  mandatory: boolean;
  unit: string;
  range: string;
  value: any;
  at: number | null;
}

interface ObjectListed {
  id: number;
  version: string;
  name: string;
  source: "built-in" | "added";
}

interface ResourceDefined {
  id: number;
  name: string;
  type: string;
  operations: string;
  multiple: boolean;
  mandatory: boolean;
  unit: string;
  range: string;
}

interface ObjectDefined extends ObjectListed {
  resources: ResourceDefined[];
}

interface InstanceShown {
  id: number;
  resources: ResourceShown[];
}

interface ObjectShown {
  id: number;
  name: string;
  version: string | null;
  instances: InstanceShown[];
}

interface Observation {
  path: string;
  value: any;
  at: number | null;
}

interface Point {
  at: number;
  value: any;
}

interface Series {
  path: string;
  points: Point[];
}

interface HistoryLine {
  at: number;
  code: string;
  fields: Record<string, any>;
}

interface Campaign {
  id: number;
  platform: string; // added by the page
  name: string;
  version: string;
  mode: "auto" | "pull" | "push";
  state: string;
  devices: number;
  counts: Record<string, number>;
  started_at: number;
  ended_at: number | null;
}

interface DeviceProgress {
  device: string;
  step: string;
  result: number | null;
  version: string;
  way: "pull" | "push" | null;
  cause: Cause | null;
  text: string; // in place of a cause: a sentence of an older version
  attempts: number;
  at: number;
  bytes: number;
  size: number | null;
}

interface BatchState {
  number: number;
  act: "operate" | "label" | "take-back" | "deregister" | "forget";
  about: Record<string, any>;
  by: string;
  state: "running" | "stopped" | "finished";
  devices: number;
  counts: Record<string, number>;
  started_at: number;
  ended_at: number | null;
  trouble: Cause | null;
}

interface BatchRow {
  device: string;
  state: string;
  code: string;
  value: any;
  refusal: Cause | null;
  at: number | null;
}

interface DeviceLabels {
  groups: { name: string; devices: number }[];
  tags: { name: string; devices: number }[];
}

interface OnlineCurve {
  kept_since: number | null;
  points: { at: number; online: number; low: number; high: number }[];
}

interface DeviceOnline {
  now: number;
  queue_mode: boolean;
  awake: number;
  spans: { since: number | null; until: number | null; ended: string }[];
  heard: number[];
}

interface FirmwarePackage {
  name: string;
  kind: "container" | "raw";
  models: string[];
  checksum: string;
  notes: string;
  model: string;
  version: string;
  base: string;
  size: number;
}

interface Fault {
  number: number;
  detail: Record<string, any>;
  unmatched: string[];
}

interface FaultKind {
  kind: string;
  fields: string[];
}

interface Scenario {
  name: string;
  title: string;
  about: string;
}

interface Verdict {
  passed: boolean;
  at: number;
  what: string;
  expected: string;
  found: string;
  why: string;
  text: string;
}

interface ScenarioRun {
  id: number;
  name: string;
  title: string;
  seed: number;
  state: string;
  error: string;
  entries: number;
  verdicts: Verdict[];
}

interface Coded {
  code: string;
  fields: Record<string, any>;
}

interface FieldExplained {
  name: string;
  takes: Coded | null;
  text: string | null;
  value: any;
  meaning: string;
  error: Coded | null;
}

interface CommandExplained {
  text: string;
  name: string;
  form: string;
  source: string;
  says: string;
  fields: FieldExplained[];
  error: Coded | null;
  executed: boolean;
}

interface Explanation {
  error: Coded | null;
  commands: CommandExplained[];
  lines: string[];
}

interface Suggestion {
  text: string;
  insert: string;
  says: string;
  source: string;
}

interface NvramSetting {
  name: string;
  code: string;
  command: string;
  source: string;
  says: string;
  parameters: string[];
  write: string;
  many: boolean;
  about: string;
  default: any;
  saved: any;
  in_use: any;
  waiting: boolean;
}

interface NvramChange {
  name: string;
  before: any;
  after: any;
}

interface NvramState {
  settings: NvramSetting[];
}

/** Why a module is where it is: of the whole module, of an operator, of Andlink. */
interface Standing {
  service: string;
  code: string;
  fields: Record<string, any>;
  remedy: string;
  line: string;
}

interface Snapshot {
  id: number;
  at: number;
  bytes: number;
  label: string;
}

interface Token {
  name: string;
  role: string;
  hint: string;
  expires_at: number | null;
  used_at: number | null;
}

interface AuditLine {
  at: number;
  who: string;
  what: string;
  target: string;
  status: number;
}

interface Percentiles {
  count: number;
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** How long the lab's event loop was held, and by what. */
interface Held {
  seconds: number;
  work: string;
  detail: string;
}

/** A page of a list, with how many there are in all. */
interface Counted<T> {
  value: T[];
  total: number;
}

// The sequence diagram.

type LaneKind = "host" | "module" | "network" | "platform";

interface LanePlaced {
  kind: LaneKind;
  name: string; // of the module or platform, "" for the network
  at: number; // percent of the width
}

interface Layout {
  lanes: LanePlaced[];
  many: boolean; // lanes of several modules
  hosts: boolean; // a lane for each host
  at(kind: LaneKind, name: string): number;
  has(kind: LaneKind, name: string): boolean;
}

/** What a module's life line looks like, by its name. */
type Lives = Record<string, string>;

interface Arrow {
  shape: "arrow";
  from: LaneKind;
  to: LaneKind;
  tone: string;
  label: string;
  mono?: boolean;
  both?: boolean; // with a tip at each end
  lost?: boolean;
  again?: number; // which sending of the same packet it is
  note?: string; // what faults did to it
  whole?: LaneKind[]; // the label's width
}

interface Pill {
  shape: "pill";
  at: LaneKind;
  tone: string;
  label: string;
}

type Drawing = Arrow | Pill;

interface EntryRow {
  kind: "entry";
  key: number;
  entry: Entry;
  at: number;
  passed: number;
  broken: boolean;
  lives: Lives;
  since: { first: number; last: number } | null;
}

interface GapRow {
  kind: "gap";
  key: string;
  at: number;
  seconds: number;
  lives: Lives;
}

interface GroupRow {
  kind: "group";
  key: string;
  bucket: number;
  at: number;
  cut: boolean; // not all of it is here
  lives: Lives;
  counts: Record<string, number>;
  by: Record<string, number>; // how many of each module
  states: string[];
  change: string; // the last change of state
  events: string[];
  size: number;
}

/** What is not here of the rows at an end. */
interface CutRow {
  kind: "cut";
  key: string;
  side: "before" | "after" | "forgotten";
  at: number;
  zoom: number;
  all: number; // entries that are not here
  missing: number | null; // how many of them are of the row beside it; null: they are being counted
}

interface Ends {
  before: CutRow | null;
  after: CutRow | null;
  cut: Set<number>; // the rows that are not whole, by their begin
}

type SequenceRow = EntryRow | GapRow | GroupRow | CutRow;

/** What is followed: an exchange or a registration by the number of an entry of it, a campaign by its own. */
interface Followed {
  kind: "exchange" | "registration" | "campaign";
  number: number;
  platform: string; // of a campaign
}

/** Where one is in the time line: what an address keeps. */
interface SequencePlace {
  modules: string[]; // none: all
  zoom: number;
  text: string;
  span: TimeSpan | null;
  hidden: string[] | null; // kinds; null: as this browser remembers
  followed: Followed | null;
  chosen: number | null; // the number of the entry that is open
  against: number | null; // of the one beside it
  runs: RunPair | null;
  folded: string[]; // modules and platforms without a lane
  top: string; // the key of the first row in view; "": the newest are shown
}

/** What the time line is at, with what is not kept in an address. */
interface SequenceOwn extends SequencePlace {
  short: boolean;
  kinds: Set<string>;
  follow: boolean; // the newest are shown
  looked: string; // what is searched in the list of modules
  sliding: boolean;
  wrongTime: boolean;
  picking: boolean; // the next entry is compared with the one that is open
}

interface SequenceActs {
  setZoom(zoom: number): void;
  change(values: Partial<SequencePlace>): void;
  showKind(kind: string): void;
  moveTo(at: number | null): void;
  timeGiven(event: any): void;
  tick(module: string): void;
  look(text: string): void;
  opened(element: HTMLDetailsElement): void;
  askRun(first: string): void;
  pick(on: boolean): void;
}

interface FieldPair {
  left: DecodedField | null;
  right: DecodedField | null;
  differs: boolean;
}

interface StepPair {
  left: Entry | null;
  right: Entry | null;
  leftAfter: number | null; // seconds since its run began
  rightAfter: number | null;
  differs: boolean;
}

/** What a run's name in an address says. */
type RunNamed =
  | { kind: "registration" | "scenario"; number: number }
  | { kind: "module"; name: string; since: number | null; until: number | null };

/** Two runs beside each other, each as it stands in an address. */
type RunPair = [left: string, right: string];

interface EntryNote {
  id: number;
  entry: number;
  at: number; // of the entry, by which it is known again
  text: string;
  by: string;
  written_at: number;
}

interface ByteRange {
  layer: number;
  start: number;
  end: number;
}

type TimeSpan = [from: number, to: number];

interface RowTools {
  chosen: number | null;
  choose: (number: number, beside?: boolean) => void;
  zoomIn: (at: number) => void;
  fetchRest: (side: "before" | "after", missing: number) => unknown;
  layout: Layout;
  whose: boolean; // of several modules: each row says whose it is
  day: number; // seconds in a row of the present zoom
  noted: (entry: Entry) => number; // how many notes it has
}

interface RowFilter {
  kinds: Set<string>;
  zoom?: number;
  modules?: Map<string, string> | null; // name to IMEI
  only?: Set<number> | null; // the numbers of entries that are followed
  text?: string;
  since?: number | null;
  until?: number | null;
  cut?: Set<number>; // rows that are not whole
}

// Islands.

interface ChartProps {
  data: (number | null)[][] | any; // [[x…], [y…]…], oldest first; x is lab time
  series: { label: string; tone: string; fill?: boolean }[];
  version: string | number; // drawn again when it changes
  name: string; // of the files, and above the picture
  span?: TimeSpan; // what is drawn of the time; all of it, when left out
  partial?: TimeSpan[]; // where it is counted in part only
  tall?: number; // pixels
  unit?: string;
  steps?: boolean;
  fits?: boolean; // only differences say something: 0 need not be seen
}

interface ListProps {
  total: number;
  height: number; // of a row, in pixels
  version: string; // drawn again when it changes
  row: (index: number) => View;
  recycle?: boolean; // elements are used again for other rows: cheaper where all rows change at once
  seen?: (from: number, to: number) => void; // the window has moved
  follow?: boolean; // stays at the end
  stuck?: (stuck: boolean) => void; // it is at the end, or no longer
  jump?: { index: number; token: number; top?: boolean } | null; // scroll there, once for each token; top: to the edge
}

interface StripProps {
  entries: () => Entry[];
  version: string;
  view: TimeSpan | null; // what the diagram shows now
  marked: TimeSpan | null; // what is looked at alone
  go: (at: number) => void;
  mark: (from: number, to: number) => void;
}

interface TerminalLine {
  kind: string;
  text: string;
  at: number | null;
  number: number | null;
  key: string | number;
}

/** Lines that are sent one after the other. */
interface Paste {
  left: string[];
  total: number;
  errors: number; // lines that were answered with one
  stopped: boolean;
  wake?: () => void; // when it waits for a module that starts
}

interface ScreenProps {
  version: string;
  lines: () => View[]; // made when the version is another
  sought: string;
}

interface SavedScript {
  name: string;
  text: string;
}

interface ScriptPattern {
  text: string;
  expression: RegExp;
}

interface CommandStep {
  kind: "command";
  number: number;
  line: string;
  within: number;
  data: string | null;
  expected: ScriptPattern[];
}

type ScriptStep =
  | CommandStep
  | { kind: "wait"; number: number; pattern: ScriptPattern; seconds: number }
  | { kind: "sleep"; number: number; seconds: number }
  | { kind: "raw"; number: number; data: string };

interface ScriptHost {
  stopped(): boolean;
  begun(step: ScriptStep, n: number): void;
  command(line: string, data: string | null, within: number): Promise<{ lines: string[]; final: string }>;
  wait(fits: (line: string) => boolean, seconds: number): Promise<boolean>;
  sleep(seconds: number): Promise<void>;
  raw(hex: string): Promise<void>;
}
