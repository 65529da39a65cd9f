"""China Mobile's CMDMP platform, told in raw CoAP messages under simulated time (docs/spec/wire.md, CMDMP)."""

from __future__ import annotations

import base64
import random

import pytest
from operators_bench import IMEI, IMSI, LAB_APPKEY, LAB_PASSWORD, PEER, Bench, encrypt, inventory_answer, name_of

from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import DAY, Address, DecodeError, soonest
from nbtwin.lwm2m.content import codec, tlv
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal
from nbtwin.operators import events as ev
from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.key_store.appkeys import Appkey, AppkeyStore
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.selfreg.cmdmp import OBJECT_666, DmpState, key_of, object_666
from nbtwin.selfreg.cmdmp_client import CmdmpClient, CmdmpConfig
from nbtwin.selfreg.schedule import Schedule


def test_a_module_registers_and_is_asked_for_its_inventory() -> None:
    bench = Bench()
    data = bench.request(
        path=["rd"], query=["lwm2m=1.0", f"ep={name_of()}", "b=U", "lt=86400"], content_format=40, payload=b"</1/0>"
    )
    answer, read = bench.give(data)

    assert (answer.type, answer.code) == (Type.ACK, Code.CREATED)
    assert answer.location[0] == "rd"
    assert len(answer.location) == 2
    assert (read.type, read.code, read.path) == (Type.CON, Code.GET, ("666", "0"))
    (registered,) = bench.events(ev.DeviceRegistered)
    assert registered.device == f"cmdmp:{IMEI}"
    assert (registered.identity.imsi, registered.identity.imei2) == (IMSI, "")
    assert registered.registration is bench.platform.server.registrations[IMEI]
    assert registered.registration.lifetime == 86400

    bench.give(inventory_answer(read, {6606: "EC616", 6611: "NB-IoT"}))
    (inventory,) = bench.events(ev.InventoryRead)
    assert inventory.values[6606] == "EC616"
    assert inventory.values[6611] == "NB-IoT"
    assert inventory.values[6603] == "NULL"
    assert 6601 not in inventory.values  # left out when empty


def test_an_update_keeps_the_registration_and_a_lifetime_ends_with_the_give_up_time() -> None:
    """D56: the platform waits as long as a module tries: lifetime + 128 s."""
    bench = Bench()
    location = bench.register(lifetime=3600).location
    bench.advance(3600)
    assert bench.update(location).code == Code.CHANGED
    bench.advance(3600 + 127.9)
    assert bench.events(ev.DeviceExpired) == []
    bench.advance(0.2)
    (expired,) = bench.events(ev.DeviceExpired)
    assert expired.at == 3600 + 3600 + 128
    assert bench.update(location).code == Code.NOT_FOUND


def test_the_wrong_password_is_4_01_and_an_unknown_appkey_4_03() -> None:
    bench = Bench()
    assert bench.register(name_of(password="not the password")).code == Code.UNAUTHORIZED
    assert bench.register(name_of(appkey="M999999999")).code == Code.FORBIDDEN
    refused = bench.events(ev.DeviceRefused)
    assert [(event.response_code, event.device) for event in refused] == [
        ("4.01", f"cmdmp:{IMEI}"),
        ("4.03", f"cmdmp:{IMEI}"),
    ]
    assert bench.platform.server.registrations == {}


def test_a_name_that_is_not_one_is_4_00() -> None:
    bench = Bench()
    no_base64 = name_of().replace("@#@", "@#@!", 1)
    half_block = "L@#@" + base64.b64encode(b"x" * 15).decode() + f"@#@M100000089@#@{IMEI}@#@v2.0"
    for name in ("blast000001", "L@#@@#@M100000089", no_base64):
        assert bench.register(name).code == Code.BAD_REQUEST, name
    assert bench.register(half_block).code == Code.UNAUTHORIZED


def parts_of(name: str) -> list[str]:
    return name.split("@#@")


