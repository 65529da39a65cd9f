"""Firmware images and the difference between two of them: what a package makes of what is running.

Knows images and packages; knows no transfer and no module. A delta is a BSDIFF40 patch; the library is loaded where one
is made or applied, nowhere else. Its manifest names the version it applies to, and both images by length and checksum,
so that nothing is installed that was not meant.
"""

from __future__ import annotations

from hashlib import sha256, shake_128

from nbtwin.foreign import detail_of
from nbtwin.lwm2m.firmware.package import (
    BrokenPackage,
    Manifest,
    Package,
    PackageRefusal,
    UnsupportedPackage,
    pack_with,
)

LARGEST_IMAGE = 1 << 20
_HEAD = 32  # "BSDIFF40", lengths of control and difference, length of the new image, 8 bytes each
_COMMON, _OWN = 60 * 1024, 4 * 1024


def factory_image(model: str, version: str) -> bytes:
    """What stands in the flash of a module that was never updated (D69: the vendor's images are not public).

    Two versions of a model share most of it, so that a delta is worth its while.
    """
    common = shake_128(f"nbtwin firmware of {model}".encode()).digest(_COMMON)
    return common + shake_128(f"nbtwin firmware {version} of {model}".encode()).digest(_OWN)


def pack_image(model: str, version: str, image: bytes) -> bytes:
    """A package with the whole image, named by its checksum as well."""
    _check_size(image)
    return pack_with(Manifest(model=model, version=version, image=sha256(image).hexdigest()), image)


def pack_delta(model: str, base: str, old: bytes, version: str, new: bytes) -> bytes:
    """A package that makes the new image out of the old one."""
    import bsdiff4  # type: ignore[import-untyped]  # it has no types

    _check_size(new)
    manifest = Manifest(
        model=model, version=version, base=base, base_image=sha256(old).hexdigest(), image=sha256(new).hexdigest()
    )
    return pack_with(manifest, bsdiff4.diff(old, new))


def apply(package: Package, running: bytes | None) -> tuple[str, bytes]:
    """The version and image that run after the update. ``running`` is None where the flash was never written to.

    UnsupportedPackage: a delta for another image than the one that runs. BrokenPackage: what came out is not what the
    package promises. `Package.check_for` has looked at model and version before.
    """
    manifest = package.manifest
    image = package.image if not manifest.base else _patched(package, running)
    if manifest.image and sha256(image).hexdigest() != manifest.image:
        raise BrokenPackage(PackageRefusal.IMAGE_CHECKSUM)
    return manifest.version, image


def _patched(package: Package, running: bytes | None) -> bytes:
    import bsdiff4

    manifest, patch = package.manifest, package.image
    old = factory_image(manifest.model, manifest.base) if running is None else running
    if manifest.base_image and sha256(old).hexdigest() != manifest.base_image:
        raise UnsupportedPackage(PackageRefusal.OTHER_BASE_IMAGE, manifest.base)
    if len(patch) < _HEAD or int.from_bytes(patch[24:_HEAD], "little") > LARGEST_IMAGE:
        raise BrokenPackage(PackageRefusal.NO_DELTA)
    try:
        return bytes(bsdiff4.patch(old, patch))
    except (ValueError, OSError, EOFError, OverflowError, MemoryError) as error:
        raise BrokenPackage(PackageRefusal.DELTA_UNUSABLE, detail=detail_of(error)) from None


def _check_size(image: bytes) -> None:
    if not 0 < len(image) <= LARGEST_IMAGE:
        raise ValueError(f"an image has 1 to {LARGEST_IMAGE} bytes, not {len(image)}")
