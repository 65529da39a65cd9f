"""The client of lwm2m-node-lib (npm) at a real `nbtwin up`: each operation asked over the REST API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from foreign_node import NodePeer
from running import Running

NAME = "867724034300012"


class Rest:
    """The device of one name, over /api/v1."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.where = f"/api/v1/platforms/andlink/devices/{NAME}"

    def get(self, path: str = "") -> Any:
        return self.client.get(self.where + path).raise_for_status().json()

    def do(self, operation: str, path: str, **more: Any) -> Any:
        order = {"operation": operation, "path": path, "wait": 20, **more}
        return self.client.post(f"{self.where}/operations", json=order, timeout=30).raise_for_status().json()


@pytest.fixture
def node() -> Iterator[NodePeer]:
    made = NodePeer()
    yield made
    made.close()


def test_each_operation_reaches_a_client_of_lwm2m_node_lib(node: NodePeer, tmp_path: Path) -> None:
    asked = ("up", "--ports", "andlink=0", "--http", "127.0.0.1:0")
    with Running(*asked, state=tmp_path) as lab, httpx.Client(base_url=lab.console()) as client:
        rest, port = Rest(client), lab.platform()["udp"].rpartition(":")[2]
        for uri, id, value in (("/3/0", 0, "Telefonica"), ("/3303/0", 5700, 21.5), ("/33000/0", 0, "own")):
            node.say("object", uri)
            node.say("set", uri, id, value)
        node.say("register", NAME, port, 300)
        node.wait_for("registered")
        assert (rest.get()["state"], rest.get()["objects"]) == ("registered", "</3/0>,</3303/0>,</33000/0>")
        for operation, path, code, value in (
            ("read", "/3/0/0", "2.05", "Telefonica"),
            ("read", "/3303/0/5700", "2.05", 21.5),
            ("read", "/33000/0/0", "2.05", "own"),
            ("read", "/3/0/1", "4.04", None),
            ("discover", "/3303/0", "2.05", [{"path": "/3303/0"}, {"path": "/3303/0/5700"}]),
            ("observe", "/3303/0/5700", "2.05", 21.5),
        ):
            done = rest.do(operation, path)
            assert (done["code"], done["value"]) == (code, value), (operation, path)
        node.say("set", "/3303/0", 5700, 22.5)
        assert rest.do("read", "/3303/0/5700")["value"] == 22.5  # it has notified before it answers
        assert 22.5 in [line["fields"].get("value") for line in rest.get("/history")]
        assert [one["path"] for one in rest.get("/observations")].count("/3303/0/5700") == 1

        assert rest.do("write", "/33000/0/0", value="hello")["code"] == "2.04"
        assert rest.do("write-attributes", "/33000/0/0", attributes={"pmin": 1})["code"] == "2.04"
        assert rest.do("execute", "/33000/0/5", arguments="0='on'")["code"] == "2.04"
        node.wait_until(lambda: node.all("executed"))
        assert node.all("written") == [(NAME, "/33000/0/0", "hello")]
        assert node.all("executed") == [(NAME, "/33000/0/5", "0='on'")]

        node.say("update", NAME)
        node.wait_for("updated")
        assert rest.get()["updates"] == 1
        node.say("leave", NAME)
        node.wait_for("left")
        assert rest.get()["state"] == "de-registered"
