"""What the system and libraries say, as codes: every sentence of theirs that is known, in both languages."""

import csv
import errno
import gzip
import io
import os
import re
import socket
import sqlite3
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal
from xml.parsers import expat

import msgspec
import pytest

from nbtwin.check import saved
from nbtwin.engine import CodedError
from nbtwin.foreign import KINDS, SystemRefusal, Unfit, detail_of, misfit_of
from nbtwin.lab.faults import Fault
from nbtwin.lwm2m.content import cbor, json_format, senml
from nbtwin.lwm2m.model import OBJECTS
from nbtwin.lwm2m.path import Path as Lwm2mPath
from nbtwin.module import nvram
from nbtwin.operators.key_store.psk_files import parse_keys
from nbtwin.operators.store import backup
from nbtwin.runtime import kept, lab_file, snapshots
from nbtwin.runtime.lab_file import LabFileError
from nbtwin.runtime.shape import KindPhrase
from nbtwin.runtime.syntax import syntax_of
from nbtwin.scenario.loading import load
from nbtwin.selfreg import cmdmp
from nbtwin.timeline import jsonl
from nbtwin.timeline.catalogue import words
from nbtwin.timeline.catalogue.errors import shown, worded

_SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")


class Meter(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(max_length=3, pattern="^[a-z]*$")] = ""
    port: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    ratio: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.5
    way: Literal["up", "down"] = "up"
    pair: tuple[int, int] = (0, 0)
    some: Annotated[list[int], msgspec.Meta(min_length=1)] = msgspec.field(default_factory=lambda: [1])
    data: bytes = b""
    count: int = 0
    either: int | str = 0


class House(msgspec.Struct):
    meter: Meter


def _json(text: str | bytes, kind: Any = Meter) -> Callable[[], object]:
    return lambda: msgspec.json.decode(text, type=kind)


def _xml(text: str) -> None:
    expat.ParserCreate().Parse(text, True)


