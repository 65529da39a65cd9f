"""RFC 6690: the RFC's own examples, the modules' link lists, and what is no list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.coap.link_format import Link, decode, encode, format, parse
from nbtwin.engine import DecodeError

CMDMP = '</>;rt="oma.lwm2m",</1/0>,</3/0>,</666/0>'  # docs/spec/wire.md, CMDMP registration


def test_the_list_of_a_cmdmp_registration() -> None:
    links = (Link("/", (("rt", "oma.lwm2m"),)), Link("/1/0"), Link("/3/0"), Link("/666/0"))
    assert parse(CMDMP) == links
    assert format(links) == CMDMP
    assert decode(CMDMP.encode()) == links
    assert encode(links) == CMDMP.encode()


@pytest.mark.parametrize(
    ("text", "links"),
    [
        # RFC 6690 5
        ("</sensors>;ct=40", (Link("/sensors", (("ct", "40"),)),)),
        (
            '</sensors/temp>;if="sensor",</sensors/light>;if="sensor"',
            (Link("/sensors/temp", (("if", "sensor"),)), Link("/sensors/light", (("if", "sensor"),))),
        ),
        (
            '<http://www.example.com/sensors/t123>;anchor="/sensors/temp";rel="describedby"',
            (Link("http://www.example.com/sensors/t123", (("anchor", "/sensors/temp"), ("rel", "describedby"))),),
        ),
        ('</firmware/v2.1>;rt="firmware";sz=262144', (Link("/firmware/v2.1", (("rt", "firmware"), ("sz", "262144"))),)),
        # what else the grammar allows
        ("", ()),
        ("  ", ()),
        ("<>", (Link(""),)),
        ("</a>;obs", (Link("/a", (("obs", None),)),)),
        ("</a>;rt=plain", (Link("/a", (("rt", "plain"),)),)),
        ('</a>;title="a, b; <c> \\"d\\" \\\\"', (Link("/a", (("title", 'a, b; <c> "d" \\'),)),)),
        ("</a>;title*=UTF-8''%e7%89%87", (Link("/a", (("title*", "UTF-8''%e7%89%87"),)),)),
        ('</a>;rt="";x', (Link("/a", (("rt", ""), ("x", None))),)),
        (" </a> ; ct=40 , </b> ", (Link("/a", (("ct", "40"),)), Link("/b"))),
    ],
)
def test_links_are_read(text: str, links: tuple[Link, ...]) -> None:
    assert parse(text) == links
    assert parse(format(links)) == links


@pytest.mark.parametrize(
    "text",
    ["/a", "<a", "</a>,", ",</a>", "</a></b>", "</a>;", '</a>;rt="x', "</a>;=x", "</a>;rt=", "</a> x", "</a>;;b"],
)
def test_what_is_no_list_of_links_is_a_decode_error(text: str) -> None:
    with pytest.raises(DecodeError):
        parse(text)


def test_links_that_are_not_utf_8_are_a_decode_error() -> None:
    with pytest.raises(DecodeError):
        decode(b"</\xff>")


def test_attributes_are_found_by_name() -> None:
    (link,) = parse('</a>;rt="x";rt="y";obs')
    assert (link.first("rt"), link.first("obs"), link.first("ct")) == ("x", None, None)
    assert (link.has("obs"), link.has("ct")) == (True, False)


def test_a_target_that_would_break_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="no target"):
        format([Link("/a>,</b")])


def test_a_hostile_list_is_refused_in_no_time() -> None:
    with pytest.raises(DecodeError):
        parse("</a>" + ';x="' + "\\" * 60001)
    with pytest.raises(DecodeError):
        parse("</a>" + ";" * 60000)


ATTRIBUTES = st.tuples(
    st.from_regex(r"[a-z][a-z0-9-]{0,6}", fullmatch=True), st.one_of(st.none(), st.text(max_size=12))
)
LINKS = st.lists(
    st.builds(
        Link,
        st.text(st.characters(exclude_characters="<>", exclude_categories=["Cs"]), max_size=12),
        st.lists(ATTRIBUTES, max_size=3).map(tuple),
    ),
    max_size=4,
).map(tuple)


@given(LINKS)
def test_what_is_written_is_what_is_read(links: tuple[Link, ...]) -> None:
    assert decode(encode(links)) == links


@given(st.one_of(st.binary(max_size=60), st.text('<>;,="\\/a 1', max_size=40).map(str.encode)))
def test_any_bytes_are_links_or_a_decode_error(data: bytes) -> None:
    try:
        links = decode(data)
    except DecodeError:
        return
    assert decode(encode(links)) == links
