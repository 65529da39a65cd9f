"""What the API shows of a module's sockets, state by state, beside the lab's echo."""

from __future__ import annotations

import nbtwin
from nbtwin.api.groups.module import SocketOf

ECHO = "192.0.2.20"


def only(module: nbtwin.Module) -> SocketOf:
    (one,) = module.sockets
    return one


def test_a_stream_is_seen_from_its_beginning_to_its_end() -> None:
    lab = nbtwin.Lab(latency=1.0)
    module = lab.add_module("BC26")
    lab.run_until(module.attached(), within="5min")
    assert module.at(f'AT+QIOPEN=1,2,"TCP","{ECHO}",7,0,0').ok
    assert (only(module).state, only(module).peer, only(module).transport) == ("connecting", f"{ECHO}:7", "tcp")
    lab.run_until(module.said("+QIOPEN: 2,0"), within="1min")
    assert only(module).state == "connected"
    module.at('AT+QISEND=2,5,"hello"')
    assert (only(module).unsent, only(module).sent) == (5, 5)
    lab.run_until(module.said("+QIURC"), within="1min")
    assert (only(module).unsent, only(module).unread, only(module).received) == (0, 5, 5)
    module.at("AT+QIRD=2,512")
    assert (only(module).unread, only(module).received) == (0, 5)


def test_a_stream_whose_peer_is_not_there_is_broken_until_it_is_closed() -> None:
    lab = nbtwin.Lab()
    module = lab.add_module("BC28")
    lab.run_until(module.attached(), within="5min")
    module.at("AT+NSOCR=STREAM,6,0,1")
    assert (only(module).state, only(module).peer) == ("open", None)
    module.at(f"AT+NSOCO={only(module).number},198.51.100.9,7", within="5min")
    assert only(module).state == "broken"
    module.at(f"AT+NSOCL={only(module).number}")
    assert module.sockets == ()


def test_pings_and_names_are_seen_while_they_are_under_way() -> None:
    lab = nbtwin.Lab(latency=1.0)
    lab.add_fault("dns_failure", seconds=5)
    module = lab.add_module("BC26")
    lab.run_until(module.attached(), within="5min")
    module.at('AT+QIDNSGIP=1,"nowhere.test"')
    assert module.internet.names == ("nowhere.test",)
    module.at(f'AT+QPING=1,"{ECHO}",4,1,32')
    ((ping,),) = (module.internet.pings,)
    assert (ping.owner, ping.host, ping.size) == ("host", ECHO, 32)
    module.at(f'AT+QNTP=1,"{ECHO}"')
    assert module.internet.time_server == f"{ECHO}:123"
    lab.advance("60s")
    assert (module.internet.names, module.internet.pings, module.internet.time_server) == ((), (), None)


def test_a_listening_socket_tells_where_it_is_reached_and_who_has_come() -> None:
    lab = nbtwin.Lab()
    module = lab.add_module("BC25")
    lab.run_until(module.attached(), within="5min")
    module.at('AT+QIOPEN=1,0,"TCP LISTENER","0.0.0.0",1,7000,1')
    lab.advance("1s")
    assert (only(module).state, only(module).port, only(module).reached_at) == ("listening", 7000, "100.64.0.2:7000")
    module.at('AT+QIOPEN=1,1,"UDP","caller.lab.test",7000')
    lab.run_until(module.said("+QIOPEN: 1,0"), within="1min")
    module.at('AT+QISEND=1,5,"hello"')
    lab.run_until(module.said("hello"), within="1min")
    (accepted,) = (one for one in module.sockets if one.number == 5)
    assert (accepted.state, accepted.received, accepted.reached_at) == ("connected", 5, None)
    assert (accepted.peer or "").startswith("192.0.2.23:")
