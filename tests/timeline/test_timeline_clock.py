"""Times and spans as people write them."""

from collections.abc import Iterator
from datetime import UTC, timedelta, timezone

import pytest

from nbtwin.engine import DAY, HOUR
from nbtwin.timeline.clock import format_simulated, format_span, format_wall, show_in
from nbtwin.timeline.span import parse_span


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0, "00:00:00.000"),
        (0.0004, "00:00:00.000"),
        (59.9996, "00:01:00.000"),
        (62, "00:01:02.000"),
        (3 * DAY + 4 * HOUR, "3d 04:00:00.000"),
        (30 * DAY - 0.001, "29d 23:59:59.999"),
        (-1.5, "-00:00:01.500"),
    ],
)
def test_simulated_time_counts_from_the_start(at: float, text: str) -> None:
    assert format_simulated(at) == text


def test_live_time_is_the_wall_clocks() -> None:
    assert format_wall(0, UTC) == "1970-01-01 00:00:00.000Z"
    assert format_wall(1767225600.25, timezone(timedelta(hours=8))) == "2026-01-01 08:00:00.250+08:00"
    assert format_wall(1767225600.25, UTC, millis=False) == "2026-01-01 00:00:00Z"


@pytest.fixture
def shown() -> Iterator[None]:
    yield
    show_in("UTC")


@pytest.mark.parametrize(
    ("zone", "winter", "summer"),
    [
        ("+08:00", "2026-01-01 08:00:00+08:00", "2026-07-01 08:00:00+08:00"),
        ("-03:30", "2025-12-31 20:30:00-03:30", "2026-06-30 20:30:00-03:30"),
        ("Europe/Berlin", "2026-01-01 01:00:00+01:00", "2026-07-01 02:00:00+02:00"),
        ("UTC", "2026-01-01 00:00:00Z", "2026-07-01 00:00:00Z"),
    ],
)
def test_live_time_is_shown_in_the_zone_that_was_chosen_and_names_it(
    zone: str, winter: str, summer: str, shown: None
) -> None:
    """D196."""
    show_in(zone)
    assert format_wall(1767225600, millis=False) == winter
    assert format_wall(1782864000, millis=False) == summer
    assert format_wall(1767225600.25) == winter[:19] + ".250" + winter[19:]


@pytest.mark.parametrize("zone", ["Beijing", "+15:00", "8", "", "../etc", "Asia"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        show_in(zone)
    assert format_wall(0, millis=False) == "1970-01-01 00:00:00Z"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (0, "0s"),
        (0.25, "250ms"),
        (0.9999, "1s"),
        (2, "2s"),
        (1.5, "1.5s"),
        (90, "1min 30s"),
        (3600, "1h"),
        (86400, "1d"),
        (100800, "1d 4h"),
        (100801, "1d 4h"),
        (-2, "-2s"),
    ],
)
def test_spans_are_written_in_their_two_largest_units(span: float, text: str) -> None:
    assert format_span(span) == text


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90", 90),
        ("1.5h", 5400),
        ("1d 4h", 100800),
        ("1d4h", 100800),
        ("30min", 1800),
        ("5m", 300),
        ("250ms", 0.25),
        ("0", 0),
        (" 24h ", 86400),
    ],
)
def test_spans_are_read(text: str, span: float) -> None:
    assert parse_span(text) == span


@pytest.mark.parametrize("text", ["", " ", "h", "-1", "1x", "1 2", "1h2", "nan", "1e3", "١", "24 hours", "9" * 400])
def test_what_is_no_span_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="is not a span such as 90, 30min, 24h or 1d4h"):
        parse_span(text)
