"""The cases that docs/conformance.md answers, a row each, by the numbers of plugtests and enabler test specifications.

Titles are in our own words. What a case is not for, is said with a reason, a side at a time; a case without a reason
applies to both of our sides, and is "not run" until a test shows it. Sources: the test descriptions of the CoAP
plugtests (ETSI and IETF, 4th round; the proxy cases of earlier rounds), OMA-ETS-LightweightM2M-V1_0 and -V1_1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why a case does not apply. The sentences stand below the tables."""

    PROXY = "proxy"
    RAW_KEY = "RPK"
    CERTIFICATE = "X.509"
    SMARTCARD = "smartcard"
    NO_STEPS = "no steps"
    VERSION = "1.0"
    MODULE = "module"
    PERIOD = "period"
    MEMORY = "memory"
    SERVER = "server's"


REASONS = {
    Why.PROXY: "nothing here is a CoAP proxy (RFC 7252 5.7); a request to one is answered 5.05",
    Why.RAW_KEY: "raw public keys are not offered; such a ClientHello is refused",
    Why.CERTIFICATE: "certificates are not offered; such a ClientHello is refused",
    Why.SMARTCARD: "the modules' cards carry no bootstrap file",
    Why.NO_STEPS: "the enabler test specification has the title and no steps, or says that there is nothing to do",
    Why.VERSION: "the modules register with LwM2M 1.0, as their document says (DOC-E), and know nothing of 1.1",
    Why.MODULE: "the modules' document (DOC-E) has no such object, resource or operation; it is answered 4.04 or 4.05",
    Why.PERIOD: "no resource of ours has a Max-Age of its own; whoever observes learns of the end by a refused or "
    "unanswered exchange",
    Why.MEMORY: "the modules keep a package in flash as it comes: what is too large has result 2, or is refused 4.13",
    Why.SERVER: "only a server has to do with it",
}


@dataclass(frozen=True)
class Case:
    """``chapter`` is the standard's; ``server`` and ``client``: why it is not for us there."""

    id: str
    title: str
    chapter: str
    server: Why | None = None
    client: Why | None = None


@dataclass(frozen=True)
class Table:
    heading: str
    cases: tuple[Case, ...]
    note: str = ""


def _coap(part: str, number: int, title: str, chapter: str, why: Why | None = None) -> Case:
    return Case(f"TD_COAP_{part}_{number:02}", title, chapter, why, why)


CORE = (
    _coap("CORE", 1, "GET, confirmable", "RFC 7252 4.2, 5.8.1"),
    _coap("CORE", 2, "DELETE, confirmable", "RFC 7252 4.2, 5.8.4"),
    _coap("CORE", 3, "PUT, confirmable", "RFC 7252 4.2, 5.8.3"),
    _coap("CORE", 4, "POST, confirmable", "RFC 7252 4.2, 5.8.2"),
    _coap("CORE", 5, "GET, non-confirmable", "RFC 7252 4.3, 5.8.1"),
    _coap("CORE", 6, "DELETE, non-confirmable", "RFC 7252 4.3, 5.8.4"),
    _coap("CORE", 7, "PUT, non-confirmable", "RFC 7252 4.3, 5.8.3"),
    _coap("CORE", 8, "POST, non-confirmable", "RFC 7252 4.3, 5.8.2"),
    _coap("CORE", 9, "GET with a separate response", "RFC 7252 5.2.2"),
    _coap("CORE", 10, "a token comes back with the answer", "RFC 7252 5.3.1"),
    _coap("CORE", 11, "a token comes back with a separate response", "RFC 7252 5.2.2, 5.3.1"),
    _coap("CORE", 12, "the empty token", "RFC 7252 5.3.1"),
    _coap("CORE", 13, "a path of several segments", "RFC 7252 5.10.1, 6.5"),
    _coap("CORE", 14, "a query of several parts", "RFC 7252 5.10.1, 6.5"),
    _coap("CORE", 15, "loss: request or piggybacked response", "RFC 7252 4.2, 5.2.1"),
    _coap("CORE", 16, "loss: any message of a separate response", "RFC 7252 4.2, 5.2.2"),
    _coap("CORE", 17, "separate response to a non-confirmable GET", "RFC 7252 5.2.3"),
    _coap("CORE", 18, "Location-Path of several segments", "RFC 7252 5.10.7"),
    _coap("CORE", 19, "Location-Query of several parts", "RFC 7252 5.10.7"),
    _coap("CORE", 20, "Accept chooses the format", "RFC 7252 5.10.4"),
    _coap("CORE", 21, "ETag: 2.03 while nothing has changed", "RFC 7252 5.10.6"),
    _coap("CORE", 22, "If-Match: 4.12 once it has changed", "RFC 7252 5.10.8.1"),
    _coap("CORE", 23, "If-None-Match: 4.12 once it exists", "RFC 7252 5.10.8.2"),
    _coap("CORE", 24, "through a reverse proxy: Location-Path", "RFC 7252 5.7.3", Why.PROXY),
    _coap("CORE", 25, "through a reverse proxy: Location-Query", "RFC 7252 5.7.3", Why.PROXY),
    _coap("CORE", 26, "through a reverse proxy: Accept", "RFC 7252 5.7.3", Why.PROXY),
    _coap("CORE", 27, "through a reverse proxy: If-Match", "RFC 7252 5.7.3", Why.PROXY),
    _coap("CORE", 28, "through a reverse proxy: If-None-Match", "RFC 7252 5.7.3", Why.PROXY),
    _coap("CORE", 29, "through a reverse proxy: Max-Age", "RFC 7252 5.7.1", Why.PROXY),
    _coap("CORE", 31, "ping: an empty CON is reset", "RFC 7252 4.3"),
)

