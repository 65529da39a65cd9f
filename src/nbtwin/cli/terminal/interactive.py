"""The terminal in front of a person: a line that is edited below, and above it what passes, with `prompt_toolkit`.

Knows keys and the commands that begin with a colon; knows no port. What comes never breaks the line being edited.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.application.current import get_app_or_none
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.styles import Style

from nbtwin.cli.language import chosen
from nbtwin.cli.terminal.commands import NAMES, ColonCommands
from nbtwin.cli.terminal.macros import Macro, macros
from nbtwin.cli.terminal.options import Options
from nbtwin.cli.terminal.phrases import TerminalPhrase
from nbtwin.cli.terminal.session import Order
from nbtwin.cli.terminal.tables import Tables
from nbtwin.cli.terminal.terminal import Terminal
from nbtwin.cli.terminal.view import Stamps, Styled, View
from nbtwin.cli.terminal.wire import Wire
from nbtwin.edge.nvram_file import private
from nbtwin.engine import CodedError
from nbtwin.timeline.catalogue import say
from nbtwin.timeline.catalogue.errors import worded

STYLE = Style.from_dict(
    {
        "stamp": "ansibrightblack",
        "sent": "bold ansicyan",
        "data": "ansicyan",
        "ok": "ansigreen",
        "error": "ansired",
        "urc": "ansiyellow",
        "started": "ansimagenta",
        "note": "ansibrightblack italic",
        "bottom-toolbar": "noreverse",
        "toolbar.wrong": "ansired",
        "toolbar.state": "ansibrightblack",
    }
)
_LONGEST_PASTE = 1_000_000


class _Lines(Completer):
    """From the model's tables, and the terminal's own commands behind a colon."""

    def __init__(self, tables: Tables, names: Iterable[str]) -> None:
        self._tables, self._names = tables, sorted(names)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        line = document.text_before_cursor
        if line.startswith(":"):
            for name in self._names:
                if name.startswith(line):
                    yield Completion(name, -len(line))
            return
        for each in self._tables.completions(line):
            yield Completion(each.insert, -len(line), display=each.text, display_meta=each.says)


class _Kept(FileHistory):
    """A line that begins with a space is not kept, nor one that was the last."""

    def append_string(self, string: str) -> None:
        before = self.get_strings()
        if string.strip() and not string.startswith(" ") and (not before or before[-1] != string):
            super().append_string(string)


def history_file() -> Path:
    base = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_STATE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".local" / "state") / "nbtwin" / "at-history"


def _history() -> History:
    path = history_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "ab", opener=private):
            pass
    except OSError:
        return InMemoryHistory()
    return _Kept(path)


class Interactive:
    """One port, until Ctrl-D."""

    def __init__(self, options: Options, wire: Wire, trouble: CodedError | None = None) -> None:
        """``trouble``: what the search for the speed said."""
        from nbtwin.runtime.spec import find_model

        assert options.port is not None
        self._options = options
        self._trouble = trouble
        self._lines: list[Styled] = []
        self._language = chosen()
        self.macros: dict[str, Macro] = macros()
        self.tables = Tables(self._language, None if options.model is None else find_model(options.model))
        self.view = View(self._show, time.time)
        self.view.stamps, self.view.hex = Stamps(options.stamps), options.hex
        self.terminal = Terminal(options.port, wire, self.view, self.tables)
        self.terminal.follow_tables()
        self.commands = ColonCommands(self.terminal, self.tables, self.view, self.macros)
        self._prompt: PromptSession[str] | None = None
        self._asking: asyncio.Future[None] | None = None

    async def run(self) -> int:
        if self._options.log is not None:
            self.commands.log(str(self._options.log))
        self.terminal.start()
        try:
            self._prompt = self._session()
            with patch_stdout(raw=True):
                self._greet()
                await self._read()
        finally:
            if self._asking is not None:
                self._asking.cancel()
            self.terminal.close()
            self._flush()
        return 0

    def _greet(self) -> None:
        terminal = self.terminal
        terminal.redraw = self._redraw
        terminal.say(TerminalPhrase.OPENED, port=terminal.port, baud=terminal.wire.baud)
        terminal.say(TerminalPhrase.HINT)
        if self._trouble is not None:
            self.view.note(worded(self._trouble, self._language), "error")
        elif self.tables.profile is None:
            self._asking = asyncio.ensure_future(terminal.ask_who())

    async def _read(self) -> None:
        assert self._prompt is not None
        while True:
            try:
                self._take(await self._prompt.prompt_async())
            except KeyboardInterrupt:
                continue
            except EOFError:
                return
            if self.commands.ended:
                return

    def _take(self, text: str) -> None:
        try:
            if self.terminal.session.in_data:
                self.terminal.give(text)
            elif text.startswith(":"):
                self.commands.run(text)
            elif text.strip():
                self.terminal.submit([Order(text.strip())])
        except CodedError as error:
            self.view.note(worded(error, self._language), "error")

    # The screen

    def _show(self, line: Styled) -> None:
        """With all that follow at once: each time the line being edited is drawn anew."""
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._flush)
        self._lines.append(line)

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            text = [pair for line in lines for pair in (*line, ("", "\n"))]
            print_formatted_text(FormattedText(text), style=STYLE, end="", color_depth=_depth())

    def _redraw(self) -> None:
        app = get_app_or_none()
        if app is not None:
            app.invalidate()

    def _session(self) -> PromptSession[str]:
        names = [*NAMES, *(f":macro {name}" for name in self.macros)]
        return PromptSession(
            self._mark,
            erase_when_done=True,
            completer=_Lines(self.tables, names),
            complete_while_typing=True,
            auto_suggest=AutoSuggestFromHistory(),
            history=_history(),
            bottom_toolbar=self._toolbar,
            key_bindings=self._keys(),
            style=STYLE,
            color_depth=_depth(),
        )

    def _mark(self) -> FormattedText:
        if self.terminal.lost.is_set():
            return FormattedText([("class:error", f"{say(TerminalPhrase.GONE, self._language)}> ")])
        return FormattedText([("", "data> " if self.terminal.session.in_data else "> ")])

    def _toolbar(self) -> FormattedText:
        terminal, language = self.terminal, self._language
        model = self.tables.profile.model if self.tables.profile else say(TerminalPhrase.ALL_MODELS, language)
        state = [f"{terminal.port} {terminal.wire.baud}", model]
        if waiting := terminal.session.waiting:
            state.append(say(TerminalPhrase.QUEUED, language, count=waiting, total=terminal.paste_total))
        state += ["hex"] if self.view.hex else []
        state += ["log"] if self.view.logs else []
        state.append("F1 :help")
        app = get_app_or_none()
        line = "" if app is None else app.current_buffer.text
        shown: Styled = []
        if line and not line.startswith(":") and not terminal.session.in_data:
            shown = [("class:toolbar", f"{self.tables.shortly(line)}\n")]
        return FormattedText([*shown, ("class:toolbar.state", " | ".join(state))])

    # Keys

    def _keys(self) -> KeyBindings:
        keys = KeyBindings()

        @keys.add(Keys.BracketedPaste, eager=True)
        def _(event: KeyPressEvent) -> None:
            self._paste(event)

        @keys.add("c-c", eager=True)
        def _(event: KeyPressEvent) -> None:
            session = self.terminal.session
            if session.busy or session.waiting or self.terminal.script is not None:
                self.terminal.stop()
            else:
                event.current_buffer.reset()

        @keys.add("f1")
        def _(event: KeyPressEvent) -> None:
            self.commands.run(":help")

        @keys.add("f2")
        def _(event: KeyPressEvent) -> None:
            for text in self.tables.explained(event.current_buffer.text):
                self.view.note(text)

        @keys.add("f3")
        def _(event: KeyPressEvent) -> None:
            order = list(Stamps)
            self.view.stamps = order[(order.index(self.view.stamps) + 1) % len(order)]

        @keys.add("f4")
        def _(event: KeyPressEvent) -> None:
            self.view.hex = not self.view.hex

        for macro in self.macros.values():
            if macro.key is not None:
                self._bind(keys, macro.key, macro.name)
        return keys

    def _bind(self, keys: KeyBindings, key: str, name: str) -> None:
        @keys.add(key)
        def _(event: KeyPressEvent) -> None:
            self._take(f":macro {name}")

    def _paste(self, event: KeyPressEvent) -> None:
        """Whole lines go to the module, one by one; the rest of the last one is there to be edited."""
        data = event.data[:_LONGEST_PASTE].replace("\r\n", "\n").replace("\r", "\n")
        buffer = event.current_buffer
        if "\n" not in data:
            buffer.insert_text(data)
            return
        document = buffer.document
        *lines, rest = f"{document.text_before_cursor}{data}{document.text_after_cursor}".split("\n")
        buffer.set_document(Document(rest), bypass_readonly=True)
        self.terminal.paste([Order(line.strip()) for line in lines if line.strip() and not line.startswith("#")])


def _depth() -> ColorDepth | None:
    return ColorDepth.DEPTH_1_BIT if os.environ.get("NO_COLOR") else None
