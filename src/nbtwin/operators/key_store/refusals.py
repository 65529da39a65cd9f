"""What is wrong with keys: codes. None of them has a key among its fields."""

from __future__ import annotations

from nbtwin.engine import CodedError, Refusal


class KeyRefusal(Refusal):
    """Of app keys and of pre-shared keys."""

    APPKEY = "key-appkey"  # appkey
    DEVICE_MISSING = "key-device-missing"
    DIGITS = "key-digits"  # device
    FILE_COLUMNS = "key-file-columns"  # known
    FILE_CSV = "key-file-csv"  # line, detail
    FILE_JSON = "key-file-json"  # detail
    FILE_ROW = "key-file-row"  # line
    IDENTITY_TAKEN = "key-identity-taken"  # identity, device
    KEY_MISSING = "key-missing"  # device
    LENGTH = "key-length"  # device, length, shortest, longest
    NAME = "key-name"  # name


class AppkeyError(CodedError, ValueError):
    """An appkey that cannot be."""


class PskError(CodedError, ValueError):
    """Pre-shared keys that cannot be."""
