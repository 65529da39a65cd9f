"""CoAP messages decoded and encoded a second: a CMDMP registration, beside the same values through `json`."""

from __future__ import annotations

import json

from benchmarks.figures import Figure, per_second
from benchmarks.traffic import cmdmp_registration
from nbtwin.coap.message import decode, encode


def measure(seconds: float) -> list[Figure]:
    data = cmdmp_registration(1)
    message = decode(data)
    values = {
        "type": int(message.type),
        "code": int(message.code),
        "message_id": message.message_id,
        "token": message.token.hex(),
        "options": [[number, value.decode("latin-1")] for number, value in message.options],
        "payload": message.payload.decode(),
    }
    text = json.dumps(values)
    rates = {
        "decoded": (per_second(lambda: decode(data), seconds), per_second(lambda: json.loads(text), seconds)),
        "encoded": (per_second(lambda: encode(message), seconds), per_second(lambda: json.dumps(values), seconds)),
    }
    names = {"decoded": "json.loads of the same values (C)", "encoded": "json.dumps of the same values (C)"}
    return [
        Figure(f"CoAP messages {what}", ours, "/s", {names[what]: theirs}, f"a CMDMP registration, {len(data)} bytes")
        for what, (ours, theirs) in rates.items()
    ]
