"""Names, cipher, object 666: docs/spec/wire.md, CMDMP test vectors, and what a platform must put up with."""

from __future__ import annotations

import pytest

from nbtwin.engine import DecodeError
from nbtwin.lwm2m.content import tlv
from nbtwin.selfreg.cmdmp import (
    EXTENDED,
    OBJECT_666,
    DmpState,
    EndpointName,
    TerminalIdentity,
    decrypt,
    encrypt,
    endpoint_name,
    extended_info,
    key_of,
    object_666,
    update_name,
)

PASSWORD = "77GaaTUi33nUK05ha528888QFbk0Y38M"
KEY = key_of(PASSWORD)
ME = TerminalIdentity("863703030822519", "", "460040123456789")
SECRET = "6sEyeL3X12HQaiMLRRaHpXLPaXOqf8JsDuDmWcXqwKpIfUO2bBsr+Nk2J6jIpZBK"
UPDATE_SECRET = "6sEyeL3X12HQaiMLRRaHpXLPaXOqf8JsDuDmWcXqwKoP9udxfcdStUwcHSywskMl"
NAME = f"L@#@{SECRET}@#@M100000089@#@863703030822519@#@v2.0"

VECTORS = {
    "863703030822519-****-460040123456789-v2.0": SECRET,
    "863703030822519-****-460040123456789-****": UPDATE_SECRET,
    "NULL": "75EE3otMjwvBTI1AnorwMw==",
    "EC616": "/zNtDb01tijxucZOyvYJgA==",
    "NB-IoT": "xVGt6bUvN4RD7tsc9jn4VA==",
}


@pytest.mark.parametrize(
    ("password", "key"),
    [
        (PASSWORD, "8ef231fe39ff599988d5ba8dc7931a3b9a7139afaf0f14587d287d858357455a"),
        ("", "84e0c0eafaa95a34c293f278ac52e45ce537bab5e752a00e6959a13ae103b65a"),
    ],
)
def test_the_key_of_a_password(password: str, key: str) -> None:
    assert key_of(password).hex() == key


@pytest.mark.parametrize(("text", "secret"), VECTORS.items())
def test_the_cipher_both_ways(text: str, secret: str) -> None:
    assert encrypt(text, KEY) == secret
    assert decrypt(secret, KEY) == text


@pytest.mark.parametrize(
    "damaged", ["", "AAAA", "not base64!", SECRET[:-4], "A" + SECRET[1:-1], "75EE3otMjwvBTI1AnorwMw"]
)
def test_a_damaged_secret_is_a_decode_error(damaged: str) -> None:
    with pytest.raises(DecodeError):
        decrypt(damaged, KEY)


def test_another_password_does_not_open_a_secret() -> None:
    with pytest.raises(DecodeError):
        EndpointName.parse(NAME).identity(key_of("wrong"))


def test_the_endpoint_name_and_the_update_name() -> None:
    assert endpoint_name(1, ME, "M100000089", PASSWORD, "863703030822519") == NAME
    assert update_name(1, ME, "M100000089", PASSWORD, "863703030822519") == NAME.replace(SECRET, UPDATE_SECRET)


@pytest.mark.parametrize(("terminal_type", "letter"), [(0, "I"), (1, "L"), (2, "A")])
def test_the_terminal_type_is_a_letter(terminal_type: int, letter: str) -> None:
    assert endpoint_name(terminal_type, ME, "k", "", "1").split("@#@")[0] == letter


def test_the_terminal_imei_is_the_configured_one_and_the_secret_holds_the_modules_own() -> None:
    name = EndpointName.parse(endpoint_name(1, ME, "k", PASSWORD, "12345678901234567"))
    assert name.terminal_imei == "12345678901234567"
    assert name.identity(KEY) == ME


def test_a_name_is_parsed_back() -> None:
    assert EndpointName.parse(NAME) == EndpointName("L", SECRET, "M100000089", "863703030822519", "v2.0")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("I@#@c2VjcmV0@#@M1", EndpointName("I", "c2VjcmV0", "M1")),
        ("I@#@s@#@M1@#@8637@#@v2.0@#@x@#@y", EndpointName("I", "s", "M1", "8637", "v2.0", ("x", "y"))),
    ],
)
def test_names_of_three_parts_and_of_more_than_five_are_understood(name: str, expected: EndpointName) -> None:
    assert EndpointName.parse(name) == expected


@pytest.mark.parametrize("name", ["", "863703030822519", "L@#@secret", "L@#@@#@M1", "@#@s@#@M1", "L@#@s@#@"])
def test_names_that_lack_a_part_are_refused(name: str) -> None:
    with pytest.raises(DecodeError):
        EndpointName.parse(name)


@pytest.mark.parametrize("text", ["8637-****-4600", "8637-****-4600-****"])
def test_both_update_texts_are_understood(text: str) -> None:
    assert TerminalIdentity.parse(text) == TerminalIdentity("8637", "", "4600", "")


@pytest.mark.parametrize("text", ["", "8637", "8637-4600", "1-2-3-4-5"])
def test_other_numbers_of_fields_are_refused(text: str) -> None:
    with pytest.raises(DecodeError):
        TerminalIdentity.parse(text)


def test_a_fresh_module_answers_null_for_everything_and_leaves_6601_out() -> None:
    content = object_666({}, KEY)
    assert list(content) == list(range(6602, 6615))
    assert set(content.values()) == {VECTORS["NULL"]}


def test_device_info_appears_when_there_is_some() -> None:
    assert decrypt(object_666({6601: "meter"}, KEY)[6601], KEY) == "meter"
    assert next(iter(object_666({6601: "meter"}, KEY))) == 6601


def test_the_values_of_qdmpcfgex_land_where_wire_md_says() -> None:
    """DOC-C 3.2.3, example."""
    info = extended_info(
        {
            0: ["Douyin|FW1|990650|9123;Wechat|FW02|80650|9201"],
            1: ["00-01-6C-06-A6-29"],
            2: ["4096KB", "4096KB", "EC616", "FREE RTOS"],
            3: ["BC260YCNAAR01A03", "Quectel"],
            4: ["off", "NB-IoT", "XY05553867549", "18009699999"],
            5: ["31.8438799075,117.2025477950,OTDOA"],
        }
    )
    assert info[6603] == "00-01-6C-06-A6-29"
    assert (info[6604], info[6607], info[6609], info[6613]) == ("4096KB", "FREE RTOS", "Quectel", "18009699999")
    content = object_666(info, KEY)
    assert content[6606] == VECTORS["EC616"]
    assert content[6611] == VECTORS["NB-IoT"]
    assert decrypt(content[6614], KEY) == "31.8438799075,117.2025477950,OTDOA"


def test_the_tlv_of_a_mac_starts_as_printed() -> None:
    value = object_666({6603: "00-01-6C-06-A6-29"}, KEY)[6603].encode()
    assert tlv.encode([tlv.TlvEntry(tlv.TlvKind.RESOURCE, 6603, value)]).startswith(bytes.fromhex("e819cb2c"))


def test_every_extended_value_has_a_resource_of_its_own() -> None:
    ids = [id for row in EXTENDED.values() for id in row]
    assert sorted(ids) == ids
    assert {6601, *ids} == set(OBJECT_666.resources)


def test_the_states_are_those_of_the_documents() -> None:
    assert [int(state) for state in DmpState] == [0, 4, 5, 6, 7, 8, 9, 11, 12, 13]
