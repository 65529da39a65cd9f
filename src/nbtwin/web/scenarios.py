"""/api/v1/scenarios: the ones that come with nbtwin, and runs of them or of others in worlds of their own."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nbtwin.scenario.loading import load
from nbtwin.scenario.model import Scenario, in_language
from nbtwin.scenario.refusals import ScenarioError
from nbtwin.timeline.catalogue.errors import worded
from nbtwin.timeline.entry import EntryKind
from nbtwin.timeline.reader import Query as TimelineQuery
from nbtwin.web.api_errors import ApiError, RequestModel, not_found, responses
from nbtwin.web.entries import AcceptedLanguage, EntryShown, Language, entry_json, searched
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router
from nbtwin.web.scenario_runs import WAITING_AT_MOST, RunPhase, ScenarioRun, ScenarioRuns, TooMany, examples
from nbtwin.web.turns import json_with


class Example(BaseModel):
    name: str = Field(description="as it is run by")
    title: str = Field(description="in one line")
    about: str = Field(description="what it shows")
    modules: list[str] = Field(description="the models in it")


class ExampleText(Example):
    yaml: str = Field(description="the scenario file")


class RunOrder(RequestModel):
    """Either one of the examples by name, or a scenario of your own."""

    name: Annotated[str | None, Field(max_length=100, description="one of /scenarios; or else yaml")] = None
    yaml: Annotated[str | None, Field(max_length=200_000, description="a scenario file; or else name")] = None
    seed: Annotated[int | None, Field(ge=0, le=2**32, description="in place of the file's own")] = None
    wait: Annotated[float, Field(ge=0, le=60, description="for the end, in seconds")] = 0.0


class VerdictShown(BaseModel):
    passed: bool = Field(description="what was expected came true")
    at: float = Field(description="the time of its world, in seconds from its start")
    source: str = Field(description="whom it is about")
    what: str = Field(description="what is looked at, in words")
    expected: str = Field(description="in words")
    found: str = Field(description="in words")
    where: str = Field(description="the line in the file")
    why: str = Field(description="the reason that the file gives")
    text: str = Field(description="all of it in one sentence")


class RunState(BaseModel):
    id: int = Field(description="its number")
    name: str = Field(description="of the scenario")
    title: str = Field(description="in one line")
    seed: int = Field(description="of all that is random in its world")
    state: RunPhase = Field(description="waiting, running, passed, failed, broken or stopped")
    error: str = Field(description="why it is broken or stopped; empty: it is not")
    now: float = Field(description="the time of its own world")
    entries: int = Field(description="of its timeline")
    verdicts: list[VerdictShown] = Field(description="of what the file expects, in its order")


class RunEntries(BaseModel):
    entries: list[EntryShown] = Field(description="in the order in which things happened")
    newest: int = Field(description="the number of the newest that there is")
    more: bool = Field(description="there are further ones behind these")


def router(runs: ScenarioRuns) -> APIRouter:
    routes = api_router("/scenarios", tag="scenarios", responses=responses(404, 422))

    @routes.get("")
    def list_scenarios(language: AcceptedLanguage) -> list[Example]:
        """The scenarios that come with nbtwin."""
        return _listed(language)

    @routes.post("/runs", status_code=201, responses=responses(409))
    async def run_scenario(body: RunOrder, language: Language) -> RunState:
        """ScenarioRuns beside the lab, which is not touched."""
        name, scenario = await run_in_threadpool(_asked_for, body)
        try:
            run = runs.start(name, scenario, body.seed)
        except TooMany:
            raise ApiError(ApiRefusal.RUNS_WAIT, status=409, limit=WAITING_AT_MOST) from None
        await _wait(run, body.wait)
        return _state(run, language)

    _add_runs(routes, runs)

    @routes.get("/{name}")
    def read_scenario(name: str, language: AcceptedLanguage) -> ExampleText:
        """One scenario with its file."""
        text = _example_text(name)
        return ExampleText(yaml=text, **_example(name, load(text, name), language).model_dump())

    return routes


def _add_runs(routes: APIRouter, runs: ScenarioRuns) -> None:
    @routes.get("/runs")
    async def list_scenario_runs(language: Language) -> list[RunState]:
        """The newest first."""
        return [_state(run, language) for run in reversed(runs.kept.values())]

    @routes.get("/runs/{number}")
    async def read_scenario_run(
        number: int,
        language: Language,
        wait: Annotated[float, Query(ge=0, le=60, description="for the end, in seconds")] = 0.0,
    ) -> RunState:
        """How far a run is, with its verdicts."""
        run = _find(runs, number)
        await _wait(run, wait)
        return _state(run, language)

    @routes.get("/runs/{number}/timeline", response_model=RunEntries)
    async def read_scenario_run_timeline(
        number: int,
        language: Language,
        kind: Annotated[list[EntryKind] | None, Query()] = None,
        source: Annotated[list[str] | None, Query()] = None,
        after: Annotated[int, Query(ge=0, le=2**53, description="only entries with a greater number")] = 0,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    ) -> Response:
        """What happened in its world; there once it is over."""
        run = _find(runs, number)
        if not run.done.is_set():
            return json_with("entries", [], RunEntries(entries=[], newest=run.timeline.recorded, more=True))
        asked = TimelineQuery(kinds=frozenset(kind or ()), sources=frozenset(source or ()), after=after)
        rows, more = list[bytes](), False
        async for decoded in searched(run.timeline.reader.in_memory(after)):
            if asked.fits(decoded.entry):
                if more := len(rows) == limit:
                    break
                rows.append(entry_json(decoded, language))
        return json_with("entries", rows, RunEntries(entries=[], newest=run.timeline.recorded, more=more))

    @routes.delete("/runs/{number}", status_code=204)
    async def stop_scenario_run(number: int) -> Response:
        """Stop it, if it is not over, and forget it."""
        run = _find(runs, number)
        run.stop.set()
        await run.done.wait()
        runs.kept.pop(number, None)
        return Response(status_code=204)


def _asked_for(body: RunOrder) -> tuple[str, Scenario]:
    if (body.name is None) == (body.yaml is None):
        wrong = "name" if body.name is None else "yaml"
        raise ApiError(ApiRefusal.ONE_OF_TWO, wrong, first="name", second="yaml")
    if body.name is not None:
        return body.name, load(_example_text(body.name), body.name)
    assert body.yaml is not None
    try:
        return "scenario", load(body.yaml)
    except ScenarioError as error:
        raise ApiError.of(error, "yaml") from None


def _example_text(name: str) -> str:
    text = dict(examples()).get(name)
    if text is None:
        raise not_found(ApiRefusal.SCENARIO_UNKNOWN, name)
    return text


def _example(name: str, scenario: Scenario, language: str) -> Example:
    title, about = in_language(scenario.title, language), in_language(scenario.about, language)
    models = list(dict.fromkeys(spec.model for spec in scenario.modules))
    return Example(name=name, title=title, about=about, modules=models)


@cache
def _loaded() -> tuple[tuple[str, Scenario], ...]:
    return tuple((name, load(text, name)) for name, text in examples())


def _listed(language: str) -> list[Example]:
    return [_example(name, scenario, language) for name, scenario in _loaded()]


async def _wait(run: ScenarioRun, seconds: float) -> None:
    if seconds > 0:
        try:
            async with asyncio.timeout(seconds):
                await run.done.wait()
        except TimeoutError:
            pass


def _find(runs: ScenarioRuns, number: int) -> ScenarioRun:
    if number not in runs.kept:
        raise not_found(ApiRefusal.RUN_UNKNOWN, str(number))
    return runs.kept[number]


def _state(run: ScenarioRun, language: str) -> RunState:
    verdicts = run.result.verdicts if run.result is not None else []
    return RunState(
        id=run.id, name=run.name, title=in_language(run.scenario.title, language), seed=run.seed, state=run.state,
        error="" if run.error is None else worded(run.error, language),
        now=run.now, entries=run.timeline.recorded,
        verdicts=[
            VerdictShown(
                passed=verdict.passed, at=verdict.at, source=verdict.source, what=verdict.about(language),
                expected=verdict.value(verdict.expected, language), found=verdict.value(verdict.found, language),
                where=verdict.where, why=verdict.remark(language), text=verdict.words(language),
            )
            for verdict in verdicts
        ],
    )  # fmt: skip
