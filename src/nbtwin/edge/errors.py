"""What the edge has to say when the machine does not play along: one clear sentence. Knows errno, no module."""

from __future__ import annotations

import errno


class EdgeError(Exception):
    """A port, a file or a directory that cannot be had; ``str`` of it is the line for the user."""


def bind_error(protocol: str, host: str, port: int, error: OSError) -> EdgeError:
    """The sentence for a socket that could not be bound."""
    where = f"{protocol} port {port} on {host}"
    if error.errno == errno.EADDRINUSE:
        return EdgeError(f"{where} is in use")
    if error.errno in (errno.EACCES, errno.EPERM):
        return EdgeError(f"{where} may not be used by this user")
    if error.errno == errno.EADDRNOTAVAIL:
        return EdgeError(f"this machine has no address {host}")
    return EdgeError(f"{where} cannot be opened: {error.strerror or error}")
