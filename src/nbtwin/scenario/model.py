"""A scenario as data: modules, network, platforms, faults, steps, expectations. What stands in the file, and no more.

Knows the fields and which of them belong together; knows no YAML and no world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import msgspec

from nbtwin.lwm2m.client.states import RegistrationState
from nbtwin.operators.device_management.verbs import VERBS, Takes, Verb
from nbtwin.scenario.values import (
    CardValue,
    FaultLine,
    Imei,
    NvramValue,
    PowerValue,
    Range,
    RefusalValue,
    Span,
    SpanRange,
    StateValue,
    SwitchedOn,
)

PlatformName: TypeAlias = Literal["cmdmp", "telecom", "unicom", "andlink"]
OPERATORS: tuple[PlatformName, ...] = ("cmdmp", "telecom", "unicom", "andlink")


class ScenarioPart(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What every part of the file has in common: an unknown field is an error."""


class Translated(ScenarioPart):
    """A text for readers, once for each language."""

    en: str
    zh: str


Said: TypeAlias = str | Translated
"""A text for readers: one for all of them, or one for each language."""


def in_language(said: Said, language: str) -> str:
    if isinstance(said, str):
        return said
    text: str = getattr(said, language)
    return text


class ScenarioModule(ScenarioPart):
    """One module. It is switched on at ``power``; ``false``: not before a step does it."""

    model: str
    name: str = ""  # the model's, with a number from the second on
    sim: CardValue | None = None  # mobile
    firmware: str | None = None
    vendor: str | None = None  # the code before the model, for Telecom and Unicom: QUE
    imei: Imei | None = None
    settings: list[str] = []  # AT lines, given in the factory: without a USIM, before time begins
    nvram: NvramValue | None = None  # before those lines: for what no AT command can write
    power: SwitchedOn | None = None  # at once
    attach: Span | None = None  # how long the network takes to accept it

    @property
    def card(self) -> CardValue:
        return self.sim if self.sim is not None else CardValue.read("mobile")


class PskSpec(ScenarioPart):
    """A module's keys at Andlink, in hexadecimal digits: for the bootstrap server and for the LwM2M server."""

    bootstrap: str = ""
    server: str = ""


class ScenarioPlatform(ScenarioPart):
    """An operator's platform."""

    operator: PlatformName
    keys: dict[str, str] = {}  # appkeys and passwords besides the lab's own (D20)
    psk: dict[str, PskSpec] = {}  # by module
    strict: bool = False  # what it has a remark about is refused (D138)


class ScenarioNetwork(ScenarioPart):
    """``latency``: of every datagram, one way. ``names``: what the lab's name service knows besides the operators'."""

    latency: Span | None = None
    names: dict[str, str] = {}


class AppkeySpec(ScenarioPart):
    appkey: str
    password: str


def takes_value(verb: Verb) -> bool:
    """Whether it stands in a file with a path and a value, else with a path alone."""
    return verb.takes in (Takes.VALUE, Takes.VALUES, Takes.ATTRIBUTES)


def _kind_of(verb: Verb) -> Any:
    """How a step writes what it asks for."""
    if takes_value(verb):
        return dict[str, Any]
    return list[str] | str if verb.is_composite else str


class Upgrade(ScenarioPart):
    """To which version, pulled or pushed, as a whole image or as a delta to the one that runs."""

    version: str
    mode: Literal["pull", "push"] = "pull"
    delta: bool = False


if TYPE_CHECKING:
    _Asked = ScenarioPart  # its further fields come from the table of verbs: `what_of` reads them
else:
    _Asked = msgspec.defstruct(
        "_Asked",
        [(verb.name.replace("-", "_"), _kind_of(verb) | None, None) for verb in VERBS.values()],
        bases=(ScenarioPart,),
        kw_only=True,
        rename={verb.name.replace("-", "_"): verb.name for verb in VERBS.values()},
    )
"""What a platform asks of a module, for each verb of `device_management`: a path, or a path and what it is given; of a
composite one a list of paths, or paths and their values. An `answer` is the value of a read, and the code of anything
else."""


