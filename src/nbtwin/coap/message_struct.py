"""One CoAP message as a value (RFC 7252 3): data. Its bytes are the concern of `message.py`, which is compiled."""

from __future__ import annotations

import msgspec

from nbtwin.coap.numbers import OptionNumber, Type
from nbtwin.coap.option_values import Options, observe_of, uint_of


class Message(msgspec.Struct, gc=False):
    """A message as RFC 7252 3 draws it; the properties read its options."""

    type: Type
    code: int
    message_id: int
    token: bytes = b""
    options: Options = ()
    payload: bytes = b""

    def first(self, number: int) -> bytes | None:
        """The value of the option, the first one where it is repeated."""
        for found, value in self.options:
            if found == number:
                return value
        return None

    def all(self, number: int) -> tuple[bytes, ...]:
        return tuple([value for found, value in self.options if found == number])

    def uint(self, number: int) -> int | None:
        """The option as a number; one of a wrong length is as good as none (RFC 7252 5.4.3)."""
        return uint_of(self.options, number)

    def texts(self, number: int) -> tuple[str, ...]:
        texts: list[str] = []
        for found, value in self.options:
            if found == number:
                texts.append(value.decode("utf-8", "replace"))
        return tuple(texts)

    @property
    def path(self) -> tuple[str, ...]:
        return self.texts(11)  # Uri-Path

    @property
    def query(self) -> tuple[str, ...]:
        return self.texts(15)  # Uri-Query

    @property
    def location(self) -> tuple[str, ...]:
        return self.texts(8)  # Location-Path

    @property
    def host(self) -> str | None:
        value = self.first(OptionNumber.URI_HOST)
        return None if value is None else value.decode("utf-8", "replace")

    @property
    def content_format(self) -> int | None:
        return uint_of(self.options, 12)  # Content-Format

    @property
    def accept(self) -> int | None:
        return self.uint(OptionNumber.ACCEPT)

    @property
    def observe(self) -> int | None:
        return observe_of(self.options)
