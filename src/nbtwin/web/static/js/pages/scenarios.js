// Scenarios: stories with expectations, run in a lab of their own at full speed; their verdicts.

import { html } from "../base/view.js";
import { del, get, post, query, seg } from "../base/api.js";
import { count, span } from "../base/format.js";
import { icon } from "../base/icons.js";
import { isBad, textOf } from "../base/facts.js";
import { t, word } from "../base/i18n.js";
import { errorText } from "../base/problems.js";
import { resource } from "../base/lifecycle.js";
import { numberOr } from "../base/values.js";
import { requireRole } from "../parts/require_role.js";
import { card, empty, header, pill, shown } from "../parts/states.js";
import { formField, isAbout } from "../parts/fields.js";
import { tryDestructive, tryRequest } from "../state/actions.js";
import { reloadOn } from "../state/changes.js";

/** @type {Record<string, string>} */
const TONE = { running: "accent", passed: "good", failed: "bad", broken: "bad", stopped: "warm" };

/** @param {unknown} _ @param {Lifecycle} lifecycle */
export function scenariosPage(_, lifecycle) {
  const own = {
    name: /** @type {string | null} */ (null),
    yaml: "",
    seed: "",
    run: /** @type {ScenarioRun | null} */ (null),
    timeline: /** @type {Entry[] | null} */ (null),
    problem: /** @type {any} */ (null),
  };
  /** @type {Resource<Scenario[]>} */
  const list = resource(lifecycle, () => get("/scenarios", { signal: lifecycle.signal }));
  /** @type {Resource<ScenarioRun[]>} */
  const runs = resource(lifecycle, () => get("/scenarios/runs", { signal: lifecycle.signal }));
  reloadOn(lifecycle, ["scenarios"], refresh);

  async function refresh() {
    await runs.reload();
    if (own.run)
      own.run = await get(`/scenarios/runs/${seg(own.run.id)}`, { signal: lifecycle.signal }).catch(() => own.run);
    lifecycle.redraw();
  }

  /** @param {string} name */
  async function choose(name) {
    own.name = name;
    const found = await tryRequest(() => get(`/scenarios/${seg(name)}`));
    if (found && own.name === name) own.yaml = found.yaml;
    lifecycle.redraw();
  }

  async function start() {
    const body = {
      ...(own.yaml ? { yaml: own.yaml } : { name: own.name }),
      ...(own.seed ? { seed: numberOr(own.seed) } : {}),
      wait: 1,
    };
    Object.assign(own, { run: null, timeline: null, problem: null });
    lifecycle.redraw();
    try {
      own.run = await post("/scenarios/runs", body);
    } catch (error) {
      own.problem = error;
    }
    refresh();
  }

  /** @param {ScenarioRun} run */
  async function forget(run) {
    const question = { title: t("remove_title", { name: run.title || run.name }), word: t("remove") };
    const gone = await tryDestructive(question, () => del(`/scenarios/runs/${seg(run.id)}`));
    if (gone === undefined) return;
    Object.assign(own, { run: null, timeline: null });
    refresh();
  }

  /** @param {ScenarioRun} run */
  async function showTimeline(run) {
    const found = await tryRequest(() => get(`/scenarios/runs/${run.id}/timeline${query({ limit: 400 })}`));
    own.timeline = found?.entries ?? null;
    lifecycle.redraw();
  }

  return {
    title: () => t("nav-scenarios"),
    view: () => [
      header(t("nav-scenarios"), { sub: t("scenario-about") }),
      html`
        <div class="split">
          <div class="stack">
            ${card(t("scenario-all"), null, shown(list, pick), { flush: true })}
            ${card(t("scenario-runs"), null, shown(runs, runList), { flush: true })}
          </div>
          <div class="stack">${own.run && runCard(own.run)}${card(t("scenario-text"), null, editor())}</div>
        </div>
      `,
    ],
  };

  /** @param {Scenario[]} all */
  function pick(all) {
    return !all.length
      ? empty("scenarios", t("scenario-none"))
      : html`
          <div class="picklist" id="scenarios">
            ${all.map(
              (one) => html`
                <button
                  key=${one.name}
                  class="pick"
                  aria-pressed=${String(one.name === own.name)}
                  data-scenario=${one.name}
                  onclick=${() => choose(one.name)}>
                  <b>${one.title || one.name}</b>
                  <span>${one.about}</span>
                </button>
              `,
            )}
          </div>
        `;
  }

  /** @param {ScenarioRun[]} all */
  function runList(all) {
    return !all.length
      ? html` <p class="empty">${t("scenario-no_runs")}</p> `
      : html`
          <div class="picklist" id="runs">
            ${all.map(
              (run) => html`
                <button
                  key=${run.id}
                  class="pick"
                  aria-pressed=${String(run.id === own.run?.id)}
                  onclick=${async () => {
                    Object.assign(own, {
                      run: await tryRequest(() => get(`/scenarios/runs/${seg(run.id)}`)),
                      timeline: null,
                    });
                    lifecycle.redraw();
                  }}>
                  <div class="row" style=${{ width: "100%" }}>
                    <b class="grow">${run.title || run.name}</b>
                    ${pill(TONE[run.state] ?? "", word("run", run.state))}
                  </div>
                  <span>${t("scenario-seed", { seed: run.seed })}</span>
                </button>
              `,
            )}
          </div>
        `;
  }

  function editor() {
    return html`
      <form
        class="stack"
        onsubmit=${(e) => {
          e.preventDefault();
          start();
        }}>
        ${formField(
          {
            label: html` <span class="only-read">${t("scenario-text")}</span> `,
            name: "yaml",
            id: "scenario-yaml",
            error: own.problem,
          },
          (about) => html`
            <textarea
              class="yaml"
              spellcheck=${false}
              value=${own.yaml}
              placeholder=${t("scenario-placeholder")}
              ...${about}
              oninput=${(e) => {
                own.yaml = e.target.value;
                lifecycle.redraw();
              }}></textarea>
          `,
        )}
        ${
          own.problem &&
          !["yaml", "seed"].some((name) => isAbout(own.problem, name)) &&
          html` <p class="field-wrong" role="alert">${errorText(own.problem)}</p> `
        }
        <div class="row">
          ${formField(
            { label: t("scenario-seed_field"), name: "seed", id: "scenario-seed", error: own.problem },
            (about) => html`
              <input
                class="mono"
                size="12"
                inputmode="numeric"
                value=${own.seed}
                ...${about}
                oninput=${(e) => {
                  own.seed = e.target.value.replace(/\D/g, "");
                }} />
            `,
          )}
          <span class="grow"></span>
          ${requireRole(
            "operator",
            html`
              <button class="main-act" id="run-scenario" disabled=${!own.yaml && !own.name}>
                ${icon("play")}${t("scenario-run")}
              </button>
            `,
          )}
        </div>
      </form>
    `;
  }

  /** @param {ScenarioRun} run */
  function runCard(run) {
    const verdicts = run.verdicts || [];
    return card(
      html` <h2>${run.title || run.name}</h2> `,
      [
        pill(TONE[run.state] ?? "", word("run", run.state)),
        html` <button class="small" onclick=${() => showTimeline(run)}>${t("nav-timeline")}</button> `,
        requireRole(
          "operator",
          html`
            <button class="small plain" aria-label=${t("remove")} onclick=${() => forget(run)}>${icon("trash")}</button>
          `,
        ),
      ],
      [
        html`
          <p key="sum" class="small soft" style=${{ padding: "8px 14px" }}>
            ${t("scenario-summary", {
              passed: verdicts.filter((v) => v.passed).length,
              all: verdicts.length,
              entries: count(run.entries),
            })}
            ${run.error ? ` ${run.error}` : ""}
          </p>
        `,
        html`
          <ul key="v" class="verdicts" id="verdicts">
            ${verdicts.map(
              (v, i) => html`
                <li key=${i}>
                  <b class=${v.passed ? "ok" : "no"} aria-label=${t(v.passed ? "run-passed" : "run-failed")}>
                    ${v.passed ? "✓" : "✗"}
                  </b>
                  <span class="mono small soft">${typeof v.at === "number" ? span(v.at) : ""}</span>
                  <span>
                    ${v.text || v.what}${
                      !v.passed &&
                      html`
                        <div class="small no">
                          ${[
                            v.expected && t("scenario-expected", { value: v.expected }),
                            v.found && t("scenario-found", { value: v.found }),
                            v.why,
                          ]
                            .filter(Boolean)
                            .join(" · ")}
                        </div>
                      `
                    }
                  </span>
                </li>
              `,
            )}
          </ul>
        `,
        own.timeline &&
          html`
            <ul key="t" class="notable" style=${{ "max-height": "340px", overflow: "auto" }}>
              ${own.timeline.map(
                (entry, i) => html`
                  <li key=${entry.number ?? i} class=${isBad(entry) ? "bad" : entry.kind}>
                    <time>${span(entry.at)}</time>
                    <span class="who">${entry.source}</span>
                    <span class="what" title=${textOf(entry)}>${textOf(entry)}</span>
                  </li>
                `,
              )}
            </ul>
          `,
      ],
      { flush: true, label: run.title },
    );
  }
}
