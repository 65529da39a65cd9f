"""Secrets in AT lines, masked before anybody is shown them: passwords, keys and PINs stand in certain fields of certain
commands. Knows those fields; knows no module. Whoever may have them in clear reads the module's NVRAM, as an admin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MASK = "****"
_VALUE = r'(?:"[^"]*"?|[^,;"\s]*)'
_SECRETS = re.compile(
    rf"(\+QDMPCFG=\s*2\s*,\s*{_VALUE}\s*,\s*"  # DOC-C 3.2.2: appkey, password
    rf"|\+Q(?:LA)?SET(?:BS)?PSK=\s*{_VALUE}\s*,\s*"  # DOC-E 3.3, 3.15: identity, key
    rf"|\+CLCK=\s*{_VALUE}\s*,\s*{_VALUE}\s*,\s*"  # 3GPP 27.007: facility, mode, password
    rf"|\+CPIN=\s*(?:{_VALUE}\s*,\s*)?)({_VALUE})",  # PIN; or PUK and new PIN: the PUK as well
    re.IGNORECASE,
)
_PUK = re.compile(rf"(\+CPIN=\s*)({_VALUE})(?=\s*,)", re.IGNORECASE)
_PASSWORDS = re.compile(rf"(\+CPWD=\s*{_VALUE}\s*)(,.*)", re.IGNORECASE)  # facility, old, new


def masked_line(text: str) -> str:
    """The line with its secrets masked, quotes left where they were."""
    if "=" not in text or "+" not in text:
        return text
    text = _SECRETS.sub(lambda found: found[1] + _mask(found[2]), text)
    text = _PUK.sub(lambda found: found[1] + _mask(found[2]), text)
    return _PASSWORDS.sub(lambda found: f'{found[1]},"{MASK}"', text)


def _mask(value: str) -> str:
    if not value:
        return value
    return f'"{MASK}"' if value.startswith('"') else MASK


def masked_detail(detail: Mapping[str, Any]) -> dict[str, Any]:
    """A timeline entry's parts; a line among them is masked."""
    return {name: masked_line(value) if isinstance(value, str) else value for name, value in detail.items()}
