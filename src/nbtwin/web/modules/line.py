"""A module's serial line over the API: a command line and its answer, raw bytes, and what the lines mean."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from nbtwin.at.command import ByType, Command, Form, Row
from nbtwin.at.explain import explain
from nbtwin.at.refusals import CommandRefused, ValueTaken
from nbtwin.module.module import Module
from nbtwin.runtime.explanation import lines_of
from nbtwin.runtime.lab import LabRuntime
from nbtwin.timeline.catalogue import words
from nbtwin.timeline.plain import code_of, fields_of, plain
from nbtwin.web.api_errors import ApiError, RequestModel, responses
from nbtwin.web.clock import span_in
from nbtwin.web.completion import complete, forms_of
from nbtwin.web.entries import Language
from nbtwin.web.host_line import ask, converse, exchange
from nbtwin.web.modules.state import find
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router

Line = Annotated[str, Field(min_length=1, max_length=2048, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["AT+QDMPCFG?"])]
_HEX = r"^([0-9A-Fa-f]{2})*$"
LineQuery = Annotated[
    str, Query(max_length=2048, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["AT+QDMPCFG=6"], description="a command line")
]


class Coded(BaseModel):
    """Something that the catalogue of messages words."""

    code: str = Field(description="of a message in the catalogue")
    fields: dict[str, Any] = Field(description="what belongs to the code")
    text: str = Field(description="in words, in the language that was asked for")


class FieldExplanation(BaseModel):
    name: str = Field(description="as the vendor prints it between < and >")
    takes: Coded | None = Field(description="which values the field takes")
    text: str | None = Field(description="as it stands in the line; null: left out")
    value: Annotated[Any, Field(description="as the module takes it")] = None
    meaning: str = Field(description="of a value of few, in the language that was asked for")
    error: Coded | None = Field(description="why the value is wrong; null: it is not")


class CommandExplanation(BaseModel):
    text: str = Field(description="as it stands in the line")
    name: str = Field(description="the command, such as +QLASERVERIP")
    form: str = Field(description="test, read, write or execute")
    source: str = Field(description="the chapter that gives the command")
    says: str = Field(description="what it does, in words")
    fields: list[FieldExplanation] = Field(description="the values of the command, in their order")
    error: Coded | None = Field(description="why it is refused; null: it is not")
    err: int | None = Field(description="the <err> of +CME ERROR; null: plain ERROR")
    executed: bool = Field(description="the module comes to it: none before it in the line fails")


class Explanation(BaseModel):
    line: str = Field(description="the line that was asked about")
    ok: bool = Field(description="every command in it would be taken")
    error: Coded | None = Field(description="what is wrong with the line as a whole")
    commands: list[CommandExplanation] = Field(description="the commands in the line, in their order")
    lines: list[str] = Field(description="the same as text")


class AtLine(RequestModel):
    line: Line = Field(description="without its end: CR is added")
    timeout: Annotated[float, Field(gt=0, le=60, description="seconds of the wall clock")] = 5.0


class AtAnswer(BaseModel):
    line: str = Field(description="the line that was sent")
    answer: list[str] = Field(description="every line that came, the final result code last")
    complete: bool = Field(description="a final result code came in time")
    explanation: Explanation = Field(description="what the line means to this module")


class HostCommand(RequestModel):
    """As `nbtwin.Module.at` has it."""

    line: Annotated[Line, Field(description="a command line, without its end")]
    data: Annotated[
        str | None, Field(max_length=32768, pattern=_HEX, description="in hex: what is typed when it prompts with >")
    ] = None
    within: Annotated[str, Field(max_length=32, description="so much of the lab's time", examples=["300s"])] = "300s"


class HostAnswer(BaseModel):
    """What a host's driver makes of what the module says."""

    lines: list[str] = Field(description="the information text, without echo and final result code")
    final: str = Field(description="the final result code; empty: none in time, or the module has restarted")
    urcs: list[str] = Field(description="what came by itself meanwhile")
    took: float = Field(description="seconds of the lab's time")


