"""How the interpreter was built. Knows the standard library alone: scripts/setup asks before there is any other."""

from __future__ import annotations

import sysconfig


def is_optimised() -> bool:
    """Whether it was compiled with a profile of its own runs (PGO).

    `configure --enable-optimizations` stays in the configuration. Debian and Ubuntu call the target `profile-opt`
    themselves and take the traces out of what they install, which leaves an emptied flag.
    """
    said = sysconfig.get_config_vars("CONFIG_ARGS", "PGO_PROF_GEN_FLAG", "PGO_PROF_USE_FLAG")
    arguments, makes, uses = (str(value or "") for value in said)
    return "--enable-optimizations" in arguments or bool(makes and not uses)
