"""One DTLS server and many clients in a process of their own: what each handshake and each session costs the server.

`python -m benchmarks.dtls_child rate|memory 128_CCM_8|128_CBC_SHA256|… SESSIONS KIND…`, kinds being ours and openssl.
The clients are ours against either server, and only the server's CPU time is counted. Memory is the process's, so C and
Python count alike.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from pathlib import Path
from random import Random

from benchmarks.dtls_peers import KEY, BenchedServer, NoPeer, OpenSsl, Ours
from nbtwin.dtls import CipherSuite, DtlsClient, Settings, Status
from nbtwin.engine import Address

HERE: Address = ("10.0.0.1", 5684)
WARM_UP = 1000
PAGE = os.sysconf("SC_PAGESIZE")


class Crowd:
    """Clients, one after the other; each connects, says one thing and is forgotten."""

    def __init__(self, server: BenchedServer, suite: CipherSuite) -> None:
        self._server = server
        self._random = Random(2).randbytes
        self._settings = Settings(cipher_suites=(suite,))
        self.server_time = 0.0

    def connect(self, number: int) -> None:
        identity, source = b"%015d" % number, (f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 5684)
        client = DtlsClient(HERE, identity, KEY, self._random, settings=self._settings)
        client.handshake(0.0)
        self._exchange(client, source)
        if client.status is not Status.ESTABLISHED:
            raise NoPeer(f"the handshake of client {number} ended as {client.status.value}")
        client.send(0.0, HERE, b"x")
        self._exchange(client, source)

    def _exchange(self, client: DtlsClient, source: Address) -> None:
        clock, server = time.process_time, self._server
        while out := client.datagrams_to_send():
            for _, data in out:
                began = clock()
                answers = server.handle(0.0, source, data)
                self.server_time += clock() - began
                for answer in answers:
                    client.handle_datagram(0.0, HERE, answer)


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def keys_of(sessions: int) -> dict[bytes, bytes]:
    return {b"%015d" % number: KEY for number in range(WARM_UP + sessions)}


def make(kind: str, suite: CipherSuite, sessions: int) -> BenchedServer:
    return Ours(keys_of(sessions)) if kind == "ours" else OpenSsl(suite, keys_of(sessions))


def measure_memory(kind: str, suite: CipherSuite, sessions: int) -> float:
    """Bytes that the process grows by, a session."""
    server = make(kind, suite, sessions)
    crowd = Crowd(server, suite)
    for number in range(WARM_UP):
        crowd.connect(number)
    before = resident()
    for number in range(WARM_UP, WARM_UP + sessions):
        crowd.connect(number)
    each = (resident() - before) / sessions
    if server.received() != WARM_UP + sessions:
        raise SystemExit(f"{server.received()} of {WARM_UP + sessions} sessions said something")
    return each


def measure_rates(kinds: list[str], suite: CipherSuite, sessions: int) -> list[float]:
    """Handshakes a second of the server's CPU time, all kinds by turns."""
    crowds = [Crowd(make(kind, suite, sessions), suite) for kind in kinds]
    for number in range(WARM_UP + sessions):
        if number == WARM_UP:
            for crowd in crowds:
                crowd.server_time = 0.0
        for crowd in crowds:
            crowd.connect(number)
    return [sessions / crowd.server_time for crowd in crowds]


def main() -> None:
    what, suite_name, sessions = sys.argv[1], sys.argv[2], int(sys.argv[3])
    suite = next(each for each in CipherSuite if each.name.endswith(suite_name))
    kinds = sys.argv[4:]
    try:
        figures = (
            measure_rates(kinds, suite, sessions)
            if what == "rate"
            else [measure_memory(kind, suite, sessions) for kind in kinds]
        )
        print("figures", *figures)
    except NoPeer as why:
        print("none", why)


if __name__ == "__main__":
    main()
