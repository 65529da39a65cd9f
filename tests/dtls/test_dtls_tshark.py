"""tshark reads our sessions, every record: with a key log in a file, and from our captures without anything."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from dtls_foreign import program
from dtls_link import CLIENT, SERVER, Link, a_client, a_server

from nbtwin.dtls import CipherSuite, HandshakeCompleted, KeyLogged, ServerSettings, Settings
from nbtwin.timeline.decoder import Decoder
from nbtwin.timeline.entry import Entry
from nbtwin.timeline.facts import DatagramSeen, Direction
from nbtwin.timeline.pcapng import Capture, export

CBC = CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256
GET = bytes.fromhex("40010001 b474657374")
CONTENT = bytes.fromhex("60450001 c22d16 ff c700") + b"QUECTEL"  # TLV (11542): resource 0


def write_pcap(path: Path, datagrams: list[tuple[float, tuple[str, int], tuple[str, int], bytes]]) -> None:
    """The oldest pcap format, link type raw IP (101), UDP without checksum."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for at, source, destination, data in datagrams:
            udp = struct.pack(">HHHH", source[1], destination[1], 8 + len(data), 0) + data
            addresses = b"".join(bytes(map(int, host.split("."))) for host in (source[0], destination[0]))
            packet = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + addresses + udp
            file.write(struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(packet), len(packet)) + packet)


def tshark(capture: Path, *fields: str, only: str, options: Sequence[str] = ()) -> list[list[str]]:
    wanted = [argument for field in fields for argument in ("-e", field)]
    command = [program("tshark"), "-n", "-r", str(capture), *options, "-Y", only, "-T", "fields"]
    run = subprocess.run([*command, *wanted], capture_output=True, check=True, timeout=60)
    return [line.split("\t") for line in run.stdout.decode().splitlines()]


def talk(settings: Settings, server: ServerSettings, handshakes: int) -> Link:
    """So many handshakes, then a GET and its answer."""
    link, client = Link(a_server(server)), a_client(settings)
    link.add(CLIENT, client)
    for _ in range(handshakes):
        client.handshake(link.now)
        link.run(1)
    client.send(link.now, SERVER, GET)
    link.run(1)
    link.server.send(link.now, CLIENT, CONTENT)
    link.run(1)
    return link


def test_tshark_decrypts_coap_with_our_key_log_as_a_file(tmp_path: Path) -> None:
    link = talk(Settings(key_log=True), ServerSettings(), 1)
    keys, capture = tmp_path / "keys", tmp_path / "capture.pcap"
    keys.write_text("".join(f"{event.line}\n" for event in link.of(CLIENT, KeyLogged)), encoding="ascii")
    write_pcap(capture, link.sent)
    messages = tshark(capture, "udp.srcport", "coap.code", only="coap", options=["-o", f"tls.keylog_file:{keys}"])
    assert messages == [["40000", "1"], ["5684", "69"]]


def test_tshark_decrypts_both_directions_where_only_the_server_tells_its_keys(tmp_path: Path) -> None:
    """A foreign client tells none; the server tells them when it has read the datagram that needs them first."""
    link = talk(Settings(), ServerSettings(key_log=True), 1)
    (key,) = link.of(SERVER, KeyLogged)
    path = tmp_path / "server.pcapng"
    with path.open("wb") as file:
        capture = Capture(file)
        for number, (at, source, destination, data) in enumerate(link.sent):
            direction = Direction.UP if destination == SERVER else Direction.DOWN
            capture.add(Entry(2 * number, at, "network", DatagramSeen(direction, source, destination, data)))
            if number == 4:  # ClientKeyExchange, ChangeCipherSpec, Finished
                capture.add(Entry(2 * number + 1, at, "andlink", key))
        capture.close()
    assert tshark(path, "udp.srcport", "coap.code", only="coap") == [["40000", "1"], ["5684", "69"]]


def test_a_datagram_whose_key_nobody_tells_is_written_all_the_same(tmp_path: Path) -> None:
    link = talk(Settings(), ServerSettings(), 1)
    path = tmp_path / "blind.pcapng"
    with path.open("wb") as file:
        capture = Capture(file)
        for number, (at, source, destination, data) in enumerate(link.sent[:5]):
            direction = Direction.UP if destination == SERVER else Direction.DOWN
            capture.add(Entry(number, at, "network", DatagramSeen(direction, source, destination, data)))
        capture.close()
    assert len(tshark(path, "frame.number", only="dtls")) == 5


def write_capture(path: Path, link: Link) -> None:
    """What `nbtwin up --pcap` would write."""
    keys = [event.line for event in link.of(CLIENT, KeyLogged)]
    decoder, entries = Decoder(), []
    for number, (at, source, destination, data) in enumerate(link.sent, 1):
        direction = Direction.UP if destination == SERVER else Direction.DOWN
        fact = DatagramSeen(direction, source, destination, data)
        entries.append(decoder.read(Entry(number, at, "network", fact)))
    path.write_bytes(export(entries, keys))


@pytest.mark.parametrize(("cid", "resumed"), [(0, False), (4, True)], ids=["plain-full", "cid-resumed"])
@pytest.mark.parametrize(("suite", "encrypt_then_mac"), [*((suite, True) for suite in CipherSuite), (CBC, False)])
def test_tshark_decrypts_coap_and_lwm2m_from_our_capture_without_any_setting(
    suite: CipherSuite, encrypt_then_mac: bool, cid: int, resumed: bool, tmp_path: Path
) -> None:
    settings = Settings(cipher_suites=(suite,), encrypt_then_mac=encrypt_then_mac, cid_length=cid, key_log=True)
    link = talk(settings, ServerSettings(cid_length=cid, connection_id=bool(cid)), 1 + resumed)
    assert link.of(SERVER, HandshakeCompleted)[-1].resumed is resumed
    capture = tmp_path / "capture.pcapng"
    write_capture(capture, link)
    fields = ("udp.srcport", "coap.code", "lwm2mtlv.value.string", "dtls.handshake.type", "_ws.malformed")
    rows = tshark(capture, *fields, only="udp")
    assert [row[:3] for row in rows if row[1]] == [["40000", "1", ""], ["5684", "69", "QUECTEL"]]
    assert sum(row[3].split(",").count("20") for row in rows) == 2 * (1 + resumed), "each Finished"
    assert not any(row[4] for row in rows)
