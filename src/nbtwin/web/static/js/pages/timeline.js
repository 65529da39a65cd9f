// The time line of the whole lab, or of some modules, as a sequence diagram. The address keeps where one is in it.

import { html } from "../base/view.js";
import { t } from "../base/i18n.js";
import { API, query } from "../base/api.js";
import { counted } from "../base/format.js";
import { icon } from "../base/icons.js";
import { keepQuery } from "../base/router.js";
import { header } from "../parts/states.js";
import { toast } from "../parts/toast.js";
import { isStep, readPlace } from "../sequence/address.js";
import { takeAlong } from "../sequence/take_along.js";
import { newSequence } from "../sequence/view.js";
import { pageShortcuts } from "../shell/shortcuts.js";
import { may } from "../state/access.js";
import { timeline } from "../state/timeline.js";

/** @param {unknown} _ @param {Lifecycle} lifecycle @param {URLSearchParams} asked */
export function timelinePage(_, lifecycle, asked) {
  const sequence = newSequence(lifecycle, { place: readPlace(asked) });
  const taking = takeAlong(lifecycle, sequence);
  lifecycle.onEnd(
    pageShortcuts([
      ...sequence.shortcuts,
      ["y", "link-copy", copyLink],
      ["c", "take-text", () => taking.copy("text")],
      ["r", "compare-runs", () => sequence.askRun("")],
    ]),
  );
  /** @type {Record<string, string> | null} what the address says now */
  let said = null;
  let address = location.hash;

  const filter = () =>
    query({ source: sequence.state.modules, since: sequence.state.span?.[0], until: sequence.state.span?.[1] });

  /** The address follows; what one may want to go back from is a step of the browser's history. */
  function keepPlace() {
    if (location.hash !== address) return; // somebody has gone elsewhere, and this page is about to end
    const now = sequence.whereNow();
    if (said && isStep(said, now)) history.pushState(null, "", location.href);
    said = now;
    keepQuery(now);
    address = location.hash;
  }

  async function copyLink() {
    keepPlace();
    try {
      await navigator.clipboard.writeText(location.href);
      toast(t("link-copied"), "good");
    } catch {
      toast(location.href, "good"); // no clipboard for this page: to be taken by hand
    }
  }

  return {
    title: () => t("nav-timeline"),
    fills: true,
    view: () => {
      keepPlace();
      return [
        header(t("nav-timeline"), {
          sub: t("seq-kept", { n: counted(timeline.entries.length) }),
          acts: [
            html`
              <button class="small" id="copy-link" title=${`${t("link-copy")} (y)`} onclick=${copyLink}>
                ${icon("right")}${t("link-copy")}
              </button>
            `,
            html`
              <button
                class="small"
                id="ask-runs"
                title=${`${t("compare-runs")} (r)`}
                onclick=${() => sequence.askRun("")}>
                ${t("compare-runs")}
              </button>
            `,
            taking.view([
              html`
                <a class="button small" href=${`${API}/traces.jsonl${filter()}`} download="timeline.jsonl"
                  >JSON lines</a
                >
              `,
              may("admin") &&
                html`
                  <a
                    class="button small"
                    id="pcapng"
                    href=${`${API}/traces.pcapng${filter()}`}
                    download="timeline.pcapng">
                    pcapng
                  </a>
                `,
            ]),
          ],
        }),
        sequence.view(),
      ];
    },
  };
}
