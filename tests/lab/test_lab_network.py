"""Names, routes and translations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.lab.network import OPERATORS, Network, Route, RouteError, parse_address


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("117.161.2.41:5683=127.0.0.1:5683", Route("117.161.2.41", 5683, "127.0.0.1", 5683)),
        ("117.161.2.41=127.0.0.1", Route("117.161.2.41", None, "127.0.0.1", None)),
        ("ZZHC.vnet.cn:5683=localhost:15683", Route("zzhc.vnet.cn", 5683, "localhost", 15683)),
        ("117.161.2.41:5683=127.0.0.1", Route("117.161.2.41", 5683, "127.0.0.1", None)),
        ("1.2.3.4:5683=[::1]:5683", Route("1.2.3.4", 5683, "::1", 5683)),
    ],
)
def test_routes_are_read(text: str, route: Route) -> None:
    assert Route.parse(text) == route
    assert Route.parse(str(route)) == route


@pytest.mark.parametrize(
    "text", ["", "=", "a", "a=", "=b", "a:=b", "a:0=b:1", "a:65536=b:1", "a:x=b:1", "a=b:1", "a:1=b:1x", "a:١=b"]
)
def test_what_is_no_route_is_said(text: str) -> None:
    with pytest.raises(RouteError):
        Route.parse(text)


@given(st.text(max_size=30))
def test_any_text_is_a_route_or_a_route_error(text: str) -> None:
    try:
        Route.parse(text)
    except RouteError:
        return


def test_an_address_of_version_6_needs_brackets_before_a_port() -> None:
    assert parse_address("::1") == ("::1", None)
    assert parse_address("[::1]:5683") == ("::1", 5683)


def test_the_operators_of_wire_md_are_known() -> None:
    network = Network()
    assert network.resolve("zzhc.vnet.cn") == OPERATORS["telecom"].hosts[0]
    assert network.resolve("lwm.home.komect.com") == OPERATORS["andlink"].hosts[0]
    assert network.resolve("114.255.193.236") == "114.255.193.236"
    assert network.resolve("www.example.com") is None


def test_nothing_is_reachable_without_a_platform_or_a_route() -> None:
    network = Network()
    assert network.target(("117.161.2.41", 5683)) is None
    assert network.target(("127.0.0.1", 5683)) is None
    network.add_platform(("127.0.0.1", 15683), [("117.161.2.41", 5683), ("117.161.2.7", 5683)])
    assert network.target(("117.161.2.41", 5683)) == ("127.0.0.1", 15683)
    assert network.target(("127.0.0.1", 15683)) == ("127.0.0.1", 15683)
    assert network.target(("117.161.2.41", 5684)) is None, "another port is another service"
    network.remove_platform(("127.0.0.1", 15683))
    assert network.target(("117.161.2.41", 5683)) is None


def test_the_users_route_goes_before_the_labs_platform_and_a_port_before_every_port() -> None:
    network = Network()
    network.add_platform(("127.0.0.1", 15683), [("117.161.2.41", 5683)])
    every, one = Route.parse("117.161.2.41=192.0.2.5"), Route.parse("117.161.2.41:5683=192.0.2.6:7")
    network.add_route(every)
    network.add_route(one)
    assert network.target(("117.161.2.41", 5683)) == ("192.0.2.6", 7)
    assert network.target(("117.161.2.41", 9)) == ("192.0.2.5", 9)
    network.remove_route(one)
    network.remove_route(every)
    assert network.target(("117.161.2.41", 5683)) == ("127.0.0.1", 15683)
    with pytest.raises(KeyError):
        network.remove_route(one)


def test_the_first_platform_of_an_operator_has_its_public_address() -> None:
    network = Network()
    network.add_platform(("127.0.0.1", 1), [("117.161.2.41", 5683)])
    network.add_platform(("127.0.0.1", 2), [("117.161.2.41", 5683)])
    assert network.target(("117.161.2.41", 5683)) == ("127.0.0.1", 1)
    assert network.target(("127.0.0.1", 2)) == ("127.0.0.1", 2)


def test_outer_addresses_belong_to_one_module_and_are_forgotten_together() -> None:
    network = Network()
    for module, port in (("a", 5683), ("a", 5684), ("b", 5683)):
        network.bind(module, port, network.invent_outer(module))
    outers = [network.outer("a", 5683), network.outer("a", 5684), network.outer("b", 5683)]
    assert len(set(outers)) == 3
    assert outers[0] is not None
    assert outers[1] is not None
    assert outers[2] is not None
    assert outers[0][0] == outers[1][0] != outers[2][0]
    assert network.owner(outers[1]) == ("a", 5684)
    assert network.forget("a") == outers[:2]
    assert network.owner(outers[0]) is None
    assert network.owner(outers[2]) == ("b", 5683)


def test_invented_outer_ports_start_again_when_they_run_out() -> None:
    network = Network()
    ports = [network.invent_outer("a")[1] for _ in range(100_000)]
    assert min(ports) >= 20000
    assert max(ports) <= 60000
