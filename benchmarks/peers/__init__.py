"""Servers of others that a registry carries, as they come, started for a benchmark; NoPeer says what is not here.

Leshan and Californium are the jars that `tests/foreign/leshan/prepare` has fetched from Maven Central, libcoap's
programs are Debian's `libcoap3-bin`. Nothing is downloaded here.
"""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from benchmarks import ROOT, cache_folder
from benchmarks.processes import Server

_SOURCE = Path(__file__).parent / "Peers.java"
_PREPARE = ROOT / "tests" / "foreign" / "leshan" / "prepare"
_JVM = ("-Xmx6g", "-Djava.net.preferIPv4Stack=true")


class NoPeer(Exception):
    """It cannot be had on this machine; the text says why."""


@cache
def _classpath() -> str:
    for name in ("java", "javac"):
        if shutil.which(name) is None:
            raise NoPeer(f"{name} is not installed (Debian: default-jdk-headless)")
    prepared = subprocess.run([_PREPARE, "--offline"], capture_output=True, text=True, check=False)
    if prepared.returncode:
        raise NoPeer("Leshan is not here; tests/foreign/leshan/prepare gets it from Maven Central")
    jars = (Path(prepared.stdout.strip()) / "v2" / "classpath").read_text().strip()
    made = cache_folder() / f"peers-{hashlib.sha256(_SOURCE.read_bytes() + jars.encode()).hexdigest()[:16]}"
    if not made.exists():
        made.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=made.parent) as folder:
            classes = Path(folder) / "classes"
            done = subprocess.run(
                ["javac", "-d", str(classes), "-cp", jars, str(_SOURCE)], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise NoPeer(f"javac: {done.stderr.strip()[:300]}")
            classes.replace(made)
    return f"{made}:{jars}"


@contextmanager
def _java(name: str) -> Iterator[tuple[int, Server]]:
    server = Server(["java", *_JVM, "-cp", _classpath(), "Peers", name], pinned=True, attended=True, quiet=True)
    try:
        yield server.port, server
    finally:
        server.stop()


@contextmanager
def _libcoap(name: str) -> Iterator[tuple[int, Server]]:
    program = next(
        (found for suffix in ("", "-openssl", "-gnutls", "-notls") if (found := shutil.which(name + suffix))), None
    )
    if program is None:
        raise NoPeer(f"{name} is not installed (Debian: libcoap3-bin)")
    port = _free_port()
    server = Server([program, "-A", "127.0.0.1", "-p", str(port)], pinned=True, announced=False)
    try:
        _until_it_answers(port)
        yield port, server
    finally:
        server.stop()


def _free_port() -> int:
    """A port whose next one is free as well: these programs take it for DTLS."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as second,
        ):
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def _until_it_answers(port: int) -> None:
    """A ping: CON, empty; what listens resets it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.05)
        asking.connect(("127.0.0.1", port))
        for number in range(100):
            try:
                asking.send(bytes((0x40, 0, 0, number)))
                asking.recv(64)
                return
            except OSError:
                time.sleep(0.05)
    raise NoPeer(f"nothing answers at port {port}")


LESHAN, CALIFORNIUM, COAP_RD, COAP_SERVER = "Leshan", "Californium", "coap-rd", "coap-server"


@contextmanager
def peer(name: str) -> Iterator[tuple[int, Server]]:
    """Its port and its process; NoPeer."""
    of_java = name in (LESHAN, CALIFORNIUM)
    with _java(name.lower()) if of_java else _libcoap(name) as found:
        yield found
