"""Eclipse Leshan as tests meet it: prepared by leshan/prepare, run headless on loopback, in folders of its own."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from foreign_lab import ForeignLab
from foreign_program import Program
from free_ports import free_ports

_FOLDER = Path(__file__).parent / "leshan"
_OPEN = [f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in ("util", "lang", "net", "time")]
"""For the demonstration server: its JSON library is older than Java 17."""
_JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx256m", "-Djava.net.preferIPv4Stack=true")


@cache
def _prepared() -> Path | str:
    """Where Leshan is, or why there is none."""
    for name in ("java", "javac", "mvn"):
        if shutil.which(name) is None:
            return f"{name} is not installed (Debian: default-jdk-headless, maven)"
    made = subprocess.run([_FOLDER / "prepare", "--offline"], capture_output=True, text=True)
    if made.returncode:
        return f"Leshan is not here; tests/foreign/leshan/prepare gets it from Maven Central ({made.stderr[:200]!r})"
    return Path(made.stdout.strip())


def java(version: str, *arguments: object) -> list[str]:
    """The command of a program on this version of Leshan; skips the test where it is missing."""
    prepared = _prepared()
    if isinstance(prepared, str):
        pytest.skip(prepared)
    folder = prepared / version
    classpath = f"{folder}:{(folder / 'classpath').read_text().strip()}"
    return ["java", *_JVM, *_OPEN, "-cp", classpath, *map(str, arguments)]


_LOGBACK = """<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%msg%n</pattern></encoder>
  </appender>
  <root level="warn"><appender-ref ref="out"/></root>
  <logger name="org.eclipse.leshan.server.demo" level="info"/>
</configuration>
"""


class Servers(Program):
    """Leshan's LwM2M server and bootstrap server."""

    def __init__(self, cwd: Path, suites: str = "") -> None:
        super().__init__(java("v2", "Servers", *([suites] if suites else [])), cwd)
        ready = map(int, self.wait_for("ready"))
        self.coap, self.coaps, self.bootstrap, self.bootstrap_secure = ready
        self._ids = itertools.count(1)

    async def ask(self, lab: ForeignLab, operation: str, endpoint: str, path: str, *more: object) -> tuple[str, ...]:
        """An operation on a registered client: code and content as Leshan understood them."""
        id = self.send(operation, endpoint, path, *more)
        await lab.until(lambda: self.all("answer", id) or self.all("failed", id) or self.all("error"))
        assert self.all("answer", id), self.told[-3:]
        return self.all("answer", id)[0]

    def configure(self, *words: object) -> None:
        """What it has to know before a module comes: it knows it when this returns."""
        self.say(*words)
        id = str(next(self._ids))
        self.say("known", id)
        self.wait_until(lambda: self.all("known", id))

    def send(self, operation: str, endpoint: str, path: str, *more: object) -> str:
        id = str(next(self._ids))
        self.say(operation, id, endpoint, path, *more)
        return id


class Demo(Program):
    """Leshan's own demonstration server with its REST interface, as a user starts it."""

    def __init__(self, cwd: Path) -> None:
        self.coap, self.coaps, web = free_ports(3)
        options = {"lh": "127.0.0.1", "lp": self.coap, "slh": "127.0.0.1", "slp": self.coaps, "wh": "127.0.0.1"}
        arguments = [word for name, value in options.items() for word in (f"-{name}", value)]
        main = "org.eclipse.leshan.server.demo.LeshanServerDemo"
        (cwd / "logback.xml").write_text(_LOGBACK)
        super().__init__(java("demo", "-Dlogback.configurationFile=logback.xml", main, *arguments, "-wp", web), cwd)
        self.url = f"http://127.0.0.1:{web}"
        self.wait_until(lambda: any("Web server started" in line[0] for line in self.told))


class Clients(Program):
    """As many clients of one version of Leshan as are asked for."""

    def __init__(self, cwd: Path, version: str) -> None:
        super().__init__(java(version, "Client"), cwd)
        self.version = version
        self.lwm2m = {"v1": "1.0", "v2": "1.1"}[version]
        self.wait_for("ready")

    def start(self, name: str, uri: str, what: object, identity: str = "-", key: bytes = b"", *suites: str) -> None:
        """``what``: "bootstrap", or the lifetime of a registration at this server, with a Q behind it in Queue Mode."""
        self.say("start", name, uri, what, identity, key.hex() or "-", *suites)
