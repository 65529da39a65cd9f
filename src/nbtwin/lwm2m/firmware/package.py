"""A firmware package: a real file with a manifest and a checksum (docs/spec/wire.md, Andlink firmware).

    4 bytes  "NBFW"
    1 byte   format version, 1
    4 bytes  length of the manifest, big-endian
    …        manifest, JSON: model, version, base (empty: a full image), size, checksums of the images (`delta`)
    …        image, or the delta that makes it
    32 bytes SHA-256 of everything before

Knows this layout; knows no transfer and no module.
"""

from __future__ import annotations

from hashlib import sha256

import msgspec

from nbtwin.engine import UNDECODABLE, CodedError, DecodeError, Refusal
from nbtwin.foreign import Detail, detail_of

MAGIC = b"NBFW"
FORMAT = 1
_HEAD = len(MAGIC) + 1 + 4
_CHECKSUM = 32


class PackageRefusal(Refusal):
    """What is wrong with a package."""

    UNKNOWN_FORMAT = "package-unknown-format"
    CHECKSUM = "package-checksum"
    MANIFEST = "package-manifest"
    LENGTH = "package-length"
    OTHER_MODEL = "package-other-model"
    OTHER_BASE = "package-other-base"
    OTHER_BASE_IMAGE = "package-other-base-image"
    NO_DELTA = "package-no-delta"
    DELTA_UNUSABLE = "package-delta-unusable"
    IMAGE_CHECKSUM = "package-image-checksum"
    # of a file and what is said of it (`file`)
    EMPTY = "package-empty"
    NO_CHECKSUM = "package-no-checksum"  # found
    FILE_CHECKSUM = "package-file-checksum"
    VERSION = "package-version"  # found
    MODELS = "package-models"  # found
    OTHER_DESCRIPTION = "package-other-description"


class PackageError(CodedError, DecodeError):
    """Base of the two; ``found`` and ``wanted`` are of lengths, checksums and the ``OTHER_…``.

    ``detail`` is what a library says.
    """

    def __init__(self, refusal: PackageRefusal, found: str = "", wanted: str = "", detail: Detail = "") -> None:
        super().__init__(refusal, found=found, wanted=wanted, detail=detail)
        self.refusal, self.found, self.wanted = refusal, found, wanted


class UnsupportedPackage(PackageError):
    """Not a package of this kind, or not for this module."""


class BrokenPackage(PackageError):
    """The checksum, or a length, is wrong."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What stands in a package besides the image, as JSON."""

    model: str
    version: str
    base: str = ""  # the version that a delta applies to
    size: int = 0  # of what the package carries
    image: str = ""  # SHA-256 of the image that will run, hexadecimal; "" where nobody said
    base_image: str = ""  # and of the one that a delta applies to


class Package(msgspec.Struct, frozen=True):
    """A package that `unpack` found whole."""

    manifest: Manifest
    image: bytes

    def check_for(self, model: str, version: str) -> None:
        """Raises UnsupportedPackage when it is for another model, or a delta for another version."""
        if self.manifest.model != model:
            found = self.manifest.model
            raise UnsupportedPackage(PackageRefusal.OTHER_MODEL, found, model)
        if self.manifest.base and self.manifest.base != version:
            found = self.manifest.base
            raise UnsupportedPackage(PackageRefusal.OTHER_BASE, found, version)


def pack(model: str, version: str, image: bytes, base: str = "") -> bytes:
    """A package file of an image; ``base``: the image is a delta from that version."""
    return pack_with(Manifest(model=model, version=version, base=base), image)


def pack_with(about: Manifest, image: bytes) -> bytes:
    """The file; its length is filled in."""
    manifest = msgspec.json.encode(msgspec.structs.replace(about, size=len(image)))
    data = MAGIC + bytes((FORMAT,)) + len(manifest).to_bytes(4, "big") + manifest + image
    return data + sha256(data).digest()


def unpack(data: bytes) -> Package:
    """First what it is, then whether it is whole."""
    if data[:4] != MAGIC or data[4:5] != bytes((FORMAT,)):
        raise UnsupportedPackage(PackageRefusal.UNKNOWN_FORMAT)
    if len(data) < _HEAD + _CHECKSUM or sha256(data[:-_CHECKSUM]).digest() != data[-_CHECKSUM:]:
        raise BrokenPackage(PackageRefusal.CHECKSUM)
    image_at = _HEAD + int.from_bytes(data[5:_HEAD], "big")
    try:
        manifest = msgspec.json.decode(data[_HEAD:image_at], type=Manifest)
    except UNDECODABLE as error:
        raise UnsupportedPackage(PackageRefusal.MANIFEST, detail=detail_of(error)) from None
    image = data[image_at:-_CHECKSUM]
    if len(image) != manifest.size:
        found, wanted = str(len(image)), str(manifest.size)
        raise BrokenPackage(PackageRefusal.LENGTH, found, wanted)
    return Package(manifest, image)
