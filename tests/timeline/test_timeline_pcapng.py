"""The capture file: what Wireshark's own tshark reads in it, as it is installed, and what is in each block."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import timeline_entries
from hypothesis import given
from hypothesis import strategies as st
from timeline_entries import decoded

from nbtwin.dtls.events import KeyLogged
from nbtwin.engine import Address
from nbtwin.module.events import PoweredOn
from nbtwin.timeline.entry import Entry
from nbtwin.timeline.facts import Direction, LineReceived, LineSent, SegmentFlag, SegmentSeen
from nbtwin.timeline.pcapng import Capture, Servers, export
from nbtwin.timeline.ring import Timeline

KEY = f"CLIENT_RANDOM {1:064x} {2:096x}"
GET = bytes.fromhex("40010001 b474657374")


def datagram(at: float = 1.5, data: bytes = GET, **more: Any) -> Entry:
    return timeline_entries.datagram(data, at=at, **more)


def line(text: str, source: str = "bc25", at: float = 2.0) -> Entry:
    return Entry(1, at, source, LineReceived(text))


def answer(text: str, source: str = "bc25", at: float = 2.0) -> Entry:
    return Entry(1, at, source, LineSent(text))


def exported(*entries: Entry, keys: Sequence[str] = ()) -> bytes:
    return export(decoded(*entries), keys)


def blocks(data: bytes) -> list[tuple[int, bytes]]:
    """A file is blocks from its first byte to its last: type, length, body, the length again."""
    found = []
    while data:
        type_, length = struct.unpack_from("<II", data)
        assert length % 4 == 0
        assert struct.unpack_from("<I", data, length - 4) == (length,)
        found.append((type_, data[8 : length - 4]))
        data = data[length:]
    return found


def tshark(path: Path, *fields: str, only: str = "", options: Sequence[str] = ()) -> list[list[str]]:
    found = shutil.which("tshark")
    if found is None:
        pytest.skip("tshark is not installed")
    wanted = [argument for field in fields for argument in ("-e", field)]
    command = [found, "-n", "-r", str(path), "-T", "fields", *options, *wanted, *(("-Y", only) if only else ())]
    run = subprocess.run(command, capture_output=True, check=True, timeout=60, env={"TZ": "UTC"})
    assert b"cut short" not in run.stderr
    return [row.split("\t") for row in run.stdout.decode().splitlines()]


def test_tshark_shows_at_lines_as_at_commands_with_their_direction_and_the_module_as_interface(tmp_path: Path) -> None:
    path = tmp_path / "lines.pcapng"
    lines = [line("AT+QLASTATUS?"), answer("+QLASTATUS: REGISTERED"), answer("OK", "bc28")]
    path.write_bytes(exported(*lines[:2], Entry(1, 2.0, "bc25", PoweredOn()), lines[2], datagram(data=b"\xff" + GET)))
    shown = tshark(path, "frame.interface_name", "_ws.col.Protocol", "_ws.col.Info", "at.command_line_prefix")
    assert [[cell.strip() for cell in row] for row in shown] == [
        ["AT bc25", "AT", "Sent AT Command: AT+QLASTATUS?", "AT"],
        ["AT bc25", "AT", "Rcvd AT Command: +QLASTATUS: REGISTERED", ""],
        ["AT bc28", "AT", "Rcvd AT Command: OK", ""],
        ["datagrams", "UDP", "20001 → 45683 Len=10", ""],
    ]


def test_tshark_decodes_coap_at_the_address_by_which_the_module_knows_its_platform(tmp_path: Path) -> None:
    path = tmp_path / "coap.pcapng"
    known: Address = ("117.161.2.41", 5683)
    request = [datagram(number=n, asked_for=known, lost=n == 2) for n in (1, 2)]
    response = datagram(1.75, bytes.fromhex("60450001"), down=True)
    path.write_bytes(exported(*request, response))
    fields = ("frame.time_epoch", "ip.dst", "coap.code", "frame.comment", "frame.packet_flags_direction")
    assert tshark(path, *fields, only="coap") == [
        ["1.500000000", "117.161.2.41", "1", "", "0x00000002"],
        ["1.500000000", "117.161.2.41", "1", "retransmission: sending 2,lost", "0x00000002"],
        ["1.750000000", "100.64.0.2", "69", "", "0x00000001"],
    ]


def test_a_server_at_another_port_is_shown_where_tshark_finds_coap_and_the_first_packet_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ports.pcapng"
    servers: list[Address] = [("127.0.0.1", port) for port in (5783, 5685, 7000)]
    path.write_bytes(
        exported(
            datagram(destination=servers[0]),
            datagram(data=bytes.fromhex("60450001"), down=True, source=servers[0]),
            datagram(data=bytes.fromhex("40010002b474657374"), destination=servers[1]),
            datagram(data=b"\xff" + GET, destination=servers[2]),
        )
    )
    assert tshark(path, "ip.src", "ip.dst", "udp.port", "coap.code", "frame.comment") == [
        ["100.64.0.2", "127.0.0.1", "20001,5683", "1", "127.0.0.1:5783 is shown as 127.0.0.1:5683"],
        ["127.0.0.1", "100.64.0.2", "5683,20001", "69", ""],
        ["100.64.0.2", "198.51.100.1", "20001,5683", "1", "127.0.0.1:5685 is shown as 198.51.100.1:5683"],
        ["100.64.0.2", "127.0.0.1", "20001,7000", "", ""],
    ]


def test_more_servers_than_can_be_shown_elsewhere_are_shown_where_they_are() -> None:
    servers = Servers()
    shown = [servers.shown(("192.0.2.1", 7000 + number), 5683)[0] for number in range(300)]
    assert len(set(shown)) == 300
    assert shown[:2] == [("192.0.2.1", 5683), ("198.51.100.1", 5683)]
    assert shown[255:] == [("192.0.2.1", 7000 + number) for number in range(255, 300)]


def test_every_packet_is_whole_for_tshark_whatever_its_addresses_and_length(tmp_path: Path) -> None:
    path = tmp_path / "checksums.pcapng"
    ways = [("::1", "2001:db8::2"), ("10.0.0.1", "10.0.0.2"), ("10.0.0.1", "::1"), ("::1", "10.0.0.1")]
    entries = [
        datagram(data=GET + b"\xff" + bytes(size), source=(source, 5683), destination=(destination, 5683))
        for source, destination in ways
        for size in (1, 2, 1279)
    ]
    path.write_bytes(exported(*entries))
    checking = ("-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE")
    fields = ("ipv6.dst", "ip.dst", "coap.code", "udp.checksum.status", "ip.checksum.status", "_ws.malformed")
    shown = tshark(path, *fields, options=checking)
    assert [row[2:4] for row in shown] == [["1", "1"]] * 12, "good"
    assert {row[4] for row in shown} == {"", "1"}
    assert shown[0][0] == "2001:db8::2"
    assert shown[6][0] == "::1"
    assert shown[9][0] == "::ffff:10.0.0.1"
    assert not any(row[5] for row in shown)


def test_keys_stand_before_what_they_decrypt_and_once() -> None:
    timeline, file = Timeline(), io.BytesIO()
    timeline.add_sink(Capture(file).add)
    for fact in (datagram().fact, KeyLogged(KEY), datagram().fact, KeyLogged(KEY)):
        timeline.record(1.5, "bc25", fact)
    assert [type_ for type_, _ in blocks(file.getvalue())] == [0x0A0D0D0A, 1, 6, 10, 6]
    _, body = blocks(file.getvalue())[3]
    assert body == struct.pack("<II", 0x544C534B, len(KEY) + 1) + KEY.encode() + b"\n\0\0"[: 1 + -(len(KEY) + 1) % 4]


def test_an_export_has_the_keys_that_it_is_given_and_those_among_its_entries() -> None:
    other = KEY.replace("1", "3")
    data = exported(datagram(), Entry(2, 2.0, "bc25", KeyLogged(other)), keys=[KEY])
    assert [type_ for type_, _ in blocks(data)] == [0x0A0D0D0A, 1, 10, 6, 10]


class Disk:
    """What would be on it after a kill between any two system calls."""

    def __init__(self) -> None:
        self.states = [b""]

    def write(self, data: bytes) -> None:
        self.states.append(self.states[-1] + data)

    def flush(self) -> None:
        pass


def test_whatever_is_written_is_whole_blocks() -> None:
    disk = Disk()
    capture = Capture(disk, [KEY])
    for entry in (
        datagram(),
        line("AT"),
        answer("OK"),
        line("AT", "bc28"),
    ):
        capture.add(entry)
    for state in disk.states:
        blocks(state)
    assert len(disk.states) == 9


@given(st.text(max_size=40), st.binary(max_size=100), st.floats(0, 4e9))
def test_any_line_and_any_datagram_make_a_file_of_whole_blocks(text: str, data: bytes, at: float) -> None:
    text = text.encode("utf-8", "replace").decode()
    assert len(blocks(exported(line(text, at=at), answer(text, at=at), datagram(at, data)))) == 6


def test_a_datagram_longer_than_any_packet_is_cut() -> None:
    (*_, (_, packet)) = blocks(exported(datagram(data=bytes(65507))))
    assert struct.unpack_from(">H", packet, 20 + 2) == (65535 - 20,)


def segment(flag: SegmentFlag, up: bool, sequence: int, acknowledged: int, data: bytes = b"", at: float = 3.0) -> Entry:
    here, there = ("100.64.0.2", 40000), ("192.0.2.20", 7)
    source, destination = (here, there) if up else (there, here)
    direction = Direction.UP if up else Direction.DOWN
    return Entry(1, at, "bc28", SegmentSeen(direction, source, destination, flag, sequence, acknowledged, data, "bc28"))


STREAM = [
    segment(SegmentFlag.OPENING, True, 0, 0),
    segment(SegmentFlag.OPENED, False, 0, 1, at=3.1),
    segment(SegmentFlag.ACKNOWLEDGED, True, 1, 1, at=3.1),
    segment(SegmentFlag.DATA, True, 1, 1, b"hello", at=3.2),
    segment(SegmentFlag.DATA, False, 1, 6, b"HELLO", at=3.3),
    segment(SegmentFlag.FINISHED, True, 6, 6, at=3.4),
    segment(SegmentFlag.FINISHED, False, 6, 7, at=3.5),
]


def test_tshark_follows_a_stream_and_finds_nothing_wrong_in_it(tmp_path: Path) -> None:
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not here")
    file = tmp_path / "stream.pcapng"
    file.write_bytes(export(decoded(*STREAM), []))

    def ask(*options: str) -> str:
        command = [
            tshark,
            "-n",
            "-r",
            str(file),
            "-o",
            "tcp.check_checksum:TRUE",
            "-o",
            "ip.check_checksum:TRUE",
            *options,
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    followed = ask("-q", "-z", "follow,tcp,ascii,0")
    assert "hello" in followed
    assert "HELLO" in followed
    assert ask("-Y", "tcp.analysis.flags || tcp.checksum.status == 0 || ip.checksum.status == 0") == ""
    assert ask("-T", "fields", "-e", "tcp.flags.str").split() == [
        "··········S·", "·······A··S·", "·······A····", "·······AP···", "·······AP···", "·······A···F", "·······A···F"
    ]  # fmt: skip
