"""The versions of the foreign peers of the tests, asked of what is installed here."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

FOREIGN = Path(__file__).parents[1] / "tests" / "foreign"


def versions() -> dict[str, str]:
    """By the names that marks use; a peer that is not here is left out."""
    return {peer: found for peer, ask in _PEERS.items() if (found := ask())}


def _of_program(pattern: str, *commands: tuple[str, ...]) -> Callable[[], str]:
    def ask() -> str:
        for command in commands:
            if shutil.which(command[0]):
                told = subprocess.run(command, capture_output=True, text=True, timeout=10)
                if found := re.search(pattern, told.stdout + told.stderr):
                    return found[1]
        return ""

    return ask


def _of_package(name: str) -> Callable[[], str]:
    def ask() -> str:
        try:
            return version(name)
        except PackageNotFoundError:
            return ""

    return ask


def _of_file(path: str, *patterns: str) -> Callable[[], str]:
    """The versions that the tests' own build files ask for, if what they build was built."""

    def ask() -> str:
        text = (FOREIGN / path).read_text(encoding="utf-8") if (FOREIGN / path).exists() else ""
        found = [re.search(pattern, text) for pattern in patterns]
        return ", ".join(one[1] for one in found if one)

    return ask


_PEERS: dict[str, Callable[[], str]] = {
    "Leshan 1": _of_file("leshan/v1/pom.xml", r"org\.eclipse\.leshan[\s\S]*?<version>([^<]+)<"),
    "Leshan 2": _of_file("leshan/v2/pom.xml", r"org\.eclipse\.leshan[\s\S]*?<version>([^<]+)<"),
    "Leshan demo": _of_file("leshan/demo/pom.xml", r"org\.eclipse\.leshan[\s\S]*?<version>([^<]+)<"),
    "libcoap": _of_program(
        r"v([\d.]+)", *((f"coap-client{kind}", "-h") for kind in ("-notls", "-openssl", "-gnutls", ""))
    ),
    "aiocoap": _of_package("aiocoap"),
    "OpenSSL": _of_program(r"OpenSSL ([\d.]+\w*)", ("openssl", "version")),
    "GnuTLS": _of_program(r"([\d.]+)", ("gnutls-cli", "--version")),
    "go-coap": _of_file("go/go.mod", r"go-coap/v3 v([\d.]+)", r"(pion/dtls/v3 v[\d.]+)"),
    "coap (npm)": _of_file("node/package.json", r'"coap": "([\d.]+)"'),
    "lwm2m-node-lib": _of_file("node/package.json", r'"lwm2m-node-lib": "([\d.]+)"'),
    "node-coap-client": _of_file("node/package.json", r'"node-coap-client": "([\d.]+)"'),
    "coap (crate)": _of_file("rust/Cargo.toml", r'coap = \{ version = "([\d.]+)"'),
}