class SerialBytes(RequestModel):
    text: Annotated[str | None, Field(max_length=16384, description="sent in UTF-8 as it stands; or else hex")] = None
    hex: Annotated[
        str | None,
        Field(max_length=32768, pattern=_HEX, description="bytes as hexadecimal digits; or else text"),
    ] = None
    wait: Annotated[float, Field(ge=0, le=60, description="how long to gather what comes back, in seconds")] = 0.2


class SerialAnswer(BaseModel):
    written: int = Field(description="how many bytes were sent")
    hex: str = Field(description="the bytes that came, hexadecimal")
    text: str = Field(description="the same, read as UTF-8")


class SerialState(BaseModel):
    where: str = Field(description="a path, or an address such as tcp:127.0.0.1:41149")
    kind: str = Field(description="pty, tcp, rfc2217 or none")
    lost: int = Field(description="bytes of the module that no host took")


class CommandRow(BaseModel):
    name: str = Field(description="the command, such as +QLASERVERIP")
    source: str = Field(description="the chapter that gives the command")
    says: str = Field(description="what it does, in words")
    forms: list[str] = Field(description="which of test, read, write, execute it has")
    syntax: list[str] = Field(description="how it is written, form by form")


class Suggestion(BaseModel):
    text: str = Field(description="what is suggested")
    insert: str = Field(description="the whole line with it")
    says: str = Field(description="what it does or means, in words")
    source: str = Field(description="the chapter that gives it")


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/modules/{name}", tag="serial line", responses=responses(404, 422))
    at_work: dict[str, asyncio.Lock] = {}

    def listening(name: str) -> Module:
        module = find(lab, name)
        if module.power_state in ("off", "booting"):
            raise ApiError(ApiRefusal.MODULE_DEAF, status=409, module=name, state=module.power_state)
        return module

    @routes.post("/at", responses=responses(409))
    async def send_at_line(name: str, body: AtLine, language: Language) -> AtAnswer:
        """Send one command line and wait for its final result code."""
        module = listening(name)
        async with at_work.setdefault(name, asyncio.Lock()):
            if name not in lab.modules:
                raise ApiError(ApiRefusal.MODULE_REMOVED, status=409, module=name)
            answer, complete = await ask(lab.world, lab.world.modules[name], body.line, body.timeout)
        explanation = explained(module, body.line, language)
        return AtAnswer(line=body.line, answer=answer, complete=complete, explanation=explanation)

    @routes.post("/command", responses=responses(409))
    async def send_host_command(name: str, body: HostCommand) -> HostAnswer:
        """Send a command line as a host does: after the boot that is under way, until its final result code.

        A lab whose time is simulated is advanced meanwhile.
        """
        module, within = find(lab, name), span_in(body.within, "within")
        if module.power_state == "off":
            raise ApiError(ApiRefusal.MODULE_DEAF, status=409, module=name, state="off")
        async with at_work.setdefault(name, asyncio.Lock()):
            if name not in lab.modules:
                raise ApiError(ApiRefusal.MODULE_REMOVED, status=409, module=name)
            data = None if body.data is None else bytes.fromhex(body.data)
            answer, urcs = await converse(lab, lab.world.modules[name], body.line, data, within)
        return HostAnswer(lines=list(answer.lines), final=answer.final, urcs=urcs, took=answer.took)

    @routes.get("/serial")
    async def read_serial_port(name: str) -> SerialState:
        """Where the module's serial port is."""
        find(lab, name)
        where, port = lab.serial_of(name), lab.ports.get(name)
        kind = where.partition(":")[0] if ":" in where else "pty" if where else "none"
        return SerialState(where=where, kind=kind, lost=port.lost if port is not None else 0)

    @routes.post("/serial", responses=responses(409))
    async def send_bytes(name: str, body: SerialBytes) -> SerialAnswer:
        """Raw bytes to the module (`text` in UTF-8, or `hex`), and what it said in the time that follows."""
        if (body.text is None) == (body.hex is None):
            raise ApiError(ApiRefusal.ONE_OF_TWO, "hex" if body.hex is not None else "text", first="text", second="hex")
        listening(name)
        data = _bytes_of(body)
        said = await exchange(lab.world, lab.world.modules[name], data, body.wait)
        return SerialAnswer(written=len(data), hex=said.hex(), text=said.decode("utf-8", "replace"))

    _add_knowledge(routes, lambda name: find(lab, name))
    return routes


