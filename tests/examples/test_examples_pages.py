"""The pages "Your firmware's first test" are followed from an empty folder, file by file and command by command."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from examples_fresh import Fresh

DOCS = Path(__file__).parents[2] / "docs"
_PIECE = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_NAME = re.compile(r"`([\w./-]+\.\w+)`")
TOOLS = {"c": ("cc", "curl"), "python": ()}


def pieces(page: str) -> list[tuple[str, str, str]]:
    """Of each: its language, its text, and of a file the name that the paragraph before it gives."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = []
    for match in _PIECE.finditer(text):
        before = text[: match.start()].rstrip().rpartition("\n\n")[2]
        name = _NAME.search(before)
        found.append((match[1], match[2], name[1] if name and match[1] != "console" else ""))
    return found


def follow(page: str, fresh: Fresh) -> None:
    """The files are written and the commands are run, in the order of the page."""
    first, *rest = pieces(page)
    assert first[0] == "console"
    assert "pip install" in first[1]  # which is what Fresh has done
    for language, text, name in rest:
        if language != "console":
            assert name, f"{page}: a file without a name:\n{text}"
            (fresh.folder / name).write_text(text, encoding="utf-8")
            continue
        run_console(text, fresh)


def run_console(text: str, fresh: Fresh) -> None:
    """Each line behind `$` is run. What stands below has to come, in this order; `…` is anything, `[1]` the status."""
    for order in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *expected = order.splitlines()
        status = int(expected.pop()[1:-1]) if expected and re.fullmatch(r"\[\d+\]", expected[-1]) else 0
        done = fresh.run(command)
        said = done.stdout + done.stderr
        assert done.returncode == status, f"{command}\n{said}"
        pattern = ".*".join("^" + re.escape(line).replace("…", ".*") + "$" for line in expected)
        assert re.search(pattern, said, re.DOTALL | re.MULTILINE), f"{command}\n{said}\nnot:\n{expected}"


@pytest.mark.parametrize("subject", TOOLS)
def test_a_reader_comes_from_an_empty_folder_to_a_green_test_a_red_one_and_its_files(
    subject: str, tmp_path: Path
) -> None:
    if missing := [tool for tool in TOOLS[subject] if shutil.which(tool) is None]:
        pytest.skip(f"no {', '.join(missing)} here")
    follow(f"first-test-{subject}.md", Fresh(tmp_path))


def test_the_application_for_zephyr_runs_over_a_stand_in_for_its_uart(tmp_path: Path) -> None:
    """As far as this goes without Zephyr's sources, which is what the page says of itself."""
    if shutil.which("cc") is None:
        pytest.skip("no cc here")
    fresh, stand_in = Fresh(tmp_path), Path(__file__).parent / "zephyr_stand_in"
    first, *rest = pieces("first-test-zephyr.md")
    assert "pip install" in first[1]
    for language, text, name in rest:
        if name:
            (fresh.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (fresh.folder / name).write_text(text, encoding="utf-8")
        elif language == "console":
            strict = "-std=gnu11 -Wall -Wextra -Werror -DCONFIG_ARCH_POSIX"
            built = fresh.run(
                f"mkdir -p build/zephyr && cc {strict} -I{stand_in} -Dmain=zephyr_main -c -o app.o src/main.c &&"
                f" cc {strict} -I{stand_in} -o build/zephyr/zephyr.exe app.o {stand_in}/stand_in.c"
            )
            assert built.returncode == 0, built.stderr
            run_console(text, fresh)
    assert {path.name for path in fresh.folder.iterdir()} >= {
        "CMakeLists.txt",
        "boards",
        "prj.conf",
        "run.sh",
        "qemu.sh",
    }


@pytest.mark.parametrize("subject", [*TOOLS, "zephyr"])
def test_both_languages_have_the_same_pieces(subject: str) -> None:
    assert pieces(f"first-test-{subject}.md") == pieces(f"first-test-{subject}.zh-CN.md")
