"""What faults do to a module's serial line, byte by byte, between the host and the module.

    host -> handle_host_bytes -> swallowed, garbled, split -> the module
    module -> handle_module_bytes -> slow, late, doubled, lines put in, noise, garbled, split -> the host

What the module says is read as the pieces that a host tells apart (echo, line, line end, prompt), however the bytes
come: chances are drawn for a place or a byte, never for a chunk, from a source of randomness of its own for each fault,
module and direction. So the same seed disturbs the same bytes, live and simulated (D183). Each fault counts what it
could strike: places, lines, answers, starts, silences, pulses of a pin or bytes (the `packets` of its description).

URCs keep out of data mode and of a start's banner, and are never put into a line, but by `serial_interleaved`. Knows
bytes and lines; knows no command but its name, and no clock.
"""

from __future__ import annotations

import random
import re
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Protocol

from nbtwin.engine import Fact, Seconds
from nbtwin.lab.facts import SerialLineDisturbed
from nbtwin.lab.faults import Fault, FaultKind, Faults, Pin, Place, Rule
from nbtwin.lab.interfaces import Profiled
from nbtwin.lab.line_tables import answer_limit, said_by_itself
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.lab.observers import Observers
from nbtwin.lab.scheduler import Scheduler
from nbtwin.lab.uart import heard
from nbtwin.profiles.limits import BEYOND_DOCUMENTS
from nbtwin.timeline.facts import Direction
from nbtwin.timeline.plain import printable

UP, DOWN = Direction.UP, Direction.DOWN
AWAKE_WITHIN: Seconds = 0.5
"""So long after the first byte a line has woken, however many were lost. Assumed (D183)."""
_PIECES = re.compile(rb"\r\n>|\r\n[^\r\n]+|\r\n|[^\r\n]+(?:\r(?!\n))?|\r|\n")
_FINAL = re.compile(rb"\r\n(?:OK|ERROR|\+CM[ES] ERROR: .*|REBOOTING|SEND OK|SEND FAIL|CONNECT)")
_PROMPT = b"\r\n>"
_END = b"\r\n"
_REBOOTING = b"\r\nREBOOTING"
_ANY_SAYS = ("+CSCON:1",)
_CAUSE = b"\r\nREBOOT_CAUSE_"
_NEUL = b"\r\nNeul"
_BANNERS = (_NEUL, b"\r\nRDY", _CAUSE)
_NOISE = bytes(byte for byte in range(256) if byte not in b"\r\n>")
_LONGEST_COMMAND = 4096
_SHOWN = 80


class LineWorld(Protocol):
    """What a line needs of the world that it is in (`nbtwin.lab.world.World`)."""

    seed: int
    scheduler: Scheduler[Node]
    faults: Faults
    observers: Observers
    modules: dict[str, ModuleNode]

    def note(self, source: str, fact: Fact) -> None: ...

    def drain(self, node: Node) -> None: ...


class _Queue:
    """Bytes on their way in one direction: in their order, each not before its time."""

    def __init__(self, scheduler: Scheduler[Node], deliver: Callable[[bytes], None]) -> None:
        self._scheduler, self._deliver = scheduler, deliver
        self._waiting: deque[tuple[Seconds, bytes]] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def put(self, at: Seconds, data: bytes) -> Seconds:
        """When it arrives."""
        if self._waiting:
            at = max(at, self._waiting[-1][0])
        if at <= self._scheduler.now and not self._waiting:
            self._deliver(data)
        else:
            self._waiting.append((at, data))
            self._scheduler.call_at(at, self._let_go)
        return at

    def _let_go(self) -> None:
        self._deliver(self._waiting.popleft()[1])


Rules = list[tuple[int, Rule]]


