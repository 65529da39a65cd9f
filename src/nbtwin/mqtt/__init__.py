"""MQTT 3.1 and 3.1.1: packets, and a client over a byte stream that somebody else carries."""
