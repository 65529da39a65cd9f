"""Files that survive a kill at any instant, and are set aside, not reset, when they did not."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from nbtwin import file_lock
from nbtwin.edge.errors import EdgeError
from nbtwin.edge.nvram_file import NvramFile, StateDirectory


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    file = NvramFile(tmp_path / "bc28.nvram")
    assert file.load() is None
    for content in (b"", b'{"mode":1}', bytes(range(256)) * 100):
        file.save(content)
        assert NvramFile(tmp_path / "bc28.nvram").load() == content
    assert os.listdir(tmp_path) == ["bc28.nvram"]


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (b"", "it does not start as a state file does"),
        (b"{}", "it does not start as a state file does"),
        ("cut", "bytes of content instead of 10"),
        ("changed", "its checksum is wrong"),
    ],
)
def test_a_broken_file_is_set_aside_with_a_clear_sentence(tmp_path: Path, broken: bytes | str, why: str) -> None:
    path = tmp_path / "bc28.nvram"
    said: list[EdgeError] = []
    file = NvramFile(path, said.append)
    for number in (1, 2):
        file.save(b"0123456789")
        raw = path.read_bytes()
        changed = {"cut": raw[:-1], "changed": raw[:-1] + b"X"}.get(str(broken), broken)
        path.write_bytes(changed)  # type: ignore[arg-type]
        assert file.load() is None
        assert (tmp_path / f"bc28.nvram.broken-{number}").read_bytes() == changed
        assert why in str(said[-1])
        assert str(said[-1]).endswith(f"it was kept as bc28.nvram.broken-{number} and an empty one takes its place")
        assert file.load() is None, "and now there is none"
    assert len(said) == 2


def test_a_save_that_fails_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = NvramFile(tmp_path / "bc28.nvram")
    file.save(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        file.save(b"new")
    assert file.load() == b"old"
    assert os.listdir(tmp_path) == ["bc28.nvram"]


WRITER = """
import sys
from pathlib import Path
from nbtwin.edge.nvram_file import NvramFile
file = NvramFile(Path(sys.argv[1]))
for n in range(10**9):
    file.save(str(n).encode() * 400)
    print(n, flush=True)
"""


def test_kill_9_at_any_instant_leaves_a_whole_content_and_never_an_older_one_than_acknowledged(tmp_path: Path) -> None:
    path, chance = tmp_path / "bc28.nvram", random.Random(4)
    for _ in range(12):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            for _ in range(chance.randrange(1, 30)):
                writer.stdout.readline()
            writer.kill()
            acknowledged = [int(line) for line in writer.stdout.read().split()]
        said: list[EdgeError] = []
        content = NvramFile(path, said.append).load()
        assert said == []
        assert content is not None
        number = int(content[: len(content) // 400])
        assert content == str(number).encode() * 400
        if acknowledged:
            assert number >= acknowledged[-1]


def test_two_processes_cannot_use_one_state_directory(tmp_path: Path) -> None:
    with StateDirectory(tmp_path / "state") as state:
        with pytest.raises(EdgeError, match=rf"^state directory .*state is in use by process {os.getpid()}$"):
            StateDirectory(tmp_path / "state")
        state.nvram("bc28").save(b"x")
    with StateDirectory(tmp_path / "state") as again:
        assert again.nvram("bc28").load() == b"x"


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    code = "import os,sys; from nbtwin.edge.nvram_file import StateDirectory as S; s=S('.'); os.kill(os.getpid(),9)"
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False).returncode == -9
    StateDirectory(tmp_path).close()


LEAVES_A_PROCESS = """
import os, subprocess, sys
from nbtwin.edge.nvram_file import StateDirectory
state = StateDirectory(sys.argv[1])
subprocess.Popen(["cat"], pass_fds=[state.held_lock])
os.kill(os.getpid(), 9)
"""


def test_what_a_killed_process_had_started_is_waited_for_and_told(tmp_path: Path) -> None:
    """D207."""
    said: list[str] = []
    with subprocess.Popen([sys.executable, "-c", LEAVES_A_PROCESS, str(tmp_path)], stdin=subprocess.PIPE) as killed:
        assert killed.wait() == -9
        assert killed.stdin is not None

        def end_it(error: EdgeError) -> None:
            said.append(str(error))
            killed.stdin.close()  # type: ignore[union-attr]

        with open(tmp_path / ".lock", "a+") as lock:
            with pytest.raises(file_lock.Held) as held:
                file_lock.take(lock, patience=0)
            assert (held.value.process, held.value.ended) == (str(killed.pid), True)
        StateDirectory(tmp_path, end_it).close()
    (line,) = said
    assert line.endswith(f"process {killed.pid} was killed; waiting until what it had started has ended")


def test_module_names_become_file_names_one_to_one(tmp_path: Path) -> None:
    with StateDirectory(tmp_path) as state:
        names = ["a/b", "a_b", "../a", "甲", "a b"]
        for name in names:
            state.nvram(name).save(name.encode())
        assert [state.nvram(name).load() for name in names] == [name.encode() for name in names]
        assert all(path.parent == tmp_path for path in (state.nvram(name).path for name in names))


def test_the_lead_over_the_wall_clock_is_kept(tmp_path: Path) -> None:
    said: list[EdgeError] = []
    with StateDirectory(tmp_path, said.append) as state:
        assert state.load_ahead() == 0
        state.save_ahead(86400.25)
        assert state.load_ahead() == 86400.25
        for broken in (b"soon", b"nan", b"inf", b"1e300", b"-1"):
            NvramFile(tmp_path / "clock").save(broken)
            assert state.load_ahead() == 0
    assert len(said) == 5
    assert all("it is not a number" in str(error) for error in said)


def test_nobody_else_may_look_into_a_state_directory(tmp_path: Path) -> None:
    with StateDirectory(tmp_path / "new" / "state") as state:
        assert state.path.stat().st_mode & 0o077 == 0


def test_a_directory_that_cannot_be_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EdgeError, match=r"^state directory .*file/state cannot be used: "):
        StateDirectory(tmp_path / "file" / "state")
