"""Every route of a real lab that asks for tokens: none is open by mistake; and no secret is shown to a viewer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from running import Running

from nbtwin.at.command import ByType, Command, Row
from nbtwin.at.session import CommandAnswered
from nbtwin.operators.store.store import Store
from nbtwin.profiles.models import PROFILES
from nbtwin.timeline.plain import fields_of
from nbtwin.web.access import tokens
from nbtwin.web.access.roles import GRANTED, READING, Role
from nbtwin.web.secrets_masked import masked_fields, masked_line

OPEN = {"/api/v1/health", "/api/v1/ready", "/api/v1/access"}
PASSWORD, KEY = "s3cret-password-0001", "00112233445566778899AABBCCDDEEFF"


class Tokens:
    def __init__(self, base: str, tokens: dict[Role, str]) -> None:
        self.tokens = tokens
        self.client = httpx.Client(base_url=base, timeout=30)
        self.routes = [
            (method.upper(), re.sub(r"\{[^}]*\}", "x", path))
            for path, methods in self.ask("GET", "/api/v1/openapi.json", Role.ADMIN).json()["paths"].items()
            for method in methods
        ]

    def ask(self, method: str, path: str, role: Role | None, **more: Any) -> httpx.Response:
        headers = {} if role is None else {"Authorization": f"Bearer {self.tokens[role]}"}
        return self.client.request(method, path, headers=headers, **more)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tokens]:
    state: Path = tmp_path_factory.mktemp("lab")
    with Store.open(state / "inventory.sqlite") as store:
        created = {role: tokens.create(store, str(role), role, now=0.0) for role in GRANTED}
    asked = ("up", "--module", "BC260Y-CN,name=meter", "--ports", "cmdmp=0", "--http", "127.0.0.1:0", "--tokens")
    with Running(*asked, "--clock", "simulated", state=state) as running:
        lab = Tokens(running.console(), created)
        lab.ask("POST", "/api/v1/clock/advance", Role.OPERATOR, json={"span": "10s"})
        try:
            yield lab
        finally:
            lab.client.close()


def test_no_route_is_open_by_mistake(lab: Tokens) -> None:
    assert len(lab.routes) > 40
    for method, path in lab.routes:
        answer = lab.ask(method, path, None)
        assert (answer.status_code == 401) is (path not in OPEN), f"{method} {path}: {answer.status_code}"
        if path not in OPEN:
            assert answer.headers["content-type"] == "application/problem+json"


def test_a_viewer_changes_nothing(lab: Tokens) -> None:
    changing = [(method, path) for method, path in lab.routes if method not in READING]
    assert changing
    for method, path in changing:
        answer = lab.ask(method, path, Role.VIEWER)
        assert answer.status_code == 403, f"{method} {path}: {answer.status_code}"
        assert answer.headers["content-type"] == "application/problem+json"


def test_no_secret_is_shown_to_a_viewer_who_may_watch_it_being_set(lab: Tokens) -> None:
    line = f'AT+QDMPCFG=2,"M100000089","{PASSWORD}",1,"863703031563591"'
    said = lab.ask("POST", "/api/v1/modules/meter/at", Role.OPERATOR, json={"line": line}).json()
    assert said["answer"][-1] == "OK", said
    lab.ask("POST", "/api/v1/appkeys", Role.ADMIN, json={"appkey": "M100000089", "password": PASSWORD})
    for path in ("traces", "traces?text=qdmpcfg", "timeline", "traces.jsonl", "modules/meter/nvram", "appkeys"):
        shown = lab.ask("GET", f"/api/v1/{path}", Role.VIEWER)
        assert shown.status_code == 200, path
        assert PASSWORD not in shown.text, path
    assert "QDMPCFG" in lab.ask("GET", "/api/v1/traces?text=qdmpcfg", Role.VIEWER).text
    assert lab.ask("GET", f"/api/v1/traces?text={PASSWORD}", Role.VIEWER).json()["entries"] == []
    for path in ("traces.pcapng", "modules/meter/nvram/image", "access/audit", "access/tokens"):
        assert lab.ask("GET", f"/api/v1/{path}", Role.OPERATOR).status_code == 403, path
    audit = lab.ask("GET", "/api/v1/access/audit", Role.ADMIN)
    assert PASSWORD not in audit.text
    assert ["operator", "/api/v1/modules/meter/at"] in [[one["who"], one["target"]] for one in audit.json()]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f'AT+QDMPCFG=2,"M1","{PASSWORD}",1,"8"', 'AT+QDMPCFG=2,"M1","****",1,"8"'),
        (f'at+qdmpcfg=2,"M1","{PASSWORD}', 'at+qdmpcfg=2,"M1","****"'),
        ("AT+QDMPCFG=1,117.161.2.41,5683,86400", "AT+QDMPCFG=1,117.161.2.41,5683,86400"),
        (f"AT+QLASETPSK=8637,{KEY}", "AT+QLASETPSK=8637,****"),
        (f'AT+CGMR;+QLASETBSPSK="8637","{KEY}";+CGSN', 'AT+CGMR;+QLASETBSPSK="8637","****";+CGSN'),
        (f"AT+QSETBSPSK=8637,{KEY}", "AT+QSETBSPSK=8637,****"),
        ('AT+CPIN="1234"', 'AT+CPIN="****"'),
        ("AT+CPIN=1234", "AT+CPIN=****"),
        ('AT+CPIN="12345678","4321"', 'AT+CPIN="****","****"'),
        ('AT+CLCK="SC",1,"1234"', 'AT+CLCK="SC",1,"****"'),
        ('AT+CPWD="SC","1234","4321"', 'AT+CPWD="SC","****","****"'),
        (f'AT+DMPCONFIG=2,"M1","{PASSWORD}",1,"8"', 'AT+DMPCONFIG=2,"M1","****",1,"8"'),
        (f'AT+CMEE=1;+dmpconfig=2,"M;,1","{PASSWORD}"', 'AT+CMEE=1;+dmpconfig=2,"M;,1","****"'),
        (f'AT+QDMPCFG ="2","M1", {PASSWORD} ,0', 'AT+QDMPCFG ="2","M1", **** ,0'),
        (f"AT+ Q LASETPSK = 0 , {KEY}", "AT+ Q LASETPSK = 0 , ****"),
        (f"AT+QLASETPSK={KEY}", "AT+QLASETPSK=****"),
        ("AT+QDMPCFG?", "AT+QDMPCFG?"),
        ("+QLASETPSK: 8637,***", "+QLASETPSK: 8637,***"),
    ],
)
def test_which_fields_of_a_line_are_secret(said: str, shown: str) -> None:
    assert masked_line(said) == shown


def rows_of(command: Command) -> Iterator[tuple[str, Row]]:
    """What stands before the values, and the row that takes them."""
    if isinstance(command.write, ByType):
        yield from ((f"{command.name}={kind},", row) for kind, row in command.write.rows.items())
    elif command.write is not None:
        yield (f"{command.name}{',' if '=' in command.name else '='}", command.write)


def test_every_field_of_the_tables_that_sounds_like_a_secret_is_masked() -> None:
    """In whichever model's table it stands, where it is taken and where it is refused."""
    seen = set()
    for command in (command for profile in PROFILES.values() for command in profile.commands):
        for head, row in rows_of(command):
            for place, field in enumerate(row.fields):
                if re.search(r"passw|psk$|^(new)?pin$|puk|secret", field.name, re.IGNORECASE):
                    said = head + ",".join("1" if other != place else PASSWORD for other in range(len(row.fields)))
                    assert PASSWORD not in masked_line(f"AT{said}"), f"{head} <{field.name}>"
                    refused = CommandAnswered(f"AT{said}", ("ERROR",), field._refuse(PASSWORD).why, command.name)
                    assert PASSWORD not in str(masked_fields(fields_of(refused))), field.name
                    seen.add(command.name)
    assert seen >= {"+DMPCONFIG", "+QDMPCFG", "+QLASETPSK", "+QLASETBSPSK", "+CPIN"}
