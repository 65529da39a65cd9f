"""Real sockets: nothing answered is lost by `kill -9`, and other people's clients register."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import aiocoap
import pytest
from operators_bench import IMEI, OBJECTS, name_of
from preloaded import started

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.operators.store.store import Store

CHILD = Path(__file__).with_name("operators_child.py")


@contextmanager
def platform(database: Path) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    process = started(str(database), program=CHILD, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline()), process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def registration(number: int, imei: str) -> bytes:
    query = ["lwm2m=1.0", f"ep={name_of(imei)}", "b=U", "lt=86400"]
    found = options(path=["rd"], query=query, content_format=40)
    return encode(Message(Type.CON, Code.POST, number & 0xFFFF, number.to_bytes(4, "big"), found, OBJECTS))


def load(port: int, first: int, process: subprocess.Popen[str], kill_after: int) -> dict[str, str]:
    """Keep 64 registrations outstanding; kill the platform after so many answers. IMEI to location of all answered."""
    answered: dict[str, str] = {}
    sent, killed = first, False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", port))
        sock.settimeout(30)
        outstanding: set[int] = set()
        while True:
            while len(outstanding) < 64 and not killed:
                sock.send(registration(sent, f"{863703030000000 + sent}"))
                outstanding.add(sent)
                sent += 1
            try:
                message = decode(sock.recv(2048))
            except ConnectionRefusedError:  # of one that was sent to nobody
                assert killed
                continue
            except BlockingIOError:  # that was all that it has sent
                return answered
            if message.code == Code.CREATED:
                number = int.from_bytes(message.token, "big")
                outstanding.discard(number)
                answered[f"{863703030000000 + number}"] = "/".join(message.location)
                if len(answered) == kill_after:
                    process.kill()
                    process.wait()
                    sock.setblocking(False)
                    killed = True  # what is on its way still counts


def test_every_registration_that_was_answered_is_there_after_kill_9(tmp_path: Path) -> None:
    database, answered = tmp_path / "nbtwin.sqlite", dict[str, str]()
    for round_, kill_after in enumerate((700, 333, 1)):
        with platform(database) as (port, process):
            answered |= load(port, round_ * 10_000, process, kill_after)
        with Store.open(database) as store:
            kept = {device.imei: device.location for device in store.registrations("cmdmp")}
        missing = {imei: location for imei, location in answered.items() if kept.get(imei) != location}
        assert missing == {}, f"{len(missing)} of {len(answered)} answered registrations are lost"
    assert len(answered) >= 700 + 333 + 1


def test_an_update_to_a_location_from_before_the_crash_is_answered_2_04(tmp_path: Path) -> None:
    database = tmp_path / "nbtwin.sqlite"
    with platform(database) as (port, process):
        ((imei, location),) = load_one(port, process).items()
    with platform(database) as (port, _), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(30)
        update = options(path=location.split("/"), query=[f"epi={name_of(imei, update=True)}"])
        sock.sendto(encode(Message(Type.CON, Code.POST, 7, b"t", update)), ("127.0.0.1", port))
        assert decode(sock.recv(2048)).code == Code.CHANGED


def load_one(port: int, process: subprocess.Popen[str]) -> dict[str, str]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(30)
        sock.sendto(registration(1, IMEI), ("127.0.0.1", port))
        answer = decode(sock.recv(2048))
        process.send_signal(signal.SIGKILL)
        return {IMEI: "/".join(answer.location)}


def wait_for(database: Path, imei: str) -> str:
    """The location of the device, once it stands in the store."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with Store.open(database) as store:
            device = store.device(f"cmdmp:{imei}")
            if device is not None:
                return device.location
    raise AssertionError("not registered within 10 s")


def test_aiocoap_registers_updates_and_deregisters(tmp_path: Path) -> None:
    async def conversation(port: int) -> None:
        context = await aiocoap.Context.create_client_context()
        try:
            base = f"coap://127.0.0.1:{port}"
            query = f"lwm2m=1.0&ep={quote(name_of(), safe='')}&b=U&lt=300"
            register = aiocoap.Message(code=aiocoap.POST, uri=f"{base}/rd?{query}", payload=OBJECTS, content_format=40)
            answer = await context.request(register).response
            assert answer.code == aiocoap.CREATED
            location = "/".join(answer.opt.location_path)
            epi = quote(name_of(update=True), safe="")
            update = aiocoap.Message(code=aiocoap.POST, uri=f"{base}/{location}?epi={epi}")
            assert (await context.request(update).response).code == aiocoap.CHANGED
            gone = aiocoap.Message(code=aiocoap.DELETE, uri=f"{base}/{location}")
            assert (await context.request(gone).response).code == aiocoap.DELETED
            update = aiocoap.Message(code=aiocoap.POST, uri=f"{base}/{location}?epi={epi}")
            assert (await context.request(update).response).code == aiocoap.NOT_FOUND
        finally:
            await context.shutdown()

    with platform(tmp_path / "nbtwin.sqlite") as (port, _):
        asyncio.run(conversation(port))


COAP_CLIENT = next(filter(None, map(shutil.which, ("coap-client", "coap-client-notls", "coap-client-openssl"))), None)


@pytest.mark.skipif(COAP_CLIENT is None, reason="libcoap's coap-client (Debian: libcoap3-bin) is not installed")
def test_libcoap_registers_and_is_refused(tmp_path: Path) -> None:
    database = tmp_path / "nbtwin.sqlite"
    with platform(database) as (port, _):
        for name, answer in ((name_of(), ""), (name_of(password="another one"), "4.01"), ("nobody", "4.00")):
            url = f"coap://127.0.0.1:{port}/rd?lwm2m=1.0&b=U&lt=300"  # -O: it drops queries of a URL beyond 100 bytes
            command = [
                str(COAP_CLIENT),
                "-m",
                "post",
                "-t",
                "40",
                "-O",
                f"15,ep={name}",
                "-e",
                "</1/0>",
                "-B",
                "5",
                url,
            ]
            output = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
            assert answer in output.stdout + output.stderr
        assert wait_for(database, IMEI).startswith("rd/")
