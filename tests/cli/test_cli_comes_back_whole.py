"""A lab of twelve modules, with faults and an advanced clock, that was killed: what the API shows is as it was (D170).

Its clock is a simulated one, so that nothing changes by itself between the two looks at it.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from running import Running

UP = ("up", "--clock", "simulated", "--http", "127.0.0.1:0", "--ports", "cmdmp=0,telecom=0,unicom=0,andlink=0")
NOT_OF_THE_LAB = {
    "/api/v1/health", "/api/v1/ready", "/metrics", "/api/v1/rates", "/api/v1/overview",  # of the process
    "/api/v1/events", "/api/v1/timeline/events", "/api/event",  # streams: what happens from now on
    "/api/v1/traces.pcapng", "/api/v1/traces.jsonl", "/api/v1/traces", "/api/v1/traces/{number}",  # the timeline again
    "/api/v1/traces/story.html",
    "/api/v1/modules/{name}/deadlines", "/api/v1/modules/{name}/serial",  # of a module that boots
    "/api/v1/modules/{name}/explain", "/api/v1/modules/{name}/completions",  # answers to a line
    "/api/v1/modules/{name}/nvram/diff",
    "/api/v1/scenarios/runs", "/api/v1/scenarios/runs/{number}",  # worlds of their own, in memory
    "/api/v1/scenarios/runs/{number}/timeline",
    "/api/v1/lab/export", "/api/v1/access", "/api/v1/access/tokens",
    "/api/clients/{endpoint}/{path}", "/api/clients/{endpoint}/composite",  # they ask the device
}  # fmt: skip
BOOTING = {
    "serial", "waiting", "standing", "internet", "power", "attached", "connected", "rssi", "function", "cmdmp_state",
    "cmdmp_state_name", "andlink",
}  # fmt: skip
"""Of a module: what it does and sees again after the start, and the number of its PTY."""


class Refused(Exception):
    def __init__(self, code: int, path: str, said: bytes) -> None:
        super().__init__(code, path, said)
        self.code = code


class Api:
    def __init__(self, lab: Running) -> None:
        self.url = lab.console()

    def __call__(self, path: str, body: Any = None, method: str | None = None, base: str = "/api/v1/") -> Any:
        raw = isinstance(body, bytes)
        data = body if raw or body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/octet-stream" if raw else "application/json"}
        request = urllib.request.Request(f"{self.url}{base}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                said = answer.read()
                kind = answer.headers.get("Content-Type", "")
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.code, path, error.read()) from None
        if kind.partition(";")[0] == "application/json" and said:
            return json.loads(said)
        return said.decode("utf-8", "replace")

    def everything(self) -> dict[str, Any]:
        """What every GET of the schema answers, for all that there is."""
        found = {}
        for path in self("openapi.json")["paths"]:
            if path not in NOT_OF_THE_LAB and "get" in self.schema[path]:
                for filled in self._filled(path):
                    found[filled] = self._stable(path, self._answer(filled))
        return found

    def _answer(self, path: str) -> Any:
        try:
            return self(path, base="")
        except Refused as error:
            return error.code

    @property
    def schema(self) -> Any:
        return self("openapi.json")["paths"]

    def _filled(self, path: str) -> Iterator[str]:
        """The path with each of what there is in place of its parameters."""
        if "{" not in path:
            yield path
            return
        before, _, after = path.partition("{")
        name, _, after = after.partition("}")
        for value in self._values(before, name):
            yield from self._filled(f"{before}{value}{after}")

    def _values(self, before: str, name: str) -> list[str]:
        place = before.removeprefix("/api/v1/").rstrip("/")
        if place == "objects":
            return ["3", "33001"]
        listed = self._answer(before.rstrip("/"))
        if isinstance(listed, int):
            return []
        entries = (
            listed if isinstance(listed, list) else next(each for each in listed.values() if isinstance(each, list))
        )
        key = {"device": ("device", "imei", "endpoint"), "ticket": ("ticket",), "number": ("number", "id")}
        keys = key.get(name, ("name", "endpoint", "id"))
        return [str(next(entry[each] for each in keys if each in entry)) for entry in entries]

    def _stable(self, path: str, answer: Any) -> Any:
        if path in ("/api/v1/modules", "/api/v1/modules/{name}"):
            return [_stable_module(one) for one in (answer if isinstance(answer, list) else [answer])]
        if path.endswith("/nvram"):
            return answer["saved"]
        if path.endswith("/online"):  # drawn until now
            return answer.get("spans", answer.get("kept_since"))
        if path == "/api/v1/clock":
            return {key: answer[key] for key in ("mode", "rate", "pace", "paused")} | {"days": answer["ahead"] // 86400}
        return answer


def _stable_module(module: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in module.items() if key not in BOOTING} | {"off": module["power"] == "off"}


def is_as_it_was(path: str, was: Any, now: Any) -> bool:
    """Of the timeline: all of it, and then what has happened since."""
    if path == "/api/v1/timeline":
        before, since = ([json.loads(line) for line in text.splitlines()] for text in (was, now))
        return since[: len(before)] == before
    return bool(was == now)


def a_full_lab(api: Api) -> None:
    """With something under every path."""
    api("appkeys", {"appkey": "M300000001", "password": "a-secret-password"})
    api("modules", {"model": "BC28", "name": "link", "serial": "tcp:127.0.0.1:0"})
    for number in range(10):
        sim = ("mobile", "telecom", "unicom")[number % 3]
        api("modules", {"model": "BC260Y-CN" if sim == "mobile" else "BC25", "name": f"m{number}", "sim": sim})
    api("platforms/andlink/keys/867724030000225", {"bootstrap_key": "AB" * 16, "key": "CD" * 16}, "PUT")
    api("clock/advance", {"span": "1min"})
    api("modules/link/at", {"line": 'AT+QLASERVERIP="LWM2M","192.0.2.11",5683'})
    api("modules/link/power", {"action": "reset"})
    api("clock/advance", {"span": "10min"})
    link = f"platforms/andlink/devices/{api('modules/link')['imei']}"
    for operation, path in (("read", "/3/0"), ("observe", "/3/0/7"), ("discover", "/3")):
        api(f"{link}/operations", {"operation": operation, "path": path, "wait": 0})
    api("clock/advance", {"span": "5min"})
    package = {"name": "new", "model": "BC28", "version": "BC28JAR01A11_ONT"}
    api("firmware/made", package)
    api("platforms/andlink/campaigns", {"package": "new"})
    api("modules/m0/nvram/snapshots", {"label": "before"})
    api("modules/m1/at", {"line": "AT+CFUN=0"})
    api("modules/m2/power", {"action": "off"})
    api("modules/m3/coverage", {"coverage": False})
    api("modules/m4/signal", {"rssi": 7})
    api("modules/m5/usim", {"operator": "unicom"}, "PUT")
    api("faults", {"fault": "loss,source=m5,packets=3"})
    api("faults", {"fault": "duplication,start=1h,end=2h"})
    api("platforms/cmdmp/strict", {"strict": True}, "PUT")
    api("clock/advance", {"span": "2d"})


def test_everything_that_the_api_shows_of_a_lab_that_was_killed_is_as_it_was(tmp_path: Path) -> None:
    with Running(*UP, "--module", "BC28", state=tmp_path) as lab:
        api = Api(lab)
        a_full_lab(api)
        was = api.everything()
        lab.kill()
    with Running(*UP, "--module", "BC28", state=tmp_path) as lab:
        now = Api(lab).everything()
    assert len(was["/api/v1/modules"]) == 12
    different = [path for path in was.keys() | now.keys() if not is_as_it_was(path, was.get(path), now.get(path))]
    assert {path: (was.get(path), now.get(path)) for path in different} == {}
