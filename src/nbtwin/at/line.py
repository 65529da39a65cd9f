"""Bytes from the host to command lines: echo, <CR>, ignored control characters, backspace, A/, length, data mode.

Knows bytes and their bounds. Knows no command, no answer and no clock. Rules: V.250 5.2 and 6.2.1-6.2.4,
DOC-E 2.2 (extended to every model by D62).
"""

from __future__ import annotations

from nbtwin.at.refusals import AtRefusal, CommandRefused
from nbtwin.at.values import is_text

LONGEST_LINE = 3072  # bytes of one command line: 1,358 bytes in hex and more; what is longer is ERROR, and not kept
LONGEST_HELD = 8192  # bytes that may wait while a command has not been answered yet
LONGEST_SHOWN = 256  # characters of a line that the timeline gets to see

_CR, _LF = 13, 10
_BACKSPACE = 8  # S5 (V.250 6.2.3)
_NOISE = bytes(range(0x7F, 0x100))  # in front of a command line it counts for nothing, too (D102)
REPEAT = "A/"
"""What `next_line` hands out for A/ or a/, which needs no <CR> (V.250 5.2.4); no other line is this text."""
_IGNORED = bytes(byte for byte in range(0x20) if byte not in (_CR, _BACKSPACE))  # V.250 5.2.2


class LineReader:
    """Takes bytes in any chunking and hands out command lines, or raw bytes in data mode.

    Bytes are echoed when they are consumed, one for one (V.250 6.2.4), into the sink that is shared with the
    answers: the order of echo and answers is the same however the bytes arrive. Control characters count for nothing
    in a command line (V.250 5.2.2); of them only <LF> is not echoed either.
    """

    __slots__ = ("_after_cr", "_at", "_cut", "_input", "_line", "_sends_lf", "_sink", "_too_long", "echo", "fault")

    def __init__(self, sink: bytearray, echo: bool) -> None:
        self._sink = sink
        self.echo = echo
        self._sends_lf: bool | None = None  # whether this host ends its lines with <CR><LF>; a habit, so it stays
        self.clear()

    def clear(self) -> None:
        """Forget everything that has come and was not handed out."""
        self._input = b""
        self._at = 0  # consumed bytes of _input
        self._line = b""  # the line so far
        self._after_cr = False  # the last byte that was handed out ended a line
        self._too_long = False  # the line so far is beyond LONGEST_LINE; only its beginning is kept
        self._cut = False  # bytes were lost because too many were held
        self.fault: CommandRefused | None = None  # why the line that was handed out last cannot be a command line

    @property
    def has_half_line(self) -> bool:
        return bool(self._line) or self._too_long

    def receive(self, data: bytes) -> None:
        if not self._cut:
            self._input = self._input[self._at :] + data if self._at < len(self._input) else data
            self._at = 0

    def hold(self) -> None:
        """Keep what is left for later, within bounds: a host that pipelines must not cost memory."""
        left = self._input[self._at :]
        self._input, self._at = left[:LONGEST_HELD], 0
        self._cut = self._cut or len(left) > LONGEST_HELD

    def next_line(self) -> str | None:
        """The next line without its <CR>, or None. Where there is no ``fault``, it is printable ASCII, and UTF-8 text
        between double quotes (D123)."""
        data, start = self._input, self._at
        if start >= len(data):
            self._end_of_input()
            return None
        if self._after_cr:
            self._after_cr, self._sends_lf = False, data[start] == _LF
        end = data.find(_CR, start)
        piece = data[start:end] if end >= 0 else data[start:]
        if b"/" in piece and self._repeats(piece.partition(b"/")[0]):
            return self._take_repeat(start + piece.index(b"/") + 1)
        if _LF in piece:
            piece = piece.replace(b"\n", b"")
        if self.echo:
            self._sink += piece
        if not self._too_long:
            self._append(piece.translate(None, _IGNORED))
        if end < 0:
            self._input, self._at = b"", 0
            self._end_of_input()
            return None
        if self.echo:
            self._sink.append(_CR)
        self._at, self._after_cr = end + 1, True
        return self._finished_line()

    def _repeats(self, before: bytes) -> bool:
        """Whether the line so far and what stands before a slash are A alone."""
        line = self._line + before.translate(None, _IGNORED)
        return not self._too_long and line.lstrip(_NOISE) in (b"A", b"a")

    def _take_repeat(self, end: int) -> str:
        """A/ ends with its slash; the next line begins behind it."""
        if self.echo:
            self._sink += self._input[self._at : end].replace(b"\n", b"")
        self._line, self._at, self.fault = b"", end, None
        return REPEAT

    def take(self, most: int, stops: bytes = b"") -> bytes:
        """Data mode: the next ``most`` bytes at the longest, as they come, up to and with the first of ``stops``.

        The <LF> of a host that ends its lines with <CR><LF> belongs to the command line before the data. A host
        that has been seen to send <CR> alone may begin its data with <LF>.
        """
        data, start = self._input, self._at
        if start < len(data) and self._after_cr:
            self._after_cr = False
            if data[start] == _LF and self._sends_lf is not False:
                start += 1
        taken = data[start : start + most]
        for stop in stops:
            end = taken.find(stop)
            if end >= 0:
                taken = taken[: end + 1]
        self._at = start + len(taken)
        if self.echo:
            self._sink += taken
        if self._at >= len(data):
            self._end_of_input()
        return taken

    def drop_half_line(self) -> str:
        """Forget a line whose <CR> never came (V.250 5.2.1). Returns its beginning, for the timeline."""
        line, self._line, self._too_long = self._line, b"", False
        return _shown(line)

    def _append(self, piece: bytes) -> None:
        line = _edited(self._line, piece) if _BACKSPACE in piece else self._line + piece
        if line is None or len(line) > LONGEST_LINE:
            self._too_long, line = True, (line or self._line + piece)[:LONGEST_SHOWN]
        self._line = line

    def _end_of_input(self) -> None:
        if self._cut:  # the line that was cut off is broken, whatever follows
            self._cut, self._too_long = False, True

    def _finished_line(self) -> str:
        line, self._line = self._line, b""
        if self._too_long:
            self._too_long, self.fault = False, too_long()
            return _shown(line)
        text = line.lstrip(_NOISE).decode("utf-8", "surrogateescape")
        self.fault = unprintable(text)
        return text if self.fault is None else _shown(line)


