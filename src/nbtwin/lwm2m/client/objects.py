"""The objects of an Andlink module: 1, 3, 5, 19 (docs/spec/wire.md, Andlink registration).

Knows values and what may be done to them; knows no message exchange.
"""

from __future__ import annotations

from collections.abc import Callable

from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code, ContentFormat
from nbtwin.lwm2m.client.accounts import Account
from nbtwin.lwm2m.client.config import AndlinkConfig
from nbtwin.lwm2m.client.firmware_update import FirmwareUpdateClient
from nbtwin.lwm2m.client.observations import is_write_attributes
from nbtwin.lwm2m.model import OBJECTS, ResourceNode, Value
from nbtwin.lwm2m.object_store import ObjectRefused, ObjectStore, Resource, constant
from nbtwin.lwm2m.path import Path

LINKS = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</5/0>,</19/0>,</19/1>'
"""The body of Register."""
DATA = Path("/19/1/0")
FIRMWARE_STATE = Path("/5/0/3")
DEVICE_TYPE = Path("/3/0/17")
SHORTEST_LIFETIME = 20
BINDING = "U"
"""The one mode of this client."""


class ClientObjects:
    """``store`` answers; what an execute asks for is left in ``reboot_wanted`` and ``update_wanted``."""

    def __init__(
        self,
        configure: Callable[[], AndlinkConfig],
        firmware: FirmwareUpdateClient,
        link_attributes: Callable[[Path], str],
    ) -> None:
        self._configure = configure
        self.lifetime = configure().lifetime
        self.lifetime_written = False
        self._short_server_id = 1
        self._stores_notifications = False
        self.reboot_wanted = self.update_wanted = False
        self.data: dict[int, bytes] = {0: b"", 1: b""}  # of object 19, by instance
        self.store = ObjectStore(
            OBJECTS,
            {
                1: {0: self._server()},
                3: {0: self._device()},
                5: {0: firmware.resources()},
                19: {0: {0: self._data(0)}, 1: {0: self._data(1)}},
            },
            link_attributes,
        )

    def use(self, account: Account) -> None:
        """What the bootstrap server wrote."""
        self._short_server_id = account.short_server_id
        self._stores_notifications = account.stores_notifications
        if account.lifetime is not None and account.lifetime >= SHORTEST_LIFETIME:
            self.lifetime = account.lifetime

    def exists(self, path: Path) -> bool:
        """Whether an object, instance or resource stands at the path; the root does not."""
        node: object = self.store.instances
        for id in path:
            if not isinstance(node, dict) or id not in node:
                return False
            node = node[id]
        return bool(path)

    def value(self, path: Path) -> object:
        """What changes are judged by."""
        return self.store.node(path) if self.exists(path) else None

    def is_for_the_host(self, message: Message, path: Path) -> bool:
        """A Read or Write of a resource of object 19, not observing (docs/spec/wire.md, Andlink downlink)."""
        if len(path) != 3 or path[0] != DATA[0] or not self.exists(path):
            return False
        if message.code == Code.GET:
            return message.observe is None and message.accept != ContentFormat.LINK_FORMAT
        return message.code == Code.PUT and not is_write_attributes(message)

    def _server(self) -> dict[int, Resource]:
        return {
            0: Resource(get=lambda: self._short_server_id),
            1: Resource(get=lambda: self.lifetime, set=self._on_lifetime),
            6: Resource(get=lambda: self._stores_notifications, set=self._on_storing),
            7: Resource(get=lambda: BINDING, set=self._on_binding),
            8: Resource(execute=self._on_update_trigger),
        }

    def _device(self) -> dict[int, Resource]:
        config = self._configure()
        return {
            0: constant(config.manufacturer),
            1: constant(config.model),
            2: constant(config.imei),
            3: constant(config.firmware),
            4: Resource(execute=self._on_reboot),
            11: constant({0: 0}),
            16: constant(BINDING),
            17: Resource(get=lambda: self._configure().device_type or ""),  # at once: D5
        }

    def _data(self, instance: int) -> Resource:
        def get() -> ResourceNode:
            value: dict[int, Value] = {0: self.data[instance]}
            return value

        return Resource(get=get)

    def _on_lifetime(self, value: ResourceNode) -> None:
        """A changed lifetime goes to the server with an Update (5.3.2)."""
        if not isinstance(value, int) or value < SHORTEST_LIFETIME:
            raise ObjectRefused(Code.BAD_REQUEST)
        self.lifetime = value
        self.lifetime_written = self.update_wanted = True

    def _on_storing(self, value: ResourceNode) -> None:
        if not isinstance(value, bool):
            raise ObjectRefused(Code.BAD_REQUEST)
        self._stores_notifications = value

    @staticmethod
    def _on_binding(value: ResourceNode) -> None:
        """Of the modes that /3/0/16 lists there is one (E.2, resource 7)."""
        if value != BINDING:
            raise ObjectRefused(Code.BAD_REQUEST)

    def _on_update_trigger(self, arguments: bytes) -> None:
        self.update_wanted = True

    def _on_reboot(self, arguments: bytes) -> None:
        self.reboot_wanted = True
