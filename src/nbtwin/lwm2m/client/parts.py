"""The parts of an Andlink client, and what the host does with them over AT (DOC-E 3.5 to 3.14).

Knows how the parts hang together; knows no registration state and no retries: those are the client's.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.engine import Address, Seconds
from nbtwin.lwm2m.client import states as told
from nbtwin.lwm2m.client.application_data import Downlink, Uplink
from nbtwin.lwm2m.client.channel import ChannelState, Connections, MakeChannel
from nbtwin.lwm2m.client.config import AndlinkConfig
from nbtwin.lwm2m.client.firmware_update import FLASH, FirmwareResult, FirmwareUpdateClient
from nbtwin.lwm2m.client.objects import ClientObjects
from nbtwin.lwm2m.client.observations import Observations
from nbtwin.lwm2m.client.package_download import PackageDownload
from nbtwin.lwm2m.path import Path

RELEASE, RELEASE_AFTER_REPLY = "release", "release after reply"
"""Release assistance of AT+QLASENDDATA (DOC-E 3.5)."""
LONGEST_BODY = FLASH + (1 << 16)
"""More than there is room for, so that a package that is too large is a result and not a broken transfer."""


class ClientParts:
    def __init__(
        self,
        configure: Callable[[], AndlinkConfig],
        random: random.Random,
        make_channel: MakeChannel | None,
        update_result: FirmwareResult,
    ) -> None:
        config = configure()
        self._configure = configure
        self._now: Seconds = 0.0
        self._events: list[Any] = []
        self._endpoint = BlockwiseEndpoint(random, waits=config.waits, longest=LONGEST_BODY)
        self._connections = Connections(self._endpoint, make_channel)
        self._firmware = FirmwareUpdateClient(
            config.model,
            config.firmware,
            lambda: self._configure().controlled,
            self._on_firmware_changed,
            update_result,
        )
        self._objects = ClientObjects(configure, self._firmware, lambda path: self._observations.shown(path))
        self._observations = Observations(self._endpoint, self._objects.tree.read, self._objects.value)
        self._uplink = Uplink(self._endpoint, self._observations, config.uplink, config.imei)
        self._downlink = Downlink(self._endpoint)
        self._fetch = PackageDownload(self._endpoint, self._connections, self._firmware)
        self._release_after_reply = False
        self._dtls_told = ChannelState.NOT_STARTED

    def _follow(self, now: Seconds) -> None:
        """What follows from an input."""
        raise NotImplementedError

    @property
    def server(self) -> Address:
        """Where the registration is."""
        raise NotImplementedError

    @property
    def data_status(self) -> int:
        return int(self._uplink.status)

    @property
    def dtls_state(self) -> int:
        return int(self._connections.state)

    @property
    def updating(self) -> bool:
        return self._firmware.updating

    @property
    def uplink_waits(self) -> bool:
        return self._uplink.waits

    def send_data(self, now: Seconds, confirmable: bool, release: str | None, payload: bytes) -> None:
        """AT+QLASENDDATA, while registered."""
        self._now = now
        self._objects.data[1] = payload
        if not self._uplink.send(now, self.server, confirmable, payload):
            self._events.append(told.DataReported(told.DataStatus.FAILED))
        if release == RELEASE:
            self._events.append(told.ReleaseWanted())
        self._release_after_reply = release == RELEASE_AFTER_REPLY

    def awaits(self, message_id: int, token: bytes) -> bool:
        return self._downlink.awaits(message_id, token)

    def respond(self, now: Seconds, message_id: int, token: bytes, code: str, payload: bytes) -> None:
        """AT+QLASENDRSP."""
        self._now = now
        self._downlink.respond(now, message_id, token, code, payload)

    def control_update(self, now: Seconds, step: int) -> bool:
        """AT+QLAFOTAIND=2 to 5."""
        self._now = now
        in_turn = self._firmware.control(step)
        self._follow(now)
        return in_turn

    def stop_update(self, now: Seconds) -> bool:
        """AT+QLAFOTARESET=1."""
        self._now = now
        stopped = self._firmware.stop()
        self._follow(now)
        return stopped

    def reset_dtls(self, now: Seconds) -> None:
        """AT+QLARESETDTLS."""
        self._now = now
        self._connections.reset(now)
        self._dtls_told = self._connections.state

    def _tell_dtls(self) -> None:
        state = self._connections.state
        if state is not self._dtls_told:
            self._dtls_told = state
            self._events.append(told.DtlsChanged(int(state)))

    def _on_firmware_changed(self, resource: int) -> None:
        self._observations.changed(self._now, Path((5, 0, resource)))
