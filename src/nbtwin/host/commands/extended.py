"""AT+QDMPCFGEX: what a device tells CMDMP v2.0 about itself (DOC-B 2.3, DOC-C 3.2.3, DOC-D 3.2.2)."""

from __future__ import annotations

from nbtwin.at.command import Form
from nbtwin.host.commands.base import Commands, asks, last

NAME = "+QDMPCFGEX"
APPLICATION, MAC, HARDWARE, SOFTWARE, SUBSCRIPTION, LOCATION = range(6)
SAVE, READ, ERASE = range(3)


class ExtendedCommands(Commands):
    """Read as they are saved; None: never set, or erased."""

    @asks(NAME, form=Form.TEST)
    def syntax(self) -> tuple[str, ...]:
        """What the test form prints."""
        return self._ask((NAME,), Form.TEST).lines

    @asks(NAME, form=Form.WRITE, kind=APPLICATION, act=SAVE)
    def set_application(self, application: str) -> None:
        self._ask((NAME,), Form.WRITE, APPLICATION, SAVE, application)

    @asks(NAME, form=Form.WRITE, kind=APPLICATION, act=READ)
    def application(self) -> str | None:
        return self._text(APPLICATION)

    @asks(NAME, form=Form.WRITE, kind=APPLICATION, act=ERASE)
    def erase_application(self) -> None:
        self._ask((NAME,), Form.WRITE, APPLICATION, ERASE)

    @asks(NAME, form=Form.WRITE, kind=MAC, act=SAVE)
    def set_mac(self, mac: str) -> None:
        self._ask((NAME,), Form.WRITE, MAC, SAVE, mac)

    @asks(NAME, form=Form.WRITE, kind=MAC, act=READ)
    def mac(self) -> str | None:
        return self._text(MAC)

    @asks(NAME, form=Form.WRITE, kind=MAC, act=ERASE)
    def erase_mac(self) -> None:
        self._ask((NAME,), Form.WRITE, MAC, ERASE)

    @asks(NAME, form=Form.WRITE, kind=HARDWARE, act=SAVE)
    def set_hardware(self, rom: str, ram: str, cpu: str, system: str) -> None:
        self._ask((NAME,), Form.WRITE, HARDWARE, SAVE, rom, ram, cpu, system)

    @asks(NAME, form=Form.WRITE, kind=HARDWARE, act=READ)
    def hardware(self) -> tuple[str | None, ...]:
        """ROM, RAM, CPU and operating system."""
        return self._texts(HARDWARE)

    @asks(NAME, form=Form.WRITE, kind=HARDWARE, act=ERASE)
    def erase_hardware(self) -> None:
        self._ask((NAME,), Form.WRITE, HARDWARE, ERASE)

    @asks(NAME, form=Form.WRITE, kind=SOFTWARE, act=SAVE)
    def set_software(self, version: str, name: str) -> None:
        self._ask((NAME,), Form.WRITE, SOFTWARE, SAVE, version, name)

    @asks(NAME, form=Form.WRITE, kind=SOFTWARE, act=READ)
    def software(self) -> tuple[str | None, ...]:
        """Version and name."""
        return self._texts(SOFTWARE)

    @asks(NAME, form=Form.WRITE, kind=SOFTWARE, act=ERASE)
    def erase_software(self) -> None:
        self._ask((NAME,), Form.WRITE, SOFTWARE, ERASE)

    @asks(NAME, form=Form.WRITE, kind=SUBSCRIPTION, act=SAVE)
    def set_subscription(self, volte: str, network: str, account: str, phone: str) -> None:
        self._ask((NAME,), Form.WRITE, SUBSCRIPTION, SAVE, volte, network, account, phone)

    @asks(NAME, form=Form.WRITE, kind=SUBSCRIPTION, act=READ)
    def subscription(self) -> tuple[str | None, ...]:
        """VoLTE, network, account and telephone number."""
        return self._texts(SUBSCRIPTION)

    @asks(NAME, form=Form.WRITE, kind=SUBSCRIPTION, act=ERASE)
    def erase_subscription(self) -> None:
        self._ask((NAME,), Form.WRITE, SUBSCRIPTION, ERASE)

    @asks(NAME, form=Form.WRITE, kind=LOCATION, act=SAVE)
    def set_location(self, location: str) -> None:
        self._ask((NAME,), Form.WRITE, LOCATION, SAVE, location)

    @asks(NAME, form=Form.WRITE, kind=LOCATION, act=READ)
    def location(self) -> str | None:
        return self._text(LOCATION)

    @asks(NAME, form=Form.WRITE, kind=LOCATION, act=ERASE)
    def erase_location(self) -> None:
        self._ask((NAME,), Form.WRITE, LOCATION, ERASE)

    def _texts(self, kind: int) -> tuple[str | None, ...]:
        answer = self._ask((NAME,), Form.WRITE, kind, READ)
        return tuple(last(answer, self._told(answer, (NAME,)))[1:])

    def _text(self, kind: int) -> str | None:
        """A single value may have commas in it."""
        found = self._texts(kind)
        return None if found in ((), (None,)) else ",".join(text or "" for text in found)
