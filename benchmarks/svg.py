"""A chart of lines over logarithmic axes as SVG, for docs/images, in the colours of the report."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nbtwin.api.report.svg import line, path, rect, svg, text, width_of

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 860.0, 360.0, 62.0, 44.0, 40.0
_COLOURS = ("up", "down", "bad", "at", "said", "warm")
_STYLE = "<style>.nb-svg .s-warm { stroke: var(--warm) } .nb-svg .dotted { stroke-dasharray: 2 3 }</style>"
_Scale: TypeAlias = Callable[[float], float]
_DASHES = ("", " dashed", " dotted")


@dataclass(frozen=True)
class Chart:
    """Lines of points, each with its name at its end. A colour a server (what is before the comma of a line's name), a
    dash for what of it. The axis of y is logarithmic."""

    title: str
    lines: Mapping[str, Sequence[tuple[float, float]]]
    x: str
    y: str
    logarithmic_x: bool = True
    first: str = "nbtwin"  # whose colour is the same in all charts

    def svg(self) -> str:
        points = [point for line_ in self.lines.values() for point in line_ if point[1] > 0]
        if not points:
            return svg(_WIDTH, _HEIGHT, [text(_LEFT, 20, self.title, "strong")], self.title, alone=True)
        right = _WIDTH - 24 - max(map(width_of, self.lines))
        xs, ys = sorted({x for x, _ in points}), [y for _, y in points]
        low, high = 10 ** math.floor(math.log10(min(ys))), 10 ** math.ceil(math.log10(max(ys)) + 1e-9)
        body = [_STYLE, text(_LEFT - 40, 20, self.title, "strong")]

        def at_x(x: float) -> float:
            scale = math.log10 if self.logarithmic_x else float
            span = scale(xs[-1]) - scale(xs[0]) or 1.0
            return _LEFT + (right - _LEFT) * (scale(x) - scale(xs[0])) / span

        def at_y(y: float) -> float:
            return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * math.log10(y / low) / math.log10(high / low)

        decade = low
        while decade <= high * 1.001:
            for part in (1, 2, 5):
                if decade * part <= high * 1.001:
                    y = at_y(decade * part)
                    body += [line(_LEFT, y, right, y, "axis" if part == 1 else "rule")]
                    body += [text(_LEFT - 8, y + 4, _number(decade * part), "soft end")]
            decade *= 10
        for x in xs:
            body += [line(at_x(x), _TOP, at_x(x), _HEIGHT - _BOTTOM, "rule")]
            body += [text(at_x(x), _HEIGHT - _BOTTOM + 16, _number(x), "soft middle")]
        body += [text(right, _HEIGHT - 8, self.x, "soft end"), text(_LEFT - 8, _TOP - 10, self.y, "soft end")]
        return svg(_WIDTH, _HEIGHT, body + self._drawn(at_x, at_y, right), self.title, alone=True)

    def _drawn(self, at_x: _Scale, at_y: _Scale, right: float) -> list[str]:
        body, kinds = list[str](), dict[str, list[str]]()
        servers = sorted({name.partition(", ")[0] for name in self.lines}, key=lambda name: (name != self.first, name))
        names: list[tuple[float, str, str]] = []
        for name, points in self.lines.items():
            server, _, kind = name.partition(", ")
            of_server = kinds.setdefault(server, [])
            of_server += [] if kind in of_server else [kind]
            colour = _COLOURS[servers.index(server) % len(_COLOURS)]
            dash = _DASHES[of_server.index(kind) % len(_DASHES)]
            known = [point for point in points if point[1] > 0]
            drawn = [(at_x(x), at_y(y)) for x, y in known]
            if not drawn:
                continue
            way = " L".join(f"{x:.1f} {y:.1f}" for x, y in drawn)
            body.append(path(f"M{way}", f"arrow s-{colour}{dash}"))
            for (x, y), (of_x, of_y) in zip(drawn, known, strict=True):
                told = f"{name}: {_number(of_x)} {self.x}, {_number(of_y)} {self.y}"
                body.append(rect(x - 2.5, y - 2.5, 5, 5, f"f-{colour}", told))
            names.append((drawn[-1][1], name, colour))
        last = -math.inf
        for y, name, colour in sorted(names):
            last = max(y + 4, last + 13)
            body.append(text(right + 8, last, name, f"f-{colour}"))
        return body


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:g}" if value >= 1 else f"{value:.3g}"
