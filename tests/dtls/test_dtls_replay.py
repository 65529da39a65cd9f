"""Late and repeated records at the edge of the replay window: 64 records, the newest among them (RFC 6347 4.1.2.6)."""

from __future__ import annotations

import pytest
from dtls_link import CLIENT, SERVER, Link, connected

WINDOW = 64


def overtaken(later: int) -> tuple[Link, bytes]:
    """A session in which so many records have arrived after one that is still on its way."""
    link, client = connected()
    client.send(link.now, SERVER, b"late")
    ((_, late),) = client.datagrams_to_send()
    for number in range(later):
        client.send(link.now, SERVER, b"%d" % number)
        ((_, datagram),) = client.datagrams_to_send()
        link.server.handle_datagram(link.now, CLIENT, datagram)
    return link, late


@pytest.mark.parametrize("later", [0, 1, WINDOW - 2, WINDOW - 1])
def test_a_record_that_is_late_by_less_than_the_window_is_taken_once(later: int) -> None:
    link, late = overtaken(later)
    for _ in range(2):
        link.server.handle_datagram(link.now, CLIENT, late)
    link.drain()
    assert link.data(SERVER) == [*(b"%d" % number for number in range(later)), b"late"]


@pytest.mark.parametrize("later", [WINDOW, WINDOW + 1, 3 * WINDOW])
def test_a_record_that_is_late_by_the_window_or_more_is_not_taken(later: int) -> None:
    link, late = overtaken(later)
    link.server.handle_datagram(link.now, CLIENT, late)
    link.drain()
    assert link.data(SERVER) == [b"%d" % number for number in range(later)]


@pytest.mark.parametrize("lost", [0, WINDOW - 2, WINDOW - 1, WINDOW, 1000])
def test_a_record_is_taken_once_however_many_were_lost_before_and_after_it(lost: int) -> None:
    """The window slides by any distance and forgets nothing that it still covers."""
    link, client = connected()
    kept = []
    for text in (b"first", b"second"):
        client.send(link.now, SERVER, text)
        kept.append(client.datagrams_to_send()[0][1])
        for _ in range(lost):
            client.send(link.now, SERVER, b"lost")
        client.datagrams_to_send()
    for datagram in (*kept, *kept):
        link.server.handle_datagram(link.now, CLIENT, datagram)
    link.drain()
    assert link.data(SERVER) == [b"first", b"second"]
