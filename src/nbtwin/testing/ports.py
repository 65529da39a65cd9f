"""The real module of ``--nb-port``: one port for all tests of a run. Loaded when the option is given.

Knows pytest's options and the face of a real module; knows no test.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import pytest
from serial.serialutil import SerialBase

import nbtwin
from nbtwin.api.real.lab import RealLab
from nbtwin.api.real.module import RealPort
from nbtwin.api.real.refusals import RealRefusal
from nbtwin.engine import CodedError
from nbtwin.testing.refusals import PluginError, PluginRefusal
from nbtwin.testing.serial_line import DEFAULT_TIMEOUT

_port_of: pytest.StashKey[RealPort] = pytest.StashKey()
_there_of: pytest.StashKey[nbtwin.Lab] = pytest.StashKey()
_error_of: pytest.StashKey[CodedError] = pytest.StashKey()


def check_options(config: pytest.Config) -> None:
    """pytest.UsageError for options that do not go with each other."""
    port = config.getoption("--nb-port")
    if port is None:
        alone = PluginRefusal.URL_ALONE if config.getoption("--nb-baud") is None else PluginRefusal.BAUD_ALONE
        raise pytest.UsageError(str(PluginError(alone)))
    if config.getoption("--nb-live"):
        raise pytest.UsageError(str(PluginError(PluginRefusal.PORT_LIVE)))
    workers = len(getattr(config.option, "tx", None) or ())
    if workers > 1:
        raise pytest.UsageError(str(PluginError(PluginRefusal.PORT_WORKERS, f"--nb-port {port}", count=workers)))


def _port(config: pytest.Config) -> RealPort:
    """Opened for the first test that asks for it; what is wrong with it is said to all that do."""
    if (error := config.stash.get(_error_of, None)) is not None:
        raise error
    if _port_of not in config.stash:
        chosen: Sequence[str] = config.getoption("--nb-model") or ()
        try:
            port = RealPort(
                config.getoption("--nb-port"), chosen[0] if len(chosen) == 1 else None, config.getoption("--nb-baud")
            )
        except CodedError as failed:
            config.stash[_error_of] = failed
            raise
        config.stash[_port_of] = port
    return config.stash[_port_of]


def new_lab(config: pytest.Config, given: dict[str, Any]) -> nbtwin.Lab:
    if given.get("latency"):
        raise nbtwin.NotOnRealModule(RealRefusal.NETWORK, what="latency")
    return RealLab(_port(config), _lab_there(config))


def _lab_there(config: pytest.Config) -> nbtwin.Lab | None:
    """The lab of ``--nb-url``; LabUnreachable, AccessDenied."""
    url = config.getoption("--nb-url")
    if url is not None and _there_of not in config.stash:
        config.stash[_there_of] = nbtwin.connect(url, token=os.environ.get("NBTWIN_TOKEN"))
    return config.stash.get(_there_of, None)


def lent(config: pytest.Config) -> AbstractContextManager[SerialBase]:
    """The port itself. What is said on it is not in the timeline."""
    return _port(config).port.lent(DEFAULT_TIMEOUT)


def model_of(config: pytest.Config) -> str:
    """What the module is."""
    return _port(config).identity.profile.model


def close(config: pytest.Config) -> None:
    """The port, and the connection to the lab, if there are any."""
    for opened in (config.stash.get(_port_of, None), config.stash.get(_there_of, None)):
        if opened is not None:
            opened.close()
