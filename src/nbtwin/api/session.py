"""A lab that is open or closed: what modules and platforms of the public API have in common."""

from __future__ import annotations

from nbtwin.api.backend import Backend
from nbtwin.api.errors import LabClosed, LabError, PythonRefusal, UnknownName
from nbtwin.api.rest import Rest


class Session:
    """``backend`` is what stands behind the lab."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.is_open = True

    @property
    def backend(self) -> Backend:
        """To be read, also when the lab is closed."""
        return self._backend

    @property
    def open_backend(self) -> Backend:
        """To be changed; LabClosed when it is closed."""
        if not self.is_open:
            raise LabClosed
        return self._backend

    @property
    def rest(self) -> Rest:
        """LabClosed when the lab is closed, to be read as well: nobody answers then."""
        return self.open_backend.rest

    @property
    def is_live(self) -> bool:
        """Whether it has ports, and others may ask it."""
        return self._backend.is_live

    def check_live(self, what: str) -> None:
        """LabError when it has no such thing, because it is simulated in this process."""
        if not self.is_live:
            raise LabError(PythonRefusal.NOT_LIVE, what=what)

    def check_platform(self, name: str) -> None:
        """UnknownName, with those that there are."""
        known = self._backend.platforms()
        if name not in known:
            raise UnknownName.of("platform", name, known)
