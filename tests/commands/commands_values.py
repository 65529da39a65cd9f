"""What a field of a table takes and what it does not, made from the field itself: bounds, one beyond, wrong kinds."""

from __future__ import annotations

from collections.abc import Iterator

from nbtwin.at.command import ByType, Command, Row
from nbtwin.at.values import Choice, Digits, Field, HexChoice, HexDigits, Host, Int, Quoted, Rest, Text, Word
from nbtwin.commands.fields import Bare, Bits, Cycle, NameField, Payload, PskIdentity

IMEI = "863703030822519"
LABEL = "x" * 63


def good(field: Field) -> list[str]:
    """At both bounds, and each way to write it. The first is an everyday one."""
    match field:
        case Int(low=low, high=high):
            return [str(low), str(high), f"0{low}"]
        case Choice(choices=choices):
            return [str(choice) for choice in choices]
        case HexChoice(choices=choices):
            return [text for choice in choices for text in (f"0x{choice:04X}", f"0X{choice:x}")]
        case Text(longest=longest):  # bytes of UTF-8, not characters
            return ['"x"', '"' + "x" * longest + '"', '"' + "水" * (longest // 3) + "x" * (longest % 3) + '"', '"é;,"']
        case Quoted(shortest=shortest, longest=longest):
            return ['"' + "x" * size + '"' for size in {max(shortest, 1): 0, longest: 0}] + ['"a;b,c"'[: longest + 2]]
        case Word(words=words):
            return [f'"{case}"' for word in words for case in (word, word.lower())]
        case Digits(shortest=shortest, longest=longest):
            return ["4" * shortest, "4" * longest, '"' + "4" * longest + '"']
        case HexDigits(size=None, longest=longest, shortest=shortest):
            return ["A1", "a1" * longest, '"A1"', *([] if shortest else ['""'])]
        case HexDigits(size=int(size)):
            return ["E8" * size, "e8" * size, '"' + "E8" * size + '"']
        case Host(domain=domain, quoted=quoted):
            hosts = ["117.161.2.7", "0.0.0.0", "255.255.255.255", *(["m.fxlttsbl.com", f"{LABEL}.x"] if domain else [])]
            return [f'"{host}"' for host in hosts] if quoted else [*hosts, '"117.161.2.7"']
        case Bits():
            return ["00000101", '"11111111"']
        case Cycle():
            return ['"0000"', '"1111"']
        case NameField(names=names):
            return [text for name in names for text in (name, name.lower(), f'"{name}"')]
        case Bare():
            return ["TRUE", "x" * 32]
        case PskIdentity():
            return ["0", IMEI]
        case Payload():
            return ["x", '"x"', '"a,b;c"']
    raise AssertionError(f"nobody has said what a {type(field).__name__} takes")


def bad(field: Field) -> list[str]:
    """One beyond each bound, the wrong kind, no quotes where they are needed, an empty one where none may be."""
    found = ["-1", "x y", '"', "(1)", *([] if field.blank else [""])]
    if not (isinstance(field, Quoted | HexDigits) and field.shortest == 0):
        found.append('""')
    match field:
        case Int(low=low, high=high):
            found += [str(high + 1), "9" * 30, "x", f'"{low}"', f"{low}.0", f"+{low}", f"0x{low:x}", f"{low} {low}"]
            found += [str(low - 1)] if low else []
        case Choice(choices=choices):
            found += [str(max(choices) + 1), "9" * 30, "x", f'"{choices[0]}"', "0x1", "1 1"]
        case HexChoice():
            found += ["0x", "0002", "0x0002", "0x1FFFF", "0xG", '"0x0000"', "256", "0x000000000"]
        case Quoted(longest=longest):
            found += [
                '"' + "水" * (longest // 3 + 1) + '"',
                '"' + "x" * (longest + 1) + '"',
                "x",
                '"x',
                'x"',
                '"x"x',
                "'x'",
            ]
        case Word():
            found += ['"XX"', "x", '"x', "BS", '"BS "']
        case Digits(shortest=shortest, longest=longest):
            found += ["4" * (shortest - 1), "4" * (longest + 1), "4" * (shortest - 1) + "x", '"' + "4" * shortest]
        case HexDigits(size=size, longest=longest):
            most = size or longest
            found += ["E8" * most + "E8", "E8" * (most - 1) + "E", "G8" * most, "0x" + "E8" * (most - 1)]
        case Host(quoted=quoted):
            found += ["117.161.2", "117.161.2.256", "117.161.2.7.1", "117.161. 2.7", "117.161.2.7:5683", f"{LABEL}x.y"]
            found += ["-a.example", "a..b", "1" * 300, *(["117.161.2.7"] if quoted else [])]
        case Bits():
            found += ["0000010", "000001010", "00000102", '"00000101']
        case Cycle():
            found += ["0000", '"000"', '"00000"', '"0002"']
        case NameField(names=names):
            found += [f"{names[0]}x", names[0][:-1], f'"{names[0]}']
        case Bare():
            found += ["x" * 33, '"x"', "a-b"]
        case Payload():
            return ['""', '"x', 'x"', '"x"x']
        case PskIdentity():
            found += ["1", IMEI[:-1], IMEI + "0", f'"{IMEI}"', "00"]
        case _:
            raise AssertionError(f"nobody has said what a {type(field).__name__} refuses")
    return found


def rows_of(command: Command) -> Iterator[tuple[str, Row]]:
    """What stands before the values, and the row that takes them."""
    if isinstance(command.write, ByType):
        for kind, row in command.write.rows.items():
            yield f"{command.name}={kind}{',' if row.fields else ''}", row
    elif command.write is not None:
        yield (f"{command.name}{',' if '=' in command.name else '='}", command.write)


def required(row: Row) -> list[Field]:
    """Those that an everyday line has."""
    return [field for field in row.fields if not field.optional]


def variants(row: Row, values: list[str], position: int, texts: list[str]) -> Iterator[list[str]]:
    """The values with another text in one place; the optional ones before it are filled, those behind it left out."""
    for text in texts:
        filled = values + [good(field)[0] for field in row.fields[len(values) : position + 1]]
        filled[position] = text
        yield filled


def everyday(row: Row) -> list[str]:
    """One good value for each field that is required."""
    return [good(field)[0] for field in required(row)]


def takes_rest(row: Row) -> bool:
    return any(isinstance(field, Rest) for field in row.fields)
