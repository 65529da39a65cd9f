"""Telnet with the COM port option (RFC 854, 855, 856, 1143, 2217), the server's side, as bytes in and bytes out.

Every command that asks for something is acknowledged. Knows neither socket nor module: what it is told about speed and
lines it remembers and repeats.
"""

from __future__ import annotations

from enum import Enum

IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
BINARY, ECHO, SGA, COM_PORT = 0, 1, 3, 44
_OURS = frozenset({BINARY, ECHO, SGA, COM_PORT})  # the module echoes (ATE1), so we do
_THEIRS = frozenset({BINARY, SGA, COM_PORT})

SIGNATURE, SET_BAUDRATE, SET_DATASIZE, SET_PARITY, SET_STOPSIZE, SET_CONTROL = range(6)  # RFC 2217, section 3
NOTIFY_LINESTATE, NOTIFY_MODEMSTATE, SUSPEND, RESUME, SET_LINESTATE_MASK, SET_MODEMSTATE_MASK, PURGE = range(6, 13)
_ANSWER = 100  # what the server answers is the client's command plus 100
_MODEM_STATE = 0x30  # data set ready, clear to send: the module is always there
_RING, _RING_ENDED = 0x40, 0x04
_CARRIER, _CARRIER_CHANGED = 0x80, 0x08
_LONGEST = 256  # of a subnegotiation; what follows is dropped
_IAC = bytes((IAC,))

DTR_ON, DTR_OFF = 8, 9
# SET-CONTROL: value asked for -> the group it belongs to, and each group's question
_GROUPS = {
    **dict.fromkeys((1, 2, 3, 17, 19), 0),  # outbound flow control, asked by 0
    **dict.fromkeys((5, 6), 4),  # break, asked by 4
    **dict.fromkeys((DTR_ON, DTR_OFF), 7),
    **dict.fromkeys((11, 12), 10),  # RTS
    **dict.fromkeys((14, 15, 16, 18), 13),  # inbound flow control
}
_RANGES = {SET_DATASIZE: (5, 8), SET_PARITY: (1, 5), SET_STOPSIZE: (1, 3)}


class _State(Enum):
    DATA = 0
    COMMAND = 1  # after IAC
    OPTION = 2  # after IAC DO and the like
    SUB = 3
    SUB_COMMAND = 4  # after IAC within a subnegotiation


