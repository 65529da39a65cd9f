// Which time of the wall clock a time of the lab was: known where both were told together, and in between.

const KEPT = 5000;
/** @type {[at: number, wall: number][]} in order of both */
let anchors = [];

/**
 * Both clocks at one instant.
 * @param {number} at @param {number} wall
 */
export function meet(at, wall) {
  const place = placeOf(at, wall);
  const [before, same] = [anchors[place - 2], anchors[place - 1]];
  if (same?.[0] === at && before?.[0] === at && place === anchors.length)
    same[1] = wall; // it stands still
  else if (same?.[0] !== at || same[1] !== wall) anchors.splice(place, 0, [at, wall]);
  if (anchors.length > KEPT) anchors.shift();
}

/**
 * Behind all that are not later.
 * @param {number} at @param {number} wall
 */
function placeOf(at, wall = Infinity) {
  let low = 0;
  let high = anchors.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const [thenAt, thenWall] = anchors[middle];
    if (thenAt < at || (thenAt === at && thenWall <= wall)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Null: before this lab was opened, or after all that is known.
 * @param {number} at
 * @returns {number | null}
 */
export function wallOf(at) {
  const place = placeOf(at);
  const [before, after] = [anchors[place - 1], anchors[place]];
  if (!before) return null;
  if (before[0] === at) return before[1];
  if (!after) return at - before[0] < 2 ? before[1] + (at - before[0]) : null;
  return before[1] + ((at - before[0]) / (after[0] - before[0])) * (after[1] - before[1]);
}

export function forgetWall() {
  anchors = [];
}
