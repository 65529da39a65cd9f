"""Object definitions as files (OMA DDF): what is read, and with which code and line all else is refused (D153)."""

from __future__ import annotations

from typing import Any

import pytest
from ddf_files import TANK, file_of, item, object_of

from nbtwin.lwm2m.model import AllowedOperations, ResourceType
from nbtwin.lwm2m.objects.ddf import LARGEST, MOST, definitions_in
from nbtwin.lwm2m.objects.record import definition_of, record_of
from nbtwin.lwm2m.objects.refusals import DefinitionError, DefinitionRefusal
from nbtwin.lwm2m.objects.registry import BUILT_IN
from nbtwin.timeline.catalogue.errors import worded


def refused(content: bytes) -> DefinitionError:
    with pytest.raises(DefinitionError) as found:
        definitions_in(content)
    for language in ("en", "zh"):
        assert "{" not in worded(found.value, language)
    return found.value


def test_a_definition_says_what_each_resource_is() -> None:
    (tank,) = definitions_in(TANK)
    assert (tank.id, tank.version, tank.name, tank.multiple, tank.mandatory) == (33001, "1.0", "Tank", True, False)
    level = tank.resources[1]
    assert (level.name, level.type, level.unit, level.range) == ("Level", ResourceType.FLOAT, "%", "0..100")
    assert (level.operations, level.multiple, level.mandatory) == (AllowedOperations.RW, False, True)
    assert [row.type for row in tank.resources.values()] == [
        ResourceType.FLOAT, ResourceType.BOOLEAN, ResourceType.NONE, ResourceType.STRING, ResourceType.UNSIGNED,
        ResourceType.INTEGER,
    ]  # fmt: skip


def test_a_file_may_define_several_objects_and_versions() -> None:
    found = definitions_in(
        file_of(object_of(), object_of(ObjectVersion="1.1"), object_of(ObjectID="33002", ObjectURN=""))
    )
    assert [(one.id, one.version) for one in found] == [(33001, "1.0"), (33001, "1.1"), (33002, "1.0")]


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ({}, "1.0"),
        ({"ObjectURN": "urn:oma:lwm2m:x:33001:2.3"}, "2.3"),
        ({"ObjectURN": "urn:oma:lwm2m:x:33001:2.3", "ObjectVersion": ""}, "2.3"),
        ({"ObjectURN": "urn:oma:lwm2m:x:33001:2.3", "ObjectVersion": "2.4"}, "2.4"),
        ({"ObjectURN": "to be done"}, "1.0"),
        ({"ObjectURN": None}, "1.0"),
    ],
)
def test_the_version_is_the_definitions_or_its_urns_or_the_first(said: dict[str, str], version: str) -> None:
    assert definitions_in(file_of(object_of(**said)))[0].version == version


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_a_file_says_its_encoding_and_may_have_what_nobody_asks_for(encoding: str) -> None:
    text = file_of(object_of(item(Name="Füllstand", Extra="<b>x</b>"), Comment="y")).decode()
    (tank,) = definitions_in(text.replace("UTF-8", encoding).encode(encoding))
    assert tank.resources[1].name == "Füllstand"


