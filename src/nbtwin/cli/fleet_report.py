"""`nbtwin fleet report`: the parts of a fleet that ran apart, put together. Knows options; a part is known in
`nbtwin.fleet.saved`."""

from __future__ import annotations

from pathlib import Path

import typer

from nbtwin.cli.fleet import AsJson, Html, Prometheus, Require, show_result

Parts = typer.Argument(metavar="PART…", help="Files of `fleet --save`.")


def report(
    parts: list[Path] = Parts,
    require: list[str] = Require,
    html: Path | None = Html,
    as_json: bool = AsJson,
    prometheus: Path | None = Prometheus,
) -> None:
    """One report of the parts of a fleet that ran apart.

    \b
    nbtwin fleet coap://127.0.0.1:5783 --shard 0/2 --save 0.part
    nbtwin fleet coap://127.0.0.1:5783 --shard 1/2 --save 1.part
    nbtwin fleet report 0.part 1.part --html fleet.html

    Exit status: 1 when a requirement does not hold or a part is missing.
    """
    from nbtwin.fleet.saved import together
    from nbtwin.fleet.verdict import Requirement

    show_result(together(parts, tuple(map(Requirement.parse, require))), html, prometheus, as_json)
