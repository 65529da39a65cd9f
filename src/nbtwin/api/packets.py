"""Datagrams of a timeline, as tests ask for them. Knows entries; knows no lab."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nbtwin.api.results import PacketSeen, TimelineEntry
from nbtwin.engine import Seconds
from nbtwin.timeline import operations


def packets_in(entries: Iterable[TimelineEntry]) -> Iterator[PacketSeen]:
    """Of entries that are datagrams, oldest first."""
    first: dict[tuple[str, str, bytes], Seconds] = {}
    for entry in entries:
        fields = entry.fields
        data, sending = bytes.fromhex(fields["data"]), fields["sending"]
        key = (fields["from"], fields["to"], data)
        if sending == 1:
            first[key] = entry.at
        name = fields.get("operation")
        operation, path = operations.split((name or "").removeprefix("to "))
        yield PacketSeen(
            number=entry.number,
            at=entry.at,
            sender=fields["from"],
            receiver=fields["to"],
            operation=operation or None,
            is_answer=name is not None and name.startswith("to "),
            path=path or None,
            sending=sending,
            sent_after=entry.at - first.get(key, entry.at),
            lost=fields["lost"],
            summary=fields["summary"],
            fields=dict(fields),
            data=data,
        )
