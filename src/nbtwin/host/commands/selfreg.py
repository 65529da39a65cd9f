"""Self-registration with the operators: AT+QSREGENABLE (DOC-C 3.2.1, Telecom's), AT+QSELFREGISTER (DOC-D 3.1, that of
Telecom, Unicom and Mobile), and the restart after which it is in force (DOC-E 6.1, D21)."""

from __future__ import annotations

from nbtwin.at.command import Form
from nbtwin.host.commands.base import Commands, asks, last, required

NAMES = ("+QSREGENABLE", "+QSELFREGISTER")
RESTARTS = ("+NRB", "+QRST")


class SelfRegistrationCommands(Commands):
    """What is written is in force after a restart."""

    @asks(*NAMES, form=Form.READ)
    def mode(self) -> int:
        """0: off; 1: on; 3: on, since before a firmware update (DOC-C's note)."""
        answer = self._ask(NAMES, Form.READ)
        return int(required(answer, last(answer, self._told(answer, NAMES))))

    def enabled(self) -> bool:
        return self.mode() != 0

    @asks(*NAMES, form=Form.WRITE)
    def set_mode(self, mode: int) -> None:
        self._ask(NAMES, Form.WRITE, mode)

    def enable(self) -> None:
        self.set_mode(1)

    def disable(self) -> None:
        self.set_mode(0)


class PowerCommands(Commands):
    """AT+NRB or AT+QRST=1, as the family has it."""

    @asks("+NRB", form=Form.EXECUTE)
    def restart(self) -> None:
        """The next command waits for the banner."""
        profile = self._module.profile
        if profile is not None and not profile.everyday.restarts_with_nrb:
            self._ask(("+QRST",), Form.WRITE, 1)
        else:
            self._ask(("+NRB",), Form.EXECUTE)
