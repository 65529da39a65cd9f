"""Where the secrets of an AT line stand: passwords, keys and PINs are certain fields of certain commands.

Knows those fields; knows no module. A line that its module refuses has its secrets, too: spaces, quotes and types need
not be right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

SECRET_FIELDS = ("password", "PSK", "pin", "device_secret")
"""As the tables of the commands name them; a test compares."""
_WRITE = re.compile(r'\+\s*(?P<name>[A-Z][A-Z ]*?)\s*=(?P<values>(?:"[^"]*"?|[^;"])*)', re.IGNORECASE)
_ANSWER = re.compile(r"\s*\+(?P<name>[A-Z]+):(?P<values>.*)", re.IGNORECASE)
_VALUE = re.compile(r'(?:"[^"]*"?|[^,"])+')


def _credentials(values: list[str]) -> set[int]:
    """DOC-A 2.1, DOC-C 3.2.2: type 2 has appkey and password; what is no type may have been meant as one."""
    return set() if values[0].strip() in ("0", "1", "3", "4", "5", "6") else {2}


def _key(values: list[str]) -> set[int]:
    """DOC-E 3.3, 3.15: identity and key; or the key alone, by mistake."""
    return {0, 1} if len(values[0].strip()) > len("867724030000225") + 2 else {1}


def _ali(values: list[str]) -> set[int]:
    """The word, client, product key, device name, device secret; an answer has the last three alone, in quotes."""
    if len(values) == 3 and all(value.strip().startswith('"') for value in values):
        return {2}
    return {4} if values[0].strip().strip('"').lower() == "aliauth" else set()


_SETTINGS: Mapping[str, Callable[[list[str]], set[int]]] = {
    "QDMPCFG": _credentials,
    "DMPCONFIG": _credentials,
    "QLASETPSK": _key,
    "QLASETBSPSK": _key,
    "QSETPSK": _key,  # as the answers print it (D8)
    "QSETBSPSK": _key,
    "QMTCFG": _ali,
}
_SECRETS: Mapping[str, Callable[[list[str]], set[int]]] = {
    **_SETTINGS,
    "QMTCONN": lambda _: {3},  # client, its ID, user name, password
    "QCGDEFCONT": lambda _: {3},  # type, APN, user name, password
    "CLCK": lambda _: {2},  # 3GPP 27.007: facility, mode, password
    "CPWD": lambda values: set(range(1, len(values))),  # facility, old, new
    "CPIN": lambda values: set(range(len(values))),  # PIN; or PUK and new PIN
}


def secrets_of_command(line: str) -> Iterator[tuple[int, int]]:
    """Where each stands in a command line, from and to, quotes within and spaces without."""
    for found in _WRITE.finditer(line) if "+" in line and "=" in line else ():
        yield from _within(found, _SECRETS.get(found["name"].replace(" ", "").upper()))


def secrets_of_answer(line: str) -> Iterator[tuple[int, int]]:
    """The same of a line that shows settings. A test form's names them (`<type>`, `(0-2)`) and shows none."""
    found = _ANSWER.fullmatch(line)
    if found is not None and not found["values"].lstrip().startswith(("<", "(")):
        yield from _within(found, _SETTINGS.get(found["name"].upper()))


def _within(found: re.Match[str], secret_of: Callable[[list[str]], set[int]] | None) -> Iterator[tuple[int, int]]:
    if secret_of is None:
        return
    values = _split(found["values"])
    secret, at = secret_of(values), found.start("values")
    for place, value in enumerate(values):
        if place in secret and (bare := value.strip()):
            begin = at + value.index(bare)
            yield begin, begin + len(bare)
        at += len(value) + 1


def _split(values: str) -> list[str]:
    """At commas outside quotes."""
    parts, at = [], 0
    while at <= len(values):
        found = _VALUE.match(values, at)
        end = found.end() if found else at
        parts.append(values[at:end])
        at = end + 1
    return parts
