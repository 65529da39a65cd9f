"""What is kept of a lab whose test failed: timeline, sequence diagram, capture. Knows files; knows no test runner."""

from __future__ import annotations

from pathlib import Path

from nbtwin.api import recorded
from nbtwin.api.backend import Record
from nbtwin.timeline.clock import TimeFormat, format_simulated


def keep(record: Record, folder: Path, time: TimeFormat = format_simulated) -> list[Path]:
    """The files, written anew: ``timeline.txt``, ``sequence.mmd`` (Mermaid), ``capture.pcapng`` (Wireshark)."""
    folder.mkdir(parents=True, exist_ok=True)
    lines, diagram, packets = (folder / name for name in ("timeline.txt", "sequence.mmd", "capture.pcapng"))
    lines.write_text("\n".join((*recorded.last_lines(record, None, time=time), "")), encoding="utf-8")
    diagram.write_text(recorded.sequence(record, time=time), encoding="utf-8")
    packets.write_bytes(record.capture())
    return [lines, diagram, packets]
