"""What can be seen of a model from outside: what it answers, prints and sends, by what it is asked and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from nbtwin.at.command import Command, Prompt
from nbtwin.at.explain import explain
from nbtwin.engine import DAY, HOUR, Address, Fact
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.network import Route
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.lab.observers import LabObserver
from nbtwin.lab.streams import Stream
from nbtwin.module.identity import Usim
from nbtwin.module.profile import Profile
from nbtwin.mqtt.packets import ConnAck, Publish, encode
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.selfreg.schedule import Operator

Seen = Iterable[Any]
Look = Callable[[Profile, Profile], Seen]
"""The first profile says what is asked (so that both are asked the same), the second one is looked at."""

DEEP_SLEEP = 'AT+CPSMS=1,,,"01000011","00000101"'
PLATFORMS = {Operator.MOBILE: "cmdmp", Operator.TELECOM: "telecom", Operator.UNICOM: "unicom"}


class Passed(LabObserver):
    """What left the module, and when."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def datagram(
        self, at: float, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: str | None
    ) -> None:
        if packet.direction is Direction.UP:
            self.seen.append((at, packet.receiver, data))

    def event(self, at: float, node: Node, event: object) -> None:
        if isinstance(node, ModuleNode):
            self.seen.append((at, repr(event)))

    def lookup(self, at: float, module: str, fact: Fact) -> None:
        self.seen.append((at, "lookup", repr(fact)))

    def serial_out(self, at: float, node: ModuleNode, data: bytes) -> None:
        self.seen.append((at, "serial", data))

    def told(self) -> list[Any]:
        """What was seen since the last time."""
        told, self.seen = self.seen, []
        return told


class Bed:
    """One module of this profile, as delivered, in a world of its own."""

    def __init__(
        self, profile: Profile, operator: Operator | None, *, firmware: str | None = None, platforms: Iterable[str] = ()
    ) -> None:
        self.bed = SimulatedLab(operators=platforms)
        self.world = self.bed.world
        self.passed = Passed()
        self.world.observers.append(self.passed)
        usim = None if operator is None else Usim.of(operator, "meter")
        self.node = self.bed.add_module("meter", profile, usim, firmware=firmware)
        self.module = self.bed.modules["meter"]
        self.bed.power_on("meter")
        self.world.advance(6)

    def ask(self, lines: Iterable[str]) -> Iterator[Any]:
        for text in lines:
            yield text, self.world.ask(self.node, text), self.node.take_serial()

    def restart(self, cause: str | None = None) -> None:
        self.world.perform(self.node, self.module.reset, cause)
        self.world.advance(6)


# What is asked: values at and beyond the edges of what the profile says


def forms(p: Profile) -> Iterator[str]:
    yield from ("AT+CMEE=1", "AT+CEREG=2", "AT+CSCON=1")
    for command in p.commands:
        if command.name != "+NRB":
            yield from (f"AT{command.name}{form}" for form in ("=?", "?", "", "=77,77"))


def access(p: Profile) -> Iterator[str]:
    d, (low, high) = p.cmdmp, p.cmdmp.ports
    yield from (f"AT{d.name}=?", *(f"AT{d.name}=4,{option}" for option in range(5)))
    for values in (
        "1.2.3.4,5683,900", "a.example,5683,900", f"1.2.3.4,{low},900", f"1.2.3.4,{low - 1},900", f"1.2.3.4,{high},900",
        f"1.2.3.4,{high + 1},900", ",,", ",5683,", "1.2.3.4,,", "1.2.3.4,5683,", "1.2.3.4,5683", "1.2.3.4", ",,900",
    ):  # fmt: skip
        yield from (f"AT{d.name}=1,{values}", f"AT{d.name}=4,1")
    yield from (f'AT{d.name}=2,"M1","password",1,{"8" * 15}', f"AT{d.name}=4,2", f"AT{d.name}=3,46001", f"AT{d.name}=6")
    yield from (f"AT{d.name}={text}" for text in ("5,3", "5,4", "0,0", "4,0"))


