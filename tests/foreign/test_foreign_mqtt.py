"""A module's MQTT from AT to a broker and back: Mosquitto over the kernel's TCP; and in simulated time with loss,
a NAT that forgets, deep sleep and a broker that is gone. The simulated broker is the transcripts'."""

from __future__ import annotations

from pathlib import Path

import pytest
from foreign_lab import foreign_lab, free_ports
from foreign_mosquitto import running
from foreign_transcripts import BROKER, Broker, Host

from nbtwin.lab.faults import Fault, FaultKind
from nbtwin.mqtt.packets import Connect, Publish, encode
from nbtwin.web.modules.internet import internet_of

OPEN = f'AT+QMTOPEN=0,"{BROKER[0]}",{BROKER[1]}'


def connected(model: str = "BC26", *settings: str) -> Host:
    host = Host(model)
    host.world.advance(30)
    for line in settings:
        host.ask(line, "OK")
    host.ask(OPEN, "+QMTOPEN: 0,0")
    host.ask('AT+QMTCONN=0,"meter"', "+QMTCONN: 0,0,0")
    return host


def server(host: Host) -> Broker:
    return host.broker


@pytest.mark.parametrize("qos", [0, 1, 2])
def test_a_lossy_network_delays_and_loses_nothing(qos: int) -> None:
    host = connected("BC26", 'AT+QMTCFG="timeout",0,60,5')
    host.world.add_fault(Fault(kind=FaultKind.LOSS, probability=0.3))
    host.ask(f'AT+QMTSUB=0,1,"t",{qos}', f"+QMTSUB: 0,1,0,{qos}", within=200)
    for number in range(1, 6):
        message = number if qos else 0
        host.ask(f'AT+QMTPUB=0,{message},{qos},0,"t","{number}"', f"+QMTPUB: 0,{message},0", within=200)
        host.wait(f'+QMTRECV: 0,{1 if qos else 0},"t","{number}"', within=200)
    assert host.heard.count("+QMTRECV") == 5


def test_what_the_api_shows_of_a_client_is_what_the_server_has_taken() -> None:
    host = connected()
    host.ask('AT+QMTSUB=0,1,"a/+",1,"b",0', "+QMTSUB: 0,1,0,1,0")
    shown = internet_of(host.module)
    assert shown is not None
    ((client,), (socket,)) = (shown.mqtt, shown.sockets)
    assert (client.state, client.client_id, client.server) == ("connected", "meter", "{}:{}".format(*BROKER))
    assert [(one.filter, one.qos) for one in client.subscriptions] == [("a/+", 1), ("b", 0)]
    assert (socket.owner, socket.state, socket.peer) == ("mqtt", "connected", "{}:{}".format(*BROKER))
    assert socket.sent > 0
    assert socket.received > 0
    host.ask('AT+QMTUNS=0,2,"a/+"', "+QMTUNS: 0,2,0")
    shown = internet_of(host.module)
    assert shown is not None
    assert [one.filter for one in shown.mqtt[0].subscriptions] == ["b"]
    host.ask("AT+QMTCLOSE=0", "+QMTCLOSE: 0,0")
    shown = internet_of(host.module)
    assert shown is not None
    assert (shown.mqtt[0].state, shown.sockets) == ("closed", [])
    host.ask(OPEN, "+QMTOPEN: 0,0")
    shown = internet_of(host.module)
    assert shown is not None
    assert shown.mqtt[0].state == "open"
    host.ask("AT+QRST=1", "RDY", within=10)
    assert internet_of(host.module) is None


def test_a_broker_that_hangs_up_is_told_and_the_number_is_free_again() -> None:
    host = connected()
    server(host).connections[-1].hang_up()
    host.wait("+QMTSTAT: 0,1")
    host.ask("AT+QMTCONN?", "OK")
    assert "+QMTCONN: 0" not in host.heard[host.heard.rindex("AT+QMTCONN?") :]
    host.ask(OPEN, "+QMTOPEN: 0,0")


