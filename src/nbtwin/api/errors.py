"""What goes wrong in a test that is written against a lab: typed, with a stable code, and worded when it is read.

Each is caught by its class, and told apart further by ``code`` and ``fields``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from nbtwin.engine import CodedError, Refusal
from nbtwin.timeline.catalogue.errors import WordedError


class PythonRefusal(Refusal):
    """What is said to whoever uses a lab from Python."""

    NOT_REACHED = "lab-not-reached"  # condition, within, found
    NAME_UNKNOWN = "lab-name-unknown"  # kind, value, near, known, count: of those known
    NOT_TEXT = "lab-not-text"  # value
    NOT_SEVERAL = "lab-not-several"  # value: one text
    NOT_A_LINE = "lab-not-a-line"  # value
    OPERATION_FAILED = "lab-operation-failed"  # operation, path, response_code, why
    OPERATION_UNANSWERED = "lab-operation-unanswered"  # operation, path, within
    REPORTS_ONLY = "lab-reports-only"  # platform
    MODULE_OFF = "lab-module-off"  # name
    CLOSED = "lab-closed"
    NO_URL = "lab-no-url"  # url
    UNREACHABLE = "lab-unreachable"  # url, detail
    NO_LAB = "lab-none-there"  # url, answer: its status
    OTHER_VERSION = "lab-other-version"  # url, there, here
    ENDED = "lab-ended"
    TOKEN_NEEDED = "lab-token-needed"  # url
    TOKEN_REFUSED = "lab-token-refused"  # url
    FORBIDDEN = "lab-forbidden"  # url, why: what the lab says
    PAUSED = "lab-paused"
    NOT_LIVE = "lab-not-live"  # what: of a lab on the wall clock alone
    LIVE_ONLY = "lab-live-only"  # option
    SIMULATED_ONLY = "lab-simulated-only"  # option
    LOOPBACK_ONLY = "lab-loopback-only"  # value
    REFUSED = "lab-refused"  # detail: of a lab of another version
    SCENARIO_UNMET = "lab-scenario-unmet"  # title, unmet, count


class LabError(WordedError):
    """Base of what a lab says to Python."""


class UnknownName(LabError, LookupError):
    """A model, module, platform or device that is not there. ``fields["known"]`` are those that are."""

    @classmethod
    def of(cls, kind: str, value: object, known: Iterable[str]) -> UnknownName:
        from difflib import get_close_matches  # loaded by who has made a mistake

        there = sorted(known)
        near = get_close_matches(str(value), there, 3) or None
        return cls(PythonRefusal.NAME_UNKNOWN, kind=kind, value=value, near=near, known=there, count=len(there))


class OperationFailed(LabError):
    """A device did not do what a platform asked."""

    @property
    def response_code(self) -> str:
        """Its answer's, "4.04"; empty when none came."""
        code: str = self.fields.get("response_code", "")
        return code


class NotOnRealModule(LabError):
    """A real module cannot do that, or is not the one that is asked for. The pytest plugin skips the test."""


class LabRefused(LabError, ValueError):
    """What was asked for cannot be: a name that is taken, a value out of its range, a device that is not registered …

    ``code`` and ``fields`` are those of the part of the lab that says so, and the same in any lab.
    """

    @classmethod
    def of(cls, error: CodedError) -> LabRefused:
        """The same, as an error of the public API."""
        return cls(error.code, error.where, **error.fields)


class LabUnreachable(LabError):
    """There is no lab at that address, none of a version that this one understands, or it has ended meanwhile."""


class AccessDenied(LabError):
    """The lab asks for a token, or for one of a role that may do more."""


class LabClosed(LabError):
    """After `Lab.close` nothing happens any more."""

    def __init__(self) -> None:
        super().__init__(PythonRefusal.CLOSED)


class NotReached(LabError, AssertionError):
    """Something that a test waited for has not come. Its text ends with the last lines of the timeline."""

    def __init__(self, code: Refusal, lines: Sequence[str] = (), **fields: Any) -> None:
        super().__init__(code, **fields)
        self.lines = tuple(lines)

    def __str__(self) -> str:
        return "\n".join((super().__str__(), *(f"    {line}" for line in self.lines)))