def switched(p: Profile) -> Iterator[str]:
    if p.switch is not None:
        yield from (f"AT{p.switch.name}{form}" for form in ("?", "=1", "?", "=0"))


def extended(p: Profile) -> Iterator[str]:
    for kind, values in () if p.extended is None else p.extended.values.items():
        for more in (0, 1):
            yield f"AT+QDMPCFGEX={kind},0," + ",".join(f'"{"x" * (longest + more)}"' for _, longest in values)
        yield f"AT+QDMPCFGEX={kind},1"
    yield from (f"AT+QDMPCFGEX{form}" for form in ("=?", *(f"={kind},1" for kind in range(8))))


def enabling(p: Profile) -> str:
    """Self-registration, or access to CMDMP where the model has no switch of its own."""
    return f"AT{p.switch.name}=1" if p.switch is not None else f"AT{p.cmdmp.name}=0,1"


def everyday(p: Profile) -> Iterator[str]:
    e = p.everyday
    yield from (f"AT+CFUN={function}" for function in (*e.functions, *range(6)))
    yield from ("AT+CMEE=1", "AT+CFUN=1", "AT+COPS=1,2,20801", "AT+COPS=1,2,46000", "AT+QSCLK=0", "AT+QSCLK?")
    yield from ("AT+NUESTATS", "AT+CMEE=0", "AT+CGSN=3", "AT+CLAC", "AT+QRELLOCK", "AT+QCGDEFCONT?")
    for item in e.configuration:
        ends = ("TRUE", "FALSE") if item.span is None else item.span
        beyond = () if item.span is None else (item.span[0] - 1, item.span[1] + 1)
        yield from (f"AT+NCONFIG={item.name},{value}" for value in (*ends, *beyond))
    counted = e.bands_with_count
    yield from (f"AT{e.bands_command}={'1,' if counted else ''}{band}" for band in (*p.bands, 1, 2, 8, 9))
    yield from (f'AT{e.ping_command}={e.context},"1.2.3.4"', "AT+NPING=1.2.3.4", f"AT+CGPADDR={e.context}")


def qi_lines(p: Profile) -> Iterator[str]:
    """Test forms, bounds, and every option of AT+QICFG."""
    q = p.qi
    if q is None:
        return
    yield "AT+CMEE=1"
    yield from (f"AT+{name}=?" for name in ("QIOPEN", "QICLOSE", "QISTATE", "QISEND", "QISENDEX", "QIRD", "QISWTMD"))
    yield from ("AT+QICFG=?", "AT+QIDNSGIP=?", "AT+QNTP=?", "AT+QIGETERROR")
    for name in ("viewmode", "showlength", "open_time"):
        yield from (f'AT+QICFG="{name}"', f'AT+QICFG="{name}",1', f'AT+QICFG="{name}"')
    yield f'AT+QNTP={q.contexts[0]},"192.0.2.22"'


