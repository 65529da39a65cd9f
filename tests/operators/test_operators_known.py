"""What a platform has understood once it does not work out again, and never takes for something that it is not.

Each memory's boundary: the key or the password has changed, one byte is another, the bytes are another device's, the
memory is full, a change was refused by whoever keeps the keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from andlink_raw_bench import IMEI as ANDLINK_IMEI
from andlink_raw_bench import LINKS, Client
from operators_bench import IMEI, IMSI, LAB_APPKEY, LAB_PASSWORD, Bench, encrypt, inventory_answer, name_of

from nbtwin.coap.message import Message, decode, options
from nbtwin.coap.numbers import Code, ContentFormat, Type
from nbtwin.lwm2m.content import tlv
from nbtwin.lwm2m.model import Objects
from nbtwin.lwm2m.objects.registry import ObjectRegistry
from nbtwin.lwm2m.path import Path
from nbtwin.operators import events as ev
from nbtwin.operators.cmdmp.inventory import Inventories, InventoryError
from nbtwin.operators.device_management.answers import KnownAnswers
from nbtwin.operators.device_management.values import value_of
from nbtwin.operators.key_store import appkeys
from nbtwin.operators.key_store.appkeys import Appkey
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.selfreg.cmdmp import key_of

OTHER_IMEI = "863703030822527"
ANOTHER = "another password of the same customer"
INFO = {6601: IMEI, 6606: "EC616", 6611: "NB-IoT"}


def with_read(bench: Bench, imei: str = IMEI, port: int = 5683) -> tuple[Message, Message]:
    """A registration: its answer, and the read of the inventory that follows."""
    query = ["lwm2m=1.0", f"ep={name_of(imei)}", "b=U", "lt=86400"]
    data = bench.request(path=["rd"], query=query, content_format=40, payload=b"</1/0>")
    answer, read = bench.give(data, ("10.0.0.1", port))
    return answer, read


def values_read(bench: Bench) -> list[tuple[str, dict[int, str]]]:
    return [(event.device, dict(event.values)) for event in bench.events(ev.InventoryRead)]


# The name of a device of CMDMP


@pytest.mark.parametrize("times", [1, 2])
def test_a_name_that_was_taken_is_refused_once_its_password_has_changed(times: int) -> None:
    bench = Bench()
    for _ in range(times):
        assert bench.register().code == Code.CREATED
    bench.platform.keys.add(LAB_APPKEY, ANOTHER)
    assert bench.register().code == Code.UNAUTHORIZED
    bench.platform.keys.replace({LAB_APPKEY: LAB_PASSWORD})
    assert bench.register().code == Code.CREATED
    bench.platform.keys.remove(LAB_APPKEY)
    assert bench.register().code == Code.FORBIDDEN


def test_a_change_that_the_store_refuses_leaves_the_name_as_good_as_it_was() -> None:
    """The guard is left with the error: neither the database nor the platform has the other password."""
    bench = Bench()
    undone = []

    @contextmanager
    def guard() -> Iterator[None]:
        try:
            yield
        except OSError:
            undone.append(True)
            raise

    def changing(appkey: str, password: str | None) -> None:
        if password == ANOTHER:
            raise OSError("the disk is full")

    bench.platform.keys.keep_with(changing, guard)
    assert bench.register().code == Code.CREATED
    with pytest.raises(OSError, match="full"):
        bench.platform.keys.add(LAB_APPKEY, ANOTHER)
    assert undone
    assert bench.register().code == Code.CREATED
    assert bench.register(name_of(password=ANOTHER)).code == Code.UNAUTHORIZED


def test_a_name_that_has_changed_in_one_letter_is_opened_anew() -> None:
    bench = Bench()
    assert bench.register().code == Code.CREATED
    letter, secret, *rest = name_of().split("@#@")
    damaged = secret[:-1] + ("B" if secret[-1] == "A" else "A")  # in the last block: its padding
    assert bench.register("@#@".join((letter, damaged, *rest))).code == Code.UNAUTHORIZED
    assert bench.register(name_of(imsi="460040000000001")).code == Code.CREATED
    registered = bench.events(ev.DeviceRegistered)[-1]
    assert (registered.identity.imsi, registered.flags) == ("460040000000001", (ev.DeviceFlag.PAIRING_CHANGED,))


def test_a_name_taken_back_after_a_restart_still_has_its_remarks() -> None:
    """They are looked for once; a strict platform looks at them, too."""
    bad = "460010123456789"  # of another operator
    bench = Bench()
    codes = [bench.register(name_of(imsi=bad)).code for _ in range(2)]
    first, second = bench.events(ev.DeviceRegistered)
    assert codes == [Code.CREATED] * 2
    assert first.remarks == second.remarks != ()

    restarted = Bench()
    restarted.platform.server.restore(second.registration)
    assert restarted.register(name_of(imsi=bad)).code == Code.CREATED
    assert restarted.events(ev.DeviceRegistered)[0].remarks == first.remarks
    restarted.platform.strict = True
    assert restarted.register(name_of(imsi=bad)).code == Code.BAD_REQUEST
    assert restarted.events(ev.DeviceRefused)[0].remarks == first.remarks


# Its inventory


def test_values_that_have_changed_in_one_byte_are_read_anew_and_equal_ones_are_shared() -> None:
    bench = Bench()
    changed = {**INFO, 6606: "EC617"}
    for info in (INFO, INFO, changed, INFO):
        _, read = with_read(bench)
        bench.give(inventory_answer(read, info))
    one, two, three, four = (event.values for event in bench.events(ev.InventoryRead))
    assert one == two == four
    assert three == {**one, 6606: "EC617"}
    assert three[6601] is one[6601]
    assert three[6603] is three[6604]  # NULL


def test_another_device_with_equal_bytes_has_the_values_under_its_own_name() -> None:
    bench = Bench()
    for imei, port in ((IMEI, 5683), (OTHER_IMEI, 5684)):
        _, read = with_read(bench, imei, port)
        bench.give(inventory_answer(read, INFO), ("10.0.0.1", port))
    (first, values), (second, others) = values_read(bench)
    assert (first, second) == (f"cmdmp:{IMEI}", f"cmdmp:{OTHER_IMEI}")
    assert values == others


def test_an_answer_that_was_opened_is_refused_under_a_password_that_changed_meanwhile() -> None:
    bench = Bench()
    _, read = with_read(bench)
    bench.give(inventory_answer(read, INFO))
    _, read = with_read(bench)
    bench.platform.keys.add(LAB_APPKEY, ANOTHER)
    bench.give(inventory_answer(read, INFO))
    assert len(values_read(bench)) == 1
    (unread,) = bench.events(ev.InventoryUnread)
    assert unread.refusal is PlatformRefusal.CIPHERTEXT_PASSWORD


def answered(info: dict[int, str], form: int | None = ContentFormat.LWM2M_TLV, code: int = Code.CONTENT) -> Message:
    message = decode(inventory_answer(Message(Type.CON, Code.GET, 1, b"t"), info))
    message.code, message.options = code, options(content_format=form)
    return message


def test_the_same_bytes_in_another_format_or_with_an_error_are_no_inventory() -> None:
    known, key = Inventories(), Appkey(LAB_PASSWORD)
    assert known.decode(answered(INFO), key)[6611] == "NB-IoT"
    with pytest.raises(InventoryError) as text:
        known.decode(answered(INFO, ContentFormat.TEXT), key)
    assert text.value.refusal is PlatformRefusal.INVENTORY_FORMAT
    with pytest.raises(InventoryError) as missing:
        known.decode(answered(INFO, code=Code.NOT_FOUND), key)
    assert missing.value.refusal is PlatformRefusal.OPERATION_REFUSED
    with pytest.raises(InventoryError) as unknown:
        known.decode(answered(INFO), None)
    assert unknown.value.refusal is PlatformRefusal.APPKEY_UNKNOWN
    with pytest.raises(InventoryError) as other:
        known.decode(answered(INFO), Appkey(ANOTHER))
    assert other.value.refusal is PlatformRefusal.CIPHERTEXT_PASSWORD
    assert known.decode(answered(INFO), Appkey(LAB_PASSWORD))[6611] == "NB-IoT"  # the same password again


def test_a_secret_that_is_none_beside_known_ones_is_refused_as_ever() -> None:
    key = Appkey(LAB_PASSWORD)
    good = encrypt("NULL", key_of(LAB_PASSWORD)).encode()
    assert key.open_all([good, good]) == ["NULL", "NULL"]
    assert key.open_all([good, encrypt("", key_of(LAB_PASSWORD)).encode()]) == ["NULL", ""]
    with pytest.raises(ValueError, match=r"[Bb]ase64|padding"):
        key.open_all([good, b"!!"])
    with pytest.raises(appkeys.CiphertextError) as error:
        key.open_all([good, b"AAAA"])
    assert error.value.refusal is PlatformRefusal.CIPHERTEXT_LENGTH
    assert key.open_all([good]) == ["NULL"]


def test_no_memory_grows_beyond_its_bound() -> None:
    """Whoever has the key may say something new each time."""
    key, known = Appkey(LAB_PASSWORD, kept_at_most=8), Inventories(size=8)
    secret = key_of(LAB_PASSWORD)
    for number in range(100):
        value = encrypt(str(number), secret).encode()
        payload = tlv.encode([tlv.TlvEntry(tlv.TlvKind.RESOURCE, 6601, value)])
        found = Message(Type.ACK, Code.CONTENT, 1, b"t", options(content_format=ContentFormat.LWM2M_TLV), payload)
        assert known.decode(found, key) == {6601: str(number)}
        assert key.kept <= 8
        assert len(known) <= 8
    empty, key, long = Inventories(), Appkey(LAB_PASSWORD), "x" * 2000
    for _ in range(2):
        assert empty.decode(answered({6601: long}), key)[6601] == long
    assert (key.kept, len(empty)) == (1, 0)  # NULL; what is long is not kept

    texts = KnownAnswers(value_of, size=8)
    for number in range(100):
        message = Message(Type.ACK, Code.CONTENT, 1, b"t", options(content_format=0), str(number).encode())
        assert texts.of(Path("/5/0/3"), message, ObjectRegistry().newest) == number
        assert len(texts) <= 8


# What devices of Andlink answer to the policy


def values_told(client: Client) -> list[tuple[str, object]]:
    return [(event.path, event.value) for event in client.log if isinstance(event, ev.ResourceNotified)]


def follow_policy(client: Client, state: bytes, model: bytes) -> None:
    """A registration and the answers to its three requests."""
    about = tlv.encode([tlv.TlvEntry(tlv.TlvKind.RESOURCE, 1, model)])
    _, asked = client.register(links=LINKS)
    for form, payload, observe in ((42, b"", 1), (0, state, 1), (ContentFormat.LWM2M_TLV, about, None)):
        more = client.answer(asked, payload=payload, content_format=form, observe=observe)
        asked = more[0] if more else asked


def test_the_policys_requests_are_the_same_for_each_device_but_for_token_and_message_id() -> None:
    client = Client()
    sent = []
    for _ in range(2):
        _, asked = client.register(links=LINKS)
        for payload, observe in ((b"", 1), (b"0", 1), (b"", None)):
            sent.append(asked)
            more = client.answer(asked, payload=payload, observe=observe)
            asked = more[0] if more else asked
    first, second = sent[:3], sent[3:]
    assert [(one.path, one.observe) for one in first] == [
        (("19", "1", "0"), 0),
        (("5", "0", "3"), 0),
        (("3", "0"), None),
    ]
    assert [(one.code, one.options, one.payload) for one in first] == [
        (one.code, one.options, one.payload) for one in second
    ]
    assert len({one.token for one in sent}) == len({one.message_id for one in sent}) == 6


def test_another_policy_holds_from_the_next_registration_on_and_nobody_is_asked_for_the_root() -> None:
    client = Client()
    follow_policy(client, b"0", b"BC28")
    client.platform.change_policy(client.now, ["/"], ["/4/0", "/3/0"])
    for links, paths in ((b"</>,</3/0>,</4/0>", [("4", "0"), ("3", "0")]), (b"</>,</3/0>", [("3", "0")])):
        _, asked = client.register(links=links)
        sent = [asked]
        while more := client.answer(sent[-1]):
            sent += more
        assert [(one.path, one.observe) for one in sent] == [(path, None) for path in paths]


def test_an_answer_with_one_other_byte_is_another_value() -> None:
    client = Client()
    for state, model in ((b"0", b"BC28"), (b"0", b"BC28"), (b"1", b"BC29"), (b"0", b"BC28")):
        follow_policy(client, state, model)
    assert values_told(client) == [("/5/0/3", value) for value in (0, 0, 1, 0)]
    described = [event.values for event in client.log if isinstance(event, ev.DeviceDescribed)]
    assert described == [{1: model} for model in ("BC28", "BC28", "BC29", "BC28")]
    assert described[0] is described[1]
    assert {event.device for event in client.log if isinstance(event, ev.DeviceDescribed)} == {
        f"andlink:{ANDLINK_IMEI}"
    }


def test_what_bytes_mean_hangs_on_the_definitions_that_there_are_now() -> None:
    """An object is added to the registry: the same answer is read by its rows from then on."""
    reads: list[Objects] = []

    def read(path: Path, message: Message, objects: Objects) -> object:
        reads.append(objects)
        return value_of(path, message, objects)

    known, registry = KnownAnswers(read), ObjectRegistry()
    message = Message(Type.ACK, Code.CONTENT, 1, b"t", options(content_format=0), b"7")
    before = registry.of("</5/0>")
    assert [known.of(Path("/5/0/3"), message, before) for _ in range(3)] == [7, 7, 7]
    assert reads == [before]
    registry.replace(())
    after = registry.of("</5/0>")
    assert known.of(Path("/5/0/3"), message, after) == 7
    assert known.of(Path("/5/0/5"), message, after) == 7  # the same bytes at another path
    assert [objects is after for objects in reads] == [False, True, True]


def test_bytes_that_cannot_be_read_are_told_each_time() -> None:
    client = Client()
    for _ in range(2):
        follow_policy(client, b"seven", b"BC28")
    failed = [event.refusal for event in client.log if isinstance(event, ev.OperationAnswered)]
    assert failed == [PlatformRefusal.VALUE_UNREADABLE] * 2
    assert IMSI not in str(client.log)
