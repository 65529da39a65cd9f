"""Secrets in AT lines, masked before anybody is shown them. Whoever may have them in clear reads the module's NVRAM, as
an admin. Which fields are secret is `at.secret_fields`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbtwin.at.secret_fields import SECRET_FIELDS, secrets_of_command

MASK = "****"


def masked_line(text: str) -> str:
    """The line with its secrets masked, quotes left where they were."""
    for begin, end in reversed(list(secrets_of_command(text))):
        text = text[:begin] + (f'"{MASK}"' if text[begin] == '"' else MASK) + text[end:]
    return text


def masked_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A timeline entry's fields; a line among them is masked, and so is the value that a refusal quotes."""
    secret = fields.get("parameter") in SECRET_FIELDS and bool(fields.get("text"))
    return {name: _masked(value) for name, value in fields.items()} | ({"text": MASK} if secret else {})


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked_line(value)
    return masked_fields(value) if isinstance(value, Mapping) else value