def test_nobody_there_fails_and_a_name_that_is_not_there_has_a_code_of_its_own() -> None:
    host = Host("BC26")
    host.world.advance(30)
    host.ask('AT+QMTOPEN=0,"192.0.2.21",1', "OK")
    host.ask('AT+QMTOPEN=1,"nowhere.test",1883', "+QMTOPEN: 1,4", within=60)
    host.ask('AT+QMTOPEN=2,"198.51.100.9",1883', "+QMTOPEN: 2,-1", within=200)


def test_a_silent_broker_is_noticed_by_the_keep_alive() -> None:
    host = connected("BC26", 'AT+QMTCFG="keepalive",0,60', 'AT+QMTCFG="timeout",0,10,1,1', "AT+QSCLK=0")
    server(host).connections[-1].deaf = True
    host.wait("+QMTSTAT: 0,2", within=75)


def test_resending_is_told_where_it_was_asked_for_and_ends() -> None:
    """D144"""
    host = connected("BC26", 'AT+QMTCFG="timeout",0,5,2,1', 'AT+QMTCFG="keepalive",0,0')
    server(host).connections[-1].deaf = True
    host.ask('AT+QMTPUB=0,7,1,0,"t","x"', "OK")
    for line in ("+QMTPUB: 0,7,1,1", "+QMTPUB: 0,7,1,2", "+QMTPUB: 0,7,2"):
        host.wait(line, within=6)
    sent = [packet for packet in server(host).connections[-1].packets if isinstance(packet, Publish)]
    assert [packet.duplicate for packet in sent] == [False, True, True]


def test_a_broker_that_never_accepts_is_given_up() -> None:
    host = Host("BC26")
    host.world.advance(30)
    host.ask('AT+QMTCFG="timeout",0,5,1', "OK")
    host.ask(OPEN, "+QMTOPEN: 0,0")
    server(host).connections[-1].deaf = True
    host.ask('AT+QMTCONN=0,"meter"', "+QMTCONN: 0,2", within=12)
    host.wait("+QMTSTAT: 0,4", within=1)
    assert len([packet for packet in server(host).connections[-1].packets if isinstance(packet, Connect)]) == 1


def test_a_message_that_is_too_long_for_the_module_is_dropped_and_the_next_one_comes() -> None:
    host = connected()
    host.ask('AT+QMTSUB=0,1,"t",0', "+QMTSUB: 0,1,0,0")
    server(host).connections[-1].say(Publish("t", b"x" * 3000), Publish("t", b"short"))
    host.wait('+QMTRECV: 0,0,"t","short"', within=30)
    assert host.heard.count("+QMTRECV") == 1


def test_bytes_that_are_no_mqtt_end_the_connection() -> None:
    host = connected()
    server(host).connections[-1].stream.far_wrote(b"\xf0\x00" + encode(Publish("t", b"")))
    host.wait("+QMTSTAT: 0,7")
    assert "+QMTRECV" not in host.heard


def test_a_restart_ends_the_connection_without_a_word_and_forgets_the_settings() -> None:
    """D145"""
    host = connected("BC26", 'AT+QMTCFG="keepalive",0,77')
    host.ask("AT+QRST=1", "RDY", within=10)
    assert server(host).connections[-1].gone
    host.ask("AT+QMTOPEN?", "OK", tries=5)
    host.ask('AT+QMTCFG="keepalive",0', "+QMTCFG: 120")
    assert "+QMTSTAT" not in host.heard


def test_hex_and_lengths_as_the_host_wants_them() -> None:
    host = connected("BC260Y-CN", 'AT+QMTCFG="dataformat",0,1,1', 'AT+QMTCFG="showrecvlen",0,1')
    host.ask('AT+QMTSUB=0,1,"t",0', "+QMTSUB: 0,1,0,0")
    host.ask('AT+QMTPUB=0,0,0,0,"t",2,"0AFF"', "+QMTPUB: 0,0,0")
    host.wait('+QMTRECV: 0,0,"t",2,"0AFF"')
    for wrong in ('2,"0AF"', '3,"0AFF"', '2,"0AFG"', "731"):
        host.ask(f'AT+QMTPUB=0,0,0,0,"t",{wrong}', "ERROR")
    assert host.heard.count("+QMTRECV") == 1