LINK = (
    _coap("LINK", 1, "/.well-known/core", "RFC 6690 4"),
    _coap("LINK", 2, "only links of a type", "RFC 6690 4.1"),
    _coap("LINK", 3, "only links that have a type", "RFC 6690 4.1"),
    _coap("LINK", 4, "a type among several of one link", "RFC 6690 3.1, 4.1"),
    _coap("LINK", 5, "the beginning of an interface's name", "RFC 6690 3.2, 4.1"),
    _coap("LINK", 6, "only links that have a size", "RFC 6690 3.3, 4.1"),
    _coap("LINK", 7, "one link by its address", "RFC 6690 4.1"),
    _coap("LINK", 8, "links by the beginning of their address", "RFC 6690 4.1"),
    _coap("LINK", 9, "a link to further links", "RFC 6690 5"),
)

BLOCK = (
    _coap("BLOCK", 1, "GET in blocks, the client names the size first", "RFC 7959 2.4"),
    _coap("BLOCK", 2, "GET in blocks, the server begins", "RFC 7959 2.4"),
    _coap("BLOCK", 3, "PUT in blocks", "RFC 7959 2.5"),
    _coap("BLOCK", 4, "POST in blocks creates", "RFC 7959 2.5"),
    _coap("BLOCK", 5, "POST in blocks, the answer too", "RFC 7959 2.5, 3.3"),
    _coap("BLOCK", 6, "GET in blocks of 16 bytes", "RFC 7959 2.4"),
)

OBS = (
    _coap("OBS", 1, "confirmable notifications", "RFC 7641 1.2, 3, 4"),
    _coap("OBS", 2, "non-confirmable notifications", "RFC 7641 1.2, 3, 4"),
    Case("TD_COAP_OBS_04", "the client notes that the server forgot it (Max-Age)", "RFC 7641 3.3.1", None, Why.PERIOD),
    _coap("OBS", 5, "the server notes that the client is off", "RFC 7641 4.5"),
    _coap("OBS", 6, "a reset ends the observation", "RFC 7641 3.6, 4.2"),
    _coap("OBS", 7, "the resource is deleted: 4.04 is the last word", "RFC 7641 3.2, 4.2"),
    _coap("OBS", 8, "the format changes: 4.06 is the last word", "RFC 7641 4.2"),
    _coap("OBS", 9, "a PUT by somebody else is told", "RFC 7641 4.2"),
    _coap("OBS", 10, "a plain GET does not cancel", "RFC 7641 3.1"),
    _coap("OBS", 11, "loss: one notification at a time", "RFC 7641 4.5.2"),
    _coap("OBS", 12, "a GET with Observe 1 cancels", "RFC 7641 3.6"),
    _coap("OBS", 13, "a large resource is observed", "RFC 7959 2.6, 3.4"),
    _coap("OBS", 14, "a resource whose size changes is observed", "RFC 7959 2.6, 3.4"),
)

