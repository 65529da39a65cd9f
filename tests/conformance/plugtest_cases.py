"""The plugtest cases that are exchanges one after the other: what is asked, and what has to come back."""

from __future__ import annotations

from dataclasses import dataclass

from plugtest_site import (
    ACCEPT,
    CHANGED,
    CON,
    CONTENT,
    CONTENT_FORMAT,
    CREATED,
    DELETE,
    DELETED,
    ETAG,
    GET,
    IF_MATCH,
    IF_NONE_MATCH,
    LOCATION_PATH,
    LOCATION_QUERY,
    NON,
    POST,
    PRECONDITION_FAILED,
    PUT,
    TEXT,
    URI_QUERY,
    VALID,
    XML,
    Options,
    uint,
)  # fmt: skip

_TEXT = (CONTENT_FORMAT, uint(TEXT))


@dataclass(frozen=True)
class Exchange:
    """A request, and code, options and body of its answer; options that are not named here may be there."""

    code: int
    where: str
    answered: int
    told: bytes = b""
    body: bytes = b""
    options: Options = ()
    brings: Options = ()
    type: int = CON
    token: bytes = b"tok"


def _get(told: bytes, where: str = "test", **more: object) -> Exchange:
    return Exchange(GET, where, CONTENT, told, **more)  # type: ignore[arg-type]


_MADE = ((LOCATION_PATH, b"location1"), (LOCATION_PATH, b"location2"), (LOCATION_PATH, b"location3"))
_BODY = b"a body"

EXCHANGES: dict[str, tuple[Exchange, ...]] = {
    "TD_COAP_CORE_01": (_get(b"found test", brings=(_TEXT,)),),
    "TD_COAP_CORE_02": (Exchange(DELETE, "test", DELETED),),
    "TD_COAP_CORE_03": (Exchange(PUT, "test", CHANGED, body=_BODY, options=(_TEXT,)),),
    "TD_COAP_CORE_04": (Exchange(POST, "test", CREATED, body=_BODY, options=(_TEXT,)),),
    "TD_COAP_CORE_05": (_get(b"found test", type=NON),),
    "TD_COAP_CORE_06": (Exchange(DELETE, "test", DELETED, type=NON),),
    "TD_COAP_CORE_07": (Exchange(PUT, "test", CHANGED, body=_BODY, options=(_TEXT,), type=NON),),
    "TD_COAP_CORE_08": (Exchange(POST, "test", CREATED, body=_BODY, options=(_TEXT,), type=NON),),
    "TD_COAP_CORE_10": (_get(b"found test", token=b"12345678"),),
    "TD_COAP_CORE_12": (_get(b"found test", token=b""),),
    "TD_COAP_CORE_13": (_get(b"found seg1/seg2/seg3", "seg1/seg2/seg3"),),
    "TD_COAP_CORE_14": (
        _get(b"first=1&second=2&third=3", "query",
             options=tuple((URI_QUERY, part) for part in (b"first=1", b"second=2", b"third=3"))),
    ),
    "TD_COAP_CORE_18": (Exchange(POST, "test", CREATED, body=_BODY, options=(_TEXT,), brings=_MADE),),
    "TD_COAP_CORE_19": (
        Exchange(POST, "location-query", CREATED, body=_BODY,
                 brings=((LOCATION_QUERY, b"first=1"), (LOCATION_QUERY, b"second=2"))),
    ),
    "TD_COAP_CORE_20": (
        _get(b"text", "multi-format", options=((ACCEPT, uint(TEXT)),), brings=(_TEXT,)),
        _get(b"<text/>", "multi-format", options=((ACCEPT, uint(XML)),), brings=((CONTENT_FORMAT, uint(XML)),)),
    ),
    "TD_COAP_CORE_21": (
        _get(b"first", "validate", brings=((ETAG, b"efirst"),)),
        Exchange(GET, "validate", VALID, options=((ETAG, b"efirst"),), brings=((ETAG, b"efirst"),)),
        Exchange(PUT, "validate", CHANGED, body=b"second"),
        _get(b"second", "validate", options=((ETAG, b"efirst"),), brings=((ETAG, b"esecond"),)),
    ),
    "TD_COAP_CORE_22": (
        _get(b"first", "validate", brings=((ETAG, b"efirst"),)),
        Exchange(PUT, "validate", CHANGED, body=b"second", options=((IF_MATCH, b"efirst"),)),
        _get(b"second", "validate", brings=((ETAG, b"esecond"),)),
        Exchange(PUT, "validate", CHANGED, body=b"third"),
        Exchange(PUT, "validate", PRECONDITION_FAILED, body=b"fourth", options=((IF_MATCH, b"esecond"),)),
        _get(b"third", "validate"),
    ),
    "TD_COAP_CORE_23": (
        Exchange(PUT, "create1", CREATED, body=_BODY, options=((IF_NONE_MATCH, b""),)),
        Exchange(PUT, "create1", PRECONDITION_FAILED, body=_BODY, options=((IF_NONE_MATCH, b""),)),
    ),
}  # fmt: skip

LINKS = (
    b'</link1>;rt="Type1 Type2";if="If1";sz=9,</link2>;rt="Type2 Type3";if="If2",</link3>;rt="Type1 Type3";if="foo",'
    b"</test>,</path>;ct=40"
)
FILTERS: dict[str, tuple[str, list[str]]] = {
    "TD_COAP_LINK_01": ("", ["/link1", "/link2", "/link3", "/test", "/path"]),
    "TD_COAP_LINK_02": ("rt=Type1", ["/link1", "/link3"]),
    "TD_COAP_LINK_03": ("rt=*", ["/link1", "/link2", "/link3"]),
    "TD_COAP_LINK_04": ("rt=Type2", ["/link1", "/link2"]),
    "TD_COAP_LINK_05": ("if=If*", ["/link1", "/link2"]),
    "TD_COAP_LINK_06": ("sz=*", ["/link1"]),
    "TD_COAP_LINK_07": ("href=/link1", ["/link1"]),
    "TD_COAP_LINK_08": ("href=/link*", ["/link1", "/link2", "/link3"]),
}
