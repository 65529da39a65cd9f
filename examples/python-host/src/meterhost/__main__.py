"""``meterhost PORT MODEL``: a device, ``tcp:HOST:PORT``, or what pyserial opens. Exit status 0: registered."""

from __future__ import annotations

import os
import sys
import time

import serial

from meterhost.meter import MODELS, Meter, MeterError


def main() -> int:
    if len(sys.argv) != 3 or sys.argv[2] not in MODELS:
        print(f"usage: meterhost PORT {'|'.join(MODELS)}", file=sys.stderr)
        return 2
    url = sys.argv[1].replace("tcp:", "socket://", 1)
    baud = int(os.environ.get("METER_BAUD", "115200"))
    with serial.serial_for_url(url, baudrate=baud, timeout=1) as port:
        meter = Meter(port, sys.argv[2], time.monotonic)
        try:
            meter.start()
        except MeterError as error:
            print(f"meterhost: {error}", file=sys.stderr)
            return 1
    print("registered")
    return 0


if __name__ == "__main__":
    sys.exit(main())