DTLS = (
    _coap("DTLS", 1, "PSK", "RFC 6347, RFC 4279, RFC 6655"),
    _coap("DTLS", 2, "PSK: a wrong key ends in an alert (bad_record_mac)", "RFC 4279 2, RFC 6347 4.1.2.7"),
    _coap("DTLS", 3, "PSK: loss of each datagram of the handshake", "RFC 6347 4.2.4"),
    _coap("DTLS", 4, "raw public key", "RFC 7250", Why.RAW_KEY),
    _coap("DTLS", 5, "raw public key: the client refuses", "RFC 7250", Why.RAW_KEY),
    _coap("DTLS", 6, "raw public key: the server refuses", "RFC 7250", Why.RAW_KEY),
    _coap("DTLS", 7, "raw public key: loss", "RFC 7250", Why.RAW_KEY),
    # beyond the plugtests: what the standard demands or offers, under its own chapter
    Case("RFC6347-4.2.1", "a ClientHello without a cookie costs nothing", "RFC 6347 4.2.1"),
    Case("RFC6347-4.2.3", "handshake messages in fragments", "RFC 6347 4.2.3"),
    Case("RFC6347-4.1.2.6", "a replayed record is dropped", "RFC 6347 4.1.2.6"),
    Case("RFC6347-4.1.2.7", "records that do not open are dropped, the session lives", "RFC 6347 4.1.2.7"),
    Case("RFC6347-4.2.8", "a new handshake from a known address", "RFC 6347 4.2.8"),
    Case("RFC5246-7.2.1", "close_notify closes both sides", "RFC 5246 7.2.1"),
    Case("RFC5246-7.3", "a session is resumed", "RFC 5246 7.3"),
    Case("RFC5246-7.4.1.1", "renegotiation inside a session is refused", "RFC 5246 7.4.1.1, RFC 5746"),
    Case("RFC5246-E.1", "a ClientHello of any record version", "RFC 5246 E.1", client=Why.SERVER),
    Case("RFC5487-CBC", "TLS_PSK_WITH_AES_128_CBC_SHA256", "RFC 5487 3"),
    Case("RFC5487-GCM", "TLS_PSK_WITH_AES_128_GCM_SHA256 and _256_GCM_SHA384", "RFC 5487 2"),
    Case("RFC6655-CCM", "TLS_PSK_WITH_AES_128_CCM, _256_CCM and _256_CCM_8", "RFC 6655 4"),
    Case("RFC6655-CCM8", "TLS_PSK_WITH_AES_128_CCM_8", "RFC 6655 4"),
    Case("RFC7366", "encrypt-then-MAC", "RFC 7366"),
    Case("RFC7627", "extended master secret", "RFC 7627"),
    Case("RFC9146", "a Connection ID finds the session behind a new address", "RFC 9146"),
    Case("RFC9146-6", "an address changes only for the newest record", "RFC 9146 6", client=Why.SERVER),
)


def _oma(number: int, title: str, chapter: str, server: Why | None = None, client: Why | None = None) -> Case:
    return Case(f"LightweightM2M-1.0-int-{number}", title, chapter, server, client)


def _empty(number: int, title: str, chapter: str) -> Case:
    return _oma(number, title, chapter, Why.NO_STEPS, Why.NO_STEPS)


def _object(numbers: tuple[int, ...], name: str, chapter: str, *empty: int) -> tuple[Case, ...]:
    """The seven cases that each core object has; ours as module has none of these objects."""
    titles = ("read what can be read", "write what can be written", "observe", "observe, further", "create resource "
              "instances", "create an instance", "delete an instance")  # fmt: skip
    return tuple(
        _empty(number, f"{name}: {title}", chapter) if number in empty
        else _oma(number, f"{name}: {title}", chapter, client=Why.MODULE)
        for number, title in zip(numbers, titles, strict=True)
    )  # fmt: skip


