"""What `nbtwin firmware` says of packages: codes of the catalogue, and rows of a name and what it says."""

from __future__ import annotations

from nbtwin.cli.language import chosen
from nbtwin.timeline.catalogue import Phrase, say


class FirmwarePhrase(Phrase):
    """Rows have a name, ``…-name``."""

    PACKED = "firmware-packed"  # file, model, version, count: of bytes
    COMPARED = "firmware-compared"  # file, model, base, version, count, of
    MODEL_NAME = "firmware-model-name"
    VERSION_NAME = "firmware-version-name"
    KIND_NAME = "firmware-kind-name"
    WHOLE = "firmware-whole"
    DELTA = "firmware-delta"  # version
    SIZE_NAME = "firmware-size-name"
    BYTES = "firmware-bytes"  # count
    IMAGE_NAME = "firmware-image-name"
    BASE_NAME = "firmware-base-name"
    CHECKSUM_NAME = "firmware-checksum-name"
    RIGHT = "firmware-checksum-right"


def print_rows(*rows: tuple[Phrase, str]) -> None:
    from rich.cells import cell_len

    names = [say(name, chosen()) for name, _ in rows]
    widest = max(map(cell_len, names))
    for name, (_, text) in zip(names, rows, strict=True):
        print(f"{name}{' ' * (widest - cell_len(name))}  {text}")
