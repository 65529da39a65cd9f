"""Why bytes are not the content that they claim to be, and why a format cannot carry something. Knows no format."""

from __future__ import annotations

from nbtwin.engine import CodedError, DecodeError, Refusal


class ContentRefusal(Refusal):
    """Of a payload or of one value; the fields that `ContentError` and `UnsupportedFormat` bear."""

    # documents
    UNDECODABLE = "content-undecodable"  # format; detail: what the library says
    NO_RECORDS = "content-no-records"  # format
    BYTES_LEFT = "content-bytes-left"  # format, count
    OUTSIDE = "content-outside"  # format, target, path
    VALUE_COUNT = "content-value-count"  # format, count, path
    VALUE_MISSING = "content-value-missing"  # format, path
    INSTANCES_MIXED = "content-instances-mixed"  # format, path

    NO_LINK = "content-no-link"  # value

    # LwM2M CBOR
    NO_MAP = "content-no-map"  # format
    KEY = "content-key"  # format, value
    CBOR_TYPE = "content-cbor-type"  # value, path, type: "" where it is in no table

    # SenML (RFC 8428)
    LABEL_KIND = "content-label-kind"
    LABEL_UNKNOWN = "content-label-unknown"  # label (4.4)
    VERSION = "content-version"  # version
    NO_NAME = "content-no-name"  # value
    LABEL_TYPE = "content-label-type"  # label, value, path, type: "" where it is in no table
    TIME = "content-time"  # value
    NO_BASE64URL = "content-no-base64url"

    # one value
    VALUE_TYPE = "content-value-type"  # value, type
    VALUE_LENGTH = "content-value-length"  # type, length: bytes
    NO_UTF8 = "content-no-utf8"  # detail

    # TLV
    TLV_KIND = "content-tlv-kind"  # kind, at
    TLV_HEAD_CUT = "content-tlv-head-cut"  # at
    TLV_VALUE_CUT = "content-tlv-value-cut"  # length, left
    TLV_ELSEWHERE = "content-tlv-elsewhere"  # path
    TLV_NO_INSTANCE = "content-tlv-no-instance"  # kind, path
    TLV_NO_RESOURCE = "content-tlv-no-resource"  # kind, path
    OTHER_INSTANCE = "content-other-instance"  # id, path
    ONE_RESOURCE = "content-one-resource"  # path
    OTHER_RESOURCE = "content-other-resource"  # id, path

    # formats
    FORMAT_ONE_VALUE = "content-format-one-value"  # format, path
    FORMAT_UNFIT = "content-format-unfit"  # format, path
    NOT_OPAQUE = "content-not-opaque"  # path
    FORMAT_COMPOSITE = "content-format-composite"  # format
    SEVERAL_OBJECTS = "content-several-objects"


class ContentError(CodedError, DecodeError):
    """A payload, or one value in it, that is not what it claims to be."""


class UnsupportedFormat(CodedError, ValueError):
    """This content format cannot carry what stands at this path."""