def too_long() -> CommandRefused:
    return CommandRefused(AtRefusal.LINE_TOO_LONG, expected=LONGEST_LINE)


def unprintable(line: str) -> CommandRefused | None:
    """Names the first byte that no command line may have: UTF-8 stands between quotes, or nowhere (D102, D123)."""
    if line.isascii() and line.isprintable():
        return None
    quoted = False
    for character in line:
        if character == '"':
            quoted = not quoted
        elif not " " <= character <= "~" and not (quoted and is_text(character)):
            return CommandRefused(AtRefusal.LINE_UNPRINTABLE, text=f"0x{_first_byte(character):02X}")
    return None


def _first_byte(character: str) -> int:
    escaped = 0xDC80 <= ord(character) <= 0xDCFF  # a byte that is no UTF-8
    return ord(character) & 0xFF if escaped else character.encode("utf-8", "replace")[0]


def _edited(line: bytes, piece: bytes) -> bytes | None:
    """Apply the backspaces of ``piece``; None when the line grew too long on the way."""
    characters = bytearray(line)
    for byte in piece:
        if byte != _BACKSPACE:
            characters.append(byte)
            if len(characters) > LONGEST_LINE:
                return None
        elif characters:
            characters.pop()
    return bytes(characters)


def _shown(line: bytes) -> str:
    """Any bytes as printable text, cut to a bound."""
    text = "".join(chr(byte) if 0x20 <= byte <= 0x7E else f"\\x{byte:02x}" for byte in line[:LONGEST_SHOWN])
    return text[:LONGEST_SHOWN]
