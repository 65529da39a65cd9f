// The pages that can be gone to from everywhere: name, address, and the key after `g`.

/** @type {[name: string, address: string, key: string][]} */
export const ITEMS = [
  ["overview", "/", "o"],
  ["modules", "/modules", "m"],
  ["timeline", "/timeline", "t"],
  ["platforms", "/platforms", "p"],
  ["campaigns", "/campaigns", "c"],
  ["faults", "/faults", "f"],
  ["scenarios", "/scenarios", "s"],
  ["fleet", "/fleet", "d"],
  ["access", "/access", "k"],
  ["docs", "/docs", "a"],
];
