"""`nbtwin completion SHELL`: the script by which a shell completes our lines, and what it is told when it asks.

The scripts know their shells, and hand over the line up to the cursor; everything else is found here, from the commands
and options themselves. Prints alone: what a shell reads at its start is its user's affair.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import WrongUsage

BASH = r"""# nbtwin's completion for bash: eval "$(nbtwin completion bash)"
_nbtwin() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("$line")
        case $line in *[=,:/]) compopt -o nospace ;; esac
    done < <(NBTWIN_COMPLETE=bash "$1" complete "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -o default -o nosort -F _nbtwin nbtwin
"""
ZSH = r"""#compdef nbtwin
# nbtwin's completion for zsh: eval "$(nbtwin completion zsh)", behind compinit
_nbtwin() {
    local line value
    local -a whole open shown begun
    while IFS= read -r line; do
        value=${line%%$'\t'*}
        if [[ $value == *[=,:/] ]]; then
            open+=("$value"); begun+=("${line/$'\t'/  -- }")
        else
            whole+=("$value"); shown+=("${line/$'\t'/  -- }")
        fi
    done < <(NBTWIN_COMPLETE=zsh "${words[1]}" complete "${(j: :)words[1,CURRENT-1]} $PREFIX" 2>/dev/null)
    (( $#whole + $#open )) || { _files; return }
    (( $#open )) && compadd -l -S '' -d begun -a open
    (( $#whole )) && compadd -l -d shown -a whole
}
if [[ $funcstack[1] == _nbtwin ]]; then _nbtwin "$@"; else compdef _nbtwin nbtwin; fi
"""
FISH = r"""# nbtwin's completion for fish: nbtwin completion fish | source
function __nbtwin
    set -l words (commandline -cpo)
    set -l found (NBTWIN_COMPLETE=fish $words[1] complete (commandline -cp) 2>/dev/null)
    if set -q found[1]
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c nbtwin -f -a '(__nbtwin)'
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
ASKS = "NBTWIN_COMPLETE"
"""By which a shell says who it is."""
_BASH_BREAKS = "=:"
"""Where bash begins a new word (COMP_WORDBREAKS)."""


@dataclass(frozen=True)
class Candidate:
    """What the word under the cursor may become, and what it is."""

    value: str
    meaning: str = ""


def completion(shell: str = typer.Argument(metavar="bash|zsh|fish", help="Whose script.")) -> None:
    """The script by which a shell completes commands, options and their values.

    \b
    eval "$(nbtwin completion bash)"                                     now, or in ~/.bashrc
    eval "$(nbtwin completion zsh)"                                      now, or in ~/.zshrc behind compinit
    nbtwin completion fish > ~/.config/fish/completions/nbtwin.fish      for every fish

    Prints it, and writes no file.
    """
    if shell not in SCRIPTS:
        raise WrongUsage(CliRefusal.NONE_OF, "completion", value=shell, known=list(SCRIPTS))
    print(SCRIPTS[shell], end="")


def complete(
    context: typer.Context, line: str = typer.Argument(metavar="LINE", help="The line up to the cursor.")
) -> None:
    """What may stand at the end of a line, one a line; the scripts of `nbtwin completion` ask it."""
    shell = os.environ.get(ASKS, "")
    words, word = split(line)
    for found in candidates(context.find_root().command, words[1:], word):
        value, meaning = found.value, f"\t{found.meaning}" if found.meaning else ""
        if shell == "bash":
            print(value[_given(word) :])
        else:
            print(f"{value}{meaning}")


def _given(word: str) -> int:
    """How much of the word bash takes for words of their own."""
    return max(word.rfind(mark) for mark in _BASH_BREAKS) + 1


def split(line: str) -> tuple[list[str], str]:
    """The whole words, and the one that is being written; quotes that are still open count as closed."""
    for end in ("", '"', "'"):
        try:
            words = shlex.split(line + end)
        except ValueError:
            continue
        return (words, "") if line[-1:].isspace() and not end else (words[:-1], words[-1] if words else "")
    return line.split(), ""


def candidates(root: Any, words: Sequence[str], word: str) -> list[Candidate]:
    """``words``: what stands between `nbtwin` and the word, whole."""
    place = _Place(root)
    for each in words:
        place.take(each)
    return [found for found in place.possible(word) if found.value.startswith(word)]


class _Place:
    """How far a line has come: which command, which of its arguments, which option waits for its value."""

    def __init__(self, root: Any) -> None:
        self.root = self.command = root
        self.path: tuple[str, ...] = ()
        self.waiting: Any = None
        self.given: dict[str, str] = {}
        self.arguments = 0
        self.only_arguments = False

    def take(self, word: str) -> None:
        if self.waiting is not None:
            self.given[self.waiting.name], self.waiting = word, None
        elif word == "--":
            self.only_arguments = True
        elif word.startswith("-") and not self.only_arguments:
            name, equals, value = word.partition("=")
            option = self._option(name)
            if option is not None and equals:
                self.given[option.name] = value
            elif option is not None and not option.is_flag:
                self.waiting = option
        elif (below := self._below(word)) is not None:
            self.command, self.path, self.arguments = below, (*self.path, word), 0
        else:
            self.arguments += 1

    def _below(self, word: str) -> Any:
        two = None if self.arguments else self.root.commands.get(" ".join((*self.path, word)))
        return getattr(self.command, "commands", {}).get(word) or two

    def possible(self, word: str) -> Iterable[Candidate]:
        if self.waiting is not None:
            return self._values(self.waiting, word)
        if word.startswith("-") and not self.only_arguments:
            name, equals, value = word.partition("=")
            option = self._option(name)
            if not equals:
                return self._options()
            return [Candidate(f"{name}={found.value}") for found in self._values(option, value)] if option else ()
        if commands := getattr(self.command, "commands", {}):
            return [
                Candidate(name, _meaning(below))
                for name, below in commands.items()
                if not getattr(below, "hidden", 0) and " " not in name
            ]
        begun = " ".join((*self.path, ""))
        second = [name.removeprefix(begun) for name in self.root.commands if self.path and name.startswith(begun)]
        if second and not self.arguments:
            return [Candidate(name, _meaning(self.root.commands[begun + name])) for name in second]
        arguments = [one for one in self.command.params if one.param_type_name == "argument"]
        if self.arguments < len(arguments):
            return self._values(arguments[self.arguments], word)
        return self._values(arguments[-1], word) if arguments and arguments[-1].nargs == -1 else ()

    def _option(self, name: str) -> Any:
        known = [one for one in self.command.params if name in (*one.opts, *one.secondary_opts)]
        return known[0] if known else None

    def _options(self) -> Iterator[Candidate]:
        for one in self.command.params:
            if one.param_type_name == "option" and not getattr(one, "hidden", False):
                for text in (*one.opts, *one.secondary_opts):
                    yield Candidate(text, _first_sentence(one.help or ""))
        yield from (Candidate("--help"), Candidate("-h"))

    def _values(self, parameter: Any, word: str) -> Iterable[Candidate]:
        from nbtwin.cli.completion_values import values_of

        state = Path(self.given.get("state", ".nbtwin"))
        return [Candidate(value) for value in values_of(parameter.metavar or "", self.path, word, state)]


def _meaning(command: Any) -> str:
    return _first_sentence(command.help or "")


def _first_sentence(text: str) -> str:
    line = " ".join(text.split("\n\n")[0].split())
    return line.split(". ")[0].split("。")[0].rstrip(".:：")
