"""How something is known: the five kinds, their notes, and what is none of them."""

from __future__ import annotations

import pytest

from nbtwin.at.known import Basis, Source, plain, sources


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DOC-C 3.2.2", [Source(Basis.DOCUMENT, "DOC-C 3.2.2")]),
        ("DOC-B 2.1 note 2", [Source(Basis.DOCUMENT, "DOC-B 2.1 note 2")]),
        ("DOC-D 1.1 table 1, D40", [Source(Basis.DOCUMENT, "DOC-D 1.1 table 1"), Source(Basis.DECISION, "D40")]),
        ("27.007 10.1.22", [Source(Basis.STANDARD, "27.007 10.1.22")]),
        ("RFC 7252 5.3.1, LwM2M 1.0", [Source(Basis.STANDARD, "RFC 7252 5.3.1"), Source(Basis.STANDARD, "LwM2M 1.0")]),
        ("observed", [Source(Basis.OBSERVED, "")]),
        (
            "Quectel BC26 AT Commands Manual",
            [Source(Basis.OBSERVED, "", "Quectel BC26 AT Commands Manual", "Quectel BC26 AT Commands Manual")],
        ),
        ("assumed (DOC-A, DOC-D)", [Source(Basis.ASSUMED, "", "DOC-A, DOC-D")]),
    ],
)
def test_a_text_has_parts(text: str, expected: list[Source]) -> None:
    assert list(sources(text)) == expected


@pytest.mark.parametrize("text", ["", " ", "2.1", "DOC-F 1", "DOC-A", "D", "guessed", "D1,D2", "D1, ", "assumed ()"])
def test_what_is_no_source_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="says neither"):
        sources(text)


def test_in_words() -> None:
    assert plain("DOC-A 2.1, D38, assumed (255 bytes)") == "document DOC-A 2.1, decision D38, assumed (255 bytes)"