@pytest.mark.parametrize(
    ("content", "code", "fields"),
    [
        (b"", "NO_XML", {"line": 1}),
        (b"\x00\x01", "NO_XML", {}),
        (TANK[:-20], "NO_XML", {"line": 3}),
        (TANK[: len(TANK) // 2], "NO_XML", {"line": 3}),
        (TANK.replace(b"UTF-8", b"klingon"), "NO_XML", {}),
        (TANK.replace(b"Tank", b"\xff\xfe"), "NO_XML", {"line": 3}),
        (b"<LWM2M/>", "NO_OBJECT", {"line": 1}),
        (b"<html/>", "OTHER_ELEMENT", {"element": "html", "expected": "LWM2M"}),
        (b"<LWM2M>" + b"<a>" * 8, "TOO_DEEP", {"element": "a"}),
        (b" " * (LARGEST + 1), "TOO_LARGE", {"limit": LARGEST}),
        (file_of(*[object_of(ObjectID=str(n), ObjectURN="") for n in range(MOST + 1)]), "TOO_MANY", {"limit": MOST}),
        (file_of(object_of(ObjectID=None)), "MISSING", {"element": "ObjectID", "parent": "Object", "line": 3}),
        (file_of(object_of(ObjectID="70000")), "NUMBER", {"element": "ObjectID", "value": "70000"}),
        (file_of(object_of(ObjectID="65535")), "NUMBER", {"element": "ObjectID"}),
        (file_of(object_of(ObjectID="-1")), "NUMBER", {"element": "ObjectID"}),
        (file_of(object_of(ObjectID="٣")), "NUMBER", {"element": "ObjectID"}),
        (file_of(object_of(ObjectURN="urn:oma:lwm2m:x:33002")), "OTHER_URN", {"object": 33001}),
        (file_of(object_of(ObjectVersion="latest")), "WORD", {"element": "ObjectVersion", "value": "latest"}),
        (file_of(object_of(MultipleInstances="Many")), "WORD", {"element": "MultipleInstances", "value": "Many"}),
        (file_of(object_of(Mandatory="")), "WORD", {"element": "Mandatory"}),
        (file_of(object_of(Name="")), "TEXT", {"element": "Name"}),
        (file_of(object_of(Name="x" * 101)), "TEXT", {"element": "Name", "limit": 100}),
        (file_of(object_of("<!-- none -->")), "NO_RESOURCES", {"object": 33001}),
        (file_of(object_of(), object_of()), "OBJECT_TWICE", {"object": 33001, "version": "1.0", "line": 4}),
        (file_of(object_of(item(1), item(1))), "RESOURCE_TWICE", {"resource": 1}),
        (file_of(object_of(item(65536))), "NUMBER", {"element": "Item", "value": "65536"}),
        (file_of(object_of(item("x"))), "NUMBER", {"element": "Item", "value": "x"}),
        (file_of(object_of(item().replace(' ID="1"', ""))), "MISSING", {"element": "ID", "parent": "Item"}),
        (file_of(object_of(item(Type="Double"))), "WORD", {"element": "Type", "value": "Double"}),
        (file_of(object_of(item(Type=""))), "NO_TYPE", {"resource": 1}),
        (file_of(object_of(item(Operations="RWE"))), "WORD", {"element": "Operations", "value": "RWE"}),
        (file_of(object_of(item(Operations=None))), "MISSING", {"element": "Operations", "parent": "Item"}),
        (file_of(object_of(item(Units="</Units><Type>Float</Type><Units>"))), "TWICE", {"element": "Type"}),
    ],
)  # fmt: skip
def test_what_is_no_definition_is_refused_with_its_place(content: bytes, code: str, fields: dict[str, Any]) -> None:
    error = refused(content)
    assert error.code is DefinitionRefusal[code]
    assert {name: error.fields[name] for name in fields} == fields


BOMB = (
    b'<!DOCTYPE l [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%b">' % (97 + n, b"&%c;" % (96 + n) * 10) for n in range(1, 9))
    + b"]><LWM2M>&i;</LWM2M>"
)


@pytest.mark.parametrize(
    "content",
    [
        BOMB,
        b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/hostname">]><LWM2M><Object>&x;</Object></LWM2M>',
        b'<!DOCTYPE l SYSTEM "http://192.0.2.1/l.dtd"><LWM2M/>',
        b'<!DOCTYPE l [<!ENTITY % p SYSTEM "http://192.0.2.1/p.dtd"> %p;]><LWM2M/>',
        b"<!DOCTYPE LWM2M><LWM2M/>",
    ],
)
def test_a_file_declares_nothing_and_nothing_outside_it_is_read(content: bytes) -> None:
    assert refused(content).code is DefinitionRefusal.DECLARATION


def test_the_words_name_the_line() -> None:
    error = refused(file_of(object_of(item(Type="Double"))))
    assert worded(error, "en").startswith("line 3: 'Double' of <Type> is none of String, Integer,")
    assert worded(error, "zh").startswith("第 3 行：<Type> 的“Double”不是 String")


def test_a_definition_comes_back_from_its_record() -> None:
    for definition in (*definitions_in(TANK), BUILT_IN[3303, "1.0"], BUILT_IN[1, "1.0"]):
        again = definition_of(record_of(definition))
        assert record_of(again) == record_of(definition)
        assert {n: (r.type, r.range) for n, r in again.resources.items()} == {
            n: (r.type, r.range) for n, r in definition.resources.items()
        }
