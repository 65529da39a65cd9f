"""China Telecom's self-registration platform: base64(JSON) to /nb, version 2 of the format.

docs/spec/wire.md, Telecom and Unicom.
"""

from __future__ import annotations

from nbtwin.operators.self_registration import SelfRegistrationPlatform
from nbtwin.selfreg.schedule import Operator


class TelecomPlatform(SelfRegistrationPlatform):
    name = "telecom"
    path = "nb"
    operator = Operator.TELECOM
    sent_path = ("nb",)
