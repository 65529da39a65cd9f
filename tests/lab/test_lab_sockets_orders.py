"""Sockets in any order of what a host, a peer, the network and the power can do: the module stays usable, what its
commands show agrees with what the network carries, and nothing is left behind."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from nbtwin.module.identity import Usim
from nbtwin.module.internet.events import HOST
from nbtwin.module.module import Module
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.selfreg.schedule import Operator

NUMBERS = st.integers(0, 6)
ACTIONS = st.one_of(
    st.tuples(st.sampled_from(["tcp", "udp", "listen", "send", "read", "close", "call", "shut"]), NUMBERS),
    st.tuples(st.sampled_from(["wait"]), st.sampled_from([0, 1, 5, 60, 700])),
    st.tuples(
        st.sampled_from(["detach", "attach", "reset", "power", "asleep", "wake", "coverage", "rebind", "calm"]),
        st.just(0),
    ),
    st.tuples(
        st.sampled_from(["fault"]),
        st.sampled_from(["loss,probability=0.5", "silence", "reset", "duplication,copies=3", "reordering", "error"]),
    ),
)  # fmt: skip
LINES = {
    "BC25": {
        "tcp": 'AT+QIOPEN=1,{0},"TCP","echo.lab.test",7', "udp": 'AT+QIOPEN=1,{0},"UDP","caller.lab.test",7000',
        "listen": 'AT+QIOPEN=1,{0},"TCP LISTENER","0.0.0.0",1,7000', "send": "AT+QISEND={0},3,abc",
        "read": "AT+QIRD={0},1000", "close": "AT+QICLOSE={0}", "shut": "AT+QISEND={0},0",
    },
    "BC26": {
        "tcp": 'AT+QIOPEN=1,{0},"TCP","echo.lab.test",7,0,1', "udp": 'AT+QIOPEN=1,{0},"UDP","echo.lab.test",7,0,1',
        "listen": 'AT+QIOPEN=1,{0},"TCP","nobody.lab.test",7', "send": "AT+QISEND={0},3,abc", "read": "AT+QIRD={0},5",
        "close": "AT+QICLOSE={0}", "shut": "AT+QISWTMD={0},0",
    },
    "BC28": {
        "tcp": "AT+NSOCR=STREAM,6,0,1", "udp": "AT+NSOCR=DGRAM,17,0,1", "listen": "AT+NSOCO={0},192.0.2.20,7",
        "send": "AT+NSOSD={0},2,4142,0x400,9", "read": "AT+NSORF={0},1000", "close": "AT+NSOCL={0}",
        "shut": "AT+NSOSTF={0},192.0.2.20,7,0x200,2,4142,8",
    },
}  # fmt: skip


class Desk:
    def __init__(self, model: str, seed: int) -> None:
        self.lab = SimulatedLab(seed=seed)
        self.world, self.lines = self.lab.world, LINES[model]
        self.node = self.lab.add_module("m", PROFILES[model], Usim.of(Operator.MOBILE, "m"))
        self.module: Module = self.lab.modules["m"]
        self.world.perform(self.node, self.module.power_on)
        self.world.advance(30)

    def do(self, what: str, value: int | str) -> None:
        world, module, perform = self.world, self.module, self.world.perform
        if what in self.lines:
            self.say(self.lines[what].format(value))
        elif what == "call":
            world.carrier.streams.call("m", 7000, b"!")
        elif what == "wait":
            world.advance(float(value))
        elif what == "fault":
            world.add_fault(str(value))
        elif what == "calm":
            world.faults.clear()
        elif what in ("detach", "attach"):
            self.say(f"AT+CGATT={int(what == 'attach')}")
        elif what == "asleep":
            self.say('AT+CPSMS=1,,,"01000011","00000001"')
            world.advance(60)
        elif what == "coverage":
            perform(self.node, module.set_coverage, False)
            world.advance(30)
            perform(self.node, module.set_coverage, True)
        elif what == "power":
            perform(self.node, module.power_off)
            perform(self.node, module.power_on)
        elif what == "rebind":
            world.rebind(self.node)
        else:
            perform(self.node, getattr(module, what))

    def say(self, line: str) -> str:
        self.world.serial(self.node, line.encode() + b"\r")
        return self.node.take_serial().decode()

    def check(self) -> None:
        """The sockets of the module are those of the network, and the numbers of the host."""
        streams = self.world.carrier.streams
        if not self.module.has_internet:
            assert streams.listener_at("m", 7000) is None
            return
        internet = self.module.internet
        sockets = internet.sockets.of(HOST)
        dialect = self.module.profile.internet
        assert dialect is not None
        assert len(sockets) <= dialect.sockets
        assert len({one.label for one in sockets}) == len(sockets)
        assert all(one.unread <= dialect.receive_buffer and 0 <= one.unsent <= dialect.send_buffer for one in sockets)
        listening = [one for one in sockets if one.listening and not one.connecting]
        assert (streams.listener_at("m", 7000) is not None) >= bool(listening)
        if internet.connections is not None:
            assert {one.label for one in sockets} <= set(internet.connections.by_label)


@settings(max_examples=60)
@given(model=st.sampled_from(sorted(LINES)), actions=st.lists(ACTIONS, max_size=25), seed=st.integers(0, 5))
@example(model="BC25", seed=0, actions=[("listen", 0), ("udp", 1), *[("send", 1)] * 9, ("asleep", 0), ("reset", 0)])
@example(model="BC25", seed=0, actions=[("tcp", 0), ("tcp", 1), ("wait", 1), ("send", 0), ("close", 1)])  # one name
def test_any_order_leaves_a_module_that_answers_and_nothing_behind(
    model: str, actions: list[tuple[str, int | str]], seed: int
) -> None:
    desk = Desk(model, seed)
    for what, value in actions:
        desk.do(what, value)
        desk.check()
    desk.world.faults.clear()
    desk.world.advance(120)
    desk.world.perform(desk.node, desk.module.wake)
    desk.world.advance(1)
    desk.node.take_serial()
    assert "OK\r\n" in desk.say("AT")
    desk.check()
    desk.world.perform(desk.node, desk.module.power_off)
    desk.world.advance(700)
    assert len(desk.world.carrier.streams) == 0
    assert desk.world.carrier.streams.listener_at("m", 7000) is None
