// The heads of the lanes, and who has one: each is put among the others by a press. Knows lanes and their names.

import { html } from "../base/view.js";
import { currentZone } from "../base/zone.js";
import { t } from "../base/i18n.js";
import { OTHERS } from "./layout.js";

const CROWD = 6; // lanes, from which on their names stand upright where there is little room
const BIG_CROWD = 10; // everywhere

/**
 * What a lane is called: by its sort where it is the only one of it, else by its name.
 * @param {LanePlaced} lane
 * @param {Layout} layout
 * @param {number} others how many have no lane
 */
export function laneName({ kind, name }, layout, others) {
  if (name === OTHERS) return t("lane-others", { n: others });
  const alone = layout.lanes.filter((lane) => lane.kind === kind).length === 1;
  if (kind === "host") return t("lane-host");
  return alone || !name ? t(`lane-${kind}`) : name;
}

/**
 * @param {object} own
 * @param {Layout} own.layout
 * @param {(kind: LaneKind) => number} own.others
 * @param {((name: string) => unknown) | null} own.fold null: it cannot be
 * @param {() => unknown} own.unfold
 */
export function heads({ layout, others, fold, unfold }) {
  const n = layout.lanes.length;
  const upright = n > BIG_CROWD ? "upright" : n > CROWD ? "crowded" : n > 4 ? "several" : "";
  return html`
    <div class=${`seq-head ${upright}`} role="row">
      <div class="when" role="columnheader" title=${currentZone()}>
        ${t("seq-time")}<span class="passed">${currentZone()}</span>
      </div>
      <div class="lanes">
        ${layout.lanes.map((lane) => {
          const { kind, name, at } = lane;
          const words = laneName(lane, layout, others(kind));
          const title = kind === "host" ? t("lane-host_of", { module: name }) : words;
          const can =
            fold &&
            (kind === "module" || kind === "platform") &&
            layout.lanes.filter((one) => one.kind === kind).length > 1;
          return html`
            <div
              key=${`${kind} ${name}`}
              class=${`lane ${kind}`}
              role="columnheader"
              style=${{ left: `${at}%` }}
              title=${title}>
              ${
                can
                  ? html`
                      <button
                        class="linklike"
                        data-lane=${name}
                        title=${name === OTHERS ? t("lane-unfold") : t("lane-fold", { name })}
                        onclick=${() => (name === OTHERS ? unfold() : fold(name))}>
                        ${words}
                      </button>
                    `
                  : words
              }
            </div>
          `;
        })}
      </div>
    </div>
  `;
}
