// Which address shows which page. A page is fetched when it is first shown.

/** @type {Route[]} */
export const ROUTES = [
  ["/", async () => (await import("./overview.js")).overviewPage],
  ["/start", async () => (await import("./start.js")).startPage],
  ["/start/:door", async () => (await import("./start.js")).startPage],
  ["/modules", async () => (await import("./modules.js")).modulesPage],
  ["/modules/:name", async () => (await import("./module.js")).modulePage],
  ["/timeline", async () => (await import("./timeline.js")).timelinePage],
  ["/platforms", async () => (await import("./platforms.js")).platformsPage],
  ["/platforms/:platform", async () => (await import("./inventory.js")).platformPage],
  ["/platforms/:platform/devices/:device", async () => (await import("./device.js")).devicePage],
  ["/campaigns", async () => (await import("./campaigns.js")).campaignsPage],
  ["/faults", async () => (await import("./faults.js")).faultsPage],
  ["/scenarios", async () => (await import("./scenarios.js")).scenariosPage],
  ["/fleet", async () => (await import("./fleet.js")).fleetPage],
  ["/access", async () => (await import("./access.js")).accessPage],
  ["/docs", async () => (await import("./docs.js")).docsPage],
  ["/docs/:operation", async () => (await import("./docs.js")).docsPage],
];
