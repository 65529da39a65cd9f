"""What a field of a table takes and what it does not, as texts made from the field: its bounds, and one beyond each."""

from __future__ import annotations

from collections.abc import Iterator

from nbtwin.at.command import ByType, Command, Row
from nbtwin.at.values import Choice, Digits, Field, HexChoice, HexDigits, Host, Int, Quoted, Rest, Text, Word
from nbtwin.commands.fields import Bare, Bits, Cycle, NameField, Payload, PskIdentity

SERVER = "192.0.2.1"
"""RFC 5737: nobody's. What a module sends there goes nowhere, and to no operator (D188)."""
_WATER = "水"  # three bytes of UTF-8


def taken(field: Field) -> list[str]:
    """An everyday one first, then its bounds."""
    match field:
        case Int(low=low, high=high):
            return list(dict.fromkeys((str(low), str(high))))
        case Choice() | HexChoice():
            return [field.written(choice) for choice in field.choices]
        case Text(longest=longest):
            return ['"x"', f'"{"x" * longest}"', f'"{_WATER * (longest // 3)}"']
        case Quoted(shortest=shortest, longest=longest):
            return [f'"{"x" * max(shortest, 1)}"', f'"{"x" * longest}"']
        case Word(words=words):
            return [f'"{word}"' for word in words]
        case Digits(shortest=shortest, longest=longest):
            return list(dict.fromkeys(("4" * shortest, "4" * longest, f'"{"4" * shortest}"')))
        case HexDigits(size=size, longest=longest):
            return ["E8" * (size or 1), "e8" * (size or longest)]
        case Host(domain=domain, quoted=quoted):
            hosts = [SERVER, *(["nobody.example"] if domain else [])]
            return [f'"{host}"' for host in hosts] if quoted else [*hosts, f'"{SERVER}"']
        case Bits():
            return ["00000101", '"00100001"']
        case Cycle():
            return ['"0000"', '"1111"']
        case NameField(names=names):
            return list(names[:1])
        case Bare():
            return ["TRUE"]
        case PskIdentity():
            return ["0"]
        case Payload():
            return ["x"]
        case Rest():
            return ["x"]
    raise TypeError(type(field).__name__)


def refused(field: Field) -> list[str]:
    """One beyond each bound, another kind, no quotes where they are needed, nothing where something must stand."""
    found = [] if field.blank else [""]
    match field:
        case Int(low=low, high=high):
            found += [str(high + 1), "x", *([str(low - 1)] if low else ["-1"])]
        case Choice(choices=choices):
            found += [str(max(choices) + 1), "x"]
        case HexChoice(choices=choices):
            found += [f"0x{max(choices) + 1:04X}", "x"]
        case Quoted(longest=longest):  # Text too
            found += ["x", f'"{"x" * (longest + 1)}"']
            if field.shortest:
                found.append('""')
            if isinstance(field, Text):
                found.append(f'"{_WATER * (longest // 3 + 1)}"')
        case Word():
            found += ['"XX"', "x"]
        case Digits(shortest=shortest, longest=longest):
            found += ["4" * (shortest - 1), "4" * (longest + 1), "4" * (shortest - 1) + "x"]
        case HexDigits(size=size, longest=longest):
            found += ["E8" * ((size or longest) + 1), "G8" * (size or longest), "E" * (2 * (size or longest) - 1)]
        case Host(quoted=quoted, domain=domain):
            found += ["192.0.2", "192.0.2.256", *([SERVER] if quoted else []), *([] if domain else ["nobody.example"])]
        case Bits():
            found += ["0000010", "000001010", "00000102"]
        case Cycle():
            found += ["0000", '"00000"']
        case NameField(names=names):
            found += [f"{names[0]}X"]
        case Bare():
            found += ['"x"']
        case PskIdentity():
            found += ["1"]
        case Payload():
            return ['"x']
        case Rest():
            return []
    return found


def rows_of(command: Command) -> Iterator[tuple[int | None, str, Row]]:
    """The <type>, what stands before the values, and the row that takes them."""
    if isinstance(command.write, ByType):
        for kind, row in command.write.rows.items():
            yield kind, f"AT{command.name}={kind}{',' if row.fields else ''}", row
    elif command.write is not None:
        yield None, f"AT{command.name}{',' if '=' in command.name else '='}", command.write


def everyday(row: Row) -> list[str]:
    """One text for each field that is required."""
    return [taken(field)[0] for field in row.fields if not field.optional]


def with_text(row: Row, position: int, text: str) -> list[str]:
    """The everyday texts with another one in one place; optional ones before it are filled, those behind left out."""
    values = everyday(row)
    values += [taken(field)[0] for field in row.fields[len(values) : position + 1]]
    values[position] = text
    return values
