"""DOC-E 6.2 in the timeline and in a capture: a real module, the real platform, DTLS between them, and tshark."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from andlink_bench import BOOTSTRAP_KEY, IMEI, AndlinkBench, keys_of

from nbtwin.dtls import ServerSettings
from nbtwin.lab.recorder import TimelineRecorder
from nbtwin.timeline.entry import EntryKind
from nbtwin.timeline.pcapng import export
from nbtwin.timeline.reader import Query
from nbtwin.timeline.ring import Timeline


def bootstrapped(*faults: str) -> tuple[AndlinkBench, Timeline]:
    """DOC-E 6.2, to the end of the registration and a reading of the device."""
    bench, timeline = AndlinkBench(keys_of(), dtls=ServerSettings(key_log=True)), Timeline()
    bench.world.observers.append(TimelineRecorder(timeline))
    for fault in faults:
        bench.world.add_fault(fault)
    node = bench.add_module()
    bench.host(
        node,
        'AT+QLASERVERIP="BS","lwm.home.komect.com",5684',
        f"AT+QLASETBSPSK={IMEI},{BOOTSTRAP_KEY}",
        "AT+QLABSSECSWT=1,0",
        "AT+NRB",
    )
    bench.world.advance(60)
    bench.host(node, "AT+QLASENDDATA=0x0100,5,hello")
    bench.world.advance(3)
    return bench, timeline


def between_them(timeline: Timeline) -> list[str]:
    return [
        entry.text().partition("  ")[2]
        for entry in timeline.reader.after()
        if entry.kind is EntryKind.DATAGRAM and "andlink" in (entry.fields["from"], entry.fields["to"])
    ]


def test_the_timeline_tells_doc_e_6_2_by_the_names_of_flights_and_operations() -> None:
    _, timeline = bootstrapped()
    lines = between_them(timeline)
    flights = [
        "DTLS flight 1: ClientHello",
        "DTLS flight 2: HelloVerifyRequest",
        "DTLS flight 3: ClientHello",
        "DTLS flight 4: ServerHello, ServerHelloDone",
        "DTLS flight 5: ClientKeyExchange, ChangeCipherSpec, Finished",
        "DTLS flight 6: ChangeCipherSpec, Finished",
    ]
    assert lines[:6] == flights
    names = [line.removeprefix("DTLS  ").partition(":")[0] for line in lines[6:]]
    assert [name for name in names if not name.startswith(("to ", "ACK"))] == [
        "Bootstrap-Request",
        "Bootstrap-Delete /",
        "Bootstrap-Write /0/1",
        "Bootstrap-Write /1/0",
        "Bootstrap-Finish",
        *["DTLS flight " + flight[12] for flight in flights],
        "Register",
        "Observe /19/1/0",
        "Observe /5/0/3",
        "Read /3/0",
        *[f"DTLS flight {number}" for number in (1, 2, 3, 4, 5)],  # after 30 s of silence, and the session is resumed
        "Notify /19/1/0",
    ]
    assert "DTLS flight 4: ServerHello, ChangeCipherSpec, Finished" in lines
    assert any("«Manufacturer=Quectel Model Number=BC28 " in line for line in lines)
    assert any("Notify /19/1/0: CON 2.05 CONTENT observe 2 «hello»" in line for line in lines)
    assert len(timeline.keys) == 3
    shown = [decoded for decoded in timeline.reader.forward(Query()) if decoded is not None]
    assert not any(line in str([one.fields for one in shown]) for line in timeline.keys.lines())


def test_the_timeline_tells_a_module_s_events_in_words_and_leaves_out_what_datagrams_say() -> None:
    _, timeline = bootstrapped()
    states = [
        entry.text()
        for entry in timeline.reader.after()
        if entry.kind is EntryKind.STATE and entry.text().startswith("andl")
    ]
    for told in (
        "andlink: DTLS handshake in progress (2)",
        f"andlink: DTLS session with 192.0.2.11:5684 as {IMEI}: TLS_PSK_WITH_AES_128_CCM_8",
        "andlink: DTLS handshake done (0)",
        "andlink: bootstrapped",
        "andlink: state changed INIITIALISED → REGISTERING: the server is ready",
        "andlink: data object /19/1/0 observed: uplink is possible",
        "andlink: uplink data succeeded (4)",
    ):
        assert told in states, told
    assert not [text for text in states if "flight sent" in text or "message received" in text]


def test_a_flight_and_a_request_that_are_lost_are_seen_to_be_sent_again() -> None:
    _, timeline = bootstrapped("loss,direction=up,destination=andlink,packets=2+5")
    lines = between_them(timeline)
    flight = "DTLS flight 3: ClientHello"
    assert lines[2] == f"{flight}  ✗ lost"
    assert f"{flight} (sending 2)" in lines
    assert len([line for line in lines if "Bootstrap-Request: CON POST" in line]) == 2
    assert [line.endswith("(sending 2)") for line in lines if "DTLS  Bootstrap-Request:" in line] == [False, True]


def test_tshark_reads_the_capture_of_doc_e_6_2_decrypted_with_nothing_set(tmp_path: Path) -> None:
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not installed")
    _, timeline = bootstrapped()
    capture = tmp_path / "doc-e-6.2.pcapng"
    capture.write_bytes(export(timeline.reader.after(), timeline.keys.lines()))
    resources = ("lwm2mtlv.resource.manufacturer", "lwm2mtlv.resource.lwm2m_server_uri")
    fields = ("coap.opt.uri_path_recon", *resources, "at.data", "dtls.app_data", "_ws.malformed")
    command = [tshark, "-n", "-r", str(capture), "-T", "fields", *(part for each in fields for part in ("-e", each))]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    rows = [row.split("\t") for row in run.stdout.splitlines()]
    paths = [row[0] for row in rows if row[4] and row[0]]
    assert paths[0].startswith("/bs?ep=") or paths[0] == "/bs"
    assert {"/0/1", "/1/0", "/19/1/0", "/3/0"} <= set(paths)
    assert ("/3/0", "Quectel") in [(row[0], row[1]) for row in rows], "tshark knows the object, too"
    assert ("/0/1", "coaps://lwm.home.komect.com:5685") in [(row[0], row[2]) for row in rows]
    assert "+QLADTLSSTAT:0\\r\\n" in [row[3] for row in rows]
    assert not any(row[5] for row in rows)
