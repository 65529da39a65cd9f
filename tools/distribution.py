"""Wheel and sdist: how they are built, and what is wrong with what is in them. Knows archives and metadata, no git.

A build depends on the sources and SOURCE_DATE_EPOCH alone: not on folder, time, user or network.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from zipfile import ZipFile

from packaging.metadata import ExceptionGroup, InvalidMetadata, Metadata
from trove_classifiers import classifiers as KNOWN_CLASSIFIERS

NEEDED = (
    "nbtwin/py.typed",
    "nbtwin/check/acceptance/telecom.yaml",
    "nbtwin/cli/help.zh.ftl",
    "nbtwin/examples/mobile-every-day.yaml",
    "nbtwin/timeline/catalogue/en.ftl",
    "nbtwin/timeline/catalogue/zh.ftl",
    "nbtwin/web/static/console.html",
    "nbtwin/web/static/vendor/preact/LICENSE.txt",
)
"""What an installation would miss only when it is used; a test compares the rest with the sources."""
ALLOWED = re.compile(
    r"nbtwin/.+\.(py|pyi|typed|ftl|yaml|html|css|js|d\.ts|svg|png|ico|woff2|txt|json|toml|at)|nbtwin-[^/]+\.dist-info/.+"
)
COMPILED = re.compile(r"nbtwin/.+\.so|nbtwin__mypyc\.[^/]+\.so")
"""Besides, in the wheel of one platform."""
FOREIGN = re.compile(r"(^|/)(tests?|benchmarks|tools|scripts|__pycache__|node_modules|\.[^/]+)(/|$)|\.pyc$")
PLACES = re.compile(rb"/(?:home|root|work|Users|build)/[\w.-]+/[\w./-]+")
"""Folders of a machine."""


class Built(NamedTuple):
    wheel: Path
    sdist: Path


def build(sources: Path, into: Path, epoch: int) -> Built:
    """Both, as hatchling makes them. subprocess.CalledProcessError where it does not."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(into)]
    done = subprocess.run(command, cwd=sources, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr)
        done.check_returncode()
    (wheel,), (sdist,) = into.glob("*.whl"), into.glob("*.tar.gz")
    return Built(wheel, sdist)


def build_from_sdist(sdist: Path, work: Path, epoch: int) -> Path:
    """The wheel, from nothing but the sdist; there is nothing to fetch."""
    command = ["tar", "-xzf", str(sdist), "-C", str(work)]  # the filters of tarfile are younger than 3.11.2
    subprocess.run(command, check=True)
    (sources,) = work.iterdir()
    return build(sources, work / "out", epoch).wheel


def differences(one: Built, other: Built) -> list[str]:
    """The names of those that are not the same bytes."""
    pairs = zip(one, other, strict=True)
    return [a.name for a, b in pairs if a.name != b.name or a.read_bytes() != b.read_bytes()]


def complaints(built: Built, version: str) -> list[str]:
    """What is wrong with the two, one line each."""
    found = complaints_of_wheel(built.wheel, version)
    with tarfile.open(built.sdist) as archive:
        names = archive.getnames()
    root = f"nbtwin-{version}/"
    found += [f"sdist: {name} outside of {root}" for name in names if not name.startswith(root)]
    needed = ("pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md", "requirements.lock", "src/nbtwin/__init__.py")
    return found + [f"sdist: no {name}" for name in needed if root + name not in names]


def complaints_of_wheel(wheel: Path, version: str) -> list[str]:
    """What is wrong with one, pure or of a platform."""
    pure = wheel.name.endswith("-none-any.whl")
    with ZipFile(wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    found = [*_wrong_contents(files, pure), *_wrong_record(files)]
    metadata = files.get(f"nbtwin-{version}.dist-info/METADATA")
    return found + ([f"no METADATA of version {version}"] if metadata is None else list(_wrong_metadata(metadata)))


def _wrong_contents(files: Mapping[str, bytes], pure: bool) -> Iterator[str]:
    yield from (f"wheel: no {name}" for name in NEEDED if name not in files)
    if not pure and not any(COMPILED.fullmatch(name) for name in files):
        yield "wheel: nothing in it is compiled"
    for name, content in files.items():
        belongs = ALLOWED.fullmatch(name) or (not pure and COMPILED.fullmatch(name))
        if not belongs or FOREIGN.search(name):
            yield f"wheel: {name} does not belong there"
        if found := PLACES.search(content):
            yield f"wheel: {name} names a place of one machine: {found[0].decode()}"


def _wrong_record(files: Mapping[str, bytes]) -> Iterator[str]:
    (record,) = [name for name in files if name.endswith(".dist-info/RECORD")]
    rows = {name: digest for name, digest, _ in csv.reader(files[record].decode().splitlines())}
    yield from (f"wheel: {name} is not in RECORD" for name in files.keys() - rows.keys())
    for name, digest in rows.items():
        if name == record:
            continue
        is_one = hashlib.sha256(files.get(name, b"")).digest()
        if digest != "sha256=" + base64.urlsafe_b64encode(is_one).rstrip(b"=").decode():
            yield f"wheel: {name} is not what RECORD says"


def _wrong_metadata(content: bytes) -> Iterator[str]:
    try:
        metadata = Metadata.from_email(content)
    except (ExceptionGroup, InvalidMetadata) as error:
        yield from (str(each) for each in getattr(error, "exceptions", [error]))
        return
    yield from (f"unknown classifier {name}" for name in metadata.classifiers or () if name not in KNOWN_CLASSIFIERS)
    if metadata.description_content_type != "text/markdown" or not metadata.description:
        yield "no long description"
    if metadata.license_expression is None or not metadata.license_files:
        yield "no licence"
