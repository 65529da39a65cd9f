"""The contract of every engine: inputs carry the time, outputs are pulled, a deadline has a reason.

An engine owns no clock, no socket, no thread, no logger and no global randomness. Whoever drives it

1. hands it one input (``handle_*`` or a verb), with ``now`` as the first argument,
2. drains everything (``datagrams_to_send``, ``events``),
3. asks for ``next_deadline`` and calls ``handle_timer`` when that time has come.

Times are seconds as floats on a clock that never goes back; only differences mean anything to an engine.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Protocol, TypeAlias

import msgspec

from nbtwin.outbox import Address as Address
from nbtwin.outbox import Datagram as Datagram
from nbtwin.outbox import Outbox as Outbox

Seconds: TypeAlias = float

MINUTE: Seconds = 60
HOUR: Seconds = 3600
DAY: Seconds = 86400
LATEST: Seconds = 253_402_300_799
"""The end of the year 9999: no clock shows a later time, and no file may say one."""

AT_ONCE = 32
"""Of what is due together an engine does so much in one ``handle_timer``. The rest stays due, so that whoever drives it
can look after others in between."""

UNDECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for what it cannot decode: text that is not UTF-8 and nesting without end are not its own."""


_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def code_of_name(name: str) -> str:
    """The stable code of a fact's class: ``RegistrationAnswered`` is ``registration-answered``."""
    return _BOUNDARY.sub("-", name).lower()


class Fact(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, tag=code_of_name, tag_field="code"):
    """What has happened, in the past tense: an event of an engine, or an entry of the timeline.

    A fact has a stable code, made from its class's name (so each name stands once in the package), and typed fields. It
    has no words: whoever reads it makes them from the code, in the language of the reader (``timeline/catalogue``). A
    subclass says ``frozen=True`` itself. Facts are many and stay long: no reference in one leads back to it, so the
    garbage collector need not look, and what is as by default is not written to a file.
    """

    @property
    def code(self) -> str:
        """As in JSON and in the catalogue of messages."""
        tag = self.__struct_config__.tag
        assert isinstance(tag, str)
        return tag

    @classmethod
    def upgraded(cls, fields: dict[str, Any]) -> dict[str, Any]:
        """The fields that an earlier version wrote, as this one has them."""
        return fields


class Reason(StrEnum):
    """Base of every engine's enumeration of what it waits for. A value is a code, the engine's name first."""


class Refusal(StrEnum):
    """Base of every engine's enumeration of why it refused, dropped or gave up something. Values as in `Reason`."""


RefusalCode: TypeAlias = str
"""A `Refusal` of one of several engines, as the field of a fact: a fact that is read from a file has its code alone."""


class CodedError(Exception):
    """Why something cannot be, as data: a code and its fields, and where it was said. It has no words.

    ``where`` (an option, a file with its line, a database) is the same in every language. ``str`` is for tracebacks:
    whoever tells a user words the code (``timeline.catalogue.errors``).
    """

    def __init__(self, code: Refusal, where: str = "", /, **fields: Any) -> None:
        super().__init__(code, where, fields)
        self.code = code
        self.where = where
        self.fields = fields

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled and copied as it is, whatever its class is made from: it may come from another process."""
        return _error_again, (type(self), self.args), self.__dict__

    @property
    def data(self) -> dict[str, Any]:
        """As a field of a fact or of another error: messages word it with ``WORD``."""
        return {"code": str(self.code), **self.fields}

    def __str__(self) -> str:
        said = " ".join([str(self.code), *(f"{name}={value!r}" for name, value in self.fields.items())])
        return f"{self.where}: {said}" if self.where else said


def _error_again(kind: type[CodedError], arguments: tuple[Any, ...]) -> CodedError:
    return kind.__new__(kind, *arguments)


class DecodeError(ValueError):
    """Bytes that are not what they claim to be. Every ``decode`` raises this and nothing else."""


class Randomness(Protocol):
    """What an engine is handed to draw from: a `random.Random`, or one that gives the same numbers."""

    def random(self) -> float: ...

    def uniform(self, a: float, b: float) -> float: ...

    def getrandbits(self, k: int, /) -> int: ...

    def randbytes(self, n: int) -> bytes: ...


class Deadline(msgspec.Struct, frozen=True, gc=False):
    """When an engine wants ``handle_timer``, and what it waits for. The catalogue words the reason with the fields."""

    at: Seconds
    reason: Reason
    subject: str = ""
    """Of whom or what: a client, a command line, HOST:PORT."""
    number: int = 0
    """The how-manyth packet or flight, or of how many bytes."""
    count: int = 0
    """How many so far: sendings of a flight, bytes of data mode."""


def soonest(*deadlines: Deadline | None) -> Deadline | None:
    """The first of the deadlines that are set; of equal ones the one named first."""
    best: Deadline | None = None
    for deadline in deadlines:
        if deadline is not None and (best is None or deadline.at < best.at):
            best = deadline
    return best


class Engine(Protocol):
    """The five verbs that every engine answers."""

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None: ...

    def handle_timer(self, now: Seconds) -> None: ...

    def datagrams_to_send(self) -> list[Datagram]: ...

    def events(self) -> Sequence[Fact]: ...

    def next_deadline(self) -> Deadline | None: ...


class Service(Engine, Protocol):
    """An engine that lives on a module's radio: it follows attach, sleep and name look-ups."""

    @property
    def busy(self) -> bool:
        """An exchange is open: the module must not fall into deep sleep yet."""
        ...

    @property
    def wakes_module(self) -> bool:
        """Whether its next deadline takes the module out of deep sleep; otherwise it waits for the next wake."""
        ...

    @property
    def has_news(self) -> bool:
        """Whether there is anything to take: a datagram, an event or a name."""
        ...

    def handle_attached(self, now: Seconds) -> None: ...

    def handle_detached(self, now: Seconds) -> None: ...

    def handle_sleep(self, now: Seconds) -> None: ...

    def handle_wake(self, now: Seconds) -> None: ...

    def lookups(self) -> list[str]:
        """Take the names that the service wants resolved."""
        ...

    def handle_lookup(self, now: Seconds, name: str, host: str | None) -> None:
        """The answer to a look-up: an IP address as text, or None when it failed."""
        ...
