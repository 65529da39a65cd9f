"""`nbtwin module` and `nbtwin platform` in two processes: they know of each other only what passes on the wire."""

from pathlib import Path

import httpx
from running import Running, SerialOverTcp, nbtwin

SHOWN = ("--timeline", "text")


def test_a_module_registers_with_a_platform_in_another_process_through_a_route(tmp_path: Path) -> None:
    with Running("platform", "--ports", "cmdmp=0", "--http", "127.0.0.1:0", state=tmp_path / "p") as platform:
        target = platform.platform()["udp"]
        asked = ("module", "BC260Y-CN,serial=tcp:127.0.0.1:0", "--route", f"117.161.2.41:5683={target}", *SHOWN)
        with Running(*asked, state=tmp_path / "m") as module, SerialOverTcp(module.module()["serial"]) as host:
            module.wait_for(r".* REG_SUCCESS")
            assert host.ask("AT+QDMPCFG=6").endswith(b"\r\n+QDMPCFG: 6,6\r\n\r\nOK\r\n")
            device = f"cmdmp:{module.module()['imei']}"
        found = httpx.get(f"{platform.console()}/api/v1/platforms/cmdmp/devices/{device}").json()
    assert (found["state"], found["lifetime"], found["registrations"]) == ("registered", 90000, 1)


def test_a_module_without_a_route_reaches_nobody(tmp_path: Path) -> None:
    asked = ("module", "BC260Y-CN,serial=tcp:127.0.0.1:0", *SHOWN)
    with Running(*asked, state=tmp_path) as module:
        module.wait_for(r".* CON POST .*✗ no route")


def test_an_appkey_added_meanwhile_is_known_to_the_running_platform(tmp_path: Path) -> None:
    state = tmp_path / "p"
    with Running("platform", "--ports", "cmdmp=0", "--http", "127.0.0.1:0", state=state) as platform:
        done = nbtwin("platform", "keys", "add", "M200000001", "--password", "a-long-password", "--state", str(state))
        assert done.returncode == 0, done.stderr
        keys = httpx.get(f"{platform.console()}/api/v1/appkeys").json()
        assert {"appkey": "M200000001", "password": "a-lo****"} in keys
    listed = nbtwin("platform", "keys", "list", "--state", str(state))
    assert listed.stdout.splitlines()[-1] == "M200000001\ta-lo****"
    assert nbtwin("platform", "keys", "remove", "M200000001", "--state", str(state)).returncode == 0
    again = nbtwin("platform", "keys", "remove", "M200000001", "--state", str(state))
    assert (again.returncode, again.stderr) == (1, "nbtwin: there is no appkey 'M200000001'\n")
