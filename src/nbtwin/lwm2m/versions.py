"""The versions of the LwM2M enabler that a server here speaks. Knows no operation and no parameter."""

from __future__ import annotations

V1_0, V1_1, V1_2 = "1.0", "1.1", "1.2"
VERSIONS = (V1_0, V1_1, V1_2)
"""The oldest first."""


def is_since(version: str, since: str) -> bool:
    """Whether a Client of this version has what came with the other. One that says no known version speaks 1.0."""
    return since == V1_0 or (version in VERSIONS and VERSIONS.index(version) >= VERSIONS.index(since))
