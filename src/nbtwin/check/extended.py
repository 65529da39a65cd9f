"""AT+QDMPCFGEX and the self-registration switches: saved, shown, erased, kept (DOC-B 2.3, DOC-C 3.2, DOC-D 3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nbtwin.check.persistence import Kept, kept_scenes
from nbtwin.check.phrases import CasePhrase
from nbtwin.check.steps import Need, Scene, Script, answers
from nbtwin.check.verdicts import Case
from nbtwin.module.profile import Profile
from nbtwin.module.switches import default_of
from nbtwin.selfreg.schedule import Operator

WRITES = frozenset({Need.WRITES})
EX = "AT+QDMPCFGEX"
NOTHING = "NULL"


def extended_scenes(p: Profile) -> Iterator[Scene]:
    if p.extended is None:
        return
    for kind, values in p.extended.values.items():
        yield _longest(p, kind, values)
        yield _erased(p, kind, values)
    yield from kept_scenes(lambda variant: _kept(p, variant))


def _longest(p: Profile, kind: int, values: tuple[tuple[str, int], ...]) -> Scene:
    """All values at their greatest lengths, as bytes, and one as UTF-8 (D123)."""
    plain = [chr(ord("a") + place) * longest for place, (_, longest) in enumerate(values)]
    water = ["水" * (longest // 3) for _, longest in values]
    known = f"{p.known_by('extended.values')}"
    found = []
    for name, texts in (("longest", plain), ("utf-8", water)):
        line = f"{EX}={kind},0," + ",".join(f'"{text}"' for text in texts)
        case = Case(f"takes/+QDMPCFGEX/{kind}/{name}", CasePhrase.TAKES, known, {"line": line})
        found.append((case, f"+QDMPCFGEX: {kind},{','.join(texts)}"))

    def play() -> Script:
        for case, shown in found:
            answer = yield from answers(case, case.fields["line"], ())
            if answer.ok:
                yield from answers(case, f"{EX}={kind},1", (shown,))

    return Scene(tuple(case for case, _ in found), play, WRITES)


def _erased(p: Profile, kind: int, values: tuple[tuple[str, int], ...]) -> Scene:
    shown = f"+QDMPCFGEX: {kind},{','.join([NOTHING] * len(values))}"
    line = f"{EX}={kind},2"
    case = Case(f"erases/+QDMPCFGEX/{kind}", CasePhrase.SHOWS, f"{p.known_by('extended')}, D3",
                {"line": line, "expected": shown})  # fmt: skip

    def play() -> Script:
        answer = yield from answers(case, line, ())
        if answer.ok:
            yield from answers(case, f"{EX}={kind},1", (shown,))

    return Scene((case,), play, WRITES)


def _kept(p: Profile, variant: int) -> Sequence[Kept]:
    assert p.extended is not None
    found = []
    for kind, values in p.extended.values.items():
        texts = [f"{variant}{name}"[: min(longest, 7)] for name, longest in values]
        write = f"{EX}={kind},0," + ",".join(f'"{text}"' for text in texts)
        shown = (f"{EX}={kind},1", (f"+QDMPCFGEX: {kind},{','.join(texts)}",))
        found.append(Kept(f"extended-{kind}", (write,), p.known_by("extended"), shown))
    return found


def switch_scenes(p: Profile) -> Iterator[Scene]:
    """Saved and shown at once, by the firmware until it is written (D29, D40)."""
    d = p.switch
    if d is None:
        return
    read = f"AT{d.name}?"
    for mode in (0, 1):
        write, shown = f"AT{d.name}={mode}", f"{d.name}: {mode}"
        case = Case(f"takes/{d.name}/{mode}", CasePhrase.TAKES, p.known_by("switch"), {"line": write})

        def play(case: Case = case, write: str = write, shown: str = shown) -> Script:
            answer = yield from answers(case, write, ())
            if answer.ok:
                yield from answers(case, read, (shown,))

        yield Scene((case,), play, WRITES)
    yield from kept_scenes(
        lambda variant: [Kept(d.name, (f"AT{d.name}={variant}",), f"{p.known_by('switch')}, D33",
                              (read, (f"{d.name}: {variant}",)), group="mode")]
    )  # fmt: skip
    for firmware in dict.fromkeys((p.firmware, *d.on_up_to)):
        value = default_of(d, firmware) if Operator.MOBILE in d.operators else 0
        shown = f"{d.name}: {value}"
        default = Case(f"defaults/{d.name}/{firmware}", CasePhrase.DEFAULT, p.known_by("switch.on_up_to"),
                       {"line": read, "expected": shown})  # fmt: skip

        def ask(default: Case = default, shown: str = shown) -> Script:
            yield from answers(default, read, (shown,))

        yield Scene((default,), ask, frozenset({Need.FACTORY}), fresh=True, firmware=firmware)
