"""What the system and libraries say of an error, as data: a code and its fields in place of an English sentence.

`detail_of` is what stands in the field ``detail`` of our own errors; the catalogue words it with ``WORD``. Knows the
sentences of msgspec, of readers of CBOR and CSV, of regular expressions and of PostgreSQL's client, which tell what
does not fit by them alone, and the numbers of the system's and of expat's errors. What it does
not know is handed on as it was said. Only readers of users' files decide by it: their own refusals are made of it
(`runtime.shape`).
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from nbtwin.engine import CodedError, Refusal

Detail: TypeAlias = str | dict[str, Any]
"""Why, as ``WORD`` takes it: a code with its fields, or the words of a library that has none."""
Where: TypeAlias = tuple[str | int, ...]
"""As in ("steps", 2, "send")."""


class Unfit(Refusal):
    """Why bytes or values are not what a type asks for."""

    AT = "unfit-at"  # path; why: one of the others, with its fields
    KIND = "unfit-kind"  # expected, given: of `kind_of`
    MISSING = "unfit-missing"  # name
    UNKNOWN = "unfit-unknown"  # name
    CHOICE = "unfit-choice"  # value
    BOUND = "unfit-bound"  # relation: ge, gt, le, lt; bound
    LENGTH = "unfit-length"  # kind; form: exact, least, most, between; length, most
    PATTERN = "unfit-pattern"  # pattern: a regular expression
    BASE64 = "unfit-base64"
    RANGE = "unfit-range"
    SYNTAX = "unfit-syntax"  # format: JSON, MessagePack; byte; problem: of `_PROBLEMS`
    TRUNCATED = "unfit-truncated"
    UTF8 = "unfit-utf8"  # byte
    SURROGATE = "unfit-surrogate"  # at: the character, from one
    NESTED = "unfit-nested"
    XML = "unfit-xml"  # problem: of `_OF_EXPAT`
    CSV = "unfit-csv"  # problem: of `_OF_CSV`
    EXPRESSION = "unfit-expression"  # problem: of `_OF_EXPRESSIONS`; at: the character, from one, or None
    ARCHIVE = "unfit-archive"
    CBOR = "unfit-cbor"
    CIPHER_BLOCKS = "unfit-cipher-blocks"
    CIPHER_PADDING = "unfit-cipher-padding"
    OTHER = "unfit-other"  # what this version of msgspec did not say yet


class SystemRefusal(Refusal):
    """What the system refuses, by the name of its number."""

    EPERM = "system-eperm"
    ENOENT = "system-enoent"
    EINTR = "system-eintr"
    EIO = "system-eio"
    ENXIO = "system-enxio"
    ENOEXEC = "system-enoexec"
    EBADF = "system-ebadf"
    EAGAIN = "system-eagain"
    ENOMEM = "system-enomem"
    EACCES = "system-eacces"
    EBUSY = "system-ebusy"
    EEXIST = "system-eexist"
    ENODEV = "system-enodev"
    ENOTDIR = "system-enotdir"
    EISDIR = "system-eisdir"
    EINVAL = "system-einval"
    ENFILE = "system-enfile"
    EMFILE = "system-emfile"
    ENOTTY = "system-enotty"
    EFBIG = "system-efbig"
    ENOSPC = "system-enospc"
    EROFS = "system-erofs"
    EPIPE = "system-epipe"
    ENAMETOOLONG = "system-enametoolong"
    ENOTEMPTY = "system-enotempty"
    ELOOP = "system-eloop"
    EADDRINUSE = "system-eaddrinuse"
    EADDRNOTAVAIL = "system-eaddrnotavail"
    ENETUNREACH = "system-enetunreach"
    ECONNABORTED = "system-econnaborted"
    ECONNRESET = "system-econnreset"
    ETIMEDOUT = "system-etimedout"
    ECONNREFUSED = "system-econnrefused"
    EHOSTDOWN = "system-ehostdown"
    EHOSTUNREACH = "system-ehostunreach"
    EDQUOT = "system-edquot"
    NAME_UNKNOWN = "system-name-unknown"  # of getaddrinfo, as the next
    NAME_LATER = "system-name-later"


class DatabaseRefusal(Refusal):
    """What SQLite refuses, whatever was asked of it."""

    READONLY = "sqlite-readonly"
    IOERR = "sqlite-ioerr"
    CORRUPT = "sqlite-corrupt"
    FULL = "sqlite-full"
    CANTOPEN = "sqlite-cantopen"
    NOTADB = "sqlite-notadb"


class ServerRefusal(Refusal):
    """What PostgreSQL, or its client, refuses."""

    PASSWORD = "postgres-password"
    NO_PASSWORD = "postgres-no-password"
    NOT_ADMITTED = "postgres-not-admitted"
    ROLE_UNKNOWN = "postgres-role-unknown"
    DATABASE_UNKNOWN = "postgres-database-unknown"
    FULL = "postgres-full"
    STARTING = "postgres-starting"
    ENDING = "postgres-ending"
    CLOSED = "postgres-closed"
    READONLY = "postgres-readonly"
    PRIVILEGE = "postgres-privilege"
    CANCELLED = "postgres-cancelled"
    OTHER = "postgres-other"  # said: its own words


_OF_SYSTEM: Mapping[int, Refusal] = {
    **{getattr(errno, name): code for name, code in SystemRefusal.__members__.items() if name.startswith("E")},
}
_OF_NAMES: Mapping[int, Refusal] = {  # getaddrinfo's on Linux
    -2: SystemRefusal.NAME_UNKNOWN,
    -3: SystemRefusal.NAME_LATER,
    -5: SystemRefusal.NAME_UNKNOWN,
}
_OF_SQLITE: Mapping[int, Refusal] = {  # its primary result codes
    8: DatabaseRefusal.READONLY,
    10: DatabaseRefusal.IOERR,
    11: DatabaseRefusal.CORRUPT,
    13: DatabaseRefusal.FULL,
    14: DatabaseRefusal.CANTOPEN,
    26: DatabaseRefusal.NOTADB,
}
_OF_EXPAT: Mapping[int, str] = {  # its XML_ERROR_ numbers, without those of document types
    2: "syntax",
    3: "ended",
    4: "syntax",
    5: "open",
    6: "encoding",
    7: "tag",
    8: "twice",
    9: "rest",
    11: "entity",
    14: "character",
    17: "declaration",
    18: "encoding",
    19: "encoding",
    20: "open",
    30: "declaration",
    31: "declaration",
}
_OF_CSV = {
    "field larger than": "long",
    "unexpected end": "open",
    "new-line": "line-end",
    "' expected after '": "quote",
}
_OF_POSTGRES: Mapping[str, Refusal] = {  # by SQLSTATE; a refused connection has none, and the client's words
    "53100": SystemRefusal.ENOSPC,
    "53300": ServerRefusal.FULL,
    "57P01": ServerRefusal.ENDING,
    "57P03": ServerRefusal.STARTING,
    "57014": ServerRefusal.CANCELLED,
    "25006": ServerRefusal.READONLY,
    "42501": ServerRefusal.PRIVILEGE,
    "Connection refused": SystemRefusal.ECONNREFUSED,
    "No such file or directory": SystemRefusal.ENOENT,
    "timeout expired": SystemRefusal.ETIMEDOUT,
    "Network is unreachable": SystemRefusal.ENETUNREACH,
    "Name or service not known": SystemRefusal.NAME_UNKNOWN,
    "failed to resolve host": SystemRefusal.NAME_UNKNOWN,
    "could not translate host name": SystemRefusal.NAME_UNKNOWN,
    "password authentication failed": ServerRefusal.PASSWORD,
    "no password supplied": ServerRefusal.NO_PASSWORD,
    "pg_hba.conf": ServerRefusal.NOT_ADMITTED,
    "FATAL: role ": ServerRefusal.ROLE_UNKNOWN,
    "FATAL: database ": ServerRefusal.DATABASE_UNKNOWN,
    "too many clients": ServerRefusal.FULL,
    "connection slots": ServerRefusal.FULL,
    "starting up": ServerRefusal.STARTING,
    "shutting down": ServerRefusal.ENDING,
    "terminating connection": ServerRefusal.ENDING,
    "closed the connection": ServerRefusal.CLOSED,
    "connection is closed": ServerRefusal.CLOSED,
    "connection is lost": ServerRefusal.CLOSED,
}
_OF_EXPRESSIONS = {
    "unterminated subpattern": "group-open",
    "unbalanced parenthesis": "group-closed",
    "unterminated character set": "set-open",
    "bad character range": "range",
    "to repeat": "repeat",
    "multiple repeat": "repeat",
    "min repeat": "bounds",
    "bad escape": "escape",
    "group name": "name",
    "group reference": "name",
    "look-behind": "behind",
    "unknown extension": "extension",
    "unexpected end": "end",
}


def detail_of(error: BaseException) -> Detail:
    """Why, for the field ``detail`` of an error of ours."""
    if isinstance(error, CodedError):
        return error.data
    if isinstance(error, msgspec.MsgspecError | UnicodeDecodeError | RecursionError):
        return misfit_of(error)
    if (unfit := _unfit_of(error)) is not None:
        return unfit
    if (code := _code_of(error)) is not None:
        return {"code": str(code)}
    return foreign_text(error)


def _unfit_of(error: BaseException) -> dict[str, Any] | None:
    """Of a reader of the standard library; not all are loaded where this is."""
    if isinstance(error, UnicodeEncodeError):
        return _unfit(Unfit.SURROGATE, at=error.start + 1)
    if isinstance(error, EOFError):
        return _unfit(Unfit.TRUNCATED)
    if isinstance(error, re.error):
        at = None if error.pos is None else error.pos + 1
        return _unfit(Unfit.EXPRESSION, problem=_said(_OF_EXPRESSIONS, error.msg), at=at)
    if type(error).__module__.partition(".")[0] == "psycopg":
        return _of_postgres(error)
    match type(error).__module__:
        case "binascii":
            return _unfit(Unfit.BASE64)
        case "cbor2":
            if "nesting depth" in str(error):
                return _unfit(Unfit.NESTED)
            return _unfit(Unfit.TRUNCATED if type(error).__name__ == "CBORDecodeEOF" else Unfit.CBOR)
        case "_csv":
            return _unfit(Unfit.CSV, problem=_said(_OF_CSV, str(error)))
        case "zlib" | "gzip" | "tarfile":
            return _unfit(Unfit.ARCHIVE)
        case "xml.parsers.expat":
            return _unfit(Unfit.XML, problem=_OF_EXPAT.get(getattr(error, "code", 0), "other"))
    return None


def _of_postgres(error: BaseException) -> dict[str, Any]:
    said = foreign_text(error)
    code = _OF_POSTGRES.get(getattr(error, "sqlstate", None) or "")
    if code is None:
        code = next((code for part, code in _OF_POSTGRES.items() if part in said), None)
    return {"code": str(ServerRefusal.OTHER), "said": said} if code is None else {"code": str(code)}


def _said(problems: Mapping[str, str], sentence: str) -> str:
    return next((problem for part, problem in problems.items() if part in sentence), "other")


def foreign_text(error: BaseException) -> str:
    """What the system or a library says: one line, without the number of the error."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()) or type(error).__name__


