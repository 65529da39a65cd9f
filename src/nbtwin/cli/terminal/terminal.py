"""A terminal on a port, for whoever sits in front of it: a person, a pipe, or a list of commands.

Plays a session over a port's thread, on asyncio's clock; what is seen goes to a view. Knows no screen.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from nbtwin.cli.language import chosen
from nbtwin.cli.terminal.phrases import TerminalPhrase
from nbtwin.cli.terminal.script import ScriptRun, Step
from nbtwin.cli.terminal.session import Answered, LineKind, LineSeen, Order, Prompted, Session, SessionEvent
from nbtwin.cli.terminal.view import View
from nbtwin.cli.terminal.wire import Wire
from nbtwin.edge.errors import EdgeError, EdgeRefusal
from nbtwin.engine import Seconds
from nbtwin.timeline.catalogue import say
from nbtwin.timeline.catalogue.errors import worded
from nbtwin.timeline.clock import format_span

if TYPE_CHECKING:
    from nbtwin.cli.terminal.tables import Tables

WHO = Order("AT+CGMM", timeout=3.0, own=True)
"""What the terminal asks by itself, once, unless it was told the model."""

SETTLED: Seconds = 0.5
"""A port that was just opened may still have to say what waited for its first host (D176): so long a silence first."""
SETTLED_BY: Seconds = 5.0
"""And no longer than this is waited for it."""


class Quiet:
    """When nothing has come for a while."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def handle(self, event: SessionEvent) -> None:
        self._last = time.monotonic()

    async def wait(self, quiet: Seconds, until: Seconds) -> None:
        while (now := time.monotonic()) < until and now < self._last + quiet:
            await asyncio.sleep(min(self._last + quiet, until) - now)


