"""What is kept of a lab whose test failed: timeline, sequence diagram, capture. Knows files; knows no test runner."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbtwin.api.lab import Lab


def keep(lab: Lab, folder: Path) -> list[Path]:
    """The files, written anew: ``timeline.txt``, ``sequence.mmd`` (Mermaid), ``capture.pcapng`` (Wireshark)."""
    folder.mkdir(parents=True, exist_ok=True)
    timeline, sequence, capture = (folder / name for name in ("timeline.txt", "sequence.mmd", "capture.pcapng"))
    timeline.write_text("\n".join(lab.tail(len(lab.timeline.entries()))) + "\n", encoding="utf-8")
    sequence.write_text(lab.sequence(), encoding="utf-8")
    lab.save_pcap(capture)
    return [timeline, sequence, capture]