SENTENCES: list[tuple[Callable[[], object], str, str]] = [
    (_json('{"count": "x"}'), "count: expected a whole number, not text", "count：应为整数，而不是文本"),
    (_json('{"either": []}'), "either: expected a whole number or text, not", "either：应为整数或文本，而不是列表"),
    (_json('{"mane": 1}'), "there is no field mane", "没有字段 mane"),
    (_json("{}", House), "meter is missing", "缺少 meter"),
    (_json('{"way": "left"}'), "way: 'left' is none of", "way：“left”不在可选值之内"),
    (_json('{"port": 0}'), "port: expected a number of at least 1", "port：应为不小于 1 的数字"),
    (_json('{"port": 10}'), "port: expected a number of at most 9", "port：应为不大于 9 的数字"),
    (_json('{"ratio": 0}'), "ratio: expected a number above 0", "ratio：应为大于 0 的数字"),
    (_json('{"ratio": 1.0}'), "ratio: expected a number below 1", "ratio：应为小于 1 的数字"),
    (_json('{"name": "abcd"}'), "name: expected text of at most length 3", "name：文本的长度应不超过 3"),
    (_json('{"name": "A"}'), "name: expected text of the form ^[a-z]*$", "name：文本应符合格式 ^[a-z]*$"),
    (_json('{"some": []}'), "some: expected a list of at least length 1", "some：列表的长度应不小于 1"),
    (_json('{"pair": [1]}'), "pair: expected a list of length 2", "pair：列表的长度应为 2"),
    (_json('{"pair": [1, "x"]}'), "pair[2]: expected a whole number", "pair[2]：应为整数"),
    (_json('{"data": "***"}'), "data: this is not base64", "data：不是 base64"),
    (_json('{"count": 99999999999999999999999.5}'), "count: expected a whole number", "count：应为整数"),
    (_json("{"), "it ends too early", "提前结束"),
    (_json(b'{"name": "\xff"}'), "is not UTF-8", "不是 UTF-8"),
    (_json("[" * 100_000, Any), "nested too deeply", "嵌套过深"),
    (_json("x"), "malformed JSON at byte 0: an invalid character", "第 0 字节处 JSON 格式错误：字符无效"),
    (_json('{"a" 1}'), "a colon is missing", "缺少冒号"),
    (_json('{"name": "" 1}'), "a comma or the closing bracket is missing", "缺少逗号或右括号"),
    (_json('{"name": "",}'), "a comma before the closing bracket", "右括号前有多余的逗号"),
    (_json("{1: 2}"), "a key is no text", "键不是文本"),
    (_json("{} x"), "something stands behind its end", "末尾之后还有内容"),
    (_json("-x", Any), "an invalid", "无效"),
    (lambda: msgspec.msgpack.decode(b"\xc1"), "malformed MessagePack at byte 0", "第 0 字节处 MessagePack 格式错误"),
    (lambda: "a\ud800".encode(), "character 2 is half of one", "第 2 个字符不完整"),
    (lambda: gzip.decompress(b"abc"), "not gzip or tar, or it is damaged", "不是 gzip 或 tar 格式，或已损坏"),
    (lambda: gzip.decompress(gzip.compress(b"abc")[:20]), "it ends too early", "提前结束"),
    (lambda: tarfile.TarFile(fileobj=io.BytesIO(b"abc" * 999)), "not gzip or tar", "不是 gzip 或 tar 格式"),
    (lambda: re.compile("a("), "at character 2: a parenthesis is not closed", "第 2 个字符处：括号未闭合"),
    (lambda: re.compile("*"), "there is nothing that could be repeated", "没有可重复的内容"),
    (lambda: re.compile("[z-a]"), "the range of characters runs backwards", "字符范围的起止颠倒"),
    (lambda: re.compile("a{3,1}"), "is above the upper one", "重复次数的下限大于上限"),
    (lambda: re.compile(r"\1"), "no group has this name or number", "没有这个名称或编号的组"),
    (lambda: re.compile("(?<=a*)"), "a look-behind needs a fixed length", "后行断言的长度必须固定"),
    (lambda: list(csv.reader(['a,"b'], strict=True)), "a quoted field is not closed", "带引号的字段未结束"),
    (lambda: list(csv.reader(['a,"b"c'], strict=True)), "missing after a quoted field", "缺少逗号或换行"),
    (lambda: list(csv.reader(["x" * 200_000])), "a field is too long", "字段过长"),
    (lambda: list(csv.reader(["a\rb"])), "a line ends within a field", "未加引号的字段中出现换行"),
    (lambda: _xml("<a></b>"), "the closing tag is another one", "结束标签与开始标签不一致"),
    (lambda: _xml("<a"), "something is not closed", "有内容未结束"),
    (lambda: _xml("<a>&x;</a>"), "an entity that is not defined", "实体未定义"),
    (lambda: cbor.read(b"\xff", "CBOR"), "this is not CBOR", "不是 CBOR"),
    (lambda: cbor.read(b"\xa1", "CBOR"), "it ends too early", "提前结束"),
    (lambda: cmdmp.decrypt("A" * 24, bytes(32)), "not whole blocks of AES", "不是 AES 分组的整数倍"),
    (lambda: cmdmp.decrypt("A" * 43 + "=", bytes(32)), "does not end as PKCS #7 ends", "末尾不是 PKCS #7 填充"),
    (Path("/there/is/none").read_bytes, "No such file or directory", "文件或目录不存在"),
    (lambda: sqlite3.connect("/there/is/none"), "unable to open database file", "无法打开数据库文件"),
]  # fmt: skip


@pytest.mark.parametrize(("does", "en", "zh"), SENTENCES, ids=[en for _, en, _ in SENTENCES])
def test_each_sentence_of_theirs_has_words_in_both_languages(does: Callable[[], object], en: str, zh: str) -> None:
    with pytest.raises(Exception) as raised:  # noqa: PT011 - of three libraries
        does()
    detail = detail_of(raised.value)
    assert isinstance(detail, dict)
    assert detail["code"] != Unfit.OTHER
    assert en in worded(raised.value)
    assert zh in worded(raised.value, "zh")


def test_what_is_not_known_says_that_much_and_nothing_in_english() -> None:
    unknown = msgspec.ValidationError("Expected `moon`, got `cheese` - at `$.sky[0]`")
    assert worded(unknown, "zh") == "sky[1]：不符合要求"
    assert misfit_of(unknown)["why"] == {"code": "unfit-other"}


REFUSED = [
    ("postgresql://u:p@127.0.0.1:1/x", "Connection refused", "连接被拒绝"),
    ("postgresql:///x?host=/there/is/none", "No such file or directory", "文件或目录不存在"),
    ("postgresql://127.0.0.1:1/x?moon=1", 'invalid URI query parameter: "moon"', "PostgreSQL 返回"),
]