class Terminal:
    """From `start` to `close`, on the running loop."""

    def __init__(self, port: str, wire: Wire, view: View, tables: Tables | None) -> None:
        self.port, self.wire, self.view, self.tables = port, wire, view, tables
        self.session = Session()
        self.script: ScriptRun | None = None
        self._script_name = ""
        self._watchers: list[Callable[[SessionEvent], None]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._pasted: Sequence[Order] = ()
        self._paste_ends = [0, 0]
        self._settling = False
        self.tells_ends = True
        """Whether the end of a script is noted."""
        self.redraw: Callable[[], None] = lambda: None
        self.lost = asyncio.Event()
        self.is_taken = False
        """Lost, because another host has the port."""

    @property
    def paste_total(self) -> int:
        """Lines of the paste that is being sent; 0: there is none."""
        return len(self._pasted)

    def start(self) -> None:
        """EdgeError."""
        self._loop = asyncio.get_running_loop()
        self.wire.open(self, self._loop)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.wire.close()
        self.view.end_log()

    def watch(self, watcher: Callable[[SessionEvent], None]) -> None:
        """Who is told what happens, behind the view."""
        self._watchers.append(watcher)

    def say(self, phrase: TerminalPhrase, /, **fields: object) -> None:
        self.view.note(say(phrase, chosen(), **fields))

    # What the one in front of it does

    async def ask_who(self) -> None:
        """Which module it is, when the port has said what it had to say, and nobody else asks."""
        quiet = Quiet()
        self.watch(quiet.handle)
        await quiet.wait(SETTLED, self.now + SETTLED_BY)
        if not self.session.unanswered and not self.session.in_data:
            self.session.submit(self.now, [WHO])
            self._settle()

    def follow_tables(self) -> None:
        """The session is told what the tables know of the module."""
        if self.tables is not None:
            self.session.follow(self.tables.dialect)

    def submit(self, orders: Iterable[Order]) -> None:
        self.session.submit(self.now, orders)
        self._settle()

    def paste(self, orders: Sequence[Order]) -> None:
        """Each when the one before is answered; the sum of it at the end."""
        self._pasted, self._paste_ends = [*self._pasted, *orders], self._paste_ends if self._pasted else [0, 0]
        if len(orders) > 1:
            self.say(TerminalPhrase.PASTED, count=len(orders))
        self.submit(orders)

    def give(self, text: str) -> None:
        """At the prompt of data mode."""
        self.session.give(text.encode("utf-8", "surrogateescape"))
        self._settle()

    def write(self, data: bytes) -> None:
        self.session.write(data)
        self._settle()

    def run(self, name: str, steps: Sequence[Step]) -> ScriptRun:
        self._script_name = name
        self.script = run = ScriptRun(steps, self.session)
        run.start(self.now)
        self._settle()
        return run

    def stop(self) -> None:
        """Whatever is being sent or waited for."""
        left = self.session.stop(self.now)
        if self.script is not None:
            self.script.stop()
            self.script = None
        self._pasted = ()
        self.say(TerminalPhrase.STOPPED, left=left)
        self._settle()

    # What the port tells

    def handle_bytes(self, data: bytes) -> None:
        self.view.data(data, sent=False)
        self.session.handle_bytes(self.now, data)
        self._settle()

    def handle_lost(self, error: EdgeError) -> None:
        self.lost.set()
        self.is_taken = error.code is EdgeRefusal.SERIAL_TAKEN
        detail = error.fields.get("detail", "") or worded(error, chosen())
        self.view.note(say(TerminalPhrase.LOST, chosen(), port=self.port, detail=detail), "error")
        if self.session.busy or self.session.waiting:
            self.stop()
        self.redraw()

    def handle_back(self, gone: Seconds) -> None:
        self.lost.clear()
        self.say(TerminalPhrase.BACK, port=self.port, gone=format_span(round(gone, 1)))
        self.redraw()

    # Consequences

    @property
    def now(self) -> Seconds:
        return time.monotonic()

    def _settle(self) -> None:
        """Everything that follows from an input."""
        if self._settling:  # an event's consequence: the round that goes on takes it
            return
        self._settling = True
        try:
            while self._tell() | self._send():
                pass
        finally:
            self._settling = False
        self._set_timer()
        self.redraw()

    def _send(self) -> bool:
        data = self.session.bytes_to_send()
        if not data:
            return False
        self.view.data(data, sent=True)
        if not self.wire.write(data):
            self.say(TerminalPhrase.UNSENT, line=data.decode("utf-8", "replace").strip())
            self.session.stop(self.now)
            self._pasted = ()
        return True

    def _tell(self) -> bool:
        events = self.session.events()
        for event in events:
            match event:
                case LineSeen():
                    self.view.line(event.kind, event.text)
                case Answered():
                    self._answered(event)
                case Prompted():
                    self.say(TerminalPhrase.PROMPT)
            if self.script is not None:
                self.script.handle_event(self.now, event)
                self._end_script()
            for watcher in self._watchers:
                watcher(event)
        return bool(events)

    def _answered(self, event: Answered) -> None:
        order, answer = event.order, event.answer
        if event.restarted:
            self.say(TerminalPhrase.RESTARTED, line=order.line)
        elif not answer.final and not event.silent:
            self.say(TerminalPhrase.NO_ANSWER, line=order.line, seconds=round(answer.took, 1))
        elif self.tables is not None and answer.late:
            took, limit = round(answer.took, 2), answer.limit
            self.say(TerminalPhrase.LATE, line=order.line, took=took, limit=limit)
        if self.tables is not None and answer.final and not answer.ok:
            for text in self.tables.why(order.line, answer.final):
                self.view.note(text)
        self._learn(event)
        if any(order is each for each in self._pasted):
            self._paste_ends[0 if answer.ok or event.silent else 1] += 1
            if not answer.final and not event.silent:
                self.stop()
            elif sum(self._paste_ends) == len(self._pasted):
                self._end_paste()

    def _end_paste(self) -> None:
        count, (ok, errors) = len(self._pasted), self._paste_ends
        self._pasted = ()
        if count > 1:
            self.say(TerminalPhrase.PASTE_ENDED, count=count, ok=ok, errors=errors)

    def _learn(self, event: Answered) -> None:
        if self.tables is None or not event.order.line.upper().startswith(("AT+CGMM", "ATI")):
            return
        before = self.tables.profile
        known = event.answer.ok and self.tables.learn(event.answer.lines)
        if known and self.tables.profile is not None and self.tables.profile is not before:
            self.follow_tables()
            self.say(TerminalPhrase.MODEL, model=self.tables.profile.model)
        elif event.order.own and not known and self.tables.profile is None:
            self.say(TerminalPhrase.MODEL_UNKNOWN)

    def _end_script(self) -> None:
        run = self.script
        if run is None or not run.finished:
            return
        self.script = None
        if not self.tells_ends:
            return
        if run.error is not None:
            self.view.note(worded(run.error, chosen()), "error")
        else:
            self.say(TerminalPhrase.SCRIPT_PASSED, name=self._script_name, count=run.total)

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        times = [self.session.next_deadline(), None if self.script is None else self.script.next_deadline()]
        soonest = min((each for each in times if each is not None), default=None)
        if soonest is not None:
            self._timer = self._loop.call_later(max(0.0, soonest - self.now), self._handle_timer)

    def _handle_timer(self) -> None:
        self._timer = None
        self.session.handle_timer(self.now)
        if self.script is not None:
            self.script.handle_timer(self.now)
            self._end_script()
        self._settle()


def is_shown(kind: LineKind) -> bool:
    """For who wants answers alone."""
    return kind in (LineKind.INFORMATION, LineKind.OK, LineKind.ERROR, LineKind.STARTED)