def test_disconnect_takes_leave_and_close_does_not() -> None:
    host = connected()
    host.ask("AT+QMTDISC=0", "+QMTDISC: 0,0", within=20)
    said = [type(packet).__name__ for packet in server(host).connections[-1].packets]
    assert said == ["Connect", "Empty"]
    host.ask(OPEN, "+QMTOPEN: 0,0")
    host.ask('AT+QMTCONN=0,"meter"', "+QMTCONN: 0,0,0")
    host.ask("AT+QMTCLOSE=0", "+QMTCLOSE: 0,0")
    host.world.advance(5)
    assert [type(packet).__name__ for packet in server(host).connections[-1].packets] == ["Connect"]
    assert server(host).connections[-1].gone


def test_a_nat_that_forgets_is_noticed_when_something_is_sent() -> None:
    host = connected()
    host.world.rebind(host.node)
    host.world.advance(10)
    assert "+QMTSTAT" not in host.heard
    host.ask('AT+QMTPUB=0,1,1,0,"t","x"', "OK")
    host.wait("+QMTSTAT: 0,1", within=200)
    host.ask(OPEN, "+QMTOPEN: 0,0")


def test_deep_sleep_waits_for_answers_and_ends_the_connection_or_keeps_it() -> None:
    """D145"""
    host = connected("BC26", 'AT+QMTCFG="keepalive",0,0', 'AT+CPSMS=1,,,"01000011","00000001"')
    server(host).connections[-1].deaf = True
    host.ask('AT+QMTPUB=0,7,1,0,"t","x"', "OK")
    host.world.advance(35)
    assert host.module.power_state == "on"  # 10 s for each of four tries, then 2 s and the network's 20
    host.wait("+QMTPUB: 0,7,2", within=10)
    host.world.advance(60)
    assert host.module.power_state == "asleep"
    assert "+QMTSTAT" not in host.heard


@pytest.mark.asyncio
async def test_from_at_to_mosquitto_and_back_over_the_kernels_tcp(tmp_path: Path) -> None:
    imei = "867724035000058"
    with running(tmp_path) as broker:
        async with foreign_lab(modules={imei: ()}) as lab:
            await lab.ask(imei, 'AT+QMTCFG="will",0,1,1,0,"gone","meter"')
            await lab.ask(imei, f'AT+QMTOPEN=0,"{broker.host}",{broker.port}')
            await lab.heard(imei, r"^\+QMTOPEN: 0,0$")
            await lab.ask(imei, 'AT+QMTCONN=0,"meter"')
            await lab.heard(imei, r"^\+QMTCONN: 0,0,0$")
            await lab.ask(imei, 'AT+QMTSUB=0,1,"a/+",2,"b",0')
            await lab.heard(imei, r"^\+QMTSUB: 0,1,0,2,0$")
            for number, qos in enumerate((0, 1, 2), 1):
                message = number if qos else 0
                await lab.ask(imei, f'AT+QMTPUB=0,{message},{qos},0,"a/{qos}"', f'{{"n":{number}}}\x1a'.encode())
                await lab.heard(imei, rf"^\+QMTPUB: 0,{message},0$")
                await lab.heard(imei, rf'^\+QMTRECV: 0,\d+,"a/{qos}","{{"n":{number}}}"$')
            await lab.ask(imei, f'AT+QMTPUB=0,9,1,0,"a/long","{"x" * 1400}"')
            await lab.heard(imei, rf'^\+QMTRECV: 0,\d+,"a/long","{"x" * 1400}"$')
            await lab.ask(imei, 'AT+QMTUNS=0,2,"a/+"')
            await lab.heard(imei, r"^\+QMTUNS: 0,2,0$")
            await lab.ask(imei, "AT+QMTDISC=0")
            await lab.heard(imei, r"^\+QMTDISC: 0,0$")
    assert "Client meter disconnected." in broker.log.read_text(encoding="utf-8")


@pytest.mark.asyncio
async def test_nobody_listens_at_a_port_of_this_machine() -> None:
    imei = "867724035000066"
    (port,) = free_ports(1)
    async with foreign_lab(modules={imei: ()}) as lab:
        await lab.ask(imei, f'AT+QMTOPEN=0,"127.0.0.1",{port}')
        await lab.heard(imei, r"^\+QMTOPEN: 0,-1$")
