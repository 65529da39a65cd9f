"""Mosquitto from Debian as the broker of tests, and a stream of the kernel's between it and our client."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from free_ports import free_port

from nbtwin.mqtt.client import MqttClient


@dataclass(frozen=True)
class Broker:
    host: str
    port: int
    log: Path


def mosquitto() -> str:
    found = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")
    if found is None:
        pytest.skip("mosquitto is not installed (Debian: mosquitto)")
    return found


@contextmanager
def running(folder: Path, *settings: str) -> Iterator[Broker]:
    """A broker on loopback that nobody else uses."""
    program = mosquitto()
    port = free_port()
    log = folder / "mosquitto.log"
    lines = [f"listener {port} 127.0.0.1", f"log_dest file {log}", "log_type all", "persistence false", *settings]
    lines.append("user root")  # with no root there is nothing to change to
    if not any(line.startswith("allow_anonymous") for line in settings):
        lines.append("allow_anonymous true")
    (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    process = subprocess.Popen(
        [program, "-c", folder / "mosquitto.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert time.monotonic() < until, "mosquitto does not start"
                with suppress(subprocess.TimeoutExpired):
                    process.wait(0.02)
                    pytest.fail(log.read_text(encoding="utf-8"))
        yield Broker("127.0.0.1", port, log)
    finally:
        process.terminate()
        process.wait(30)


class Line:
    """Our client on a TCP connection to a broker; ``now`` is the test's own clock."""

    def __init__(self, client: MqttClient, broker: Broker) -> None:
        self.client, self.now = client, 0.0
        self._socket = socket.create_connection((broker.host, broker.port), 10)
        self.events: list[object] = []

    def until(self, kind: type, seconds: float = 10) -> list[object]:
        """Carry bytes both ways until an event of this kind has come; all that came with it."""
        until = time.monotonic() + seconds
        while True:
            self.flush()
            for place, event in enumerate(self.events):
                if isinstance(event, kind):
                    found, self.events = self.events[: place + 1], self.events[place + 1 :]
                    return found
            left = until - time.monotonic()
            assert left > 0, f"no {kind.__name__}; there are {self.events}"
            self._socket.settimeout(left)
            data = self._socket.recv(4096)
            if data:
                self.client.handle_data(self.now, data)
            else:
                self.client.handle_closed(self.now)
                self.flush()
                assert any(isinstance(event, kind) for event in self.events), "the broker has hung up"

    def flush(self) -> None:
        data = self.client.data_to_send()
        if data:
            self._socket.sendall(data)
        self.events += self.client.events()

    def close(self) -> None:
        self._socket.close()