@pytest.mark.parametrize("shape", [3, 5, 6, 7])
def test_endpoint_names_of_three_five_or_more_parts_are_taken(shape: int) -> None:
    bench = Bench()
    name = "@#@".join([*parts_of(name_of()), "more", "and more"][:shape])
    assert bench.register(name).code == Code.CREATED
    assert bench.events(ev.DeviceRegistered)[0].device == f"cmdmp:{IMEI}"


def secret_name(text: str, *, imei: str = IMEI) -> str:
    secret = encrypt(text, key_of(LAB_PASSWORD))
    return "@#@".join(("L", secret, LAB_APPKEY, imei, "v2.0"))


@pytest.mark.parametrize("text", [f"{IMEI}-****-{IMSI}-****", f"{IMEI}-****-{IMSI}", f"{IMEI}-{IMEI}-{IMSI}-v2.0"])
def test_an_update_has_three_or_four_fields(text: str) -> None:
    bench = Bench()
    location = bench.register().location
    assert bench.update(location, secret_name(text)).code == Code.CHANGED


@pytest.mark.parametrize("text", ["", IMEI, f"{IMEI}-1", f"{IMEI}-1-2-3-4"])
def test_a_ciphertext_that_opens_to_something_else_is_4_01(text: str) -> None:
    assert Bench().register(secret_name(text)).code == Code.UNAUTHORIZED


@pytest.mark.parametrize("imei", ["12345", "not an IMEI", "8637030308225190000"])
def test_a_terminal_imei_that_is_none_is_4_00(imei: str) -> None:
    assert Bench().register(secret_name(f"{IMEI}-****-{IMSI}-v2.0", imei=imei)).code == Code.BAD_REQUEST


def test_the_terminal_imei_may_be_another_than_the_modules() -> None:
    """DOC-B/C/D: <tmlIMEI> is the terminal's, and may be configured."""
    bench = Bench()
    assert bench.register(secret_name(f"{IMEI}-****-{IMSI}-v2.0", imei="111111111111111")).code == Code.CREATED
    assert bench.events(ev.DeviceRegistered)[0].device == "cmdmp:111111111111111"


def test_the_vector_of_the_specification_registers() -> None:
    """docs/spec/wire.md, CMDMP test vectors: a ciphertext whose password is published with it."""
    keys = AppkeyStore({"M100000329": "77GaaTUi33nUK05ha528888QFbk0Y38M"})
    bench = Bench(CmdmpPlatform(random.Random(1), keys))
    secret = "6sEyeL3X12HQaiMLRRaHpXLPaXOqf8JsDuDmWcXqwKpIfUO2bBsr+Nk2J6jIpZBK"
    update = "6sEyeL3X12HQaiMLRRaHpXLPaXOqf8JsDuDmWcXqwKoP9udxfcdStUwcHSywskMl"
    answer = bench.register(f"L@#@{secret}@#@M100000329@#@{IMEI}@#@v2.0")
    assert answer.code == Code.CREATED
    assert bench.events(ev.DeviceRegistered)[0].identity.imsi == "460040123456789"
    assert bench.update(answer.location, f"L@#@{update}@#@M100000329@#@{IMEI}@#@v2.0").code == Code.CHANGED


def test_our_cipher_and_selfregs_are_one() -> None:
    key = Appkey("77GaaTUi33nUK05ha528888QFbk0Y38M")
    texts = ["", "NULL", "EC616", "x" * 16, "y" * 200, "中国"]
    secrets = [base64.b64decode(encrypt(text, key_of(key.password))) for text in texts]
    assert [key.decrypt(secret) for secret in secrets] == texts == key.decrypt_all(secrets)
    for damaged in (b"", b"x" * 15, b"x" * 32):
        with pytest.raises(DecodeError):
            key.decrypt(damaged)
        with pytest.raises(DecodeError):
            key.decrypt_all([secrets[0], damaged])