def _code_of(error: BaseException) -> Refusal | None:
    """An OSError of a library has words of its own, which say more."""
    if isinstance(error, OSError) and error.errno is not None:
        names = _OF_NAMES if type(error).__name__ == "gaierror" else _OF_SYSTEM
        return names.get(error.errno) if type(error).__module__ in ("builtins", "socket") else None
    return _OF_SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)


def misfit_of(error: BaseException) -> dict[str, Any]:
    """Of one of `UNDECODABLE`."""
    path, why = misfit_and_place(error)
    return {"code": str(Unfit.AT), "path": spell(path), "why": why} if path else why


def misfit_and_place(error: BaseException) -> tuple[Where, dict[str, Any]]:
    """The place within what was decoded, and why what is there does not fit."""
    if isinstance(error, UnicodeDecodeError):
        return (), _unfit(Unfit.UTF8, byte=error.start)
    if isinstance(error, RecursionError):
        return (), _unfit(Unfit.NESTED)
    match = _SAID.fullmatch(str(error))
    assert match is not None  # it fits anything
    cause = error.__cause__  # what a type itself says of its fields
    path: Where = ()
    for name, index in _STEP.findall(match["path"] or ""):
        if index == "...":  # which value of a mapping is not said
            break
        path = (*path, name or int(index))
    return path, cause.data if isinstance(cause, CodedError) else _why(match["what"])


