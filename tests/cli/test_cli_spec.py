"""SPEC = MODEL[,sim=…][,serial=…][,imei=…][,firmware=…][,name=…]."""

import re

import pytest

from nbtwin.runtime.errors import WrongUsage
from nbtwin.runtime.spec import Serial, parse_address, parse_history, parse_ports, parse_spec
from nbtwin.selfreg.schedule import Operator


def test_a_model_alone_gets_a_mobile_usim_and_a_pty() -> None:
    spec = parse_spec("BC260Y-CN")
    assert (spec.profile.model, spec.operator, spec.serial) == ("BC260Y-CN", Operator.MOBILE, Serial("pty"))
    assert (spec.imei, spec.firmware, spec.name) == (None, None, None)


def test_every_key_is_taken() -> None:
    spec = parse_spec("bc95r2.0,sim=telecom,serial=tcp:127.0.0.1:7001,imei=863703030822519,firmware=X_ONT,name=meter-1")
    assert (spec.profile.model, spec.profile.vendor_code) == ("BC95 R2.0", "QUE")
    assert spec.operator is Operator.TELECOM
    assert spec.serial == Serial("tcp", ("127.0.0.1", 7001))
    assert (spec.imei, spec.firmware, spec.name) == ("863703030822519", "X_ONT", "meter-1")


def test_a_module_may_have_the_code_of_another_vendor() -> None:
    """docs/spec/wire.md, Telecom and Unicom: the vendor's code, a hyphen and the model, at most 20 characters."""
    assert parse_spec("BC260Y-CN,vendor=TENLETTERS").profile.vendor_code == "TENLETTERS"
    assert parse_spec("BC260Y-CN").profile.vendor_code == "QUE"


def test_the_serial_line_may_be_an_rfc_2217_port() -> None:
    assert parse_spec("BC28,serial=rfc2217:[::1]:7001").serial == Serial("rfc2217", ("::1", 7001))


def test_sim_none_is_no_usim() -> None:
    assert parse_spec("BC28,sim=none").operator is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("BC28,sim", "'sim' is none of"),
        ("BC28,sim=mobile,sim=none", "sim= is given twice"),
        ("BC28,name=", "name= is empty"),
        ("BC28,imei=123", "imei: '123' is not 15 digits"),
        ("BC28,imei=86370303082251９", "is not 15 digits"),
        ("BC28,name=a/b", "name: 'a/b' is no name"),
        ("BC28,name=.", "name: '.' is no name"),
        ("BC28,name=..", "name: '..' is no name"),
        ("BC28,serial=tcp:7001", "'7001' is not HOST:PORT"),
        ("BC28,serial=tcp:127.0.0.1:70000", "is not HOST:PORT"),
        ("BC28,serial=tcp:example.com:7001", "the host must be an IP address or localhost"),
        ("BC28,serial=pty:1", "serial: 'pty:1' is none of"),
        ("BC260Y-CN,vendor=TWELVELETTER", "vendor: 'TWELVELETTER' is no vendor's code: letters and digits, at most 10"),
        ("BC28,vendor=A-B", "is no vendor's code"),
        ("", "unknown model ''"),
    ],
)
def test_what_is_wrong_is_said(text: str, says: str) -> None:
    with pytest.raises(WrongUsage, match=re.escape(says)):
        parse_spec(text)


def test_addresses() -> None:
    assert parse_address("localhost:0", "--x") == ("127.0.0.1", 0)
    assert parse_address("[::1]:8080", "--x") == ("::1", 8080)


def test_how_much_history_is_kept() -> None:
    assert parse_history(None) == (None, None)
    assert parse_history("90d") == (90 * 86400, None)
    assert parse_history("90d,1000") == (90 * 86400, 1000)
    assert parse_history(",1000") == (None, 1000)
    for wrong in ("soon", "90d,many", "90d,-1"):
        with pytest.raises(WrongUsage, match="--history"):
            parse_history(wrong)


def test_ports() -> None:
    assert parse_ports("cmdmp=5683,telecom=0", "127.0.0.1") == {
        "cmdmp": ("127.0.0.1", 5683),
        "telecom": ("127.0.0.1", 0),
    }
    assert parse_ports("", "127.0.0.1") == {}


@pytest.mark.parametrize(
    ("card", "imsi", "iccid"),
    [
        ("sim=telecom", "46011", "898611"),
        ("imsi=460010123456789", "460010123456789", "898601"),
        ("imsi=460110123456789", "460110123456789", "898611"),
        ("imsi=460150123456789", "460150123456789", "898615"),
        ("plmn=46006", "46006", "898601"),
        ("iccid=89860318245001234565", "46011", "89860318245001234565"),
        ("plmn=46000,iccid=89860018245001234565", "46000", "89860018245001234565"),
    ],
)
def test_a_card_is_chosen_by_operator_or_by_its_numbers(card: str, imsi: str, iccid: str) -> None:
    usim = parse_spec(f"BC28,{card}").usim("meter")
    assert usim is not None
    assert (usim.imsi.startswith(imsi), usim.iccid.startswith(iccid)) == (True, True)
    assert (len(usim.imsi), len(usim.iccid)) == (15, 20)
    assert usim == parse_spec(f"BC28,{card}").usim("meter"), "the same for the same name"


@pytest.mark.parametrize(
    "card", ["sim=telecom,imsi=460110123456789", "imsi=46011", "iccid=1", "plmn=4600", "sim=none,iccid=" + "1" * 20]
)
def test_a_card_that_cannot_be_is_refused(card: str) -> None:
    with pytest.raises(WrongUsage):
        parse_spec(f"BC28,{card}")


def test_without_a_card() -> None:
    assert parse_spec("BC28,sim=none").usim("meter") is None