def test_a_retransmitted_register_gets_the_same_answer_and_registers_once() -> None:
    bench = Bench()
    data = bench.request(path=["rd"], query=[f"ep={name_of()}", "lt=300"])
    bench.platform.handle_datagram(0.0, PEER, data)
    answer, _read = bench.drain()
    (again,) = [message for message in bench.give(data) if message.type == Type.ACK]
    assert again == answer[1]
    assert len(bench.events(ev.DeviceRegistered)) == 1


def test_a_moved_device_is_found_at_its_new_address() -> None:
    bench = Bench()
    location = bench.register().location
    assert bench.update(location, peer=("10.0.0.9", 1024)).code == Code.CHANGED
    (updated,) = bench.events(ev.DeviceUpdated)
    assert (updated.peer, updated.address_changed) == (("10.0.0.9", 1024), True)


def test_an_update_with_another_devices_name_is_4_04() -> None:
    """4.04 sends the client back to Register, which is what it must do with a location that is not its own."""
    bench = Bench()
    location = bench.register().location
    other = "863703030000001"
    assert bench.update(location, name_of(other, update=True)).code == Code.NOT_FOUND
    assert bench.update(("rd", "nowhere")).code == Code.NOT_FOUND
    (answer,) = bench.give(bench.request(path=location))
    assert answer.code == Code.BAD_REQUEST  # no epi


def test_a_key_that_is_removed_or_changed_counts_at_the_next_update() -> None:
    bench = Bench()
    location = bench.register().location
    bench.platform.keys.add(LAB_APPKEY, "changed password")
    assert bench.update(location).code == Code.UNAUTHORIZED
    bench.platform.keys.remove(LAB_APPKEY)
    assert bench.update(location).code == Code.FORBIDDEN
    assert IMEI in bench.platform.server.registrations  # until its lifetime ends
    bench.platform.keys.add(LAB_APPKEY, LAB_PASSWORD)
    assert bench.update(location).code == Code.CHANGED


def read_after(bench: Bench, imei: str, peer: tuple[str, int] = PEER) -> list[Message]:
    query = [f"ep={name_of(imei)}", "lt=86400"]
    return [m for m in bench.give(bench.request(path=["rd"], query=query), peer) if m.code == Code.GET]


def test_one_address_is_asked_one_question_at_a_time() -> None:
    """RFC 7252 4.7: NSTART is 1. Several devices behind one address wait for one another."""
    bench = Bench()
    imeis = [f"{863703030000001 + n}" for n in range(4)]
    (first,) = read_after(bench, imeis[0])
    assert [read_after(bench, imei) for imei in imeis[1:]] == [[], [], []]
    assert len(read_after(bench, "863703030000009", ("10.0.0.2", 5683))) == 1  # another address, at once
    read = first
    for _ in imeis[1:]:
        (read,) = bench.give(inventory_answer(read, {}))
    assert bench.give(inventory_answer(read, {})) == []
    assert [event.device[6:] for event in bench.events(ev.InventoryRead)] == imeis


def test_an_unanswered_read_is_told_and_the_next_one_asked() -> None:
    bench = Bench()
    read_after(bench, "863703030000001")
    read_after(bench, "863703030000002")
    sent = bench.advance(62)
    (unread,) = bench.events(ev.InventoryUnread)
    assert (unread.at, unread.device) == (62.0, "cmdmp:863703030000001")
    assert unread.refusal is Lwm2mServerRefusal.UNANSWERED
    assert sent[-1][0] == 62.0
    assert sent[-1][1].path == ("666", "0")