@pytest.mark.parametrize(("url", "en", "zh"), REFUSED)
def test_a_server_that_cannot_be_reached_is_told_in_both_languages(url: str, en: str, zh: str) -> None:
    postgres = pytest.importorskip("nbtwin.operators.store.postgres")
    with pytest.raises(CodedError) as raised:
        postgres.PostgresDatabase(url)
    assert en in worded(raised.value)
    assert zh in worded(raised.value, "zh")


def test_what_a_server_says_that_is_not_known_is_quoted() -> None:
    errors = pytest.importorskip("psycopg").errors
    said = [
        detail_of(error)
        for error in (errors.DiskFull("x"), errors.Error('FATAL: database "x" is not there'), errors.Error("the moon"))
    ]
    assert [one["code"] for one in said] == ["system-enospc", "postgres-database-unknown", "postgres-other"]
    assert words("postgres-other", "zh", said="the moon") == "PostgreSQL 返回：“the moon”"


def test_what_a_type_says_itself_of_its_fields_stays_a_code() -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert([{"kind": "loss", "probability": 7}], list[Fault])
    assert worded(raised.value).startswith("[1]: ")
    assert "0-1" in worded(raised.value, "zh") or "0 到 1" in worded(raised.value, "zh")


def test_the_kinds_that_are_told_are_those_that_have_words() -> None:
    assert [f"kind-{name}" for name in KINDS] == [kind for kind in KindPhrase if kind is not KindPhrase.EITHER]


def test_the_system_says_in_english_what_it_says_itself() -> None:
    numbers = {code: getattr(errno, name) for name, code in SystemRefusal.__members__.items() if name.startswith("E")}
    assert {code: words(code) for code in numbers} == {code: os.strerror(number) for code, number in numbers.items()}


def test_an_error_of_a_library_that_has_words_of_its_own_keeps_them() -> None:
    class PortError(OSError):
        """As pyserial's."""

    assert detail_of(PortError(errno.ENOENT, "could not open port x")) == "could not open port x"
    assert detail_of(ValueError("of nobody's")) == "of nobody's"


def test_a_name_that_nobody_knows_is_told_in_the_readers_language() -> None:
    error = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    assert (worded(error), worded(error, "zh")) == ("the name is not known", "域名无法解析")


def _backup(folder: Path, *lines: bytes) -> Path:
    with gzip.open(folder / "broken.backup", "wb") as file:
        file.writelines(lines)
    return folder / "broken.backup"


def _toml(folder: Path, content: bytes) -> Path:
    (folder / "nbtwin.toml").write_bytes(content)
    return folder / "nbtwin.toml"


READERS: dict[str, Callable[[bytes, Path], object]] = {
    "NVRAM": lambda data, _: nvram.decode(data),
    "NVRAM in a scenario": lambda data, _: load(
        "title: t\nmodules: [{model: BC28, name: m, nvram: " + data.decode() + "}]\n"
    ),
    "saved run": lambda data, _: saved.decode(data),
    "snapshots": lambda data, _: snapshots.check(data),
    "kept lab": lambda data, _: kept.decode(data),
    "keys": lambda data, _: parse_keys(data.decode()),
    "SenML": lambda data, _: senml.readings_json(data, OBJECTS),
    "LwM2M JSON": lambda data, _: json_format.decode(Lwm2mPath("/3/0"), data, OBJECTS),
    "timeline": lambda data, _: jsonl.parse_entry(data),
    "backup": lambda data, folder: backup.check(_backup(folder, data)),
    "lab file": lambda data, folder: lab_file.load(_toml(folder, data)),
}
WRONG: dict[str, tuple[bytes, ...]] = {
    "NVRAM": (b"{", b"[]", b"{}", b'{"format": "x"}', b'{"format": 1, "saved": {"cmdmp": {"port": "x"}}}'),
    "NVRAM in a scenario": (b"{cmdmp: {period: x}}", b"3", b"{andlink: {bootstrap: [1]}}"),
    "saved run": (b"x", b"{}", b'{"nbtwin_check": 1, "model": 3}', b'{"outcomes": [{"verdict": "so"}]}'),
    "snapshots": (b"\xc1", b"\x91", b"{}"),
    "kept lab": (b"{", b'{"format": "x"}', b'{"modules": [{"name": ""}]}', b'{"modules": [{"serial": "usb"}]}'),
    "keys": (b"[", b"[3]", b'[{"device": 1}]', b'{"device": "x"}'),
    "SenML": (b"[", b"\xff"),
    "LwM2M JSON": (b"{", b'{"e": 1}', b'{"e": [{"v": "x"}]}'),
    "timeline": (b"{", b"{}", b'{"number": "x"}'),
    "backup": (b"x\n", b'{"nbtwin": 3}\n', b"\xff\n"),
    "lab file": (b"[[modules]]\nmodel = 3\n", b"seed = -1\n", b"http = 70000\n", b"seed = 'x'\n", b"# \xff\n"),
}