class Rfc2217:
    """One connection. Feed it what the host sends, send the host what ``to_host`` and ``to_send`` give."""

    def __init__(self, baudrate: int = 9600) -> None:
        """``baudrate``: the module's, until the client sets another."""
        self.baudrate = baudrate
        self.asked_baudrate: int | None = None
        """What the client has set."""
        self.settings = {SET_DATASIZE: 8, SET_PARITY: 1, SET_STOPSIZE: 1}
        self.control = {0: 1, 4: 6, 7: 8, 10: 11, 13: 14}
        self.dtr_pulses = 0
        """How often DTR went on again after it was off, since the last time that somebody asked."""
        self.suspended = False
        """The host asked for silence until it says otherwise (FLOWCONTROL-SUSPEND)."""
        self._out = bytearray()
        self._us: dict[int, bool] = {}  # options: what was last said about our side, and theirs
        self._them: dict[int, bool] = {}
        self._state = _State.DATA
        self._command = 0
        self._sub = bytearray()
        self._after_cr = False
        self._told = False  # the modem state, which clients wait for unasked
        self._ring, self._carrier = 0, _CARRIER
        self._mask = 255

    def greet(self) -> None:
        """Offer what a COM port server is, and ask for eight clean bits."""
        for option in (BINARY, SGA, COM_PORT):
            self._say(self._us, WILL, WONT, option, True)
        for option in (BINARY, SGA):
            self._say(self._them, DO, DONT, option, True)

    def set_ring(self, active: bool) -> None:
        """The RI line: the client is told, if it wants to be."""
        was, self._ring = self._ring, _RING if active else 0
        if was != self._ring:
            self._notify(_RING, _RING_ENDED if was else 0)

    def set_carrier(self, active: bool) -> None:
        """The DCD line, the same."""
        was, self._carrier = self._carrier, _CARRIER if active else 0
        if was != self._carrier:
            self._notify(_CARRIER, _CARRIER_CHANGED)

    @property
    def _state_of_lines(self) -> int:
        return _MODEM_STATE | self._ring | self._carrier

    def _notify(self, line: int, change: int) -> None:
        if self._told and self._mask & line:
            self._answer(NOTIFY_MODEMSTATE, bytes(((self._state_of_lines | change) & self._mask,)))

    def to_send(self) -> bytes:
        out, self._out = bytes(self._out), bytearray()
        return out

    def to_host(self, data: bytes) -> bytes:
        """Data as it goes onto the connection."""
        return data.replace(_IAC, _IAC + _IAC)

    def receive(self, data: bytes) -> bytes:
        """What the host sent; returns what of it is for the module."""
        if self._state is _State.DATA and IAC not in data and self._them.get(BINARY):
            return data
        for_module = bytearray()
        for byte in data:
            self._take(byte, for_module)
        return bytes(for_module)

    def _take(self, byte: int, for_module: bytearray) -> None:
        match self._state:
            case _State.DATA:
                if byte == IAC:
                    self._state = _State.COMMAND
                else:
                    self._take_data(byte, for_module)
            case _State.COMMAND:
                self._take_command(byte, for_module)
            case _State.OPTION:
                self._state = _State.DATA
                self._negotiate(self._command, byte)
            case _State.SUB:
                if byte == IAC:
                    self._state = _State.SUB_COMMAND
                elif len(self._sub) < _LONGEST:
                    self._sub.append(byte)
            case _State.SUB_COMMAND:
                self._take_sub_command(byte)

    def _take_data(self, byte: int, for_module: bytearray) -> None:
        padding = byte == 0 and self._after_cr and not self._them.get(BINARY)  # RFC 854: <CR> <NUL> is <CR>
        self._after_cr = byte == 13
        if not padding:
            for_module.append(byte)

    def _take_command(self, byte: int, for_module: bytearray) -> None:
        self._state = _State.DATA
        if byte == IAC:
            self._take_data(byte, for_module)
        elif byte == SB:
            self._sub.clear()
            self._state = _State.SUB
        elif byte in (DO, DONT, WILL, WONT):
            self._command, self._state = byte, _State.OPTION

    def _take_sub_command(self, byte: int) -> None:
        self._state = _State.SUB
        if byte == IAC:
            self._sub.append(byte)
        elif byte == SE:
            self._state = _State.DATA
            if len(self._sub) >= 2 and self._sub[0] == COM_PORT:
                self._handle(self._sub[1], bytes(self._sub[2:]))

    # options: an answer only where something changes, so that two ends never loop (RFC 1143)

    def _negotiate(self, command: int, option: int) -> None:
        if command in (DO, DONT):
            self._say(self._us, WILL, WONT, option, command == DO and option in _OURS, asked=command == DO)
        else:
            self._say(self._them, DO, DONT, option, command == WILL and option in _THEIRS, asked=command == WILL)
        if option == COM_PORT and command in (DO, WILL) and not self._told:
            self._told = True
            self._answer(NOTIFY_MODEMSTATE, bytes((self._state_of_lines,)))

    def _say(
        self, side: dict[int, bool], yes: int, no: int, option: int, wanted: bool, *, asked: bool | None = None
    ) -> None:
        known = side.get(option, False)
        refuse = asked is True and not wanted and not known  # a refusal is said even where nothing changes
        if known != wanted or refuse:
            side[option] = wanted
            self._out += bytes((IAC, yes if wanted else no, option))

    # the COM port

    def _handle(self, command: int, value: bytes) -> None:
        if command == SIGNATURE:
            if not value:  # a text is the client's own, and no question
                self._answer(command, b"nbtwin")
        elif command == SET_BAUDRATE:
            if len(value) == 4:
                self.asked_baudrate = int.from_bytes(value, "big") or self.asked_baudrate
                self.baudrate = self.asked_baudrate or self.baudrate
            self._answer(command, self.baudrate.to_bytes(4, "big"))
        elif command in self.settings:
            low, high = _RANGES[command]
            if value and low <= value[0] <= high:
                self.settings[command] = value[0]
            self._answer(command, bytes((self.settings[command],)))
        elif command == SET_CONTROL:
            self._answer(command, bytes((self._set_control(value[0] if value else 0),)))
        elif command in (SET_LINESTATE_MASK, PURGE):
            self._answer(command, value[:1])
        elif command == SET_MODEMSTATE_MASK:
            mask = value[0] if value else 255
            self._mask = mask
            self._answer(command, bytes((mask,)))
            self._answer(NOTIFY_MODEMSTATE, bytes((self._state_of_lines & mask,)))
        elif command == NOTIFY_MODEMSTATE:  # from a client: pyserial asks so
            self._answer(command, bytes((self._state_of_lines,)))
        elif command == NOTIFY_LINESTATE:
            self._answer(command, b"\0")
        elif command in (SUSPEND, RESUME):  # the only ones without an answer: 108 would suspend the client
            self.suspended = command == SUSPEND

    def _set_control(self, value: int) -> int:
        """The answer says what is in force, also to a question (0, 4, 7, 10, 13)."""
        if value in self.control:
            return self.control[value]
        group = _GROUPS.get(value)
        if group is None:
            return self.control[0]
        self.dtr_pulses += value == DTR_ON and self.control[group] == DTR_OFF
        self.control[group] = value
        return value

    def _answer(self, command: int, value: bytes) -> None:
        body = bytes((COM_PORT, command + _ANSWER)) + value
        self._out += bytes((IAC, SB)) + self.to_host(body) + bytes((IAC, SE))