@pytest.mark.parametrize(
    ("code", "payload", "refusal"),
    [
        (Code.NOT_FOUND, b"", PlatformRefusal.OPERATION_REFUSED),
        (Code.CONTENT, b"", PlatformRefusal.INVENTORY_EMPTY),
        (Code.CONTENT, b"\xe8\x19\xcb\x2c", PlatformRefusal.INVENTORY_MALFORMED),
        (Code.CONTENT, b"\xc4\x01!!!!", PlatformRefusal.CIPHERTEXT_BASE64),
        (Code.CONTENT, b"\xc4\x01AAAA", PlatformRefusal.CIPHERTEXT_LENGTH),
    ],
)
def test_an_inventory_that_makes_no_sense_is_told(code: Code, payload: bytes, refusal: PlatformRefusal) -> None:
    bench = Bench()
    (read,) = read_after(bench, IMEI)
    answer = Message(Type.ACK, code, read.message_id, read.token, options(content_format=11542), payload)
    bench.give(encode(answer))
    (unread,) = bench.events(ev.InventoryUnread)
    assert unread.refusal is refusal
    assert bench.events(ev.InventoryRead) == []


def test_an_inventory_encrypted_with_another_password_is_told() -> None:
    bench = Bench()
    (read,) = read_after(bench, IMEI)
    bench.give(inventory_answer(read, {}, password="another one"))
    assert bench.events(ev.InventoryUnread)[0].refusal is PlatformRefusal.CIPHERTEXT_PASSWORD


@pytest.mark.parametrize("content_format", [11542, 1542, None, 11543])
def test_an_inventory_is_understood_in_every_format(content_format: int | None) -> None:
    bench = Bench()
    (read,) = read_after(bench, IMEI)
    values = object_666({6606: "EC616"}, key_of(LAB_PASSWORD))
    found = 11542 if content_format is None else content_format
    payload = codec.encode(found, Path("/666/0"), dict(values), {666: OBJECT_666})
    some = () if content_format is None else options(content_format=content_format)
    bench.give(encode(Message(Type.ACK, Code.CONTENT, read.message_id, read.token, some, payload)))
    assert bench.events(ev.InventoryRead)[0].values[6606] == "EC616"


def test_an_inventory_with_its_instance_around_it_is_understood() -> None:
    """LwM2M 1.0 TS, 6.4.3.1: the object instance may be written out."""
    bench = Bench()
    (read,) = read_after(bench, IMEI)
    value = encrypt("EC616", key_of(LAB_PASSWORD)).encode()
    payload = tlv.encode(
        [tlv.TlvEntry(tlv.TlvKind.OBJECT_INSTANCE, 0, entries=(tlv.TlvEntry(tlv.TlvKind.RESOURCE, 6606, value),))]
    )
    found = options(content_format=11542)
    bench.give(encode(Message(Type.ACK, Code.CONTENT, read.message_id, read.token, found, payload)))
    assert bench.events(ev.InventoryRead)[0].values == {6606: "EC616"}


def test_the_memory_of_duplicates_is_bounded() -> None:
    bench = Bench(CmdmpPlatform(random.Random(1), AppkeyStore({LAB_APPKEY: LAB_PASSWORD}), remembered=100))
    for n in range(500):
        bench.register(peer=("10.0.0.1", 1024 + n))
    assert len(bench.platform.server.coap._received) <= 100


ELSEWHERE: Address = ("10.0.0.9", 40000)


@pytest.mark.parametrize(
    ("peer", "query", "code"),
    [
        (PEER, [], Code.DELETED),
        (PEER, [f"epi={name_of(update=True)}"], Code.DELETED),
        (ELSEWHERE, [f"epi={name_of(update=True)}"], Code.DELETED),  # NAT has moved it
        (ELSEWHERE, [], Code.BAD_REQUEST),
        (ELSEWHERE, [f"epi={name_of('863703030822527', update=True)}"], Code.NOT_FOUND),
        (PEER, [f"epi={name_of('863703030822527', update=True)}"], Code.NOT_FOUND),
        (ELSEWHERE, [f"epi={name_of(password='another password', update=True)}"], Code.UNAUTHORIZED),
    ],
)
def test_a_deregistration_is_its_devices_own(peer: Address, query: list[str], code: Code) -> None:
    """D125: from the address of the registration, or under the name; a wrong name is wrong from anywhere."""
    bench = Bench()
    location = bench.register().location
    (answer,) = bench.give(bench.request(Code.DELETE, path=location, query=query), peer)
    assert answer.code == code
    ended = code == Code.DELETED
    assert bool(bench.events(ev.DeviceDeregistered)) is ended
    assert bench.update(location).code == (Code.NOT_FOUND if ended else Code.CHANGED)