class ScenarioStep(_Asked):
    """One thing that is done at one instant: ``at`` since the start, or ``after`` the step before."""

    at: Span | None = None
    after: Span | None = None
    module: str | None = None  # may be left out where there is but one
    platform: str | None = None
    # to a module
    power: bool | None = None
    reset: bool | str | None = None  # true: by the reset pin; else a cause of DOC-E chapter 7
    wake: Literal[True] | None = None  # the wake-up pin
    send: str | None = None  # an AT line
    answer: str | int | float | list[str] | dict[str, Any] | None = None  # to that line, or to what a platform asked
    within: Span | None = None  # how long the answer may take
    usim: CardValue | None = None
    coverage: bool | None = None
    signal: int | None = None
    firmware: str | None = None  # a firmware update from outside
    rebind: Literal[True] | None = None  # the NAT forgets the module
    # to a platform
    server: Literal["down", "up"] | None = None
    forgets: Literal["registrations"] | None = None
    refuses: RefusalValue | None = None
    key: AppkeySpec | None = None  # an appkey is added, or gets another password
    # by a platform, to a module: the verbs above, and
    upgrade: Upgrade | None = None  # a firmware campaign for this one module
    # to nobody
    fault: FaultLine | None = None
    advance: Span | None = None
    note: str | None = None  # a line in the timeline


class Expectation(ScenarioPart):
    """What holds at ``at`` (the end, when left out); what is counted is counted from ``since`` on."""

    at: Span | None = None
    since: Span | None = None
    module: str | None = None
    platform: str | None = None
    why: Said = ""  # chapter and D-number, printed with the verdict
    state: StateValue | None = None  # of CMDMP, as type 6 shows it
    registration: RegistrationState | None = None  # with Andlink, as AT+QLASTATUS? shows it
    power: PowerValue | None = None
    attached: bool | None = None
    requests: list[Span] | None = None  # instants, counted from `since`, at which requests left
    sent: Range | None = None  # datagrams
    received: Range | None = None
    bytes: Range | None = None  # of UDP payload, both ways
    awake: SpanRange | None = None
    connected: SpanRange | None = None  # with an RRC connection
    said: str | list[str] | None = None  # lines on the serial port
    device: dict[str, Any] | None = None  # fields of the platform's inventory


class Scenario(ScenarioPart, kw_only=True):
    """The whole file. Times are counted from its start."""

    title: Said
    about: Said = ""
    seed: int = 1
    until: Span | None = None  # the last step or expectation, when left out
    modules: list[ScenarioModule]
    platforms: list[PlatformName | ScenarioPlatform] = msgspec.field(default_factory=lambda: [*OPERATORS])
    network: ScenarioNetwork = msgspec.field(default_factory=ScenarioNetwork)
    faults: list[FaultLine] = []
    steps: list[ScenarioStep] = []
    expect: list[Expectation] = []

    def platform_specs(self) -> list[ScenarioPlatform]:
        return [ScenarioPlatform(operator=p) if isinstance(p, str) else p for p in self.platforms]


MODULE_ACTIONS = ("power", "reset", "wake", "send", "usim", "coverage", "signal", "firmware", "rebind")
PLATFORM_ACTIONS = ("server", "forgets", "refuses", "key")
OPERATIONS = (*VERBS, "upgrade")
LAB_ACTIONS = ("fault", "advance", "note")
ANSWERED = [[name] for name in ("send", *VERBS)]
ACTIONS = (*MODULE_ACTIONS, *PLATFORM_ACTIONS, *OPERATIONS, *LAB_ACTIONS)
MODULE_CLAIMS = (
    "state", "registration", "power", "attached", "requests", "sent", "received", "bytes", "awake", "connected", "said",
    "device",
)  # fmt: skip
COUNTED = ("requests", "sent", "received", "bytes", "awake", "connected", "said")


def action_of(step: ScenarioStep) -> list[str]:
    """The actions that the step names: one, in a good file."""
    return [name for name in ACTIONS if what_of(step, name) is not None]


def what_of(step: ScenarioStep, action: str) -> Any:
    """What the file says under the name of an action."""
    return getattr(step, action.replace("-", "_"))


def claims_of(expectation: Expectation) -> list[str]:
    return [name for name in MODULE_CLAIMS if getattr(expectation, name) is not None]
