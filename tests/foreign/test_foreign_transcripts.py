"""Public drivers against the models that they were written for: start-up and data path, as each waits for them."""

import pytest
from foreign_transcripts import Host, Transcript, transcripts

ALL = transcripts()


@pytest.mark.parametrize(
    ("transcript", "model"),
    [pytest.param(one, model, id=f"{one.name}-{model}") for one in ALL for model in one.models],
)
def test_a_public_driver_reaches_the_end_of_its_data_path(transcript: Transcript, model: str) -> None:
    failed = Host(model).play(transcript)
    if transcript.stops:
        assert len(failed) == 1
        assert transcript.steps[-1]["send"] in failed[0]
    else:
        assert failed == []


def test_there_are_drivers_of_every_family_with_their_licence_and_version() -> None:
    complete = [one for one in ALL if not one.stops]
    assert len(complete) >= 12
    assert {model for one in complete for model in one.models} >= {
        "BC95 R2.0", "BC35-G", "BC28", "BC26", "BC20", "BC260Y-CN", "BC25", "BC32",
    }  # fmt: skip
    assert all(one.licence and one.version and one.repository for one in ALL)