def test_a_name_that_was_right_yesterday_is_right_today_unless_something_has_changed() -> None:
    """What was opened once is not opened again; a new password, another name and a new registration are looked at."""
    keys = AppkeyStore({LAB_APPKEY: LAB_PASSWORD})
    bench = Bench(CmdmpPlatform(random.Random(1), keys))
    location = bench.register().location
    others = [f"epi={name_of('863703030822527', update=True)}"]
    for _ in range(2):
        assert bench.update(location).code == Code.CHANGED
        (answer,) = bench.give(bench.request(Code.POST, path=location, query=others))
        assert answer.code == Code.NOT_FOUND
    keys.add(LAB_APPKEY, "another password")
    assert bench.update(location).code == Code.UNAUTHORIZED
    keys.add(LAB_APPKEY, LAB_PASSWORD)
    for _ in range(2):
        assert bench.update(location).code == Code.CHANGED
    assert bench.update(bench.register().location).code == Code.CHANGED


def test_a_deregistration_is_told() -> None:
    bench = Bench()
    location = bench.register().location
    (answer,) = bench.give(bench.request(Code.DELETE, path=location))
    assert answer.code == Code.DELETED
    assert [event.device for event in bench.events(ev.DeviceDeregistered)] == [f"cmdmp:{IMEI}"]
    assert bench.platform.server.registrations == {}


def test_the_same_seed_gives_the_same_bytes() -> None:
    def story() -> list[bytes]:
        bench = Bench()
        location = bench.register().location
        bench.update(location)
        return [encode(message) for _, message in bench.advance(200)]

    assert story() == story() != []


def test_thirty_days_with_a_module_of_ours() -> None:
    """Both ends of nbtwin under one clock: a registration, its inventory, and an update every day."""
    config = CmdmpConfig(
        server="10.1.1.1", fallback=None, port=5683, period=86400, appkey=LAB_APPKEY, password=LAB_PASSWORD,
        terminal_type=1, terminal_imei=IMEI, imei=IMEI, imei2="", imsi=IMSI, info={6601: "x" * 1500, 6606: "EC616"},
        manufacturer="Quectel", model="BC260Y-CN", schedule=Schedule(waits=(2, 4, 8, 16, 32, 66)),
    )  # fmt: skip
    client, bench = CmdmpClient(config, random.Random(3)), Bench()
    client.handle_attached(0.0)
    while True:
        quiet = False
        while not quiet:
            up = client.datagrams_to_send()
            for _, data in up:
                bench.platform.handle_datagram(bench.now, PEER, data)
            down = bench.drain()
            for _, message in down:
                client.handle_datagram(bench.now, ("10.1.1.1", 5683), encode(message))
            quiet = not up and not down
        client.events()
        deadline = soonest(client.next_deadline(), bench.platform.next_deadline())
        if deadline is None or deadline.at > 30 * DAY + 60:
            break
        bench.now = max(bench.now, deadline.at)
        client.handle_timer(bench.now)
        bench.platform.handle_timer(bench.now)
    assert client.state == DmpState.UPDATE_SUCCESS
    assert len(bench.events(ev.DeviceRegistered)) == 1
    assert len(bench.events(ev.DeviceUpdated)) == 30
    (inventory,) = bench.events(ev.InventoryRead)
    assert (len(inventory.values[6601]), inventory.values[6606]) == (1500, "EC616")  # in several blocks
    assert bench.events(ev.DeviceExpired) == []
