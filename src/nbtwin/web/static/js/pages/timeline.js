// The time line of the whole lab, or of one module (?module=name), as a sequence diagram.

import { html } from "../base/view.js";
import { t } from "../base/i18n.js";
import { API, query } from "../base/api.js";
import { icon } from "../base/icons.js";
import { keepQuery } from "../base/router.js";
import { header } from "../parts/states.js";
import { newSequence } from "../sequence/view.js";
import { pageShortcuts } from "../shell/shortcuts.js";
import { counted } from "../base/format.js";
import { may } from "../state/access.js";
import { timeline } from "../state/timeline.js";

/** @param {unknown} _ @param {Lifecycle} lifecycle @param {URLSearchParams} asked */
export function timelinePage(_, lifecycle, asked) {
  const sequence = newSequence(lifecycle, { module: asked.get("module") });
  lifecycle.onEnd(pageShortcuts(sequence.shortcuts));
  const filter = () =>
    query({ source: sequence.state.module, since: sequence.state.span?.[0], until: sequence.state.span?.[1] });
  return {
    title: () => t("nav-timeline"),
    fills: true,
    view: () => {
      keepQuery({ module: sequence.state.module ?? "" });
      return [
        header(t("nav-timeline"), {
          sub: t("seq-kept", { n: counted(timeline.entries.length) }),
          acts: [
            html`
              <a class="button small" href=${`${API}/traces.jsonl${filter()}`} download="timeline.jsonl">
                ${icon("save")}${"JSON lines"}
              </a>
            `,
            may("admin") &&
              html`
                <a
                  class="button small"
                  id="pcapng"
                  href=${`${API}/traces.pcapng${filter()}`}
                  download="timeline.pcapng">
                  ${icon("save")}pcapng
                </a>
              `,
          ],
        }),
        sequence.view(),
      ];
    },
  };
}
