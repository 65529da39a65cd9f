"""Which devices of a platform are meant: those of a list, or all that fit a search, found by the store.

Knows no page of a listing and nothing that is done with them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from nbtwin.operators.store.devices import Choice
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.api_errors import ApiError, RequestModel
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.texts import storable

DEVICES_AT_MOST = 100_000

DeviceStateName = Literal["bootstrapped", "registered", "de-registered", "expired"]
State = Annotated[DeviceStateName | None, Query(description="only those in this state")]
Containing = Annotated[
    str, Query(max_length=64, description="in anything that is known of it, its name, group and tags among that")
]
Group = Annotated[str, Query(max_length=64, description="only those of this group")]
Tags = Annotated[list[str] | None, Query(max_length=32, description="only those with this tag; several: with all")]


class DeviceChoice(RequestModel):
    """Which devices; what is left out does not matter."""

    devices: list[Annotated[str, Field(max_length=300)]] | None = Field(
        None, max_length=DEVICES_AT_MOST, description="these, by name or id; null: all that fit"
    )
    containing: str = Field("", max_length=64, description="in anything that is known of it")
    state: DeviceStateName | None = Field(None, description="only those in this state")
    group: str = Field("", max_length=64, description="only those of this group")
    tags: list[Annotated[str, Field(max_length=64)]] = Field([], max_length=32, description="only those with each")


def choice_of(
    platform: str, state: str | None, containing: str, group: str = "", tags: list[str] | None = None
) -> Choice:
    """What a query asks for. ApiError for text that no database takes."""
    for text, field in ((containing, "containing"), (group, "group")):
        storable(text, field)
    for tag in tags or ():
        storable(tag, "tag")
    return Choice(platform, state, containing, group, tuple(tags or ()))


def chosen(lab: LabRuntime, platform: str, of: DeviceChoice) -> list[str]:
    """Their ids. ApiError for a name that the platform does not know."""
    fit = lab.store.device_ids(choice_of(platform, of.state, of.containing, of.group, of.tags))
    if of.devices is None:
        return fit
    known, within = set(lab.store.device_ids(Choice(platform))), set(fit)
    named = [name if name.startswith(f"{platform}:") else f"{platform}:{name}" for name in of.devices]
    for name in named:
        if name not in known:
            raise ApiError(ApiRefusal.DEVICE_UNKNOWN, "of.devices", name=name)
    return [name for name in dict.fromkeys(named) if name in within]
