"""Secrets in AT lines, masked before anybody is shown them: passwords, keys and PINs stand in certain fields of certain
commands. Knows those fields; knows no module. Whoever may have them in clear reads the module's NVRAM, as an admin.

A line that its module refuses has its secrets, too: spaces, quotes and types need not be right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

MASK = "****"
SECRET_FIELDS = ("password", "PSK", "pin")
"""As the tables of the commands name them; a test compares."""
_WRITE = re.compile(r'(\+\s*(?P<name>[A-Z][A-Z ]*?)\s*=)(?P<values>(?:"[^"]*"?|[^;"])*)', re.IGNORECASE)
_VALUE = re.compile(r'(?:"[^"]*"?|[^,"])+')


def _credentials(values: list[str]) -> set[int]:
    """DOC-A 2.1, DOC-C 3.2.2: type 2 has appkey and password; what is no type may have been meant as one."""
    return set() if values[0].strip() in ("0", "1", "3", "4", "5", "6") else {2}


def _key(values: list[str]) -> set[int]:
    """DOC-E 3.3, 3.15: identity and key; or the key alone, by mistake."""
    return {0, 1} if len(values[0].strip()) > len("867724030000225") + 2 else {1}


_SECRETS: Mapping[str, Callable[[list[str]], set[int]]] = {
    "QDMPCFG": _credentials,
    "DMPCONFIG": _credentials,
    "QLASETPSK": _key,
    "QLASETBSPSK": _key,
    "QSETPSK": _key,  # as the answers print it (D8)
    "QSETBSPSK": _key,
    "CLCK": lambda _: {2},  # 3GPP 27.007: facility, mode, password
    "CPWD": lambda values: set(range(1, len(values))),  # facility, old, new
    "CPIN": lambda values: set(range(len(values))),  # PIN; or PUK and new PIN
}


def masked_line(text: str) -> str:
    """The line with its secrets masked, quotes left where they were."""
    return _WRITE.sub(_masked_write, text) if "+" in text and "=" in text else text


def _masked_write(found: re.Match[str]) -> str:
    secret_of = _SECRETS.get(found["name"].replace(" ", "").upper())
    if secret_of is None:
        return found[0]
    values = _split(found["values"])
    secret = secret_of(values)
    return found[1] + ",".join(_mask(value) if place in secret else value for place, value in enumerate(values))


def _split(values: str) -> list[str]:
    """At commas outside quotes."""
    parts, at = [], 0
    while at <= len(values):
        found = _VALUE.match(values, at)
        end = found.end() if found else at
        parts.append(values[at:end])
        at = end + 1
    return parts


def _mask(value: str) -> str:
    bare = value.strip()
    if not bare:
        return value
    return value.replace(bare, f'"{MASK}"' if bare.startswith('"') else MASK)


def masked_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A timeline entry's fields; a line among them is masked, and so is the value that a refusal quotes."""
    secret = fields.get("parameter") in SECRET_FIELDS and bool(fields.get("text"))
    return {name: _masked(value) for name, value in fields.items()} | ({"text": MASK} if secret else {})


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked_line(value)
    return masked_fields(value) if isinstance(value, Mapping) else value
