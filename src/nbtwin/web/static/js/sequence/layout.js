// Which lanes there are and where each stands: a lane for each module and each platform, the network between them. So
// few that they can be read: what has no lane of its own is drawn on one for all others. Knows names, no drawing.

/** Modules with a lane of their own, and platforms. */
export const MOST_MODULES = 12;
export const MOST_PLATFORMS = 4;
const WITH_HOSTS = 3; // so few modules have a lane for the host beside their own
const CROWD = 8; // lanes, from which on they go to the edges
/** The name of the lane for all that have none; no module is called so. */
export const OTHERS = "*";

/** How far apart two lanes stand, by what they are: in no unit, all of them together fill the width. */
const GAPS = /** @type {Record<string, number>} */ ({
  "host module": 26,
  "module host": 17,
  "module module": 22,
  "module network": 30,
  "network platform": 30,
  "platform platform": 24,
});

/**
 * The lanes with their places in percent of the width, from left to right.
 * @param {string[]} modules names, OTHERS among them where some have no lane
 * @param {string[]} platforms the same
 * @returns {LanePlaced[]}
 */
export function placed(modules, platforms) {
  const hosts = modules.length <= WITH_HOSTS;
  /** @param {LaneKind} kind @param {string} name */
  const lane = (kind, name) => ({ kind, name, at: 0 });
  const list = [
    ...modules.flatMap((name) => [...(hosts && name !== OTHERS ? [lane("host", name)] : []), lane("module", name)]),
    lane("network", ""),
    ...platforms.map((name) => lane("platform", name)),
  ];
  const edge = list.length > CROWD ? 3.5 : 7;
  const gaps = list.slice(1).map((one, i) => GAPS[`${list[i].kind} ${one.kind}`] ?? 20);
  const unit = (100 - 2 * edge) / gaps.reduce((sum, gap) => sum + gap, 0);
  let at = edge;
  list.forEach((one, i) => {
    at += i ? gaps[i - 1] * unit : 0;
    one.at = Math.round(at * 100) / 100;
  });
  return list;
}

/**
 * Where something of a module or a platform is drawn; of one without a lane: on that of the others.
 * @param {LanePlaced[]} lanes
 * @returns {Layout}
 */
export function layoutOf(lanes) {
  const places = new Map(lanes.map((lane) => [`${lane.kind} ${lane.name}`, lane.at]));
  const first = (/** @type {LaneKind} */ kind) => lanes.find((lane) => lane.kind === kind)?.at;
  const network = first("network") ?? 50;
  return {
    lanes,
    many: lanes.filter((lane) => lane.kind === "module").length > 1,
    hosts: first("host") !== undefined,
    at(kind, name) {
      if (kind === "network") return network;
      return places.get(`${kind} ${name}`) ?? places.get(`${kind} ${OTHERS}`) ?? first(kind) ?? network;
    },
    has: (kind, name) => places.has(`${kind} ${name}`),
  };
}

/**
 * Who of all gets a lane, in the order of `all`: those that were chosen; else those in view, then those that have one
 * already, then those of which something was heard last.
 * @param {object} own
 * @param {string[]} own.all
 * @param {Set<string>} own.folded they get none
 * @param {Iterable<string>} own.inView
 * @param {string[]} own.before those that have a lane now
 * @param {string[]} own.recent the newest first
 * @param {number} own.most
 * @returns {string[]} with OTHERS at the end where some have none
 */
export function choose({ all, folded, inView, before, recent, most }) {
  const may = new Set(all.filter((name) => !folded.has(name)));
  /** @type {Set<string>} */
  let taken = may;
  if (may.size > most) {
    taken = new Set();
    for (const names of [inView, before, recent, all])
      for (const name of names) if (taken.size < most && may.has(name)) taken.add(name);
  }
  const list = all.filter((name) => taken.has(name));
  return list.length < all.length ? [...list, OTHERS] : list;
}
