"""What bootstrap servers leave on the devices of a fleet: with whom each registers, how, and for how long (D212).

A device begins with the account of its plan: target, key and lifetime. What a bootstrap server writes or deletes takes
its place; one that finishes without either leaves it as it is. Nobody is led to a host that the plan does not know.
Knows the bootstrap interface; knows no socket and no time.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from nbtwin.coap.message import Message, uint_of
from nbtwin.coap.numbers import Code, OptionNumber
from nbtwin.fleet.messages import answer
from nbtwin.fleet.plan import FleetPlan, FleetTarget
from nbtwin.lwm2m.client.accounts import SECURITY, SERVER, Account, Bootstrap

_OBJECTS = (str(SECURITY), str(SERVER))
_COUNTED: dict[int, str] = {Code.PUT: "write", Code.DELETE: "delete", Code.GET: "discover"}


@dataclass(frozen=True, slots=True)
class FleetAccount:
    """Of one device. ``lifetime`` 0: the plan's."""

    target: FleetTarget
    identity: bytes
    key: bytes
    short_server_id: int
    lifetime: int


class FleetAccounts:
    """``asked`` counts what servers ask of devices."""

    def __init__(self, plan: FleetPlan, asked: dict[str, int]) -> None:
        self._plan, self._asked = plan, asked
        self._hosts = dict(plan.hosts)
        for target in (plan.target, plan.bootstrap_at):
            if target is not None:
                self._hosts[target.host] = target.address
        self._v6 = ":" in plan.target.address
        self._hosts.setdefault("localhost", "::1" if self._v6 else "127.0.0.1")
        self._runs: dict[int, Bootstrap] = {}
        self._written: set[int] = set()
        self.found: dict[int, FleetAccount] = {}
        """Of devices to which one was written."""
        self.ended: dict[int, bool] = {}
        """Whose server has finished since somebody looked: whether there is an account to register with."""
        self.done: set[int] = set()
        """Devices that were bootstrapped; a reboot does not change that."""

    def begin(self, device: int) -> None:
        """It asks to be bootstrapped."""
        self._runs[device] = Bootstrap()
        self._written.discard(device)

    def forget(self, device: int) -> None:
        """It has rebooted; what was finished stays."""
        self._runs.pop(device, None)

    def reply(self, device: int, asked: Message) -> bytes | None:
        """None for what is not about accounts."""
        run = self._runs.get(device)
        path = asked.path
        finish = asked.code == Code.POST and path == ("bs",)
        if run is None or not (finish or not path or path[0] in _OBJECTS):
            return None
        what = "bootstrap-finish" if finish else _COUNTED.get(asked.code, "unknown")
        self._asked[what] = self._asked.get(what, 0) + 1
        if finish:
            return answer(asked, self._finish(device, run, asked))
        if (uint_of(asked.options, OptionNumber.BLOCK1) or 0) > 7:  # more than one block
            return answer(asked, Code.REQUEST_ENTITY_TOO_LARGE)
        said = run.handle(asked)
        if said.code in (Code.CHANGED, Code.DELETED):
            self._written.add(device)
        return answer(asked, said.code, said.options, said.payload)

    def _finish(self, device: int, run: Bootstrap, asked: Message) -> int:
        """4.06 where there is no account, or one that leads to nobody whom the plan knows: it may be mended."""
        accepted = self._plans_own(device)
        if device in self._written:
            run.handle(asked)
            found = None if run.account is None else self._fleet_account(run.account)
            if accepted := found is not None:
                self.found[device] = found
        self.ended[device] = accepted
        if not accepted:
            return Code.NOT_ACCEPTABLE
        self.done.add(device)
        del self._runs[device]
        return Code.CHANGED

    def _plans_own(self, device: int) -> bool:
        """Whether it can register as its plan says."""
        return not self._plan.target.secure or bool(self._plan.devices.secret_of(device, self._plan.first)[1])

    def _fleet_account(self, account: Account) -> FleetAccount | None:
        address = self._address_of(account.host)
        if address is None or (account.secure and account.psk is None):
            return None
        identity, key = account.psk if account.psk is not None else (b"", b"")
        lifetime = account.lifetime if account.lifetime is not None and account.lifetime > 0 else 0
        target = FleetTarget(account.host, account.port, account.secure, address)
        return FleetAccount(target, identity, key, account.short_server_id, lifetime)

    def _address_of(self, host: str) -> str | None:
        """Of a host of the plan, or of this machine itself."""
        host = host.lower().rstrip(".")
        found = self._hosts.get(host, host)
        try:
            address = ipaddress.ip_address(found)
        except ValueError:
            return None
        if (host not in self._hosts and not address.is_loopback) or (address.version == 6) != self._v6:
            return None
        return str(address)
