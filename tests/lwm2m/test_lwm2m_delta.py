"""Images, deltas, and what a package makes of the firmware that runs."""

from __future__ import annotations

import random
from hashlib import sha256

import pytest

from nbtwin.lwm2m.firmware.delta import LARGEST_IMAGE, apply, factory_image, pack_delta, pack_image
from nbtwin.lwm2m.firmware.package import (
    BrokenPackage,
    Manifest,
    Package,
    PackageRefusal,
    UnsupportedPackage,
    pack,
    pack_with,
    unpack,
)

OLD, NEW = "BC28JAR01A10_ONT", "BC28JAR01A11_ONT"
OLD_IMAGE, NEW_IMAGE = factory_image("BC28", OLD), factory_image("BC28", NEW)


def delta() -> Package:
    return unpack(pack_delta("BC28", OLD, OLD_IMAGE, NEW, NEW_IMAGE))


def test_a_full_image_takes_the_place_of_whatever_runs() -> None:
    package = unpack(pack_image("BC28", NEW, b"image"))
    assert apply(package, None) == apply(package, b"anything") == (NEW, b"image")


def test_a_delta_makes_the_new_image_out_of_the_one_that_runs() -> None:
    package = delta()
    package.check_for("BC28", OLD)
    assert apply(package, OLD_IMAGE) == (NEW, NEW_IMAGE)


def test_a_module_that_was_never_updated_runs_its_factory_image() -> None:
    assert apply(delta(), None) == (NEW, NEW_IMAGE)


def test_factory_images_are_the_same_everywhere_and_differ_by_model_and_version() -> None:
    """D69: module and platform make them up apart from each other."""
    assert sha256(OLD_IMAGE).hexdigest() == "8987aa97ed999bcee02ec459b5a78811284941cc0cd088d9e6807d7e6af77a98"
    assert len({OLD_IMAGE, NEW_IMAGE, factory_image("BC35-G", OLD)}) == 3


def test_a_delta_is_a_small_part_of_the_image() -> None:
    assert len(delta().image) < len(NEW_IMAGE) / 8


def test_a_delta_for_another_image_of_the_same_version_is_refused() -> None:
    with pytest.raises(UnsupportedPackage, match=PackageRefusal.OTHER_BASE_IMAGE):
        apply(delta(), OLD_IMAGE[:-1] + b"?")


@pytest.mark.parametrize("seed", range(20))
def test_a_delta_that_was_changed_on_its_way_is_broken(seed: int) -> None:
    """The package's own checksum would have told; this is what is behind it."""
    package, source = delta(), random.Random(seed)
    patch = bytearray(package.image)
    patch[source.randrange(len(patch))] ^= 1 << source.randrange(8)
    with pytest.raises(BrokenPackage):
        apply(Package(package.manifest, bytes(patch)), OLD_IMAGE)


@pytest.mark.parametrize("patch", [b"", b"BSDIFF40", b"BSDIFF40" + bytes(16) + (1 << 40).to_bytes(8, "little")])
def test_what_is_no_delta_is_broken(patch: bytes) -> None:
    manifest = Manifest(model="BC28", version=NEW, base=OLD)
    with pytest.raises(BrokenPackage):
        apply(Package(manifest, patch), OLD_IMAGE)


def test_the_image_has_to_be_the_one_that_was_promised() -> None:
    manifest = Manifest(model="BC28", version=NEW, image=sha256(b"another").hexdigest())
    with pytest.raises(BrokenPackage):
        apply(unpack(pack_with(manifest, b"image")), None)


def test_packages_of_the_first_kind_are_still_read() -> None:
    assert apply(unpack(pack("BC28", NEW, b"image")), None) == (NEW, b"image")


@pytest.mark.parametrize("image", [b"", bytes(LARGEST_IMAGE + 1)])
def test_an_image_has_its_limits(image: bytes) -> None:
    with pytest.raises(ValueError, match="1 to"):
        pack_image("BC28", NEW, image)
