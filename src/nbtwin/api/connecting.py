"""`nbtwin.connect` and `nbtwin.connect_async`: the face of a lab that runs already, wherever it does."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from nbtwin.api.lab import Lab

if TYPE_CHECKING:
    from nbtwin.api.asynchronous.faces import AsyncLab


def connect(url: str, *, token: str | None = None) -> Lab:
    """A lab that somebody else has started (``nbtwin up --http …``), with the names of `nbtwin.Lab`.

    ``url``: "http://127.0.0.1:8080", or https. ``token``: where the lab asks for one; a viewer's reads, an operator's
    changes. LabUnreachable when no lab answers there, or one of another version; AccessDenied for the token. Closing it
    closes the connection: the lab goes on.
    """
    from nbtwin.api.http_client import HttpClient
    from nbtwin.api.remote import RemoteBackend

    return Lab._over(RemoteBackend(HttpClient(url, token)))


async def connect_async(url: str, *, token: str | None = None) -> AsyncLab:
    """As `connect`, for a caller with an event loop."""
    from nbtwin.api.asynchronous.faces import AsyncLab

    return await AsyncLab._over(partial(connect, url, token=token)).__aenter__()