def used_sockets(p: Profile) -> Iterator[str]:
    """Lines around one socket to an echo; a blank one: time passes."""
    q, d = p.qi, p.internet
    assert q is not None
    assert d is not None
    last = d.first_socket + d.sockets - 1
    first, echo = q.contexts[0], '"192.0.2.20"'
    for context in (first - 1, *range(first, q.contexts[1] + 2)):
        yield f'AT+QIOPEN={max(context, 0)},{last + 1},"UDP",{echo},7'
    for port in (q.first_remote_port - 1, q.first_remote_port):
        yield f'AT+QIOPEN={first},{last},"UDP",{echo},{port}'
    yield from ("AT+QISTATE?", f'AT+QIOPEN={first},0,"UDP",{echo},7', "", "AT+QISEND=0,0", "AT+QISEND=0,3,a,b")
    yield f'AT+QIOPEN={first},0,"UDP",{echo},7'
    for mode in (*q.access_modes, 2):
        yield from (f'AT+QIOPEN={first},1,"UDP",{echo},7,0,{mode}', "", 'AT+QISEND=1,2,"ab"', "", "AT+QICLOSE=1", "")
    yield f'AT+QIOPEN={first},2,"UDP",{echo},7,0,{q.access_modes[0]},0'
    yield from (f'AT+QIOPEN={first},3,"TCP LISTENER","0.0.0.0",1,7000', "", "AT+QICLOSE=3", "")
    for length in (d.longest_data, d.longest_data + 1):
        yield from (f"AT+QISEND=0,{length},{'x' * length}", "")
    yield from ("AT+QISENDEX=0,1,41", "", 'AT+QISEND=0,1,"x",1', "")
    for length in (q.longest_read, q.longest_read + 1):
        yield f"AT+QIRD=0,{length}"
    yield 'AT+QICFG="dataformat",1,1'
    for length in (q.longest_hex, q.longest_hex + 1):
        yield f"AT+QISEND=0,{length}"
    yield from (f'AT+QIOPEN={first},1,"TCP","192.0.2.22",7', "", "AT+QISTATE?", "AT+QICLOSE=1", "AT+QIGETERROR")
    for name in ("echo.lab.test", "no.lab.test"):
        yield from (f'AT+QIDNSGIP={first},"{name}"', "")
    for host in ("192.0.2.22", "no.lab.test"):
        yield from (f'AT+QNTP={first},"{host}"', "")
    yield from (f'AT+QPING={first},"192.0.2.99",1,1', "")


# The looks


