"""tshark reads our sessions with our key log: every record, with and without Connection IDs."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import pytest
from dtls_foreign import program
from dtls_link import CLIENT, SERVER, Link, a_client, a_server

from nbtwin.dtls import CipherSuite, HandshakeCompleted, KeyLogged, ServerSettings, Settings

CCM = CipherSuite.TLS_PSK_WITH_AES_128_CCM_8
CBC = CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256
GET = bytes.fromhex("40010001 b474657374")
CONTENT = bytes.fromhex("60450001 ff") + b"a secret payload"


def write_pcap(path: Path, datagrams: list[tuple[float, tuple[str, int], tuple[str, int], bytes]]) -> None:
    """The oldest pcap format, link type raw IP (101), UDP without checksum."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for at, source, destination, data in datagrams:
            udp = struct.pack(">HHHH", source[1], destination[1], 8 + len(data), 0) + data
            addresses = b"".join(bytes(map(int, host.split("."))) for host in (source[0], destination[0]))
            packet = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + addresses + udp
            file.write(struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(packet), len(packet)) + packet)


def tshark(capture: Path, keys: Path, *fields: str, only: str) -> list[list[str]]:
    wanted = [argument for field in fields for argument in ("-e", field)]
    command = [program("tshark"), "-n", "-r", str(capture), "-o", f"tls.keylog_file:{keys}", "-Y", only, "-T", "fields"]
    run = subprocess.run([*command, *wanted], capture_output=True, check=True, timeout=60)
    return [line.split("\t") for line in run.stdout.decode().splitlines()]


@pytest.mark.parametrize("resumed", [False, True], ids=["full", "resumed"])
@pytest.mark.parametrize("cid", [0, 4], ids=["plain", "cid"])
@pytest.mark.parametrize(
    ("suite", "encrypt_then_mac"), [(CCM, True), (CBC, True), (CBC, False)], ids=["ccm8", "cbc-etm", "cbc"]
)
def test_tshark_decrypts_coap_with_our_key_log(
    suite: CipherSuite, encrypt_then_mac: bool, cid: int, resumed: bool, tmp_path: Path
) -> None:
    link = Link(a_server(ServerSettings(cid_length=cid, connection_id=bool(cid))))
    settings = Settings(cipher_suites=(suite,), encrypt_then_mac=encrypt_then_mac, cid_length=cid, key_log=True)
    client = a_client(settings)
    link.add(CLIENT, client)
    for _ in range(1 + resumed):
        client.handshake(link.now)
        link.run(1)
    client.send(link.now, SERVER, GET)
    link.run(1)
    link.server.send(link.now, CLIENT, CONTENT)
    link.run(1)
    assert link.of(SERVER, HandshakeCompleted)[-1].resumed is resumed
    keys, capture = tmp_path / "keys", tmp_path / "capture.pcap"
    keys.write_text("".join(f"{event.line}\n" for event in link.of(CLIENT, KeyLogged)), encoding="ascii")
    write_pcap(capture, link.sent)

    assert tshark(capture, keys, "frame.number", only="_ws.malformed") == []
    messages = tshark(capture, keys, "udp.srcport", "coap.code", "data.data", only="coap")
    assert [(row[0], row[1]) for row in messages] == [("40000", "1"), ("5684", "69")]
    assert bytes.fromhex(messages[1][2]) == b"a secret payload"
    finished = tshark(capture, keys, "udp.srcport", only="dtls.handshake.type == 20")
    assert len(finished) == 2 * (1 + resumed)