LWM2M_1_0 = (
    _oma(0, "bootstrap that the client begins", "TS 1.0 5.2.3.3"),
    _oma(101, "registration", "TS 1.0 5.3.1"),
    _oma(102, "registration update", "TS 1.0 5.3.2"),
    _oma(103, "de-registration", "TS 1.0 5.3.3"),
    _oma(104, "update trigger", "TS 1.0 5.3.2, E.2"),
    _oma(201, "read in plain text", "TS 1.0 5.4.1, 6.4.1"),
    _oma(202, "read as opaque", "TS 1.0 5.4.1, 6.4.2"),
    _oma(203, "read in TLV", "TS 1.0 5.4.1, 6.4.3"),
    _oma(204, "read in JSON", "TS 1.0 5.4.1, 6.4.4"),
    _oma(205, "write in plain text", "TS 1.0 5.4.3, 6.4.1"),
    _oma(210, "write as opaque", "TS 1.0 5.4.3, 6.4.2"),
    _oma(215, "write in TLV, in part and whole", "TS 1.0 5.4.3, 6.4.3"),
    _oma(220, "write in JSON, in part and whole", "TS 1.0 5.4.3, 6.4.4"),
    _oma(241, "execute: the device restarts and registers", "TS 1.0 5.4.5, E.4"),
    _oma(260, "Discover shows what Write-Attributes has set", "TS 1.0 5.4.2, 5.4.4"),
    _oma(270, "create an instance (the same as 1630)", "TS 1.0 5.4.6", client=Why.MODULE),
    _empty(271, "create resource instances", "TS 1.0 5.4.6"),
    _oma(290, "delete an instance (the same as 1635)", "TS 1.0 5.4.7", client=Why.MODULE),
    _oma(301, "observe with pmin and pmax", "TS 1.0 5.5.1, 5.1.2"),
    _oma(302, "a reset cancels an observation", "TS 1.0 5.5.3"),
    _oma(303, "Observe 1 cancels an observation", "TS 1.0 5.5.3"),
    _oma(401, "PSK over UDP: register and read", "TS 1.0 7.1"),
    _oma(551, "Server: read and write (the same as 215)", "TS 1.0 E.2"),
    _empty(555, "Server: Disable", "TS 1.0 E.2"),
    _oma(556, "Server: update trigger (the same as 104)", "TS 1.0 E.2"),
    _empty(560, "Server: notifications that wait", "TS 1.0 E.2"),
    _empty(565, "Server: create an instance", "TS 1.0 E.2"),
    _empty(566, "Server: delete an instance", "TS 1.0 E.2"),
    _oma(651, "Device: write what can be written, and back", "TS 1.0 E.4", client=Why.MODULE),
    _oma(652, "Device: firmware version", "TS 1.0 E.4"),
    _oma(655, "Device: restart (the same as 241)", "TS 1.0 E.4"),
    _empty(656, "Device: factory reset", "TS 1.0 E.4"),
    _empty(657, "Device: error code", "TS 1.0 E.4"),
    _oma(660, "Device: observe (the same as 301)", "TS 1.0 E.4"),
    _empty(661, "Device: observe, further", "TS 1.0 E.4"),
    _empty(670, "Device: create resource instances", "TS 1.0 E.4"),
    _oma(680, "Device: no second instance, 4.05", "TS 1.0 E.4"),
    _oma(685, "Device: cannot be deleted, 4.05", "TS 1.0 E.4"),
    *_object((701, 705, 710, 711, 720, 730, 735), "Connectivity Monitoring", "TS 1.0 E.5", 705, 711, 720, 730, 735),
    _oma(751, "Firmware Update: read what can be read", "TS 1.0 E.6"),
    _oma(755, "Firmware Update: write the package", "TS 1.0 E.6"),
    _oma(756, "Firmware Update: write the package URI", "TS 1.0 E.6"),
    _oma(760, "Firmware Update: observe", "TS 1.0 E.6"),
    _oma(770, "Firmware Update: success over CoAP", "TS 1.0 E.6"),
    _oma(771, "Firmware Update: success by another way", "TS 1.0 E.6"),
    _oma(772, "Firmware Update: execute without a package", "TS 1.0 E.6"),
    _oma(773, "Firmware Update: no room to keep it (2)", "TS 1.0 E.6"),
    _oma(774, "Firmware Update: out of memory (3)", "TS 1.0 E.6", client=Why.MEMORY),
    _oma(775, "Firmware Update: connection lost (4)", "TS 1.0 E.6"),
    _oma(776, "Firmware Update: integrity check fails (5)", "TS 1.0 E.6"),
    _oma(777, "Firmware Update: type of package not supported (6)", "TS 1.0 E.6"),
    _oma(778, "Firmware Update: invalid URI (7)", "TS 1.0 E.6"),
    _oma(779, "Firmware Update: update fails (8)", "TS 1.0 E.6"),
    _oma(780, "Firmware Update: protocol not supported (9)", "TS 1.0 E.6"),
    *_object((801, 805, 810, 811, 820, 830, 835), "Location", "TS 1.0 E.7", 805, 811, 820, 830, 835),
    *_object((901, 905, 910, 911, 920, 930, 935), "Connectivity Statistics", "TS 1.0 E.8", 911, 920, 930, 935),
    _empty(950, "several servers: registration", "TS 1.0 5.3"),
    _empty(951, "several servers: attributes", "TS 1.0 5.1.2"),
    _oma(1200, "Cellular Connectivity: read", "OMA registry, object 10", client=Why.MODULE),
    _oma(1201, "Cellular Connectivity 1.1: read", "OMA registry, object 10", client=Why.MODULE),
    _oma(1210, "Cellular Connectivity 1.1: write power saving", "OMA registry, object 10", client=Why.MODULE),
    _oma(1230, "Cellular Connectivity 1.1: observe power saving", "OMA registry, object 10", client=Why.MODULE),
    _oma(1250, "APN profile: configure", "OMA registry, object 11", client=Why.MODULE),
    *_object(
        (1600, 1605, 1610, 1611, 1620, 1630, 1635), "Portfolio", "OMA registry, object 16", 1600, 1605, 1610, 1611, 1620
    ),
)