def _add_knowledge(routes: APIRouter, find_module: Callable[[str], Module]) -> None:
    """What the tables of the module's model say: nothing is sent."""

    @routes.get("/explain")
    async def explain_line(name: str, line: LineQuery, language: Language) -> Explanation:
        """What the line means to this module, field by field, or why it is wrong."""
        return explained(find_module(name), line, language)

    @routes.get("/completions")
    async def complete_line(
        name: str, language: Language, line: LineQuery = "", limit: Annotated[int, Query(ge=1, le=200)] = 20
    ) -> list[Suggestion]:
        """How a line may go on, from the tables of the model; nothing is sent."""
        found = complete(find_module(name).profile.commands, line, limit, language)
        return [Suggestion(**suggestion._asdict()) for suggestion in found]

    @routes.get("/commands")
    async def list_commands(
        name: str,
        response: Response,
        language: Language,
        containing: Annotated[str, Query(max_length=64, description="in name, words or source")] = "",
    ) -> list[CommandRow]:
        """The AT commands of the module's model."""
        wanted = containing.lower()
        rows = [_row(command, language) for command in find_module(name).profile.commands]
        fitting = [row for row in rows if wanted in f"{row.name} {row.says} {row.source}".lower()]
        response.headers["X-Total-Count"] = str(len(rows))
        return fitting


def explained(module: Module, line: str, language: str = "en") -> Explanation:
    def coded(fact: CommandRefused | ValueTaken | None) -> Coded | None:
        if fact is None:
            return None
        code, fields = code_of(fact), fields_of(fact)
        if isinstance(fact, CommandRefused):
            code = fields.pop("refusal")
        return Coded(code=code, fields=fields, text=words(fact, language))

    found = explain(module.profile.commands, module.profile.errors, line)
    rows = [
        CommandExplanation(
            text=command.text, name=command.name, form=command.form, source=command.source,
            says=words(command.says, language) if command.says else "",
            error=coded(command.error), err=command.err, executed=command.executed,
            fields=[
                FieldExplanation(
                    name=field.name, takes=coded(field.takes), text=field.text, value=plain(field.value),
                    meaning=words(field.meaning, language) if field.meaning else "", error=coded(field.error),
                )
                for field in command.fields
            ],
        )
        for command in found.commands
    ]  # fmt: skip
    lines = lines_of(found, language)
    return Explanation(line=found.line, ok=found.ok, error=coded(found.error), commands=rows, lines=lines)


def _bytes_of(body: SerialBytes) -> bytes:
    if body.hex is not None:
        return bytes.fromhex(body.hex)
    assert body.text is not None
    try:
        return body.text.encode()
    except UnicodeEncodeError:
        raise ApiError(ApiRefusal.TEXT_SURROGATE, "text") from None


def _row(command: Command, language: str) -> CommandRow:
    forms = forms_of(command)
    return CommandRow(
        name=command.name,
        source=command.source,
        says=words(command.says, language),
        forms=[str(form) for form in forms],
        syntax=[text for form in forms for text in _syntax(command, form)],
    )


def _syntax(command: Command, form: Form) -> list[str]:
    start = f"AT{command.name}"
    if form is Form.WRITE and command.write is not None:
        return [f"{start}={values}" for values in _writes(command.write)]
    return [start + {Form.TEST: "=?", Form.READ: "?"}.get(form, "")]


def _writes(write: Row | ByType) -> list[str]:
    if isinstance(write, Row):
        return [_values(write)]
    return [",".join(filter(None, (str(kind), _values(row)))) for kind, row in write.rows.items()]


def _values(row: Row) -> str:
    return ",".join(f"[<{field.name}>]" if field.optional else f"<{field.name}>" for field in row.fields)
