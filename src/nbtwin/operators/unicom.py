"""China Unicom's self-registration platform: base64(JSON) to the root, anew every 30 days.

DOC-D 2.2; docs/spec/wire.md, Telecom and Unicom.
"""

from __future__ import annotations

from nbtwin.engine import DAY
from nbtwin.operators.self_registration import SelfRegistrationPlatform
from nbtwin.selfreg.schedule import Operator


class UnicomPlatform(SelfRegistrationPlatform):
    name = "unicom"
    path = "nb"  # the module sends none; who copies Telecom's is understood as well
    operator = Operator.UNICOM
    sent_path = ()
    period = 30 * DAY  # DOC-D 2.2.2
