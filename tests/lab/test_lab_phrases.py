"""Events that the narrator says in better words than their names and fields are."""

from __future__ import annotations

from typing import Any

import pytest

from nbtwin.dtls import events as dtls
from nbtwin.dtls.reasons import DtlsRefusal
from nbtwin.lab.phrases import phrase
from nbtwin.lwm2m.client import events as andlink
from nbtwin.lwm2m.client.channel import ChannelState
from nbtwin.lwm2m.client.registration import Registered
from nbtwin.timeline.wording import describe

PEER, ELSEWHERE = ("192.0.2.11", 5684), ("10.0.0.7", 4000)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (
            dtls.HandshakeCompleted(PEER, b"imei", 0xAE, True, True, True, True, b"\x01\x02"),
            "DTLS session with 192.0.2.11:5684 as imei: TLS_PSK_WITH_AES_128_CBC_SHA256, resumed, in place of a "
            "session, encrypt-then-MAC, Connection ID 0102",
        ),
        (
            dtls.HandshakeCompleted(PEER, b"\xff", 0x1301, False, False, False, False, None),
            "DTLS session with 192.0.2.11:5684 as ff: suite 0x1301, without the extended master secret",
        ),
        (
            dtls.HandshakeFailed(PEER, DtlsRefusal.NO_ANSWER, 5),
            "DTLS handshake with 192.0.2.11:5684 failed: no answer to flight 5",
        ),
        (
            dtls.SessionClosed(PEER, DtlsRefusal.CLOSE_NOTIFY),
            "DTLS session with 192.0.2.11:5684 closed: by the peer (close_notify)",
        ),
        (dtls.PeerMoved(PEER, ELSEWHERE, b"imei"), "DTLS peer imei moved from 192.0.2.11:5684 to 10.0.0.7:4000"),
        (dtls.AlertReceived(PEER, 2, 20), "DTLS alert of 192.0.2.11:5684: fatal bad_record_mac"),
        (dtls.AlertReceived(PEER, 1, 200), "DTLS alert of 192.0.2.11:5684: warning alert 200"),
        (
            dtls.DatagramDropped(PEER, DtlsRefusal.CONTENT_TYPE_UNKNOWN, 99),
            "DTLS datagram of 192.0.2.11:5684 dropped: unknown content type 99",
        ),
        (andlink.DtlsChanged(ChannelState.FAILED), "DTLS handshake failed (3)"),
        (andlink.DtlsChanged(ChannelState.NOT_STARTED), "DTLS handshake not started (1)"),
        (andlink.RegistrationAwaited(), "waiting for the host to register (REGISTERNOTIFY)"),
        (andlink.DataReported(andlink.DataStatus.TIMED_OUT), "uplink data timed out (3)"),
        (andlink.RequestExpired(7, b"t"), "request 7 expired: the host did not answer within 10 s"),
        (andlink.ReleaseRequested(), "release assistance: no more data is expected"),
        (andlink.RebootRequested(), "the platform asks for a reboot (/3/0/4)"),
        (andlink.FirmwareObserved(), "firmware object observed"),
        (Registered(("rd", "5a")), "registered at /rd/5a"),
        (andlink.Bootstrapped(), "bootstrapped"),
        ("rebooted", "rebooted"),
    ],
)  # fmt: skip
def test_an_event_is_said_in_a_phrase_or_by_its_name(event: Any, said: str) -> None:
    assert (phrase(event) or describe(event)[0]) == said


def test_payloads_are_shown_as_text_where_they_are_and_long_ones_by_their_length() -> None:
    text, detail = describe(andlink.WriteRequested(7, b"abcd", b"switch=1", "x"))
    assert text == "the platform writes: request 7, «switch=1», query x"
    assert detail["data"] == b"switch=1".hex()
    text, detail = describe(andlink.WriteRequested(7, b"", b"\xff\x00" * 5000, ""))
    assert len(text) < 300
    assert detail["data"].endswith("… (10000 bytes)")