def with_sockets(asked: Profile, p: Profile) -> Seen:
    """A simulated lab with an echo, names and the time; and what is left after a restart."""
    if asked.qi is None:
        return
    bed = Bed(p, Operator.MOBILE)
    for text in used_sockets(asked):
        if not text:
            bed.world.advance(45)
            yield bed.node.take_serial()
            continue
        yield from bed.ask((text,))
        bed.world.serial(bed.node, b"\x1b")
    d = asked.internet
    assert d is not None
    context = asked.qi.contexts[0]
    yield from bed.ask(('AT+QICFG="dataformat",0,0', "AT+QICLOSE=0", f'AT+QIOPEN={context},0,"UDP","192.0.2.20",7,0'))
    for size in (*[d.receive_buffer // 4] * 4, 1):
        yield from bed.ask((f"AT+QISEND=0,{size},{'x' * size}",))
    bed.world.advance(5)
    yield bed.node.take_serial()
    yield from bed.ask(("AT+QICLOSE=0", f'AT+QIOPEN={context},0,"TCP","192.0.2.21",7'))
    bed.world.advance(5)
    bed.world.carrier.latency.least = 60.0
    yield from bed.ask(f"AT+QISEND=0,{size},{'x' * size}" for size in (*[d.send_buffer // 8] * 8, 1))
    bed.world.carrier.latency.least = 0.0
    bed.world.advance(HOUR)
    yield from bed.ask(("AT+QICLOSE=0", f'AT+QIOPEN={context},0,"UDP","192.0.2.20",7,0', DEEP_SLEEP))
    bed.world.advance(HOUR)
    bed.world.perform(bed.node, bed.module.wake)
    yield from bed.ask(("AT+QISTATE?", "AT+QICLOSE=0", f'AT+QIOPEN={context},0,"UDP","192.0.2.20",7,4000'))
    for size in (d.receive_buffer, d.receive_buffer + 1):
        packet = 4000, ("192.0.2.20", 7), b"x" * size
        bed.world.perform(bed.node, bed.module.handle_packet, *packet)
        yield bed.node.take_serial()
    yield from bed.ask(('AT+QICFG="dataformat",1,0',))
    bed.restart()
    yield from bed.ask(('AT+QICFG="dataformat"',))


def at_the_line(*lines: Callable[[Profile], Iterator[str]]) -> Look:
    """Each answer, with a card and without one; then what `nbtwin explain` and the console say of the line."""

    def look(asked: Profile, p: Profile) -> Seen:
        every = [line for of in lines for line in of(asked)]
        for operator in (Operator.MOBILE, None):
            yield from Bed(p, operator).ask(every)
        for line in every:
            yield explain(p.commands, p.errors, line)

    return look


def before_anything_was_chosen(asked: Profile, p: Profile) -> Seen:
    """Error modes, what a module is like after other firmware, what is in use after a restart."""
    for firmware in (None, f"{asked.firmware}X", asked.firmware.replace("_ONT", "")):
        bed = Bed(p, Operator.MOBILE, firmware=firmware)
        yield bed.module.identity.firmware
        yield from bed.ask(("AT+CGMR", "AT+CMEE?", "AT+CMEE=2", "AT+CFUN=9", "AT+NOTHING", "AT+COPS=1,2,20801"))
        for enabled in (1, 0):
            yield from bed.ask((f"AT{asked.cmdmp.name}=0,{enabled}",))
            bed.restart()
            yield from bed.ask((f"AT{asked.cmdmp.name}?", f"AT{asked.cmdmp.name}=4,0"))


def after_updates(asked: Profile, p: Profile) -> Seen:
    """The switch, and what it is without having been chosen, by firmware version."""
    if asked.switch is None:
        return
    versions = (*asked.switch.on_up_to, *(asked.switch.quirk_from or ()), asked.firmware)
    for version in (*versions, *(f"{v[:-1]}{n}" for v in versions if v[-1].isdigit() for n in range(1, 9))):
        bed = Bed(p, None, firmware=version)
        yield from bed.ask((f"AT{asked.switch.name}?", f"AT{asked.switch.name}=1"))
        for other in versions:
            bed.world.perform(bed.node, bed.module.update_firmware, other)
            bed.world.advance(6)
            yield from bed.ask((f"AT{asked.switch.name}?",))


def prompted(asked: Profile, p: Profile) -> Seen:
    """Data mode that is left with <ESC>, whether or not a command of the model has one."""
    command = Command("+PROMPTED", "", execute=lambda m: Prompt(5, lambda data: ()))
    bed = Bed(replace(p, families=(*p.families, (command,))), None)
    yield from bed.ask(("AT+CMEE=1", "AT+PROMPTED"))
    bed.world.serial(bed.node, b"ab\x1b")
    bed.world.advance(90)
    yield bed.node.take_serial()


def announced(asked: Profile, p: Profile) -> Seen:
    """What it says by itself of the network and its connection."""
    bed = Bed(p, Operator.MOBILE)
    yield from bed.ask(("AT+NPSMR=1", DEEP_SLEEP))
    for mode in (1, 2, 3):
        bed.world.perform(bed.node, bed.module.wake)
        yield from bed.ask((f"AT+CEREG={min(mode, 2)}", f"AT+CSCON={int(mode == 1)}", f"AT+CTZR={mode}"))
        yield from bed.ask(("AT+CGATT=0", "AT+CGATT=1"))
        bed.world.advance(60)
        yield bed.passed.told()


def starting(asked: Profile, p: Profile) -> Seen:
    """Every byte of a start and of a reset for every cause, with its time."""
    for operator in (None, Operator.MOBILE):
        bed = Bed(p, operator)
        for cause in (None, *map(str, range(1, len(asked.boot.causes) + 1)), *asked.boot.causes):
            try:
                bed.restart(cause)
            except ValueError as error:
                yield cause, str(error)
        yield bed.passed.told()


def asleep(asked: Profile, p: Profile) -> Seen:
    """When it may sleep as delivered."""
    bed = Bed(p, None)
    yield from bed.ask((DEEP_SLEEP,))
    bed.world.perform(bed.node, bed.module.insert_usim, Usim.of(Operator.MOBILE, "meter"))
    bed.world.advance(300)
    yield bed.module.power_state, bed.passed.told()


def before_the_card_is_read(asked: Profile, p: Profile) -> Seen:
    """What asks for the card is answered while it is read, and from when on it is."""
    bed = Bed(p, Operator.MOBILE)
    bed.world.perform(bed.node, bed.module.reset, None)
    bed.world.advance(asked.boot.duration + asked.boot.usim_delay - 0.5)
    for _ in range(2):
        yield from bed.ask(("AT+CMEE=1", "AT+CIMI"))
        bed.world.advance(1)


def written_to_in_sleep(asked: Profile, p: Profile) -> Seen:
    """What a host gets that writes to a module in deep sleep."""
    bed = Bed(p, Operator.MOBILE)
    yield from bed.ask((DEEP_SLEEP,))
    bed.world.advance(400)  # nobody answers its registration: that keeps it awake
    yield bed.module.power_state, *bed.ask(("AT",))


def registering(operator: Operator) -> Look:
    """Days with a card of this operator: answered or not, awake or asleep, updates that fall due."""

    def look(asked: Profile, p: Profile) -> Seen:
        span = 40 * DAY if operator is Operator.UNICOM else asked.cmdmp.default_period + 3 * HOUR
        on = enabling(asked)
        for silent in (False, True):
            for settings in ((), (on,), (on, DEEP_SLEEP)):
                platform = PLATFORMS[operator]
                bed = Bed(p, None, platforms=[platform])
                if silent:
                    bed.world.add_fault(f"silence,destination={platform}")
                list(bed.ask(settings))
                bed.restart()
                bed.world.perform(bed.node, bed.module.insert_usim, Usim.of(operator, "meter"))
                bed.world.advance(span)
                yield bed.passed.told()
                bed.restart()
                bed.world.advance(DAY)
                yield bed.passed.told()

    return look


def managed(asked: Profile, p: Profile) -> Seen:
    """What a platform reads of it, Andlink's where the model knows it or else CMDMP's."""
    for name in ("andlink", "cmdmp"):
        bed = Bed(p, None, platforms=[name])
        yield from bed.ask(('AT+QLASERVERIP="LWM2M","192.0.2.11",5683', enabling(asked)))
        bed.restart()
        bed.world.perform(bed.node, bed.module.insert_usim, Usim.of(Operator.MOBILE, "meter"))
        bed.world.advance(60)
        platform: Any = bed.world.platforms[name]
        for client in list(platform.engine.server.registrations):
            bed.world.perform(platform, platform.engine.devices.ask, f"{name}:{client}", "read", "/3/0")
            bed.world.advance(10)
        yield bed.passed.told()


# Where to look first for a value, by the beginning of its path; the last of them for all others

MOBILE, TELECOM, UNICOM = map(registering, Operator)


def of_sockets(asked: Profile, looked_at: Profile) -> Seen:
    """Room for sockets and for bytes, either way, and what deep sleep leaves of them."""
    if asked.internet is None:
        return
    d = asked.internet
    bed = Bed(looked_at, Operator.TELECOM)
    first, longest = d.first_socket, d.longest_data
    yield from bed.ask("AT+NSOCR=DGRAM,17,0,1" for _ in range(d.sockets + 1))
    yield from bed.ask(f"AT+NSOST={first},192.0.2.20,7,{size},{'41' * size}" for size in (longest, longest + 1))
    bed.world.advance(1)
    yield from bed.ask(f"AT+NSORF={first},{size}" for size in (longest, longest + 1))
    half = d.receive_buffer // 4
    yield from bed.ask(f"AT+NSOST={first},192.0.2.20,7,{size},{'42' * size}" for size in (half, half, half, half, 1))
    bed.world.advance(1)
    yield from bed.ask([f"AT+NSORF={first},1000"] * 6)
    yield from bed.ask([f"AT+NSOCL={first}", "AT+NSOCR=STREAM,6,0,1", f"AT+NSOCO={first},192.0.2.21,7"])
    bed.world.carrier.latency.least = 60.0
    part = d.send_buffer // 8
    yield from bed.ask(f"AT+NSOSD={first},{size},{'43' * size}" for size in (*[part] * 8, 1))
    bed.world.carrier.latency.least = 0.0
    bed.world.advance(HOUR)
    yield from bed.ask([DEEP_SLEEP])
    bed.world.advance(HOUR)
    yield bed.passed.told()


class BrokerEnd:
    """Keeps what it hears; accepts a client, and sends it two messages of these remaining lengths."""

    room = 65536

    def __init__(self, near: Stream, lengths: tuple[int, ...]) -> None:
        self.heard: list[bytes] = []
        self._near, self._lengths = near, lengths

    def write(self, data: bytes) -> None:
        self.heard.append(data)
        if len(self.heard) == 1:
            messages = [Publish("t", b"m" * (length - 3)) for length in self._lengths]
            self._near.far_wrote(b"".join(map(encode, (ConnAck(0), *messages))))

    def finish(self) -> None:
        pass

    resume = close = abort = finish


def of_mqtt(asked: Profile, looked_at: Profile) -> Seen:
    """Defaults of the settings, versions on the wire, and bounds of what is sent and received."""
    d = asked.mqtt
    if d is None:
        return
    bed, ends = Bed(looked_at, Operator.TELECOM), list[BrokerEnd]()

    def dial(destination: Address, near: Stream) -> BrokerEnd:
        ends.append(BrokerEnd(near, (d.longest_received, d.longest_received + 1)))
        bed.world.scheduler.call_at(bed.world.now, near.far_opened)
        return ends[-1]

    bed.world.network.add_route(Route("192.0.2.25", None, "192.0.2.25", None))
    bed.world.carrier.streams.dial = dial
    yield from bed.ask(['AT+QMTCFG="version",0', 'AT+QMTCFG="timeout",0', "AT+QMTPUB=?", "AT+QMTSUB=?"])
    for client, version in enumerate(d.versions):
        yield from bed.ask([f'AT+QMTCFG="version",{client},{version}', f'AT+QMTOPEN={client},"192.0.2.25",1883'])
        bed.world.advance(5)
        yield from bed.ask([f'AT+QMTCONN={client},"c"'])
        bed.world.advance(60)
        yield bed.node.take_serial()
    for size in (d.longest_payload, d.longest_payload + 1):
        length = f"{size}," if d.length_before_payload else ""
        yield from bed.ask([f'AT+QMTPUB=0,0,0,0,"t",{length}"{"p" * size}"'])
    bed.world.advance(60)
    yield [end.heard for end in ends], bed.node.take_serial()


LOOKS: dict[str, tuple[Look, ...]] = {
    "cmdmp": (at_the_line(access), before_anything_was_chosen, MOBILE),
    "schedules.mobile": (MOBILE,),
    "schedules.telecom": (TELECOM,),
    "schedules.unicom": (UNICOM,),
    "boot": (starting, before_the_card_is_read),
    "cmee_default": (before_anything_was_chosen,),
    "radio_urcs": (announced,),
    "qi": (at_the_line(qi_lines), with_sockets),
    "everyday": (at_the_line(everyday), at_the_line(forms), written_to_in_sleep, before_the_card_is_read),
    "errors": (before_anything_was_chosen, at_the_line(forms), prompted),
    "switch": (at_the_line(switched), after_updates, TELECOM, MOBILE),
    "extended": (at_the_line(extended),),
    "internet": (of_sockets, with_sockets),
    "announces": (of_sockets, with_sockets),
    "mqtt": (at_the_line(forms), of_mqtt),
    "": (at_the_line(forms, everyday), asleep, MOBILE, TELECOM, UNICOM, managed),
}
