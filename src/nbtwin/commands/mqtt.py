"""AT+QMTCFG to AT+QMTPUB: MQTT, where a family has it (`MqttDialect`). Observed: no document has these commands.

Knows syntax and settings; the life of a connection is in `nbtwin.module.internet.mqtt`, with the lines that tell of it.
A command answers OK when what it asks for has begun; how that ended is told in a line of its name, later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbtwin.at.command import OK, Answer, AtError, Command, Lines, Prompt, row
from nbtwin.at.refusals import CommandRefused, ValueKind, ValueTaken
from nbtwin.at.values import Host, Int, Quoted, Rest, Text, unquote
from nbtwin.commands.refusals import OPERATION_NOT_ALLOWED, CommandRefusal, bad_parameter, not_supported, refusal
from nbtwin.module.internet.mqtt import OWNER, MqttClientError, MqttClients
from nbtwin.module.internet.mqtt_settings import MqttDialect, MqttSettings
from nbtwin.module.profile import Profile
from nbtwin.mqtt.packets import Publish, Will, is_filter, is_topic

if TYPE_CHECKING:
    from nbtwin.module.module import Module


@dataclass(frozen=True)
class Topic(Text):
    """A topic that messages may have, or with ``wild`` a topic filter (MQTT 3.1.1, 4.7). In double quotes; without them
    where drivers are seen to leave them out (``bare``)."""

    wild: bool = False
    bare: bool = False

    def parse(self, text: str) -> str:
        topic = super().parse(text if unquote(text) is not None or not self.bare else f'"{text}"')
        if not (is_filter(topic) if self.wild else is_topic(topic)):
            raise self._refuse(text)
        return topic

    def takes(self) -> ValueTaken:
        return ValueTaken(ValueKind.QUOTED_TEXT, self.shortest, self.longest)


def mqtt_commands(p: Profile) -> tuple[Command, ...]:
    d = p.mqtt
    if d is None:
        return ()
    client, ids = Int("TCP_connectID", 0, d.last_client), f"(0-{d.last_client})"
    topic, filters = (
        Topic("topic", longest=d.longest_topic, bare=d.length_before_payload),
        Topic("topic", longest=d.longest_topic, wild=True),
    )
    later = Topic("topic", longest=d.longest_topic, wild=True, optional=True)
    message, qos = Int("msgID", 1, 65535), Int("qos", 0, 2)
    length = (Int("msg_len", 0, d.longest_payload, optional=True),) if d.length_before_payload else ()
    shown_length = f",(0-{d.longest_payload})" if d.length_before_payload else ""
    more_filters = tuple(field for _ in range(d.filters - 1) for field in (later, Int("qos", 0, 2, optional=True)))
    return (
        *_settings(d, client),
        Command("+QMTOPEN", d.source, test=(f"+QMTOPEN: {ids},<host_name>,(1-65535)",), read=show_open,
                write=row(open_network, client, Host("host_name", domain=True, quoted=True), Int("port", 1, 65535))),
        Command("+QMTCLOSE", d.source, test=(f"+QMTCLOSE: {ids}",), write=row(close_network, client)),
        Command("+QMTCONN", d.source, test=(f"+QMTCONN: {ids},<clientID>,<username>,<password>",), read=show_connected,
                write=row(connect, client, Text("clientID", longest=128),
                          Text("username", longest=256, shortest=0, optional=True),
                          Text("password", longest=256, shortest=0, optional=True))),
        Command("+QMTDISC", d.source, test=(f"+QMTDISC: {ids}",), write=row(disconnect, client)),
        Command("+QMTSUB", d.source, test=(f"+QMTSUB: {ids},(1-65535),<topic>,(0-2),<topic>,(0-2),...",),
                write=row(subscribe, client, message, filters, qos, *more_filters)),
        Command("+QMTUNS", d.source, test=(f"+QMTUNS: {ids},(1-65535),<topic>,<topic>,...",),
                write=row(unsubscribe, client, message, filters, *(later,) * (d.filters - 1))),
        Command("+QMTPUB", d.source, test=(f"+QMTPUB: {ids},(0-65535),(0-2),(0,1),<topic>{shown_length},<msg>",),
                write=row(publish_with_length if length else publish, client, Int("msgID", 0, 65535), qos,
                          Int("retain", 0, 1), topic, *length, Rest("msg", optional=True))),
    )  # fmt: skip


# AT+QMTCFG


def _settings(d: MqttDialect, client: Int) -> tuple[Command, ...]:
    ids = f"(0-{d.last_client})"
    versions = tuple(d.versions)
    test = (
        f'+QMTCFG: "will",{ids},(0,1),(0-2),(0,1),<will_topic>,<will_msg>',
        f'+QMTCFG: "timeout",{ids},(1-60),(0-10),(0,1)',
        f'+QMTCFG: "session",{ids},(0,1)',
        f'+QMTCFG: "keepalive",{ids},(0-3600)',
        f'+QMTCFG: "aliauth",{ids},<product_key>,<device_name>,<device_secret>',
        f'+QMTCFG: "version",{ids},({versions[0]},{versions[1]})',
        f'+QMTCFG: "showrecvlen",{ids},(0,1)',
        f'+QMTCFG: "echomode",{ids},(0,1)',
        f'+QMTCFG: "dataformat",{ids},(0,1),(0,1)',
        f'+QMTCFG: "ssl",{ids},(0)',
    )
    will = (_flag("will_fg"), Int("will_qos", 0, 2, optional=True), _flag("will_retain"),
            Topic("will_topic", longest=d.longest_topic, optional=True),
            Text("will_msg", longest=256, optional=True))  # fmt: skip
    timeout = (Int("pkt_timeout", 1, 60, optional=True), Int("retry_times", 0, 10, optional=True),
               _flag("timeout_notice"))  # fmt: skip
    return (
        Command("+QMTCFG", d.source, test=test),
        Command('+QMTCFG="will"', d.source, write=row(set_will, client, *will)),
        Command('+QMTCFG="timeout"', d.source, write=row(set_timeout, client, *timeout)),
        Command('+QMTCFG="session"', d.source, write=row(set_session, client, _flag("clean_session"))),
        Command('+QMTCFG="keepalive"', d.source,
                write=row(set_keep_alive, client, Int("keep_alive_time", 0, 3600, optional=True))),
        Command('+QMTCFG="aliauth"', d.source, write=row(
            set_ali, client, _secret("product_key"), _secret("device_name"), _secret("device_secret"))),
        Command('+QMTCFG="version"', d.source,
                write=row(set_version, client, Int("version_num", min(versions), max(versions), optional=True))),
        Command('+QMTCFG="showrecvlen"', d.source, write=row(set_show_length, client, _flag("show_flag"))),
        Command('+QMTCFG="echomode"', d.source, write=row(set_echo, client, _flag("echo_mode"))),
        Command('+QMTCFG="dataformat"', d.source,
                write=row(set_format, client, _flag("send_format"), _flag("recv_format"))),
        Command('+QMTCFG="ssl"', d.source, write=row(set_ssl, client, _flag("ssl_enable"),
                                                     Int("ssl_contextID", 0, 10, optional=True),
                                                     Int("ssl_connectID", 0, 4, optional=True))),
    )  # fmt: skip


def _flag(name: str) -> Int:
    return Int(name, 0, 1, optional=True)


def _secret(name: str) -> Quoted:
    return Quoted(name, longest=64, optional=True)


def _clients(m: Module) -> MqttClients:
    """Those of this boot, made when they are first used."""
    clients = m.internet.client(OWNER)
    if not isinstance(clients, MqttClients):
        assert m.profile.mqtt is not None
        clients = MqttClients(m.profile.mqtt, m.internet)
        m.internet.add_client(OWNER, clients)
    return clients


def _of(m: Module, client: int) -> MqttSettings:
    return _clients(m).settings(client)


def _shown(*values: object) -> Lines:
    return (f"+QMTCFG: {','.join(map(str, values))}",)


def _incomplete(m: Module, parameter: str) -> AtError:
    return bad_parameter(m, CommandRefused(CommandRefusal.MQTT_VALUES, parameter))


def set_will(
    m: Module, client: int, flag: int | None, qos: int | None, retain: int | None, topic: str | None, text: str | None
) -> Lines:
    settings = _of(m, client)
    if flag is None:
        will = settings.will
        if will is None:
            return _shown(0)
        return _shown(1, will.qos, int(will.retain), f'"{will.topic}"', f'"{will.payload.decode()}"')
    if flag and qos is not None and retain is not None and topic is not None and text is not None:
        settings.will = Will(topic, text.encode(), qos, bool(retain))
    elif flag:
        raise _incomplete(m, "will_fg")  # all four with 1; with 0 they mean nothing
    else:
        settings.will = None
    return OK


def set_timeout(m: Module, client: int, timeout: int | None, retries: int | None, notice: int | None) -> Lines:
    settings = _of(m, client)
    if timeout is None:
        return _shown(settings.timeout, settings.retries, int(settings.notice))
    settings.timeout = timeout
    if retries is not None:
        settings.retries = retries
    if notice is not None:
        settings.notice = bool(notice)
    return OK


def set_session(m: Module, client: int, clean: int | None) -> Lines:
    settings = _of(m, client)
    if clean is None:
        return _shown(int(settings.clean))
    settings.clean = bool(clean)
    return OK


def set_keep_alive(m: Module, client: int, time: int | None) -> Lines:
    settings = _of(m, client)
    if time is None:
        return _shown(settings.keep_alive)
    settings.keep_alive = time
    return OK


def set_ali(m: Module, client: int, key: str | None, name: str | None, secret: str | None) -> Lines:
    settings = _of(m, client)
    if key is None:
        return OK if settings.ali is None else _shown(*(f'"{value}"' for value in settings.ali))
    if name is None or secret is None:
        raise _incomplete(m, "device_secret")
    settings.ali = key, name, secret
    return OK


def set_version(m: Module, client: int, version: int | None) -> Lines:
    settings = _of(m, client)
    if version is None:
        return _shown(settings.version)
    settings.version = version
    return OK


def set_show_length(m: Module, client: int, show: int | None) -> Lines:
    settings = _of(m, client)
    if show is None:
        return _shown(int(settings.show_length))
    settings.show_length = bool(show)
    return OK


def set_echo(m: Module, client: int, echo: int | None) -> Lines:
    """Kept and shown; data mode echoes nothing."""
    settings = _of(m, client)
    if echo is None:
        return _shown(int(settings.echo))
    settings.echo = bool(echo)
    return OK


def set_format(m: Module, client: int, sent: int | None, received: int | None) -> Lines:
    settings = _of(m, client)
    if sent is None:
        return _shown(int(settings.hex_sent), int(settings.hex_received))
    if received is None:
        raise _incomplete(m, "recv_format")
    settings.hex_sent, settings.hex_received = bool(sent), bool(received)
    return OK


def set_ssl(m: Module, client: int, enable: int | None, context: int | None, connection: int | None) -> Lines:
    """Without TLS: 1 is refused, so that nobody takes an open connection for a protected one."""
    if enable:
        raise not_supported(m, CommandRefused(CommandRefusal.MQTT_WITHOUT_TLS))
    return _shown(0) if enable is None else OK


# the connection


def _ask(m: Module, ask: Callable[[MqttClients], None]) -> Lines:
    try:
        ask(_clients(m))
    except MqttClientError as error:
        raise refusal(m, OPERATION_NOT_ALLOWED, CommandRefused(error.refusal, number=error.number)) from None
    return OK


def show_open(m: Module) -> Lines:
    return tuple(f'+QMTOPEN: {one.number},"{one.host}",{one.port}' for one in _clients(m).opened())


def open_network(m: Module, client: int, host: str, port: int) -> Lines:
    address = host.replace(".", "").isdigit()
    return _ask(m, lambda mqtt: mqtt.open(m.now, client, host, port, m.radio.attached, address))


def close_network(m: Module, client: int) -> Lines:
    return _ask(m, lambda mqtt: mqtt.close(m.now, client))


def show_connected(m: Module) -> Lines:
    return tuple(f"+QMTCONN: {one.number},{one.state}" for one in _clients(m).opened())


def connect(m: Module, client: int, client_id: str, username: str | None, password: str | None) -> Lines:
    return _ask(m, lambda mqtt: mqtt.connect(m.now, client, client_id, username, password))


def disconnect(m: Module, client: int) -> Lines:
    return _ask(m, lambda mqtt: mqtt.disconnect(m.now, client))


def subscribe(m: Module, client: int, message: int, topic: str, qos: int, *more: str | int | None) -> Lines:
    filters = [(topic, qos)]
    for name, level in zip(more[::2], more[1::2], strict=True):
        if isinstance(name, str):
            if not isinstance(level, int):
                raise _incomplete(m, "qos")
            filters.append((name, level))
    return _ask(m, lambda mqtt: mqtt.subscribe(m.now, client, message, tuple(filters)))


def unsubscribe(m: Module, client: int, message: int, topic: str, *more: str | None) -> Lines:
    filters = (topic, *(name for name in more if name is not None))
    return _ask(m, lambda mqtt: mqtt.unsubscribe(m.now, client, message, filters))


# AT+QMTPUB


def publish(
    m: Module, client: int, message: int, qos: int, retain: int, topic: str, text: str | None, length: int | None = None
) -> Answer:
    if bool(message) != bool(qos):
        raise bad_parameter(m, CommandRefused(CommandRefusal.MQTT_MESSAGE_ID, number=message))
    if text is not None and not (len(text) >= 2 and text[0] == text[-1] == '"'):  # quotes inside are the text's own
        raise _incomplete(m, "msg")
    _ask(m, lambda mqtt: mqtt.check(client, message))

    def send(payload: bytes) -> Lines:
        return _publish(m, client, Publish(topic, payload, qos, message, bool(retain)), length)

    if text is not None:
        return send(text[1:-1].encode("utf-8", "surrogateescape"))
    longest = _longest(m, client)
    return Prompt(longest, send, ends=True) if length is None else Prompt(length, send) if length else send(b"")


def publish_with_length(
    m: Module, client: int, message: int, qos: int, retain: int, topic: str, length: int | None, text: str | None
) -> Answer:
    if length is not None and length * (2 if _of(m, client).hex_sent else 1) > _longest(m, client):
        raise _length(m, length, _longest(m, client) // 2)
    return publish(m, client, message, qos, retain, topic, text, length)


def _longest(m: Module, client: int) -> int:
    assert m.profile.mqtt is not None
    return m.profile.mqtt.longest_payload


def _length(m: Module, length: int, expected: int) -> AtError:
    return bad_parameter(m, CommandRefused(CommandRefusal.DATA_LENGTH, number=length, expected=expected))


def _publish(m: Module, client: int, packet: Publish, length: int | None) -> Lines:
    """What was written is checked as a whole: in hex mode digits, of the announced length, not too long."""
    payload = packet.payload
    if len(payload) > _longest(m, client):
        raise _length(m, len(payload), _longest(m, client))
    if _of(m, client).hex_sent:
        try:
            payload = bytes.fromhex(payload.decode("ascii"))
        except ValueError:
            raise bad_parameter(m, CommandRefused(CommandRefusal.MQTT_HEX)) from None
    if length is not None and length != len(payload):
        raise _length(m, len(payload), length)
    message = Publish(packet.topic, payload, packet.qos, packet.packet_id, packet.retain)
    return _ask(m, lambda mqtt: mqtt.publish(m.now, client, message))
