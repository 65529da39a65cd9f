"""Which definitions hold for a Client: by the object versions that it registers (LwM2M 1.0 TS, 6.2).

Knows definitions; knows no file, no database and no device.
"""

from __future__ import annotations

from nbtwin.lwm2m.model import OBJECTS, Objects


class ObjectRegistry:
    """The definitions that are known: whoever shares one sees what is added at once."""

    def of(self, links: str, version: str = "1.0") -> Objects:
        """The definitions for a Client that registered these links with this version of LwM2M."""
        return OBJECTS
