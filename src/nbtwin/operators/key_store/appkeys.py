"""The appkeys a CMDMP platform knows, each with its password and the key derived from it. Knows no database.

Whoever keeps the keys elsewhere (the store) is told of every change before it takes effect.
"""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from nbtwin.coap.bounded import make_room
from nbtwin.engine import DecodeError, Refusal
from nbtwin.operators.key_store.refusals import AppkeyError, KeyRefusal
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.selfreg.cmdmp import key_of

LAB_APPKEY = "M100000089"
LAB_PASSWORD = "nbtwin-lab-password-0000000000001"
"""What a module registers with that was never given anything else (D20)."""

OPENED = 4096
"""Secrets of one password whose text is kept: most of a fleet's are the same (NULL, a version, a model)."""
LONGEST_KEPT = 128
"""Bytes of a secret, as it came, whose text is kept."""
_BLOCK = 16
_PADDING = [bytes((count,)) * count for count in range(_BLOCK + 1)]


class CiphertextError(DecodeError):
    """It does not open with this key."""

    def __init__(self, refusal: Refusal, text: str) -> None:
        super().__init__(text)
        self.refusal = refusal


@dataclass(frozen=True)
class MaskedAppkey:
    """One line of a listing: the password never appears."""

    appkey: str
    password: str


class Appkey:
    """One password, ready to decrypt with the cipher of docs/spec/wire.md, CMDMP names.

    With a fixed IV, CBC is ECB and one exclusive or: the cipher is set up once a password, not once a value (7 times
    faster for an endpoint name). What it has opened lately it knows, and gives out the same text again: its memory ends
    with it, when the appkey gets another password.
    """

    __slots__ = ("_ecb", "_kept_at_most", "_opened", "password")

    def __init__(self, password: str, kept_at_most: int = OPENED) -> None:
        self.password = password
        self._kept_at_most = kept_at_most
        self._opened: dict[bytes, str] = {}  # by the secret, as it came
        self._ecb = Cipher(algorithms.AES(key_of(password)), modes.ECB()).decryptor()

    def decrypt(self, data: bytes) -> str:
        """The text, or CiphertextError: the wrong password, or no ciphertext at all."""
        size = len(data)
        if not size or size % _BLOCK:
            raise _not_whole(size)
        plain = int.from_bytes(self._ecb.update(data), "big") ^ int.from_bytes(data[:-_BLOCK], "big")
        return _unpadded(plain.to_bytes(size, "big"))

    @property
    def kept(self) -> int:
        """Of how many secrets the text is kept."""
        return len(self._opened)

    def open_all(self, secrets: Collection[bytes]) -> list[str]:
        """The texts of several secrets in base64. binascii.Error or CiphertextError where one is none."""
        opened = self._opened
        try:
            return [opened[secret] for secret in secrets]
        except KeyError:
            pass
        new = [secret for secret in secrets if secret not in opened]
        texts = dict(zip(new, self.decrypt_all([a2b_base64(secret, strict_mode=True) for secret in new]), strict=True))
        found = [texts[secret] if secret in texts else opened[secret] for secret in secrets]
        for secret, text in texts.items():
            if len(secret) <= LONGEST_KEPT:
                make_room(opened, self._kept_at_most)
                opened[secret] = text
        return found

    def decrypt_all(self, texts: Sequence[bytes]) -> list[str]:
        """Several ciphertexts for the price of little more than one."""
        data = b"".join(texts)
        if len(data) % _BLOCK:
            raise _not_whole(len(data))
        blocks = self._ecb.update(data)
        plain, at = [], 0
        for text in texts:
            size = len(text)
            if not size or size % _BLOCK:
                raise _not_whole(size)
            whole = int.from_bytes(blocks[at : at + size], "big") ^ int.from_bytes(text[:-_BLOCK], "big")
            plain.append(_unpadded(whole.to_bytes(size, "big")))
            at += size
        return plain


def _not_whole(size: int) -> CiphertextError:
    text = f"ciphertext of {size} bytes, not whole blocks of {_BLOCK}"
    return CiphertextError(PlatformRefusal.CIPHERTEXT_LENGTH, text)


def _unpadded(plain: bytes) -> str:
    """PKCS#7: the last byte says how many there are of it."""
    pad = plain[-1]
    if not 1 <= pad <= _BLOCK or not plain.endswith(_PADDING[pad]):
        raise CiphertextError(PlatformRefusal.CIPHERTEXT_PASSWORD, "wrong padding: encrypted with another password")
    try:
        return plain[:-pad].decode()
    except UnicodeDecodeError:
        text = "not text: encrypted with another password"
        raise CiphertextError(PlatformRefusal.CIPHERTEXT_PASSWORD, text) from None


class AppkeyStore:
    """Appkey to password."""

    def __init__(
        self,
        passwords: Mapping[str, str] | None = None,
        *,
        changing: Callable[[str, str | None], None] | None = None,
        guard: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._keys = {appkey: Appkey(password) for appkey, password in (passwords or {}).items()}
        self._changing = changing  # called with (appkey, password or None), may refuse by raising
        self._guard = guard  # around a change there and here: nobody else changes either

    def keep_with(
        self, changing: Callable[[str, str | None], None], guard: Callable[[], AbstractContextManager[object]]
    ) -> None:
        """From now on somebody else keeps them, too: told of those that there are, and of every change."""
        for appkey, password in self.passwords.items():
            changing(appkey, password)
        self._changing, self._guard = changing, guard

    @property
    def passwords(self) -> dict[str, str]:
        """In clear: for the store and for a configuration, never for a listing."""
        return {appkey: key.password for appkey, key in self._keys.items()}

    def get(self, appkey: str) -> Appkey | None:
        return self._keys.get(appkey)

    def add(self, appkey: str, password: str) -> None:
        """Add an appkey, or give it another password."""
        self.check(appkey)
        key = Appkey(password)
        with self._guard():
            if self._changing is not None:
                self._changing(appkey, password)
            self._keys[appkey] = key

    @staticmethod
    def check(appkey: str) -> None:
        """AppkeyError for one that cannot be."""
        if not appkey or "@#@" in appkey or not appkey.isprintable():
            raise AppkeyError(KeyRefusal.APPKEY, appkey=appkey)

    def remove(self, appkey: str) -> bool:
        """Forget an appkey; False when it was not known."""
        with self._guard():
            if appkey not in self._keys:
                return False
            if self._changing is not None:
                self._changing(appkey, None)
            del self._keys[appkey]
            return True

    def replace(self, passwords: Mapping[str, str]) -> None:
        """Take over what was changed elsewhere (another process at the same store)."""
        self._keys = {
            appkey: key
            if (key := self._keys.get(appkey)) is not None and key.password == password
            else Appkey(password)
            for appkey, password in passwords.items()
        }

    def list(self) -> tuple[MaskedAppkey, ...]:
        """Every appkey in order, its password masked."""
        return tuple(MaskedAppkey(appkey, mask(self._keys[appkey].password)) for appkey in sorted(self._keys))

    def __contains__(self, appkey: str) -> bool:
        return appkey in self._keys

    def __len__(self) -> int:
        return len(self._keys)


def mask(password: str) -> str:
    """As the vendor's examples print one: the first four characters, then stars (DOC-C 3.2.2)."""
    return f"{password[:4]}****" if len(password) >= 12 else "****"
