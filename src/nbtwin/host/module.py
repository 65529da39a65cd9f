"""A module at the other end of a line, for programs without an event loop: one command at a time, and what it says by
itself. `asynchronous` has the same for asyncio.

Knows the driver and a line; what a model's tables say is handed in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Self, TypeVar, cast

from nbtwin.edge.errors import EdgeError, EdgeRefusal
from nbtwin.engine import Seconds
from nbtwin.host.commands.andlink import AndlinkCommands
from nbtwin.host.commands.base import Commands
from nbtwin.host.commands.cmdmp import CmdmpCommands
from nbtwin.host.commands.extended import ExtendedCommands
from nbtwin.host.commands.selfreg import PowerCommands, SelfRegistrationCommands
from nbtwin.host.driver import AnswerReceived, Driver, HostEvent, ModuleStarted, NoiseHeard, Recovery, UrcReceived
from nbtwin.host.errors import CommandError, HostError, HostRefusal
from nbtwin.host.line import BytesReceived, BytesSent, HasWakePin, LineEvent, Listener, Transport
from nbtwin.host.startup import Script, StartUpFailed, StartupRun
from nbtwin.host.tables import any_dialect, dialect_of, error_of, model_in
from nbtwin.module.profile import Profile

T = TypeVar("T")
KEPT = 10_000
"""URCs that wait for somebody to take them; the oldest go."""
PATIENCE: Seconds = 10.0
"""For an answer, when nothing else is said."""
GROUPS: dict[str, type[Commands]] = {
    "cmdmp": CmdmpCommands,
    "extended": ExtendedCommands,
    "self_registration": SelfRegistrationCommands,
    "andlink": AndlinkCommands,
    "power": PowerCommands,
}
"""Of typed commands: the attribute of a module that each is."""
SHOWN = 16
"""Bytes of what cannot be read that an error tells."""
FOREVER: Seconds = float("inf")


class Module:
    """Made by `connect` and `over`. A ``with`` statement closes the line."""

    def __init__(self, transport: Transport, profile: Profile | None = None, recovery: Recovery | None = None) -> None:
        self.transport = transport
        self.profile = profile
        """Of its model, where that is known: its tables say what answers and URCs look like."""
        self.dialect = any_dialect() if profile is None else dialect_of(profile)
        self.recovery: Recovery | None = Recovery() if recovery is None else recovery
        self._driver = Driver(self.dialect, self.recovery)
        self._answers: dict[int, AnswerReceived] = {}
        self._urcs: deque[tuple[Seconds, str]] = deque(maxlen=KEPT)
        self._listeners: list[Listener] = []
        self._started: list[ModuleStarted] = []
        self._unread = bytearray()
        """What has come since the last thing that could be read."""
        self._closed = False
        self.wake_pin = False
        """Whether DTR is at the module's wake-up pin: it is pulled before a command when the module may sleep."""
        self.cmdmp = CmdmpCommands(self)
        self.extended = ExtendedCommands(self)
        self.self_registration = SelfRegistrationCommands(self)
        self.andlink = AndlinkCommands(self)
        self.power = PowerCommands(self)

    @property
    def now(self) -> Seconds:
        """Of the line's clock, as all times here are."""
        return self.transport.now

    @property
    def model(self) -> str:
        """Empty: not known."""
        return self.profile.model if self.profile is not None else ""

    @property
    def baud(self) -> int | None:
        """None: the line has no speed."""
        return self.transport.baud

    # commands

    def send(self, line: str, *, data: bytes | None = None, within: Seconds | None = None) -> AnswerReceived:
        """A command line without <CR>, and its whole answer, whatever it is; ``data`` when the module prompts for it.

        ``within``: how long to wait; None for what the command's document allows. An empty ``final``: no answer came.
        """
        self._check_open()
        if self.wake_pin and isinstance(self.transport, HasWakePin) and self._driver.may_sleep(self.now):
            self.transport.pull_wake_pin()
        self._unread.clear()
        number = self._driver.send(self.now, line, data=data, timeout=within)
        self._run(lambda: number in self._answers, FOREVER, line)
        return self._answers.pop(number)

    def ask(self, line: str, *, data: bytes | None = None, within: Seconds | None = None) -> AnswerReceived:
        """The same for a command that must succeed: CommandError when the module refuses it, HostError when it does
        not answer, or starts anew meanwhile."""
        started = len(self._started)
        answer = self.send(line, data=data, within=within)
        if answer.strangers:
            raise HostError(HostRefusal.OTHER_HOST, self.name, command=line, heard=answer.strangers[0])
        if answer.ok:
            return answer
        if not answer.sent:
            raise HostError(HostRefusal.UNSENT, self.name, command=line, seconds=answer.took)
        if answer.final:
            raise self._refused(answer)
        if len(self._started) > started:
            raise HostError(HostRefusal.RESTARTED, self.name, command=line, banner=self._started[-1].banner)
        if any(byte > 0x7E or (byte < 0x20 and byte not in b"\r\n") for byte in self._unread):
            told = bytes(self._unread).hex(" ")
            raise HostError(HostRefusal.GARBLED_ANSWER, self.name, command=line, baud=self.baud or 0, data=told)
        raise HostError(HostRefusal.UNANSWERED, self.name, command=line, seconds=answer.took)

    def answers(self, attempts: int, every: Seconds, heard: bytearray | None = None) -> bool:
        """Whether it answers AT, asked so often; ``heard`` gets all that came."""
        self._check_open()
        took = (
            self.watch(lambda _, event: heard.extend(event.data) if isinstance(event, BytesReceived) else None)
            if heard is not None
            else None
        )
        doubtful = False
        self._driver = Driver(self.dialect)  # what was before at this line is of no interest
        try:
            for attempt in range(attempts):
                doubtful = attempt > 0
                if self.send("AT", within=every).ok:
                    return True
            return False
        finally:
            self._driver.recovery = self.recovery
            if doubtful:
                self._driver.doubt()  # the others may be answered yet
            if took is not None:
                took()

    def recognize(self, wanted: Profile | None = None) -> Profile | None:
        """Ask who it is (AT+CGMM), and follow the tables of that model from now on. HostError, MODEL_OTHER, when it
        is another than ``wanted``. One that says nothing known is what it is wanted to be, or of no known model."""
        said = " ".join(self.send("AT+CGMM", within=PATIENCE).lines)
        found = model_in(said)
        if wanted is not None and found is not None and found is not wanted:
            raise HostError(HostRefusal.MODEL_OTHER, self.name, said=said, found=found.model, wanted=wanted.model)
        self._follow(wanted or found)
        return self.profile

    def _follow(self, profile: Profile | None) -> None:
        self.profile = profile
        self.dialect = self._driver.dialect = any_dialect() if profile is None else dialect_of(profile)

    def _refused(self, answer: AnswerReceived) -> CommandError:
        """In the words of the document that gives the command, where the model is known."""
        line, profile = answer.command, self.profile
        if profile is None:
            return CommandError(HostRefusal.REFUSED, self.name, command=line, final=answer.final)
        asked = self.dialect.asked(line)
        source = asked[-1].command.source if asked else ", ".join(profile.documents)
        number, text = error_of(profile, answer.final)
        if answer.final != "ERROR" and (number is None or not text):  # none that its document has
            return CommandError(HostRefusal.REFUSED, self.name, command=line, final=answer.final)
        if number is None:
            return CommandError(HostRefusal.REFUSED_PLAIN, self.name, command=line, model=self.model, source=source)
        fields = {"number": number, "text": text}
        return CommandError(
            HostRefusal.REFUSED_CODED, self.name, command=line, model=self.model, source=source, **fields
        )

    def play(self, script: Script[T]) -> T:
        """One of `host.startup`. StartUpFailed, which says at which step."""
        self._check_open()
        run = StartupRun(self._driver, script, self._heard)
        run.start(self.now)
        self._run(lambda: run.done, FOREVER, "", run)
        if run.failure:
            raise StartUpFailed(run.failure)
        return cast(T, run.result)

    def rescue(self) -> None:
        """Lead it out of data mode, ATQ1 and ATV0, which all answer nothing that is known."""
        self.write(b"\x1b\rATQ0V1\r")

    # what it says by itself

    def listen(self, within: Seconds = 0.0) -> None:
        """Take in what has come, and what comes within so many seconds."""
        self._check_open()
        self._run(lambda: False, self.now + within, "")

    def urcs(self) -> list[str]:
        """What it has said by itself since this was asked last; at a live line also what has come unread."""
        if self.transport.is_live and not self._closed:
            self.listen()
        taken = [text for _, text in self._urcs]
        self._urcs.clear()
        return taken

    def wait_for_urc(self, prefix: str, within: Seconds) -> str | None:
        """The first from now on, or of those not taken yet, that begins so; None when none comes in time."""
        self._check_open()
        self._run(lambda: self._found(prefix) is not None, self.now + within, "")
        found = self._found(prefix)
        if found is None:
            return None
        self._urcs.remove(found)
        return found[1]

    def _found(self, prefix: str) -> tuple[Seconds, str] | None:
        return next((urc for urc in self._urcs if urc[1].startswith(prefix)), None)

    def wait_for_start(self, within: Seconds) -> ModuleStarted | None:
        """The next boot banner; None when none comes in time."""
        self._check_open()
        seen = len(self._started)
        self._run(lambda: len(self._started) > seen, self.now + within, "")
        return self._started[seen] if len(self._started) > seen else None

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Call it with the time and each `LineEvent`, in their order. What is returned ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    # the line

    def write(self, data: bytes) -> None:
        """Bytes as they are, past the driver: its answers are taken for things said by itself."""
        self._check_open()
        try:
            self._write(data)
        except EdgeError as error:
            raise self._lost(error, "") from None
        self._driver.doubt()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def name(self) -> str:
        """The line's."""
        return self.transport.name

    def _check_open(self) -> None:
        if self._closed:
            raise HostError(HostRefusal.CLOSED, self.name)

    def _run(
        self, done: Callable[[], bool], until: Seconds, command: str, engine: Driver | StartupRun[Any] | None = None
    ) -> None:
        """Play the driver, or what is over it, until it is done, or that time has come."""
        engine = engine or self._driver
        try:
            while True:
                self._flush()
                if done():
                    return
                deadline = engine.next_deadline()
                data = self.transport.read(until if deadline is None else min(until, deadline.at))
                now = self.now
                if data:
                    self._unread += data[: max(0, SHOWN - len(self._unread))]
                    self._tell(now, BytesReceived(now, data))
                    engine.handle_bytes(now, data)
                engine.handle_timer(now)
                if engine is self._driver:
                    self._take()
                if now >= until and not data:
                    self._flush()
                    return
        except EdgeError as error:
            raise self._lost(error, command) from None

    def _lost(self, error: EdgeError, command: str) -> HostError:
        if error.code is EdgeRefusal.SERIAL_TAKEN:
            return HostError(HostRefusal.TAKEN, self.name)
        detail = error.fields.get("detail", "")
        return HostError(HostRefusal.LOST, self.name, command=command, detail=detail)

    def _flush(self) -> None:
        if data := self._driver.bytes_to_send():
            self._write(data)

    def _write(self, data: bytes) -> None:
        now = self.now
        self._tell(now, BytesSent(now, data))
        self.transport.write(data)

    def _take(self) -> None:
        for event in self._driver.events():
            self._heard(event)

    def _heard(self, event: HostEvent) -> None:
        now = self.now
        self._keep(now, event)
        self._tell(now, event)

    def _keep(self, now: Seconds, event: HostEvent) -> None:
        if not isinstance(event, NoiseHeard) and not (isinstance(event, AnswerReceived) and not event.final):
            self._unread.clear()
        match event:
            case AnswerReceived():
                self._answers[event.number] = event
            case UrcReceived(text):
                self._urcs.append((now, text))
            case ModuleStarted():
                self._started.append(event)

    def _tell(self, now: Seconds, event: LineEvent) -> None:
        for listener in tuple(self._listeners):
            listener(now, event)
