"""What the MQTT commands of a family take, and what a host has set for one client. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbtwin.mqtt.packets import Will


@dataclass(frozen=True)
class MqttDialect:
    """One field a sentence in which the families' MQTT commands differ."""

    source: str
    last_client: int = 5  # <TCP_connectID> 0 to here
    versions: Mapping[int, int] = field(default_factory=lambda: {0: 3, 1: 4})  # <version_num> → protocol level
    version: int = 1  # the default <version_num>
    timeout: int = 10  # s, <pkt_timeout>
    retries: int = 3  # <retry_times>
    length_before_payload: bool = False  # AT+QMTPUB=…,<topic>,<msg_len>[,<msg>]; else …,<topic>[,<msg>]
    longest_topic: int = 256
    longest_payload: int = 1460
    filters: int = 4  # topics in one AT+QMTSUB or AT+QMTUNS; assumed
    longest_received: int = 2048  # remaining length of a packet that the module still takes; assumed


@dataclass
class MqttSettings:
    """Of one client: what AT+QMTCFG sets. A restart forgets it."""

    version: int
    timeout: int
    retries: int
    notice: bool = False  # <timeout_notice>: retransmissions are told
    keep_alive: int = 120
    clean: bool = True
    will: Will | None = None
    ali: tuple[str, str, str] | None = None  # product key, device name, device secret
    show_length: bool = False  # of received data
    echo: bool = False
    hex_sent: bool = False
    hex_received: bool = False
