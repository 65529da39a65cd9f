// Which address shows which page.

import { accessPage } from "./access.js";
import { campaignsPage } from "./campaigns.js";
import { devicePage } from "./device.js";
import { docsPage } from "./docs.js";
import { faultsPage } from "./faults.js";
import { fleetPage } from "./fleet.js";
import { modulePage } from "./module.js";
import { modulesPage } from "./modules.js";
import { overviewPage } from "./overview.js";
import { platformPage, platformsPage } from "./platforms.js";
import { scenariosPage } from "./scenarios.js";
import { timelinePage } from "./timeline.js";

/** @type {Route[]} */
export const ROUTES = [
  ["/", overviewPage],
  ["/modules", modulesPage],
  ["/modules/:name", modulePage],
  ["/timeline", timelinePage],
  ["/platforms", platformsPage],
  ["/platforms/:platform", platformPage],
  ["/platforms/:platform/devices/:device", devicePage],
  ["/campaigns", campaignsPage],
  ["/faults", faultsPage],
  ["/scenarios", scenariosPage],
  ["/fleet", fleetPage],
  ["/access", accessPage],
  ["/docs", docsPage],
  ["/docs/:operation", docsPage],
];
