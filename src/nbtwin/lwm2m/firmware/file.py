"""A file that is given to devices as firmware, and what is known of it (D164).

A container of nbtwin's own is recognized by its magic and says its model and version itself. Any other file is never
looked into: what is known of it is what whoever gave it says. Knows no transfer and no device.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256

import msgspec

from nbtwin.lwm2m.firmware.package import MAGIC, BrokenPackage, PackageRefusal, UnsupportedPackage, unpack

LONGEST_TEXT = 255
"""Characters of a version, or of a model: no string of object 3 or 5 is longer where it is told."""
MOST_MODELS = 64
_DIGITS = 2 * sha256().digest_size
_ETAG = 8
"""Bytes of an ETag (RFC 7252 5.10)."""


class FileKind(StrEnum):
    """Of what format a file is."""

    CONTAINER = "container"  # nbtwin's own (`package`)
    RAW = "raw"


class FirmwareFile(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file, as devices get it."""

    content: bytes
    kind: FileKind = FileKind.RAW
    version: str = ""  # that a device runs afterwards; "" where nobody said
    models: tuple[str, ...] = ()  # that it is for; none: any
    base: str = ""  # the version that a delta applies to
    checksum: str = ""  # SHA-256, hexadecimal

    @property
    def etag(self) -> bytes:
        """Of every block of it: the checksum need not be computed again."""
        return bytes.fromhex(self.checksum)[:_ETAG]


def file_of(content: bytes, version: str = "", models: Sequence[str] = (), checksum: str = "") -> FirmwareFile:
    """What is known of the bytes. PackageError where they are not what is said of them, or a container is broken."""
    found = sha256(content).hexdigest()
    if checksum:
        wanted = checksum.strip().lower()
        if len(wanted) != _DIGITS or not set(wanted) <= set(string.hexdigits):
            raise UnsupportedPackage(PackageRefusal.NO_CHECKSUM, checksum[:_DIGITS])
        if wanted != found:
            raise BrokenPackage(PackageRefusal.FILE_CHECKSUM, found, wanted)
    if not content:
        raise BrokenPackage(PackageRefusal.EMPTY)
    _check_texts(version, models)
    given = tuple(dict.fromkeys(models))
    if not content.startswith(MAGIC):
        return FirmwareFile(content=content, version=version, models=given, checksum=found)
    manifest = unpack(content).manifest
    if version not in ("", manifest.version) or given not in ((), (manifest.model,)):
        raise UnsupportedPackage(
            PackageRefusal.OTHER_DESCRIPTION,
            f"{manifest.model} {manifest.version}",
            " ".join([*given, version]).strip(),
        )
    return FirmwareFile(
        content=content, kind=FileKind.CONTAINER, version=manifest.version, models=(manifest.model,),
        base=manifest.base, checksum=found,
    )  # fmt: skip


def _check_texts(version: str, models: Sequence[str]) -> None:
    """They are printed in lists, and compared with what a device says."""
    if len(version) > LONGEST_TEXT or not version.isprintable():
        raise UnsupportedPackage(PackageRefusal.VERSION, version[:40])
    wrong = next((one for one in models if not one or len(one) > LONGEST_TEXT or not one.isprintable()), None)
    if wrong is None:
        wrong = next((one for one in models if "," in one), None)
    if wrong is not None or len(models) > MOST_MODELS:
        raise UnsupportedPackage(PackageRefusal.MODELS, (wrong or str(len(models)))[:40])
