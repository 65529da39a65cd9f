"""Every example of the five documents, on every model its document names, in three chunkings."""

from __future__ import annotations

import difflib

import pytest
from player import HERE, Bench, Step, Transcript, knows

from nbtwin.selfreg.schedule import Operator

TRANSCRIPTS = [Transcript.load(path) for path in sorted(HERE.rglob("*.at"))]
CASES = [
    pytest.param(t, model, id=f"{t.path.parent.name}/{t.path.stem}-{model}") for t in TRANSCRIPTS for model in t.models
]


def bench_of(transcript: Transcript, model: str) -> Bench:
    head = transcript.head
    usim = head.get("usim", "mobile")
    return Bench(
        model,
        imei=head.get("imei", "863703030822519"),
        firmware=head.get("firmware"),
        usim=None if usim == "none" else Operator(usim),
    )


def perform(bench: Bench, step: Step, chunk: int | None) -> bytes:
    return bench.happen(step.given) if step.sign == "!" else bench.write(step.written, chunk)


@pytest.mark.parametrize("chunk", [None, 1], ids=["by line", "byte by byte"])
@pytest.mark.parametrize(("transcript", "model"), CASES)
def test_the_documents_own_example(transcript: Transcript, model: str, chunk: int | None) -> None:
    bench = bench_of(transcript, model)
    expected, actual = [], []
    for step in transcript.steps:
        given = f"{step.number}: {step.sign} {step.given}"
        expected += [given, repr(step.expected)]
        actual += [given, repr(perform(bench, step, chunk))]
    assert actual == expected, "\n" + "\n".join(difflib.ndiff(expected, actual))


@pytest.mark.parametrize(("transcript", "model"), CASES)
def test_the_same_all_at_once(transcript: Transcript, model: str) -> None:
    """What stands between two events is written in one piece."""
    bench = bench_of(transcript, model)
    written, expected = b"", b""
    for step in transcript.steps:
        if step.sign == "!":
            assert bench.write(written) == expected, f"before line {step.number}"
            assert bench.happen(step.given) == step.expected
            written, expected = b"", b""
        else:
            written, expected = written + step.written, expected + step.expected
    assert bench.write(written) == expected


def test_the_bench_can_make_every_event_happen() -> None:
    assert [step.given for t in TRANSCRIPTS for step in t.steps if step.sign == "!" and not knows(step.given)] == []


def test_each_document_has_its_transcripts() -> None:
    documents = {t.path.parent.name for t in TRANSCRIPTS}
    assert documents >= {"doc_a", "doc_b", "doc_c", "doc_d", "doc_e"}


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda t: f"{t.path.parent.name}/{t.path.stem}")
def test_a_transcript_names_its_chapter_and_its_models(transcript: Transcript) -> None:
    first = transcript.path.read_text().splitlines()[0]
    assert first.startswith("# DOC-"), "the first line is not a comment that names document and chapter"
    assert transcript.models
    assert all(step.answers for step in transcript.steps if step.sign == ">")
