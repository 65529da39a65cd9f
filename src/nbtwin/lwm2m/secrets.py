"""Where keys stand in a device's objects. Knows paths and no value; whoever shows values asks here."""

from __future__ import annotations

from nbtwin.lwm2m.path import Path, Paths

MASK = "****"
_SECURITY, _KEY = 0, 5
"""LwM2M 1.0 TS E.1: the Security object, its Secret Key."""
_FIRMWARE, _PACKAGE_URI = 5, 1
"""LwM2M 1.0 TS E.6: the Firmware Update object, its Package URI."""


def is_key(path: Path) -> bool:
    """What stands at the path, of a resource or an instance of one, is a key."""
    return len(path) > 2 and (path[0], path[2]) == (_SECURITY, _KEY)


def has_key(path: Path | Paths) -> bool:
    """What is said of the path may have a key in it: that resource, or an instance or the object that it is part of."""
    if isinstance(path, Paths):
        return any(not one or has_key(one) for one in path)
    return is_key(path) or (path[:1] == (_SECURITY,) and len(path) < 3)


def has_package_address(path: Path | Paths) -> bool:
    """What is said of the path may have the address of a package in it, and so a campaign's key."""
    if isinstance(path, Paths):
        return any(not one or has_package_address(one) for one in path)
    return path[:1] == (_FIRMWARE,) and (len(path) < 3 or path[2] == _PACKAGE_URI)