class DisturbedLine:
    """One module's. It follows what is said as long as there are faults of lines, and until nothing is on its way."""

    def __init__(self, world: LineWorld, node: ModuleNode) -> None:
        self._world, self._node, self._name = world, node, node.name
        self._randoms: dict[tuple[int, Direction], random.Random] = {}
        self._up, self._down = _Queue(world.scheduler, self._to_host), _Queue(world.scheduler, self._to_module)
        self._heard_at = world.scheduler.now
        self._losing: tuple[int, Fault, int, Seconds] | None = None  # how many more bytes, until when
        self._command = b""
        self._asked, self._asked_at = "", world.scheduler.now
        self._open = False  # a command is being answered
        self._fresh = False  # and no line of its answer has come
        self._data_mode = False
        self._final = b""  # has come, the line's end has not
        self._booting = self._cause_given = False
        self._held_until: Seconds = 0.0
        self._late = 0  # lines that come later
        self._withheld: list[bytes] = []  # late ones whose time came while a command was being answered
        self._skips_end = False  # of a line that comes later

    @property
    def is_idle(self) -> bool:
        """Nothing is on its way."""
        return not (self._up or self._down or self._late or self._withheld)

    # from the host

    def handle_host_bytes(self, now: Seconds, data: bytes) -> None:
        rules = self._rules(now, DOWN)
        data = self._awake(now, data, rules)
        self._heard_at = now
        self._send(self._down, now, data, rules, DOWN)

    def handle_wake_up_pin(self, now: Seconds) -> None:
        """The line is awake: nothing of what comes next is lost."""
        self._heard_at, self._losing = now, None

    def pin_works(self, now: Seconds, pin: Pin) -> bool:
        """Whether the other end sees what is done with it; of DCD, which is a level, a fault counts nothing (D213)."""
        for number, rule in _of(self._rules(now, DOWN), FaultKind.SERIAL_PINS):
            if rule.fault.pins and pin not in rule.fault.pins:
                continue
            if pin is Pin.DCD:
                return False
            if rule.strikes(self._random(number, DOWN)):
                self._note(number, rule.fault, pin.upper().encode())
                return False
        return True

    def _awake(self, now: Seconds, data: bytes, rules: Rules) -> bytes:
        for number, rule in _of(rules, FaultKind.SERIAL_SWALLOWED):
            fault = rule.fault
            if now - self._heard_at >= fault.silence and rule.strikes(self._random(number, DOWN)):
                self._losing = (number, fault, fault.octets, now + AWAKE_WITHIN)
        if self._losing is None:
            return data
        number, fault, left, until = self._losing
        lost = data[:left] if now <= until else b""
        self._losing = (number, fault, left - len(lost), until) if 0 < len(lost) < left else None
        if lost:
            self._note(number, fault, lost, len(lost))
        return data[len(lost) :]

    def _to_module(self, data: bytes) -> None:
        """One command line after the other, so that each is known whose answer comes."""
        for piece in data.splitlines(keepends=True) if not self._data_mode else [data]:
            if self._world.modules.get(self._name) is not self._node:
                return
            now = self._world.scheduler.touch()
            if not self._data_mode:
                self._follow_command(now, piece)
            self._node.module.handle_serial(now, piece)
            self._world.drain(self._node)

    def _follow_command(self, now: Seconds, piece: bytes) -> None:
        self._command = (self._command + piece)[-_LONGEST_COMMAND:]
        if self._command.endswith((b"\r", b"\r\n")):
            line, self._command = self._command.strip(), b""
            if line:
                self._asked, self._asked_at = line.decode("utf-8", "replace"), now
                self._open = self._fresh = True

    # from the module

    def handle_module_bytes(self, now: Seconds, data: bytes) -> None:
        self._heard_at = now
        rules = self._rules(now, UP)
        said = bytearray()
        for piece in _PIECES.findall(data):
            if piece == _END:
                self._end_line(now, said, rules)
            elif piece.startswith(_END):
                self._begin_line(now, piece, said, rules)
            else:
                said += piece  # an echo, or data
        self._say(now, said, rules)

    def _say(self, now: Seconds, said: bytearray, rules: Rules) -> None:
        if said:
            self._send(self._up, max(now, self._held_until), bytes(said), rules, UP)
            said.clear()

    def _begin_line(self, now: Seconds, piece: bytes, said: bytearray, rules: Rules) -> None:
        self._skips_end = False
        if piece.startswith(_BANNERS):
            self._begin_banner(piece, said, rules)
        elif self._open:
            self._begin_answer_line(now, piece, said, rules)
        elif self._booting:
            self._booting = _FINAL.fullmatch(piece) is None
        else:
            piece = self._repeated(piece, rules)
            if self._comes_late(now, piece, rules):
                self._skips_end = True
                return
        said += self._interleaved(piece, rules)

    def _begin_banner(self, piece: bytes, said: bytearray, rules: Rules) -> None:
        begun, self._cause_given = self._cause_given, piece.startswith(_CAUSE)
        self._open = self._fresh = self._data_mode = False
        self._final = self._command = b""
        self._booting = piece.startswith(_NEUL)
        for number, rule in _of(rules, FaultKind.SERIAL_NOISE) if not begun else ():
            draw = self._random(number, UP)
            if rule.strikes(draw) and rule.fault.octets:
                noise = bytes(draw.choices(_NOISE, k=draw.randint(1, rule.fault.octets)))
                self._note(number, rule.fault, noise, len(noise))
                said += noise

    def _begin_answer_line(self, now: Seconds, piece: bytes, said: bytearray, rules: Rules) -> None:
        fresh, self._fresh = self._fresh, False
        is_final = _FINAL.fullmatch(piece) is not None
        if not self._data_mode:
            said += self._put_in(Place.ECHO if fresh else Place.FINAL if is_final else Place.LINES, rules)
        if fresh:
            self._say(now, said, rules)  # at once, whatever the answer does
            self._slow_down(now, rules)
        if piece == _PROMPT:
            self._data_mode = True
        elif is_final:
            self._final = piece

    def _end_line(self, now: Seconds, said: bytearray, rules: Rules) -> None:
        if self._skips_end:
            self._skips_end = False
            return
        said += _END
        if self._final:
            restarts = self._final == _REBOOTING
            self._open = self._data_mode = False
            self._final = b""
            if not restarts:
                said += self._put_in(Place.AFTER, rules)
            said += b"".join(self._withheld)
            self._withheld.clear()

    # what is done to it

    def _put_in(self, place: Place, rules: Rules) -> bytes:
        """Lines that nobody asked for, each with its ends."""
        said = bytearray()
        for number, rule in _of(rules, FaultKind.SERIAL_URC):
            fault, draw = rule.fault, self._random(number, UP)
            text = self._text(fault, draw)
            alike = place is not Place.AFTER and text.partition(":")[0].upper() in self._asked.upper()
            if place not in fault.places if fault.places else alike:  # which of the two is the answer, nobody could say
                continue
            if rule.strikes(draw):
                self._note(number, fault, text.encode(), place=place)
                said += _END + text.encode() + _END
        return bytes(said)

    def _interleaved(self, piece: bytes, rules: Rules) -> bytes:
        for number, rule in _of(rules, FaultKind.SERIAL_INTERLEAVED):
            draw = self._random(number, UP)
            if len(piece) > len(_END) + 1 and rule.strikes(draw):
                text, at = self._text(rule.fault, draw).encode(), draw.randrange(len(_END) + 1, len(piece))
                self._note(number, rule.fault, text)
                piece = piece[:at] + _END + text + _END + piece[at:]
        return piece

    def _repeated(self, piece: bytes, rules: Rules) -> bytes:
        once = piece
        for number, rule in _of(rules, FaultKind.SERIAL_DOUBLED):
            if rule.strikes(self._random(number, UP)):
                self._note(number, rule.fault, once[len(_END) :], rule.fault.copies)
                piece = (once + _END) * rule.fault.copies + piece
        return piece

    def _comes_late(self, now: Seconds, piece: bytes, rules: Rules) -> bool:
        for number, rule in _of(rules, FaultKind.SERIAL_LATE):
            fault, draw = rule.fault, self._random(number, UP)
            if rule.strikes(draw):
                span = fault.seconds + draw.random() * fault.spread
                self._note(number, fault, piece[len(_END) :], span=span)
                self._late += 1
                self._world.scheduler.call_at(now + span, partial(self._say_late, piece + _END))
                return True
        return False

    def _say_late(self, line: bytes) -> None:
        self._late -= 1
        if self._open:
            self._withheld.append(line)
        else:
            now = self._world.scheduler.now
            self._say(now, bytearray(line), self._rules(now, UP))

    def _slow_down(self, now: Seconds, rules: Rules) -> None:
        for number, rule in _of(rules, FaultKind.SERIAL_SLOW):
            if not rule.strikes(self._random(number, UP)):
                continue
            until = self._asked_at + self._limit() * rule.fault.percent / 100
            if until > now:
                self._held_until = max(self._held_until, until)
                self._note(number, rule.fault, self._asked.encode(), span=until - now)

    def _send(self, queue: _Queue, at: Seconds, data: bytes, rules: Rules, direction: Direction) -> None:
        data = self._garbled(data, rules, direction)
        start, pieces = 0, 0
        splits = [
            (number, rule, self._random(number, direction)) for number, rule in _of(rules, FaultKind.SERIAL_SPLIT)
        ]
        for position in range(len(data) if splits else 0):
            for number, rule, draw in splits:
                if rule.strikes(draw):
                    if position > start:
                        at = queue.put(at, data[start:position])
                    at, start, pieces, struck = at + draw.random() * rule.fault.spread, position, pieces + 1, number
        if pieces:
            self._note(struck, self._world.faults.on_lines[struck].fault, count=pieces)
        if data[start:]:
            queue.put(at, data[start:])

    def _garbled(self, data: bytes, rules: Rules, direction: Direction) -> bytes:
        module = self._node.module.line_speed
        for number, rule in _of(rules, FaultKind.SERIAL_BAUD):
            sent_at, read_at = (module, rule.fault.baud) if direction is UP else (rule.fault.baud, module)
            draw, came, struck = self._random(number, direction), bytearray(), 0
            for byte in data:
                strikes = rule.strikes(draw)
                came += heard(bytes((byte,)), sent_at, read_at) if strikes else bytes((byte,))
                struck += strikes
            if struck:
                self._note(number, rule.fault, bytes(came), struck)
            data = bytes(came)
        return data

    # what it needs

    def _to_host(self, data: bytes) -> None:
        now = self._heard_at = self._world.scheduler.now
        for observe in self._world.observers.serial_out:
            observe(now, self._node, data)
        self._node.to_host(data)

    def _rules(self, now: Seconds, direction: Direction) -> Rules:
        rules = self._world.faults.on_line(now, self._name)
        return [(number, rule) for number, rule in rules if rule.direction in (None, direction)]

    def _random(self, number: int, direction: Direction) -> random.Random:
        key = number, direction
        if key not in self._randoms:
            self._randoms[key] = random.Random(f"{self._world.seed}/serial/{self._name}/{number}/{direction}")
        return self._randoms[key]

    def _text(self, fault: Fault, draw: random.Random) -> str:
        if fault.text is not None:
            return fault.text
        module = self._node.module
        return draw.choice(said_by_itself(module.profile) if isinstance(module, Profiled) else _ANY_SAYS)

    def _limit(self) -> Seconds:
        module = self._node.module
        return answer_limit(module.profile, self._asked) if isinstance(module, Profiled) else BEYOND_DOCUMENTS

    def _note(
        self,
        number: int,
        fault: Fault,
        text: bytes = b"",
        count: int = 1,
        *,
        place: Place | None = None,
        span: Seconds | None = None,
    ) -> None:
        shown = printable(text[:_SHOWN].decode("utf-8", "backslashreplace"))
        self._world.note(self._name, SerialLineDisturbed(number, fault.kind, place, shown, count, span))


def _of(rules: Rules, kind: FaultKind) -> Rules:
    return [(number, rule) for number, rule in rules if rule.fault.kind is kind]
