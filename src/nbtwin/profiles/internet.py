"""What the families' sockets have room for. Data only; observed or assumed."""

from __future__ import annotations

from nbtwin.module.internet.dialect import InternetDialect

NEUL_INTERNET = InternetDialect(  # BC28, BC35-G, BC95 R2.0
    sockets=7,  # Mbed OS's QUECTEL_BC95, RT-Thread's at_device (bc28)
    first_socket=1,  # public hosts write AT+NSOST=1 behind their first AT+NSOCR
    longest_data=1358,  # Mbed OS, at_device, TinyGSM
)
