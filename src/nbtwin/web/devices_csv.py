"""Devices as CSV: a row each, with how it registered, for spreadsheets and scripts.

Cells are those of `values_csv`: names come from devices, and are no formulas. Knows no route.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from nbtwin.web.values_csv import cell

HEAD = (
    "id", "name", "group", "tags",
    "imei", "imei2", "imsi", "iccid", "model", "firmware", "state", "endpoint", "lwm2m_version", "binding",
    "transports", "queue_mode", "sms", "object_versions", "psk_identity", "host", "port", "lifetime", "registered_at",
    "refreshed_at", "last_seen_at",
)  # fmt: skip


def as_csv(devices: Iterable[dict[str, Any]]) -> str:
    """Of devices as the API shows them."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow(HEAD)
    for device in devices:
        writer.writerow([_cell(device[name]) for name in HEAD])
    return file.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, list):
        value = " ".join(value)
    if isinstance(value, dict):
        value = " ".join(f"{name}:{one}" for name, one in value.items())
    return cell(value)
