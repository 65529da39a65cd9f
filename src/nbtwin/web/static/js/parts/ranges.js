// How high a chart's axis is, by the values that are drawn: one alone, or none, gives a plot as well.

/**
 * The lowest and the highest value of the axis, 0 among them.
 * @param {unknown} _ @param {number | null} low @param {number | null} high
 */
export const fromZero = (_, low, high) => {
  const [least, most] = [Math.min(0, low ?? 0), Math.max(0, high ?? 0)];
  return least === most ? [0, 1] : [least * 1.1, most * 1.1];
};

/**
 * The same, for values of which only the differences say something; one value is in the middle.
 * @param {unknown} _ @param {number | null} low @param {number | null} high
 */
export const fitting = (_, low, high) => {
  if (low === null || high === null) return [0, 1];
  const room = (high - low) * 0.1 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
};
