"""A module whose process is killed by ``kill -9``, at random instants and at each step of a write: what it has answered
with OK is there when it is started again, and of its firmware version and image belong together."""

from __future__ import annotations

import random
import re
import selectors
import shutil
import signal
from itertools import count
from pathlib import Path

from kill_within_writes import CALLS, IMAGES, NEW, NEXT, install, module_in
from preloaded import completed
from running import Running, SerialOverTcp

from nbtwin.module import flash

UP = ("up", "--module", "BC260Y-CN,name=meter,sim=none,serial=tcp:127.0.0.1:0", "--ports", "cmdmp=0")
CHILD = Path(__file__).with_name("kill_within_writes.py")
FIRST, SEED, ROUNDS = 6000, 20261130, 4


class Host(SerialOverTcp):
    """Writes a port number into the module's settings, each time another one."""

    def __init__(self, lab: Running) -> None:
        super().__init__(lab.module()["serial"])
        self.read_until(b"RDY\r\n")
        self.ask("ATE0")

    @property
    def kept(self) -> int:
        found = re.search(rb"\+QDMPCFG: 1,[^,]*,(\d+)", self.ask("AT+QDMPCFG=4,1"))
        assert found is not None
        return int(found[1])

    def begin(self, port: int) -> None:
        self.send(f"AT+QDMPCFG=1,117.161.2.7,{port},420\r".encode())

    def keep(self, port: int) -> None:
        self.begin(port)
        self.read_until(b"\r\nOK\r\n")

    def answers_within(self, seconds: float) -> None:
        """Or does not."""
        with selectors.DefaultSelector() as ready:
            ready.register(self._socket, selectors.EVENT_READ)
            ready.select(seconds)

    def rest(self) -> bytes:
        """What was answered before the end."""
        said = b""
        try:
            while data := self._socket.recv(4096):
                said += data
        except ConnectionResetError:
            """What it was told it has not read any more."""
        return said


def test_whatever_was_answered_with_ok_is_there_after_kill_9_at_random_instants(tmp_path: Path) -> None:
    chance, kept, asked = random.Random(SEED), 0, 0
    for round_ in range(ROUNDS):
        with Running(*UP, state=tmp_path) as lab, Host(lab) as host:
            if round_:
                assert host.kept in (kept, asked), f"{kept} was answered with OK, {asked} was on its way"
            first = FIRST + 100 * round_
            kept = first + chance.randrange(12)
            for port in range(first, kept + 1):
                host.keep(port)
            asked = kept + 1
            host.begin(asked)
            host.answers_within(chance.uniform(0, 0.004))
            lab.process.kill()
            if b"OK" in host.rest():
                kept = asked
    assert not list(tmp_path.glob("*.broken-*"))


def test_a_kill_at_each_step_of_a_write_leaves_the_setting_before_it_or_the_new_one(tmp_path: Path) -> None:
    file, kept = tmp_path / "kill-at", FIRST
    for made in range(CALLS + 1):
        with Running(*UP, state=tmp_path, by=CHILD) as lab, Host(lab) as host:
            if made:
                assert host.kept == kept
            host.keep(kept + 1)
            file.write_text(str(made))
            host.begin(kept + 2)
            assert b"OK" not in host.rest()
            assert lab.process.wait() == -signal.SIGKILL
            kept += 2 if made >= 2 else 1  # from when it has the name of the one before
        file.unlink()
    with Running(*UP, state=tmp_path) as lab, Host(lab) as host:
        assert host.kept == kept
    assert not list(tmp_path.glob("*.broken-*"))


def test_a_kill_at_each_step_of_an_update_leaves_a_version_with_its_image(tmp_path: Path) -> None:
    """DOC-E 3.8: the image is written before the version."""
    before, state, found = tmp_path / "before", tmp_path / "state", []
    before.mkdir()
    install(before, NEW)
    for made in count():
        shutil.copytree(before, state)
        done = completed("firmware", str(made), str(state), program=CHILD)
        module = module_in(state)
        version = module.identity.firmware
        assert flash.image(module, version) == IMAGES[version]
        found.append(version)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        install(state, NEXT)
        assert module_in(state).identity.firmware == NEXT, "it can be updated again"
        shutil.rmtree(state)
    first = found.index(NEXT)
    assert found == [NEW] * first + [NEXT] * (len(found) - first)
    assert first == CALLS + 2, "the image's calls, and those of the version until it has its name"
