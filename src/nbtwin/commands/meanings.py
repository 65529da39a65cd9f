"""What the numbers of the commands' tables stand for, and when a command is refused whatever it says: codes.

The words are in ``timeline/catalogue``, as is what each command is for (``Command.says``).
"""

from __future__ import annotations

from nbtwin.at.values import Meaning


class CommandMeaning(Meaning):
    """A <type>, a value of few, a gate."""

    CMDMP_MODE = "command-cmdmp-mode"
    CMDMP_SERVER_WHOLE = "command-cmdmp-server-whole"
    CMDMP_SERVER_CLEARED = "command-cmdmp-server-cleared"
    CMDMP_SERVER_DEFAULT = "command-cmdmp-server-default"
    CMDMP_SERVER_KEPT = "command-cmdmp-server-kept"
    CMDMP_KEYS = "command-cmdmp-keys"
    CMDMP_PLMNS = "command-cmdmp-plmns"
    CMDMP_SHOW_DEFAULT = "command-cmdmp-show-default"
    CMDMP_SHOW_SPACE = "command-cmdmp-show-space"
    CMDMP_ERASE = "command-cmdmp-erase"
    CMDMP_STATE = "command-cmdmp-state"
    PART_MODE = "command-part-mode"
    PART_SERVER = "command-part-server"
    PART_KEYS = "command-part-keys"
    PART_PLMNS = "command-part-plmns"
    PART_ALL = "command-part-all"
    EXTENDED_APPLICATION = "command-extended-application"
    EXTENDED_MAC = "command-extended-mac"
    EXTENDED_HARDWARE = "command-extended-hardware"
    EXTENDED_SOFTWARE = "command-extended-software"
    EXTENDED_SUBSCRIPTION = "command-extended-subscription"
    EXTENDED_LOCATION = "command-extended-location"
    ACT_SAVE = "command-act-save"
    ACT_READ = "command-act-read"
    ACT_ERASE = "command-act-erase"

    ERRORS_PLAIN = "command-errors-plain"
    ERRORS_NUMBER = "command-errors-number"
    ERRORS_TEXT = "command-errors-text"
    FUNCTION_MINIMUM = "command-function-minimum"
    FUNCTION_FULL = "command-function-full"
    FUNCTION_FLIGHT = "command-function-flight"
    OPERATOR_AUTOMATIC = "command-operator-automatic"
    OPERATOR_BY_NUMBER = "command-operator-by-number"
    OPERATOR_NONE = "command-operator-none"
    OPERATOR_NUMERIC = "command-operator-numeric"
    PSM_OFF = "command-psm-off"
    PSM_ON = "command-psm-on"
    PSM_FORGOTTEN = "command-psm-forgotten"
    NB_IOT = "command-nb-iot"
    HUAWEI_MANUAL = "command-huawei-manual"
    HUAWEI_AUTOMATIC = "command-huawei-automatic"
    HUAWEI_OFF = "command-huawei-off"

    SEND_NON = "command-send-non"
    SEND_NON_RELEASE = "command-send-non-release"
    SEND_NON_RELEASE_AFTER_REPLY = "command-send-non-release-after-reply"
    SEND_CON = "command-send-con"
    SEND_CON_RELEASE_AFTER_REPLY = "command-send-con-release-after-reply"
    RESULT_CONTENT = "command-result-content"
    RESULT_CHANGED = "command-result-changed"
    RESULT_BAD_REQUEST = "command-result-bad-request"
    RESULT_UNAUTHORIZED = "command-result-unauthorized"
    RESULT_NOT_FOUND = "command-result-not-found"
    RESULT_METHOD_NOT_ALLOWED = "command-result-method-not-allowed"

    WITH_ACT_0 = "command-with-act-0"
    WITH_MODE_1 = "command-with-mode-1"
    AS_LISTED = "command-as-listed"
    AS_MANY_AS_NUMBER = "command-as-many-as-number"
    EACH_ONCE = "command-each-once"

    GATE_ONT_FIRMWARE = "command-gate-ont-firmware"
    GATE_UPDATE = "command-gate-update"
