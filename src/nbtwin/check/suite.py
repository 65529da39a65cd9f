"""All scenes of a profile, in the order in which they are played: what only reads first (D188)."""

from __future__ import annotations

from nbtwin.check.andlink import andlink_scenes
from nbtwin.check.cmdmp import cmdmp_scenes
from nbtwin.check.everyday import everyday_scenes
from nbtwin.check.examples import example_scenes
from nbtwin.check.extended import extended_scenes, switch_scenes
from nbtwin.check.schedules import schedule_scenes
from nbtwin.check.start import line_scenes, start_scenes
from nbtwin.check.steps import Need, Scene
from nbtwin.check.tables import errors_in_modes, table_scenes
from nbtwin.module.profile import Profile

_LATER = (Need.WRITES, Need.LOSES, Need.RESTARTS, Need.POWER, Need.RADIO, Need.PLATFORM, Need.FACTORY)


def scenes_of(profile: Profile) -> list[Scene]:
    found = [
        *line_scenes(profile),
        *errors_in_modes(profile, f"AT{profile.cmdmp.name}=9"),
        *table_scenes(profile),
        *cmdmp_scenes(profile),
        *extended_scenes(profile),
        *switch_scenes(profile),
        *andlink_scenes(profile),
        *everyday_scenes(profile),
        *start_scenes(profile),
        *schedule_scenes(profile),
        *example_scenes(profile),
    ]
    return sorted(found, key=_rank)


def _rank(scene: Scene) -> tuple[bool, int]:
    return scene.fresh, max((1 + _LATER.index(need) for need in scene.needs), default=0)
