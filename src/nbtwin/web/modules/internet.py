"""What a module does in the internet besides its services, in the words of the API: sockets, pings, names, MQTT, time.

Knows how to read a module; changes nothing. What is not there any more after a restart is not there here either.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from nbtwin.engine import Address
from nbtwin.module.internet.events import Transport
from nbtwin.module.internet.internet import Internet
from nbtwin.module.internet.mqtt import OWNER as MQTT
from nbtwin.module.internet.mqtt import MqttClients, MqttConnection, MqttPhase
from nbtwin.module.internet.sockets import Socket
from nbtwin.module.module import Module
from nbtwin.mqtt.client import MqttState

SocketState = Literal["open", "connecting", "listening", "connected", "finished", "closing", "broken"]
ClientState = Literal["closed", "resolving", "opening", "open", "connecting", "connected", "leaving"]
_PHASES: dict[MqttPhase, ClientState] = {
    MqttPhase.CLOSED: "closed", MqttPhase.RESOLVING: "resolving", MqttPhase.OPENING: "opening",
    MqttPhase.LEAVING: "leaving",
}  # fmt: skip
_SESSIONS: dict[MqttState, ClientState] = {
    MqttState.IDLE: "open", MqttState.CONNECTING: "connecting", MqttState.CONNECTED: "connected",
}  # fmt: skip


class SocketShown(BaseModel):
    owner: str = Field(description="who has opened it: host (by AT commands), mqtt or ntp (the module itself)")
    number: int = Field(description="that its owner gave it: <socket>, <connectID>, the MQTT client's")
    transport: Transport = Field(description="udp or tcp")
    port: int = Field(description="the module's own")
    peer: str | None = Field(description="whom it is connected to, as host:port; null: anybody")
    state: SocketState = Field(
        description="open; connecting; listening: it takes who connects; connected; finished: the peer has closed its "
        "half; closing: the module has; "
        "broken: the connection is gone, and the socket not closed yet"
    )
    reached_at: str | None = Field(description="of one that listens: where others reach it, as host:port")
    unread: int = Field(description="bytes that have come and wait to be read")
    unsent: int = Field(description="bytes of a stream that the peer has not acknowledged")
    sent: int = Field(description="bytes that its owner has sent since it was opened")
    received: int = Field(description="bytes that have come since it was opened; what was dropped does not count")


class PingShown(BaseModel):
    owner: str = Field(description="who has asked for it")
    host: str = Field(description="its address")
    size: int = Field(description="bytes in it")
    timeout: float = Field(description="how long its answer may take, in seconds")


class MqttSubscriptionShown(BaseModel):
    filter: str = Field(description="which topics")
    qos: int = Field(description="that the server grants")


class MqttShown(BaseModel):
    number: int = Field(description="<TCP_connectID>")
    server: str = Field(description="as host:port, as AT+QMTOPEN wrote it")
    state: ClientState = Field(description="open: the stream is there, the session is not; connected: both are")
    client_id: str = Field(description="of the last CONNECT; empty: there was none")
    keep_alive: int = Field(description="in seconds; 0: none")
    subscriptions: list[MqttSubscriptionShown] = Field(description="that the server has taken")


class InternetShown(BaseModel):
    sockets: list[SocketShown] = Field(description="in the order in which they were opened")
    pings: list[PingShown] = Field(description="those whose answer is outstanding")
    names: list[str] = Field(description="names that are being resolved")
    mqtt: list[MqttShown] = Field(description="MQTT clients that were opened since the boot")
    time_server: str | None = Field(description="the time server that is being asked, as host:port; null: none")


def internet_of(module: Module) -> InternetShown | None:
    """None: nobody has asked for it since the boot."""
    return _shown(module.internet) if module.has_internet else None


def _shown(internet: Internet) -> InternetShown:
    clients, time = internet.client(MQTT), internet.time
    return InternetShown(
        sockets=[_socket(one) for one in internet.sockets.all()],
        pings=[
            PingShown(owner=owner, host=order.host, size=order.size, timeout=order.timeout)
            for owner, order in internet.pings_under_way()
        ],
        names=internet.names_under_way(),
        mqtt=[_client(one) for one in clients.all()] if isinstance(clients, MqttClients) else [],
        time_server=_address(time.asked) if time is not None and time.asked is not None else None,
    )


def _address(address: Address) -> str:
    return "{}:{}".format(*address)


def _socket(one: Socket) -> SocketShown:
    return SocketShown(
        owner=one.owner, number=one.label, transport=one.transport, port=one.port,
        peer=None if one.peer is None else _address(one.peer), state=_state(one),
        reached_at=None if one.reached_at is None else _address(one.reached_at), unread=one.unread,
        unsent=one.unsent, sent=one.sent, received=one.received,
    )  # fmt: skip


def _state(one: Socket) -> SocketState:
    if one.connecting:
        return "connecting"
    if one.listening:
        return "listening"
    if not one.connected:
        return "broken" if one.peer is not None else "open"
    return "closing" if one.closing else "finished" if one.finished else "connected"


def _client(one: MqttConnection) -> MqttShown:
    return MqttShown(
        number=one.number, server=_address((one.host, one.port)), state=_client_state(one),
        client_id=one.engine.client_id, keep_alive=one.used.keep_alive,
        subscriptions=[MqttSubscriptionShown(filter=name, qos=qos) for name, qos in one.engine.subscriptions.items()],
    )  # fmt: skip


def _client_state(one: MqttConnection) -> ClientState:
    if one.phase is MqttPhase.OPEN:
        return _SESSIONS[one.engine.state]
    return _PHASES[one.phase]