def kind_of(names: Sequence[str]) -> dict[str, Any] | None:
    """A kind, or one of several, as the field of a refusal; by msgspec's names. None where one is no kind of value."""
    first, *rest = names
    if first not in KINDS:
        return None
    kind = {"code": f"kind-{first}"}
    if not rest:
        return kind
    others = kind_of(rest)
    return None if others is None else {"code": "kind-either", "first": kind, "rest": others}


def spell(path: Where) -> str:
    """People count from one."""
    words = ""
    for name in path:
        words += f"[{name + 1}]" if isinstance(name, int) else f".{name}" if words else name
    return words


KINDS = ("object", "array", "str", "int", "float", "bool", "null", "bytes")
"""msgspec's names of them; ``kind-`` before one is its code."""
_SAID = re.compile(r"(?P<what>.*?)(?: - at (?:`key` in )?`\$(?P<path>[^`]*)`)?", re.DOTALL)
_STEP = re.compile(r"\.([\w-]+)|\[(\d+|\.\.\.)\]")
_PROBLEMS = {
    "invalid character": "character",
    "expected ':'": "colon",
    "expected ',' or ']'": "comma",
    "expected ',' or '}'": "comma",
    "trailing comma in array": "last-comma",
    "trailing comma in object": "last-comma",
    "object keys must be strings": "key",
    "map keys must be hashable": "key",
    "trailing characters": "rest",
    "invalid number": "number",
}
_FORMS = {
    "length": "exact",
    "length >=": "least",
    "at least length": "least",
    "length <=": "most",
    "at most length": "most",
}
_RELATIONS = {">=": "ge", ">": "gt", "<=": "le", "<": "lt"}


