"""`python -m benchmarks.generator`: the generator by hand, at any server on loopback."""

from __future__ import annotations

import argparse
import json
import sys

from benchmarks.generator import Generator, NoGenerator, serving
from benchmarks.traffic import TRAFFIC


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generator")
    parser.add_argument("--port", type=int, required=True, help="of the server; 0: the C echo")
    parser.add_argument("--pid", type=int, help="of the server, for its CPU time")
    parser.add_argument("--traffic", choices=TRAFFIC, default="lwm2m")
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--sockets", type=int, default=64)
    parser.add_argument("phases", nargs="+", help="as generator.c says: 'what=register closed=64 seconds=5'")
    asked = parser.parse_args()
    traffic = TRAFFIC[asked.traffic](asked.devices)
    if asked.port:
        with Generator(asked.port, traffic, pid=asked.pid, sockets=asked.sockets) as generator:
            _run(generator, asked.phases)
    else:
        with (
            serving() as (port, pid),
            Generator(port, traffic, pid=pid, sockets=asked.sockets, echoed=True) as generator,
        ):
            _run(generator, asked.phases)


def _run(generator: Generator, phases: list[str]) -> None:
    for phase in phases:
        print(json.dumps({"phase": phase, **generator.run(phase)}), flush=True)


try:
    main()
except NoGenerator as why:
    sys.exit(str(why))
