"""A remark on a registration: data. How it comes about is `remarks.py`, which is compiled."""

from __future__ import annotations

import msgspec

from nbtwin.engine import Refusal


class RemarkCode(Refusal):
    """Each with its ``subject``: what it is about, as it came."""

    BASE64 = "remark-base64"  # JSON without it
    CONTENT_FORMAT = "remark-content-format"
    FIRMWARE_MISSING = "remark-firmware-missing"
    ICCID_FORM = "remark-iccid-form"
    ICCID_LUHN = "remark-iccid-luhn"
    ICCID_MISSING = "remark-iccid-missing"
    ICCID_OPERATOR = "remark-iccid-operator"
    IMEI_FORM = "remark-imei-form"
    IMEI_LUHN = "remark-imei-luhn"
    IMSI_FORM = "remark-imsi-form"
    IMSI_MISSING = "remark-imsi-missing"
    IMSI_OPERATOR = "remark-imsi-operator"
    MEMBER_UNKNOWN = "remark-member-unknown"
    MODEL_LENGTH = "remark-model-length"
    MODEL_MISSING = "remark-model-missing"
    MODEL_NAME = "remark-model-name"  # the member's name is another operator's
    PATH = "remark-path"
    VERSION = "remark-version"


class Remark(msgspec.Struct, frozen=True, omit_defaults=True):
    """Accepted, but."""

    code: RemarkCode
    subject: str = ""
