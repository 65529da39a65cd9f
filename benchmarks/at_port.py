"""AT commands a second through a module's TCP port, one after the other as a host does, beside a bare TCP echo."""

from __future__ import annotations

import socket
import tempfile
import time

from benchmarks.figures import Figure
from benchmarks.processes import TCP_ECHO, connect, echo, nbtwin

LINE = b"AT+QDMPCFG=4,1\r"
ANSWER = b"\r\n+QDMPCFG: 1,117.161.2.41,5683,86400\r\n\r\nOK\r\n"


def measure(seconds: float) -> list[Figure]:
    with tempfile.TemporaryDirectory() as state:
        asked = ("up", "--module", "BC260Y-CN,sim=none,serial=tcp:127.0.0.1:0", "--ports", "", "--state", state)
        with nbtwin(*asked) as server, echo(TCP_ECHO) as bare:
            _, host, port = server.value("serial").split(":")
            with connect((host, int(port))) as line, connect(bare) as reference:
                _wait_for_boot(line)
                commands, echoes = 0.0, 0.0
                for _ in range(3):  # in turn, so that both see the same machine
                    echoes = max(echoes, _rate(reference, ANSWER, ANSWER, seconds / 6))
                    commands = max(commands, _rate(line, LINE, ANSWER, seconds / 6))
    notes = "`AT+QDMPCFG=4,1`, answered with its whole line, in the timeline"
    return [Figure("AT commands through the TCP port", commands, "/s", {"bare TCP echo (asyncio)": echoes}, notes)]


def _wait_for_boot(line: socket.socket) -> None:
    data = b""
    while not data.endswith(b"RDY\r\n\r\n+CFUN: 1\r\n") and b"RDY" not in data:
        data += line.recv(4096)
    line.sendall(b"ATE0\r")
    while not data.endswith(b"OK\r\n"):
        data += line.recv(4096)


def _rate(connection: socket.socket, line: bytes, answer: bytes, seconds: float) -> float:
    done, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < seconds:
        connection.sendall(line)
        left = len(answer)
        while left > 0:
            left -= len(connection.recv(4096))
        done += 1
    return done / took