def _oma11(number: int, title: str, chapter: str, server: Why | None = None, client: Why | None = Why.VERSION) -> Case:
    return Case(f"LightweightM2M-1.1-int-{number}", title, chapter, server, client)


LWM2M_1_1 = (
    _oma11(0, "bootstrap that the client begins", "TS 1.1 6.1.4"),
    _oma11(1, "whole bootstrap with PSK", "TS 1.1 6.1.4"),
    _oma11(2, "whole bootstrap with certificates", "TS 1.1 6.1.4", Why.CERTIFICATE),
    _oma11(3, "bootstrap from a smartcard", "TS 1.1 6.1.4", Why.SMARTCARD),
    _oma11(4, "Bootstrap-Delete", "TS 1.1 6.1.7.5"),
    _oma11(5, "bootstrap that the server begins", "TS 1.1 6.1.4"),
    _oma11(6, "the order of a bootstrap", "TS 1.1 6.1.5"),
    _oma11(7, "back to the bootstrap server when no other answers", "TS 1.1 6.1.5"),
    _oma11(8, "Bootstrap-Read", "TS 1.1 6.1.7.4"),
    _oma11(9, "Bootstrap-Finish is refused for accounts that make no sense", "TS 1.1 6.1.7.6"),
    _oma11(101, "registration", "TS 1.1 6.2.1"),
    _oma11(102, "registration update", "TS 1.1 6.2.2"),
    _oma11(103, "de-registration", "TS 1.1 6.2.3"),
    _oma11(104, "update trigger", "TS 1.1 6.2.2"),
    _oma11(105, "an update of a registration that is gone", "TS 1.1 6.2.2"),
    _oma11(107, "an update in time keeps the registration", "TS 1.1 6.2.2"),
    _oma11(108, "Queue Mode is switched on", "TS 1.1 6.5"),
    _oma11(109, "Queue Mode: nothing is sent to a sleeping device", "TS 1.1 6.5"),
    _oma11(201, "read in plain text", "TS 1.1 6.3.1, 7.4.1"),
    _oma11(203, "read in TLV", "TS 1.1 6.3.1, 7.4.4"),
    _oma11(204, "read in JSON", "TS 1.1 6.3.1"),
    _oma11(205, "write in plain text", "TS 1.1 6.3.3, 7.4.1"),
    _oma11(211, "read in CBOR", "TS 1.1 6.3.1, 7.4.3"),
    _oma11(212, "write in CBOR", "TS 1.1 6.3.3, 7.4.3"),
    _oma11(215, "write in TLV, in part and whole", "TS 1.1 6.3.3, 7.4.4"),
    _oma11(220, "write in JSON, in part and whole", "TS 1.1 6.3.3"),
    _oma11(221, "the Security object is nobody's: 4.01", "TS 1.1 6.3, E.1"),
    _oma11(222, "read an object", "TS 1.1 6.3.1"),
    _oma11(223, "read an instance", "TS 1.1 6.3.1"),
    _oma11(224, "read a resource", "TS 1.1 6.3.1"),
    _oma11(225, "read a resource instance", "TS 1.1 6.3.1"),
    _oma11(226, "write an instance in part", "TS 1.1 6.3.3"),
    _oma11(227, "replace a resource", "TS 1.1 6.3.3"),
    _oma11(228, "write a resource instance", "TS 1.1 6.3.3"),
    _oma11(229, "Read-Composite", "TS 1.1 6.3.8"),
    _oma11(230, "Write-Composite", "TS 1.1 6.3.9"),
    _oma11(231, "read in SenML JSON", "TS 1.1 7.4.5"),
    _oma11(232, "read in SenML CBOR", "TS 1.1 7.4.6"),
    _oma11(233, "write in SenML CBOR", "TS 1.1 7.4.6"),
    _oma11(234, "write in SenML JSON", "TS 1.1 7.4.5"),
    _oma11(235, "Read-Composite of the root", "TS 1.1 6.3.8"),
    _oma11(236, "Read-Composite where a part is missing", "TS 1.1 6.3.8"),
    _oma11(237, "read without naming a format", "TS 1.1 6.3.1"),
    _oma11(241, "execute: the device restarts and registers", "TS 1.1 6.3.5"),
    _oma11(256, "a write that is refused changes nothing", "TS 1.1 6.3.3"),
    _oma11(257, "Write-Composite over several objects", "TS 1.1 6.3.9"),
    _oma11(260, "Discover shows what Write-Attributes has set", "TS 1.1 6.3.2, 6.3.4"),
    _oma11(261, "attributes of a resource of several instances", "TS 1.1 6.3.4"),
    _oma11(280, "Read-Composite: all of it is there", "TS 1.1 6.3.8"),
    _oma11(281, "Read-Composite: what cannot be read is left out", "TS 1.1 6.3.8"),
    _oma11(301, "observe with pmin and pmax", "TS 1.1 6.4.1"),
    _oma11(302, "a reset cancels an observation", "TS 1.1 6.4.3"),
    _oma11(303, "Observe 1 cancels an observation", "TS 1.1 6.4.3"),
    _oma11(304, "Observe-Composite", "TS 1.1 6.4.4"),
    _oma11(305, "Observe-Composite is cancelled", "TS 1.1 6.4.5"),
    _oma11(306, "Send", "TS 1.1 6.4.6"),
    _oma11(307, "Send can be muted", "TS 1.1 6.4.6, E.2"),
    _oma11(308, "Observe-Composite: an instance is created", "TS 1.1 6.4.4"),
    _oma11(309, "Observe-Composite: an instance is deleted", "TS 1.1 6.4.4"),
    _oma11(310, "Observe-Composite: a value changes", "TS 1.1 6.4.4"),
    _oma11(311, "Send of several resources", "TS 1.1 6.4.6"),
    _oma11(401, "PSK over UDP: register and read", "TS 1.1 Transport 5.2"),
    _oma11(1630, "Portfolio: create an instance", "OMA registry, object 16"),
    _oma11(1635, "Portfolio: delete an instance", "OMA registry, object 16"),
)

TABLES = (
    Table("CoAP: the core", CORE),
    Table("CoAP: links", LINK),
    Table("CoAP: blocks", BLOCK),
    Table("CoAP: observing", OBS),
    Table("DTLS 1.2", DTLS),
    Table("LwM2M 1.0 (ETS-LightweightM2M-V1_0)", LWM2M_1_0),
    Table("LwM2M 1.1 (ETS-LightweightM2M-V1_1)", LWM2M_1_1),
)
CASES = {case.id: case for table in TABLES for case in table.cases}
