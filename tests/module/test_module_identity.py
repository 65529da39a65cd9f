"""Identities, USIMs, firmware versions and the switches that depend on them."""

from __future__ import annotations

import pytest

from nbtwin.module.identity import ModuleIdentity, Usim, imei_of, luhn_digit
from nbtwin.module.profile import Switch
from nbtwin.module.settings import Generic, Saved
from nbtwin.module.sleep import active_time, t3324, t3412, update_time
from nbtwin.module.switches import default_of, is_on
from nbtwin.selfreg.schedule import Operator, operator_of

BC25 = Switch("+QSELFREGISTER", "DOC-D 3.1", tuple(Operator), on_up_to=("BC25PAR01A04", "BC25PAR01A03_BT"))
BC260Y = Switch("+QSREGENABLE", "DOC-C 3.2.1", (Operator.TELECOM,), quirk_from=("BC260YCNAAR01A03", "BC260YCNAAR01A04"))


def test_the_documents_own_imei_has_the_right_check_digit() -> None:
    assert luhn_digit("86370303082251") == "9"


def test_identities_are_stable_and_differ_by_name() -> None:
    assert imei_of("a") == imei_of("a") != imei_of("b")
    assert Usim.of(Operator.UNICOM, "a").imsi[:5] == "46001"
    assert Usim.of(Operator.MOBILE, "a") != Usim.of(Operator.MOBILE, "b")


@pytest.mark.parametrize("operator", list(Operator))
def test_a_card_belongs_to_its_operator_and_has_its_numbers_lengths(operator: Operator) -> None:
    usim = Usim.of(operator, "x")
    assert usim.operator is operator
    assert len(usim.imsi) == 15
    assert len(usim.iccid) == 20
    assert luhn_digit(usim.iccid[:-1]) == usim.iccid[-1]


def test_an_imei_of_the_wrong_form_is_refused() -> None:
    with pytest.raises(ValueError, match="15 digits"):
        ModuleIdentity("x", "12345", "A")


def test_a_foreign_imsi_is_nobodys() -> None:
    assert operator_of("262011234567890") is None
    assert operator_of("460201234567890") is Operator.MOBILE


@pytest.mark.parametrize(
    ("firmware", "expected"),
    [
        ("BC25PAR01A03", 1),
        ("BC25PAR01A04", 1),
        ("BC25PAR01A05", 0),
        ("BC25PAR02A01", 0),
        ("BC25PAR01A03_BT", 1),
        ("BC25PAR01A04_BT", 0),
        ("BC25B5PAR01A01", 0),
        ("nonsense", 0),
    ],
)
def test_the_default_follows_the_firmware_as_in_doc_d_table_1(firmware: str, expected: int) -> None:
    """D40."""
    assert default_of(BC25, firmware) == expected


def test_doc_c_switches_telecom_only_and_is_off_by_default() -> None:
    """D29."""
    assert not is_on(BC260Y, Saved(), "BC260YCNAAR01A04", Operator.TELECOM)
    assert is_on(BC260Y, Saved(), "BC260YCNAAR01A04", Operator.MOBILE)
    assert is_on(BC260Y, Saved(telecom_enabled=1), "BC260YCNAAR01A04", Operator.TELECOM)


def test_doc_ds_switch_is_the_master_of_all_three() -> None:
    """D10."""
    for operator in Operator:
        assert not is_on(BC25, Saved(self_register=0), "BC25PAR01A04", operator)
        assert is_on(BC25, Saved(self_register=1), "BC25PAR01A09", operator)


def test_the_timers_of_ts_24_008_are_read_bit_by_bit() -> None:
    assert t3324("00000101") == 10
    assert t3324("00100010") == 120
    assert t3324("11100000") is None
    assert t3412("01000011") == 30 * 3600
    assert t3412("10000001") == 30
    assert t3412("11100000") is None


def test_deep_sleep_needs_psm_and_the_sleep_switch() -> None:
    asked = Generic(psm=["1", "01000011", "00000101"])
    assert active_time(asked, 1) == 10
    assert update_time(asked) == 108000
    assert active_time(Generic(psm=asked.psm, sleep_mode=0), 1) is None
    assert active_time(Generic(psm=["0", "", ""]), 1) is None
    assert active_time(Generic(), 1) is None