def _unfit(code: Unfit, **fields: Any) -> dict[str, Any]:
    return {"code": str(code), **fields}


def _kinds(match: re.Match[str]) -> dict[str, Any]:
    expected, given = kind_of(match[1].split(" | ")), kind_of([match[2]])
    if expected is None or given is None:
        return _unfit(Unfit.OTHER)
    return _unfit(Unfit.KIND, expected=expected, given=given)


def _bound(match: re.Match[str]) -> dict[str, Any]:
    return _unfit(Unfit.BOUND, relation=_RELATIONS[match[2]], bound=float(match[3]))


def _length(match: re.Match[str]) -> dict[str, Any]:
    most = match["most"]
    form = "between" if most else _FORMS[match["form"]]
    return _unfit(
        Unfit.LENGTH, kind=kind_of([match["kind"]]), form=form, length=int(match["length"]), most=most and int(most)
    )


def _pattern(match: re.Match[str]) -> dict[str, Any]:
    return _unfit(Unfit.PATTERN, pattern=match[2].replace(2 * "\\", "\\"))


def _syntax(match: re.Match[str]) -> dict[str, Any]:
    return _unfit(Unfit.SYNTAX, format=match[1], problem=_PROBLEMS.get(match[2], "other"), byte=int(match[3]))


_SENTENCES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], dict[str, Any]]], ...] = tuple(
    (re.compile(form, re.DOTALL), made)
    for form, made in (
        (r"Object contains unknown field `(.*)`", lambda match: _unfit(Unfit.UNKNOWN, name=match[1])),
        (r"Object missing required field `(.*)`", lambda match: _unfit(Unfit.MISSING, name=match[1])),
        (r"Invalid (?:enum )?value (['\"]?)(.*)\1", lambda match: _unfit(Unfit.CHOICE, value=match[2])),
        (r"Expected `(.*)`, got `(.*)`", _kinds),
        (r"Expected `(.*)` (>=|>|<=|<) (\S+)", _bound),
        (
            r"Expected `(?P<kind>str|array|object|bytes)` of "
            r"(?P<form>at least length|at most length|length(?: [<>]=)?) "
            r"(?P<length>\d+)(?: to (?P<most>\d+))?(?:, got \d+)?",
            _length,
        ),
        (r"Expected `str` matching regex (['\"])(.*)\1", _pattern),
        (r"Invalid base64 encoded string", lambda match: _unfit(Unfit.BASE64)),
        (r"(?:Integer value|Number|Timestamp is|Duration is) out of range ?", lambda match: _unfit(Unfit.RANGE)),
        (r"Input data was truncated", lambda match: _unfit(Unfit.TRUNCATED)),
        (r"(JSON|MessagePack)(?: data)? is malformed: (.*) \(byte (\d+)\)", _syntax),
    )
)


def _why(said: str) -> dict[str, Any]:
    found = ((made, form.fullmatch(said)) for form, made in _SENTENCES)
    return next((made(match) for made, match in found if match is not None), _unfit(Unfit.OTHER))
