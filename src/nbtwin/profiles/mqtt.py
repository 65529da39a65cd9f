"""MQTT of the families that have it, as public application notes and drivers show it. Data only.

No document has these commands. BC26 and BC20: texts on the BC26 MQTT Application Note and drivers for both; BC260Y-CN:
the note of its chip's other modules (BC660K-GL and BC950K-GL) and drivers; BC25 and BC32: a driver alone, for the BC25;
BC28 and BC35-G: a driver, whose author took it from their own note.
"""

from __future__ import annotations

from dataclasses import replace

from nbtwin.module.internet.mqtt_settings import MqttDialect

MEDIATEK_MQTT = MqttDialect("observed (MQTT note of the BC26)")
EIGENCOMM_MQTT = MqttDialect(
    "observed (MQTT note of the BC660K-GL)",
    last_client=4,
    timeout=30,
    retries=0,
    length_before_payload=True,
)
RDA_MQTT = replace(MEDIATEK_MQTT, source="observed (a driver for the BC25)")
NEUL_MQTT = replace(MEDIATEK_MQTT, source="observed (a driver for the BC28)")

KNOWN = {
    "mqtt": "observed",
    "mqtt.filters": "assumed",
    "mqtt.longest_received": "assumed",
    "mqtt.longest_topic": "observed",
    "mqtt.longest_payload": "observed",
}
KNOWN_BY_DRIVER = KNOWN | {
    "mqtt": "observed (commands), assumed (ranges and defaults)",
    "mqtt.longest_topic": "assumed",
    "mqtt.longest_payload": "assumed",
}
