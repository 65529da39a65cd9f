"""An interpreter that has nbtwin loaded: a command that a test starts is a fork of it, without the second of imports.

The command is a process like any other: its pid, signals, pipes, working directory, environment and end are its own,
and it goes on as `python -m nbtwin` does. Whoever wants another way of starting gets `python -m nbtwin` itself.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import json
import os
import resource
import runpy
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOADED = ("nbtwin.cli.live", "nbtwin.cli.main", "nbtwin.runtime.lab", "nbtwin.web.app", "nbtwin.web.server",
          "uvicorn", "httpx")  # fmt: skip
_OPTIONS = {"stdin", "stdout", "stderr", "cwd", "env", "text"}
_AT_START = ("PYTHON", "LC_", "LANG", "TZ")
"""What an interpreter reads when it starts has such a name: a command for which it differs gets another one."""
_LARGEST = 1 << 17


def started(*arguments: str, program: Path | None = None, **options: Any) -> subprocess.Popen[Any]:
    """`python -m nbtwin`, or this ``program``, with these arguments; ``options`` are those of Popen."""
    forks = hasattr(os, "pidfd_open") and options.keys() <= _OPTIONS
    what = ["-m", "nbtwin"] if program is None else [str(program)]
    return (_Forked if forks else subprocess.Popen)([sys.executable, *what, *arguments], **options)


def completed(
    *arguments: str, input: str | None = None, timeout: float = 60.0, **options: Any
) -> subprocess.CompletedProcess[str]:
    """The same to its end, and what it has printed; it reads ``input``."""
    piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with started(*arguments, **(piped | options)) as process:
        try:
            out, err = process.communicate(input, timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


class _Forked(subprocess.Popen[Any]):
    """Popen of a process with another parent: that one is asked to fork it, and how it has ended."""

    def _execute_child(self, args: list[str], *more: Any) -> None:
        cwd, env, pipes = more[4], more[5], more[9:15]
        environment = dict(os.environ if env is None else env)
        asked = {
            "command": args[1:],
            "folder": os.path.abspath(cwd or "."),
            "environment": environment,
            "files": resource.getrlimit(resource.RLIMIT_NOFILE),
        }
        passed = [pipe if pipe >= 0 else own for own, pipe in enumerate((pipes[0], pipes[3], pipes[5]))]
        self._parent = _parent_for(frozenset(_at_start(environment).items()))
        self.pid = self._parent.ask(asked, passed)
        self._child_created = True
        self._ended = os.pidfd_open(self.pid)
        self._close_pipe_fds(*pipes)

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        with self._waitpid_lock:
            if self.returncode is None and (status := self._parent.ask({"ended": self.pid})) is not None:
                self.returncode = os.waitstatus_to_exitcode(status)
                os.close(self._ended)
            return self.returncode

    def _wait(self, timeout: float | None) -> int:
        if self.poll() is None:
            ended = select.poll()
            ended.register(self._ended, select.POLLIN)
            if not ended.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
        status = self.poll()
        assert status is not None
        return status


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_AT_START)}


class _Parent:
    """The interpreter from which commands are forked; it ends when this process does."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        others = {name: value for name, value in os.environ.items() if not name.startswith(_AT_START)}
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, __file__, str(theirs.fileno())]
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, env={**others, **environment}, pass_fds=[theirs.fileno()]
            )
        atexit.register(self._close)

    def ask(self, asked: Mapping[str, Any], passed: list[int] | None = None) -> Any:
        data = json.dumps(asked).encode()
        assert len(data) < _LARGEST
        with self._lock:
            socket.send_fds(self._socket, [data], passed or [])
            answer = self._socket.recv(_LARGEST)
        assert answer, "the interpreter that has nbtwin loaded has ended"
        return json.loads(answer)

    def _close(self) -> None:
        self._socket.close()
        self._process.kill()  # it has nothing to bring in order
        self._process.wait()


@functools.cache
def _parent_for(environment: frozenset[tuple[str, str]]) -> _Parent:
    return _Parent(dict(environment))


def _serve(requests: socket.socket) -> dict[str, Any] | None:
    """Forks until nobody asks any more; in the fork: what was asked of it."""
    while True:
        data, passed, _, _ = socket.recv_fds(requests, _LARGEST, 3)
        if not data:
            return None
        asked: dict[str, Any] = json.loads(data)
        if "ended" in asked:
            pid, status = os.waitpid(asked["ended"], os.WNOHANG)
            answer = status if pid else None
        else:
            answer = os.fork()
            if answer == 0:
                for own, each in enumerate(passed):
                    os.dup2(each, own)
                    os.close(each)
                return asked
        for each in passed:
            os.close(each)
        requests.send(json.dumps(answer).encode())


def _main(number: int) -> None:
    for name in LOADED:
        importlib.import_module(name)
    gc.collect()
    with socket.socket(fileno=number) as requests:
        asked = _serve(requests)
    if asked is not None:
        resource.setrlimit(resource.RLIMIT_NOFILE, asked["files"])
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        _become(asked["command"])


def _become(command: list[str]) -> None:
    if command[0] == "-m":
        sys.path[0], sys.argv = os.getcwd(), command[1:]
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    else:
        sys.path[0], sys.argv = str(Path(command[0]).parent), command
        runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    _main(int(sys.argv[1]))
