"""Every row of the fidelity pages that can be tried at the serial line, tried: forms, bounds of values, what may be
empty or left out, defaults, errors. Read from the pages as they are written, not from the tables behind them.

What a row claims has to be what a fresh module does, and what no row claims has to be refused (D30, D36, D60).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from player import IMEI, Bench

from nbtwin.at.refusals import AtRefusal, CommandRefused
from nbtwin.at.session import CommandAnswered
from nbtwin.commands.refusals import CommandRefusal
from nbtwin.module.internet.mqtt import MqttClientRefusal
from nbtwin.module.nvram import encode
from nbtwin.profiles.models import PROFILES

DOCS = Path(__file__).parents[2] / "docs"
every_model = pytest.mark.parametrize("model", PROFILES)
_ROW = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class PageRow:
    page: str
    heading: str
    what: str
    says: str
    models: frozenset[str]


@dataclass
class Claims:
    """What the pages say of one command of one model."""

    forms: dict[str, str] = field(default_factory=dict)
    orders: dict[str, list[str]] = field(default_factory=dict)  # by type, "" without: the names in their order
    values: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # by type and name: what it takes

    def of(self, kind: str) -> list[Value]:
        """The values of a type in their order; a name that stands there twice may have two rows."""
        found: list[Value] = []
        for position, name in enumerate(self.orders[kind]):
            rows, before = self.values[kind, name], self.orders[kind][:position].count(name)
            found.append(Value.of(name, rows[min(before, len(rows) - 1)]))
        return found


def _cell(text: str) -> str:
    return text.strip().replace("\\|", "|").replace("&lt;", "<").replace("\\*", "*")


def rows_of(page: str, everyone: frozenset[str]) -> Iterator[PageRow]:
    heading = ""
    for line in (DOCS / page).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = _cell(line[3:])
        cells = _ROW.split(line)
        if len(cells) != 5 or cells[1].strip() in ("", "---") or set(cells[1]) <= {"-", " "}:
            continue
        what, says, _ = (_cell(cell) for cell in cells[1:4])
        models = everyone
        only = re.fullmatch(r"(.*) \(([^()]*)\)", what)
        if only is not None and set(only[2].split(", ")) <= set(PROFILES):
            what, models = only[1], frozenset(only[2].split(", "))
        yield PageRow(page, heading, what, says, models)


ROWS = [
    *rows_of("fidelity-everyday.md", frozenset(PROFILES)),
    *(
        row
        for letter in "abcde"
        for row in rows_of(
            f"fidelity-doc-{letter}.md",
            frozenset(name for name, profile in PROFILES.items() if f"DOC-{letter.upper()}" in profile.documents),
        )
    ),
]


def claims_of(model: str) -> dict[str, Claims]:
    found: dict[str, Claims] = {}
    for row in ROWS:
        if model not in row.models or not row.heading.startswith("AT"):
            continue
        claims = found.setdefault(row.heading, Claims())
        value = re.fullmatch(r"(?:type (\d+) )?<(.+)>", row.what)
        if row.what.endswith(" form"):
            claims.forms[row.what.removesuffix(" form")] = row.says
        elif re.fullmatch(r"type \d+", row.what):
            claims.orders[row.what.removeprefix("type ")] = re.findall("<(.+?)>", row.says)
        elif value is not None:
            claims.values.setdefault((value[1] or "", value[2]), []).append(row.says)
    for claims in found.values():
        if not claims.orders and "<" in claims.forms["write"]:
            claims.orders[""] = re.findall("<(.+?)>", claims.forms["write"])
    return found


# What a text of a page means: values to try that it claims, and values that it excludes


def _integers(low: str, high: str) -> tuple[list[str], list[str]]:
    beyond = [str(int(high) + 1), "x", "-1", *([str(int(low) - 1)] if int(low) else [])]
    return [low, high], beyond


def _bytes_between(low: str, high: str, letter: str) -> tuple[list[str], list[str]]:
    size = len(letter.encode())
    longest = letter * (int(high) // size) + "x" * (int(high) % size)
    shorter = ['""'] if int(low) else []
    return [f'"{"x" * max(int(low), 1)}"', f'"{longest}"'], [f'"{longest}x"', "x", '"x', *shorter]


def _digits(low: str, high: str) -> tuple[list[str], list[str]]:
    return ["4" * int(low), "4" * int(high)], ["4" * (int(low) - 1), "4" * (int(high) + 1), "x" * int(low)]


def _choices(text: str) -> tuple[list[str], list[str]]:
    return re.split(r", | or ", text), ["77", "x", '"x"']


def _hosts(names: bool, quoted: bool) -> tuple[list[str], list[str]]:
    sign = '"' if quoted else ""
    good = ["117.161.2.7", *(["m.fxlttsbl.com"] if names else [])]
    bad = ["117.161.2.256", "a..b", *([] if names else ["m.fxlttsbl.com"])]
    return [f"{sign}{host}{sign}" for host in good], [
        *(f"{sign}{host}{sign}" for host in bad),
        *(good if quoted else []),
    ]


TEXTS: list[tuple[str, Callable[..., tuple[list[str], list[str]]]]] = [
    (r"(\d+)", lambda n: ([n], [str(int(n) + 1), "x"])),
    (r"an integer (\d+)-(\d+)", _integers),
    (r"one of (.+)", _choices),
    (r"a string in double quotes, (\d+)-(\d+) bytes", lambda low, high: _bytes_between(low, high, "x")),
    (r"UTF-8 text in double quotes, (\d+)-(\d+) bytes", lambda low, high: _bytes_between(low, high, "水")),
    (r"(\d+)-(\d+) digits", _digits),
    (r"(\d+) digits", lambda size: _digits(size, size)),
    (
        r"(\d+)-(\d+) hex digits, even",
        lambda low, high: (["A1", "a1" * (int(high) // 2)], ["A", "G1", "A1" * (int(high) // 2 + 1)]),
    ),
    (r"(\d+) hex digits", lambda n: (["E8" * (int(n) // 2)], ["E8" * int(n), "E" * (int(n) - 1), "G" * int(n)])),
    (r"(\d+) binary digits", lambda n: (["0" * int(n), f'"{"1" * int(n)}"'], ["0" * (int(n) + 1), "2" * int(n)])),
    (r"(\d+) binary digits in double quotes", lambda n: ([f'"{"1" * int(n)}"'], ["1" * int(n), f'"{"2" * int(n)}"'])),
    (r"an IPv4 address", lambda: _hosts(False, False)),
    (r"an IPv4 address in double quotes", lambda: _hosts(False, True)),
    (r"an IPv4 address or a domain name", lambda: _hosts(True, False)),
    (r"an IPv4 address or a domain name in double quotes", lambda: _hosts(True, True)),
    (r"a word without quotes, (\d+)-(\d+) bytes", lambda low, high: (["TRUE", "FALSE"], ['"x"', "x" * 33])),
    (r"the IMEI of 15 digits, or 0", lambda: ([IMEI, "0"], ["00", IMEI[:-1], "863703030822518", "x"])),
    (r"the rest of the line, as it stands", lambda: (["x"], [])),
]
MARKS = re.compile(r"(?P<takes>.+?)(?: \((?P<marks>(?:may be|default|with |as |each )[^()]*)\))?")


@dataclass(frozen=True)
class Value:
    name: str
    good: tuple[str, ...]
    bad: tuple[str, ...]
    blank: bool
    optional: bool
    default: str | None
    only_with: str | None

    @classmethod
    def of(cls, name: str, text: str) -> Value:
        match = MARKS.fullmatch(text)
        assert match is not None, text
        marks = (match["marks"] or "").split(", ")
        default = next((mark.removeprefix("default ") for mark in marks if mark.startswith("default ")), None)
        condition = next((mark for mark in marks if mark.startswith("with ")), None)
        for pattern, made in TEXTS:
            if (takes := re.fullmatch(pattern, match["takes"])) is not None:
                good, bad = made(*takes.groups())
                return cls(name, tuple(good), tuple(bad), "may be empty" in marks, "may be left out" in marks, default,
                           condition)  # fmt: skip
        raise AssertionError(f"nobody has said what {text!r} means")


class Host:
    """A fresh module and what it says to one line."""

    def __init__(self, model: str) -> None:
        self.bench = Bench(model)
        self.bench.happen("attached")
        self.bench.module.session.cmee = 1

    def ask(self, line: str) -> tuple[list[str], CommandRefused | None]:
        module = self.bench.module
        module.events()
        answer = self.bench.say(line)
        why = [event.why for event in module.events() if isinstance(event, CommandAnswered)]
        if answer and answer[-1] == ">":
            self.bench.write(b"\x1b")
        return answer, why[0] if why else None

    @property
    def state(self) -> tuple[bytes, bytes]:
        return encode(self.bench.module.saved), encode(self.bench.module.in_use)


def bad_parameter(model: str) -> str:
    """As the page of its errors says."""
    return next(
        row.says for row in ROWS if row.heading == "Errors" and row.what == "bad parameter" and model in row.models
    )


MALFORMED = [*(refusal for refusal in AtRefusal if refusal is not AtRefusal.ERROR)]
"""What is wrong with the line itself; ERROR is the number of a refusal by state."""
BY_STATE = (CommandRefusal.SOCKET_UNKNOWN, CommandRefusal.CONTEXT_INACTIVE, CommandRefusal.NOT_ATTACHED)
"""Of sockets: a family without codes answers ERROR for these too."""


ELSEWHERE = {
    *MqttClientRefusal, CommandRefusal.MQTT_VALUES, CommandRefusal.MQTT_MESSAGE_ID, CommandRefusal.MQTT_WITHOUT_TLS,
}  # fmt: skip
"""Refused by state or for its neighbours, where a family has one error for all: tests/commands tries those."""


class Trial:
    """One command of one model: what its rows claim, against what the module does. Collects what is wrong."""

    def __init__(self, model: str, heading: str, claims: Claims) -> None:
        self.model, self.heading, self.claims = model, heading, claims
        self.wrong: list[str] = []

    def ask(self, line: str) -> tuple[list[str], CommandRefused | None, Host]:
        host = Host(self.model)
        if '="DEL"' in line:  # something that can be deleted (D49)
            host.ask(line.replace('"DEL"', '"BS"'))
        answer, why = host.ask(line)
        return answer, why, host

    def accepted(self, line: str, because: str) -> Host:
        """Taken as a command line; its state may forbid it (not registered, no key)."""
        answer, why, host = self.ask(line)
        if why is None or why.refusal in BY_STATE or why.refusal in ELSEWHERE:
            return host
        if self.malformed(answer) or why.refusal in MALFORMED:
            self.wrong.append(f"{line}: {because}, but it is {answer[-1]} ({why.refusal})")
        return host

    def refused(self, line: str, because: str) -> None:
        answer, why, _ = self.ask(line)
        if why is None or not self.malformed(answer):
            self.wrong.append(f"{line}: {because}, but it answers {answer}")

    def malformed(self, answer: list[str]) -> bool:
        """The error that the page of the model names for it; of a basic command what follows its number is another
        command, unknown as a rule."""
        code = bad_parameter(self.model)
        basic = not self.heading.startswith("AT+")
        return answer[-1] == ("ERROR" if code == "-" else f"+CME ERROR: {code}") or (
            basic and answer[-1] in ("ERROR", "4\r")
        )

    def run(self) -> list[str]:
        for form, says in self.claims.forms.items():
            self.try_form(form, says)
        write = self.claims.forms.get("write", "")
        if " is " not in write and write:
            self.try_types(write.partition("<")[0])
        return self.wrong

    def try_form(self, form: str, says: str) -> None:
        line, sign, rest = re.fullmatch(r"(.+?)(?: (is|answers) (.*))?", says).groups()  # type: ignore[union-attr]
        if form == "write" and sign is None:
            return  # its values are tried one by one
        answer, why, _ = self.ask(line)
        if sign is None and why is not None and why.refusal in MALFORMED:
            self.wrong.append(f"{line}: claimed, but it is {answer[-1]} ({why.refusal})")
        elif sign == "answers" and [" ".join(answer[:-1]), answer[-1]] != [rest, "OK"]:
            self.wrong.append(f"{line}: {says}, but it answers {answer}")
        elif sign == "is" and rest.startswith("AT"):
            other, _, _ = self.ask(rest)
            if answer != other:
                self.wrong.append(f"{line} answers {answer}, {rest} {other}")
        elif sign == "is":
            said = rest.partition(":")[0].replace("error ", "+CME ERROR: ")
            if answer != [said]:
                self.wrong.append(f"{line}: {says}, but it answers {answer}")

    def is_a_form(self, line: str) -> bool:
        """ATE: what is left of ATE<n> without a value is another form, which has a row of its own."""
        return any(line == says.partition(" ")[0] for says in self.claims.forms.values())

    def try_types(self, prefix: str) -> None:
        if "" not in self.claims.orders:
            for wrong in ("", "77", "x"):
                self.refused(f"{prefix}{wrong}", "no such type is claimed")
        for kind in self.claims.orders:
            self.try_values(prefix + kind, self.claims.of(kind), bool(kind))

    def try_values(self, prefix: str, values: list[Value], typed: bool) -> None:
        def line(texts: list[str]) -> str:
            return prefix + ("," if typed and texts else "") + ",".join(texts)

        names = [value.name for value in values]
        base = together(self, [value.good[0] for value in values], 0, names, None)
        conditional = [value for value in values if value.only_with is not None]
        if not conditional:
            self.refused(line([*base, "0"]), "no more values are claimed")
        self.accepted(line(base), "every value is as claimed")
        for position, value in enumerate(values):
            before, after = base[:position], base[position + 1 :]
            for text in value.good:
                if value.only_with is None and conditional and text != base[position]:
                    self.accepted(line([*before, text]), f"<{value.name}> takes {text}")
                    self.refused(line([*before, text, *after]), f"values come {conditional[0].only_with}")
                else:
                    texts = together(self, [*before, text, *after], position, names, text)
                    assert texts[position] == text
                    self.accepted(line(texts), f"<{value.name}> takes {text}")
            for text in value.bad:
                self.refused(line([*before, text, *after]), f"<{value.name}> does not take {text}")
            empty = line([*before, "", *after])
            if value.blank:
                self.accepted(empty, f"<{value.name}> may be empty")
            elif value.good != ("x",) and not self.is_a_form(empty):
                self.refused(empty, f"<{value.name}> may not be empty")
            if value.optional:
                before = together(self, before, position, names, "")
                host = self.accepted(line(before), f"<{value.name}> may be left out")
                if value.default is not None:
                    _, _, other = self.ask(line([*before, value.default]))
                    if host.state != other.state:
                        self.wrong.append(f"{line(before)}: <{value.name}> is not {value.default} when left out")
            elif (position or not typed) and not self.is_a_form(line(before)):
                self.refused(line(before), f"<{value.name}> may not be left out")


def together(trial: Trial, texts: list[str], position: int, names: list[str], text: str | None) -> list[str]:
    """The values of a line whose value at ``position`` is ``text`` (empty: left out; None: any), where its neighbours
    have to fit. What they ask of each other stands on the page as well: "with <mode> 1 alone", "each once"."""
    if trial.heading == "AT+COPS":
        if text == "":
            return ["0", *texts[1:position]]
        return [text] if position == 0 and text in ("0", "2") else ["1", "2", texts[2] if position == 2 else "46000"]
    if trial.heading in ("AT+QBAND", "AT+NBAND"):
        bands = next(row.says for row in ROWS if row.what == "bands" and trial.model in row.models).split(", ")
        counted = trial.heading == "AT+QBAND"
        if counted and position == 0 and text:
            return [text, *bands[: int(text)]]
        wanted = position - counted if text is not None else len(bands)  # in front of this one
        chosen = [band for band in bands if band != text][:wanted] + ([text] if text else [])
        return [str(len(chosen)), *chosen] if counted else chosen
    if trial.heading == "AT+NCONFIG" and position == 0 and text is not None:
        said = next(row.says for row in ROWS if row.what == "configuration" and trial.model in row.models)
        default = re.search(rf"name {text}, default (\w+)", said)
        assert default is not None, text
        return [text, default[1]]
    if trial.heading == "AT+NSOCR" and text and position < 2:
        stream = text in ("STREAM", "6")
        return ["STREAM" if stream else "DGRAM", "6" if stream else "17", *texts[2:]]
    if text and trial.heading in ("AT+NSOST", "AT+NSOSTF", "AT+NSOSD") and names[position] in ("length", "data"):
        data = "A1" * int(text) if names[position] == "length" else text
        return [*(str(len(data) // 2) if name == "length" else data if name == "data" else value
                  for name, value in zip(names, texts, strict=True))]  # fmt: skip
    if text and names[position] == "length" and trial.heading.startswith("AT+QLASEND"):
        return [texts[0], text, "x" * int(text)]
    return texts


@every_model
def test_every_command_is_what_its_rows_say(model: str) -> None:
    wrong = [fault for heading, claims in claims_of(model).items() for fault in Trial(model, heading, claims).run()]
    assert not wrong, "\n".join(wrong)


# The values of a model that have a line to themselves


def said_of(model: str, heading: str, what: str) -> str:
    return next(row.says for row in ROWS if (row.heading, row.what) == (heading, what) and model in row.models)


def answer_of(model: str, *lines: str) -> list[str]:
    host = Host(model)
    for line in lines[:-1]:
        assert host.ask(line)[1] is None, line
    return host.ask(lines[-1])[0]


def takes(model: str, *lines: str) -> str:
    """As the pages say it."""
    return "yes" if answer_of(model, *lines)[-1] == "OK" else "no"


def cmdmp(model: str) -> str:
    return f"AT{said_of(model, 'CMDMP access', 'name')}"


def in_use(model: str, kind: int, place: int) -> str:
    (line,) = (line for line in answer_of(model, f"{cmdmp(model)}?") if line.partition(": ")[2].startswith(f"{kind},"))
    return line.partition(": ")[2].split(",")[place]


def saved_server(model: str, *lines: str) -> str:
    answer = answer_of(model, *(f"{cmdmp(model)}={line}" for line in lines), f"{cmdmp(model)}=4,1")
    return answer[0].rpartition(": ")[2]


def keeps_server(model: str) -> bool:
    return saved_server(model, SERVER, "1,,,300") == "1,9.8.7.6,5000,300"


def information(*lines: str) -> Callable[[str], str]:
    return lambda model: answer_of(model, *lines)[0]


SERVER = "1,9.8.7.6,5000,4000"
SHEET: dict[tuple[str, str], Callable[[str], str]] = {
    ("CMDMP access", "server may be domain"): lambda model: takes(model, f"{cmdmp(model)}=1,a.example,5000,4000"),
    ("CMDMP access", "plmns"): lambda model: takes(model, f"{cmdmp(model)}=3,46000"),
    ("CMDMP access", "period may be blank"): lambda model: takes(model, f"{cmdmp(model)}=1,9.8.7.6,5000,"),
    ("CMDMP access", "blank keeps"): lambda model: (
        "yes" if takes(model, f"{cmdmp(model)}=1,,,300") == "yes" and keeps_server(model) else "no"
    ),
    ("CMDMP access", "period needs server"): lambda model: (
        "no" if takes(model, f"{cmdmp(model)}=1,,,300") == "yes" else "yes"
    ),
    ("CMDMP access", "unset shows as space"): lambda model: "yes" if saved_server(model) == "1, , , " else "no",
    ("CMDMP access", "default server"): lambda model: in_use(model, 1, 1),
    ("CMDMP access", "default port"): lambda model: in_use(model, 1, 2),
    ("CMDMP access", "default period"): lambda model: in_use(model, 1, 3),
    ("CMDMP access", "default mode"): lambda model: in_use(model, 0, 1),
    ("CMDMP access", "answer prefix"): lambda model: (
        answer_of(model, f"{cmdmp(model)}=0,1", f"{cmdmp(model)}=4,0")[0].removesuffix("0,1") or "(empty)"
    ),
    ("The models", "cmee default"): lambda model: Bench(model).say("AT+CMEE?")[0][-1],
    ("The models", "andlink"): lambda model: takes(model, "AT+QLASTATUS?"),
    ("How the families word them", "manufacturer"): information("AT+CGMI"),
    ("How the families word them", "colon"): lambda model: answer_of(model, "AT+CFUN?")[0][len("+CFUN") : -1],
    ("How the families word them", "restarts with nrb"): lambda model: (
        "yes" if "REBOOTING" in answer_of(model, "AT+NRB") else "no"
    ),
    ("How the families word them", "counts statistics"): lambda model: takes(model, "AT+NUESTATS"),
    ("How the families word them", "functions"): lambda model: ", ".join(
        n for n in "0123456789" if takes(model, f"AT+CFUN={n}") == "yes"
    ),
    ("Errors", "cmee modes"): lambda model: ", ".join(n for n in "0123456789" if takes(model, f"AT+CMEE={n}") == "yes"),
    ("The switch", "on up to"): lambda model: (
        ", ".join(
            version
            for version in said_of(model, "The switch", "on up to").split(", ")
            if Bench(model, firmware=version).say(f"AT{said_of(model, 'The switch', 'name')}?")[0].endswith("1")
        )
        or "none"
    ),
}


@every_model
def test_values_of_a_model_are_what_its_serial_line_shows(model: str) -> None:
    """What has no line of its own (schedules, names of platforms, limits of the lab) is tried elsewhere."""
    wrong, tried = [], 0
    for row in ROWS:
        shown = SHEET.get((row.heading, row.what))
        if shown is None or model not in row.models:
            continue
        tried += 1
        found = shown(model)
        if found.strip() != row.says.strip():
            wrong.append(f"{row.heading}, {row.what}: {row.says!r}, the module has {found!r}")
    assert not wrong, "\n".join(wrong)
    assert tried >= 18