@pytest.mark.parametrize(("reader", "data"), [(reader, data) for reader, all_ in WRONG.items() for data in all_])
def test_a_refusal_in_chinese_has_no_sentence_in_english(reader: str, data: bytes, tmp_path: Path) -> None:
    with pytest.raises((CodedError, LabFileError)) as raised:
        READERS[reader](data, tmp_path)
    errors = raised.value.mistakes if isinstance(raised.value, LabFileError) else [raised.value]
    for error in errors:
        said = words(error.code, "zh", **shown(error.fields, "zh"))
        assert re.search(r"[\u4e00-\u9fff]", said), said
        assert not _SENTENCE.search(said), said


def test_what_a_reader_says_that_is_not_known_is_handed_on() -> None:
    assert syntax_of("the moon\n is full") == {"code": "syntax-other", "said": "the moon is full"}


SYNTAX = [
    ("yaml", "a: b: c", "mapping values are not allowed here", "此处不允许出现键值对"),
    ("yaml", "a: [1,\n b: 2", "expected ',' or ']', but got <stream end>", "应为逗号或“]”"),
    ("yaml", "a: 'x", "found unexpected end of stream", "引号或括号没有闭合"),
    ("yaml", "a: 1\n b: 2", "mapping values are not allowed here", "此处不允许出现键值对"),
    ("yaml", "a:\n  - 1\n b: 2", "expected the end of a block, but found", "缩进有误"),
    ("yaml", "a: @x", "found character '@' that cannot start any token", "此处不能出现字符 '@'"),
    ("yaml", "a: *x", "found undefined alias 'x'", "没有定义锚点 'x'"),
    ("yaml", "a: !x 1", "a constructor for the tag '!x'", "未知的标签 '!x'"),
    ("yaml", 'a: "\\q"', "found unknown escape character 'q'", "未知的转义字符 'q'"),
    ("yaml", "a: 1\n---\nb: 2", "", "一个文件中只能有一个文档"),
    ("toml", "a", "Expected '=' after a key", "键之后缺少等号"),
    ("toml", "a = ", "Invalid value", "值无效"),
    ("toml", "a = 1\na = 2", "Cannot overwrite a value", "重复赋值"),
    ("toml", "a = [1", "Unclosed array", "数组没有闭合"),
    ("toml", 'a = "x', "", "字符串"),
    ("toml", "a = 1 b = 2", "Expected newline or end of document", "语句之后应换行"),
    ("toml", "[a\nb = 1", "Expected ']' at the end of a table's name", "表名之后缺少“]”"),
    ("toml", "[a]\n[a]", "Cannot declare 'a' twice", "'a' 重复声明"),
    ("toml", "a = {b = 1, b = 2}", "Duplicate inline table key 'b'", "内联表中的键 'b' 重复"),
    ("toml", "a = {b = 1}\na.c = 2", "'a' is complete already", "'a' 已经定义完毕"),
    ("toml", "= 1", "Invalid", "无效"),
    ("toml", 'a = "x\\q"', "Unescaped", "反斜杠没有转义"),
    ("toml", "a = 2026-02-30", "Invalid date", "日期或时间无效"),
]


@pytest.mark.parametrize(("form", "text", "en", "zh"), SYNTAX, ids=[f"{form} {text}" for form, text, *_ in SYNTAX])
def test_what_cannot_be_read_is_told_in_both_languages(form: str, text: str, en: str, zh: str, tmp_path: Path) -> None:
    with pytest.raises((CodedError, LabFileError)) as raised:
        load(text) if form == "yaml" else lab_file.load(_toml(tmp_path, text.encode()))
    error = raised.value.mistakes[0] if isinstance(raised.value, LabFileError) else raised.value
    assert isinstance(error, CodedError)
    assert "语法有误" not in worded(error, "zh")
    assert en in worded(error)
    assert zh in worded(error, "zh")
