"""How commands fail: which <err> a handler's refusal carries, by the profile's error table.

Knows error tables; knows no command. DOC-B and DOC-C answer plain ERROR for every error of their own commands
(docs/spec/at.md, Errors), so their tables name no code for a bad parameter, and no other code is sent for those
commands either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtwin.at.command import AtError

if TYPE_CHECKING:
    from nbtwin.module.module import Module

OPERATION_NOT_ALLOWED = 3
INCORRECT_PASSWORD = 16  # 27.007 9.2.1
NO_NETWORK_SERVICE = 30


def bad_parameter(m: Module, why: str) -> AtError:
    """A value that its field lets through and its neighbours do not (D30)."""
    return AtError(m.profile.errors.bad_parameter, why)


def not_supported(m: Module, why: str) -> AtError:
    """A form or command that this firmware or model does not have (D30)."""
    return AtError(m.profile.errors.not_supported, why)


def refusal(m: Module, err: int, why: str) -> AtError:
    """Any other error of a vendor command."""
    return AtError(err if m.profile.errors.bad_parameter is not None else None, why)


def save(m: Module) -> None:
    """Write NVRAM through for a vendor command; a failure is error 23 where the document has codes."""
    try:
        m.save()
    except AtError as error:
        raise refusal(m, error.err or 23, error.why) from None
