"""What single commands refuse or fail with: codes. What concerns SPECs, labs and archives is `runtime.errors`'s."""

from __future__ import annotations

from nbtwin.engine import Refusal


class CliRefusal(Refusal):
    """``where`` has the option or the file."""

    COMMAND_UNKNOWN = "cli-command-unknown"  # command, near
    OPTION_UNKNOWN = "cli-option-unknown"  # option, near
    PARAMETER_MISSING = "cli-parameter-missing"  # parameter
    VALUE_MISSING = "cli-value-missing"
    VALUE_UNWANTED = "cli-value-unwanted"
    NUMBER = "cli-number"
    NUMBER_FROM = "cli-number-from"  # least
    NUMBER_BETWEEN = "cli-number-between"  # least, most
    TOO_MANY = "cli-too-many"  # values
    OUTPUT_UNWRITABLE = "cli-output-unwritable"  # detail
    SECRET_NEEDED = "cli-secret-needed"  # option, variable
    NONE_OF = "cli-none-of"  # value, known
    FILE_MISSING = "cli-file-missing"
    FILE_EXISTS = "cli-file-exists"
    NOT_TEXT = "cli-not-text"
    FILE_UNREADABLE = "cli-file-unreadable"  # detail
    FILE_UNWRITABLE = "cli-file-unwritable"  # detail
    LINK_WITHOUT_PTY = "cli-link-without-pty"  # value
    MODEL_NEEDED = "cli-model-needed"
    ENDING = "cli-ending"  # known
    OPTION_LOST = "cli-option-lost"  # options, command
    OPTIONS_MISSING = "cli-options-missing"  # known
    TOKEN_NEEDED = "cli-token-needed"  # options: where the token is to be made
    PORT_UNKNOWN = "cli-port-unknown"  # known, places
    AT_TAKEN = "cli-at-taken"
    AT_SPEED = "cli-at-speed"  # line, seconds, baud
    AT_OTHER_SPEED = "cli-at-other-speed"  # line, seconds, baud, found
    AT_SILENT = "cli-at-silent"  # line, seconds
    AT_RESTARTED = "cli-at-restarted"  # line
    AT_LOST = "cli-at-lost"  # line
    AT_DATA_WANTED = "cli-at-data-wanted"  # line
    SCRIPT_AND_COMMANDS = "cli-script-and-commands"
    SCRIPT_LINE = "cli-script-line"  # text, known
    SCRIPT_LOOP = "cli-script-loop"
    SCRIPT_NO_COMMAND = "cli-script-no-command"  # text
    SCRIPT_HEX = "cli-script-hex"  # text
    SCRIPT_EXPRESSION = "cli-script-expression"  # text, detail
    SCRIPT_SILENCE = "cli-script-silence"  # line, seconds
    SCRIPT_OTHER = "cli-script-other"  # line, text, came
    SCRIPT_ERROR = "cli-script-error"  # line, final
    SCRIPT_NEVER = "cli-script-never"  # text, seconds
    MACRO_WITHOUT_SCRIPT = "cli-macro-without-script"
    MACRO_KEY_TWICE = "cli-macro-key-twice"  # key
    PLATFORM_UNKNOWN = "cli-platform-unknown"  # platform, known
    APPKEY_UNKNOWN = "cli-appkey-unknown"  # appkey
    KEYS_UNKNOWN = "cli-keys-unknown"  # device
    DEFINITION_UNKNOWN = "cli-definition-unknown"  # object
    PACKAGE_UNKNOWN = "cli-package-unknown"  # package
    TOKEN_UNKNOWN = "cli-token-unknown"  # token
    DELTA_OF_DELTA = "cli-delta-of-delta"
    DELTA_OF_OTHERS = "cli-delta-of-others"  # model
    NATS_URL = "cli-nats-url"
    NODE_DATABASE = "cli-node-database"
    NODE_LACKS = "cli-node-lacks"  # option
    NODE_NAME = "cli-node-name"  # value
    NVRAM_UNKNOWN = "cli-nvram-unknown"  # module, known
    NVRAM_UNKNOWN_ALL = "cli-nvram-unknown-all"  # module
    STATE_UNKNOWN = "cli-state-unknown"  # state
    STATE_IN_USE = "cli-state-in-use"  # process
    EXPECTATIONS = "cli-expectations"  # wrong, total
    COMMAND_UNSTARTED = "cli-command-unstarted"  # detail
    COMMAND_KILLED = "cli-command-killed"  # signal
    ONE_FILE = "cli-one-file"
    RUN_LOST = "cli-run-lost"
    TIME = "cli-time"  # value
    APPKEY_FORM = "cli-appkey-form"
    PORT_AND_URL = "cli-port-and-url"
    ONE_CARD = "cli-one-card"  # value
    SPREAD_LONGER = "cli-spread-longer"  # seconds, days
    ARTIFACTS_KEPT = "cli-artifacts-kept"  # files
    LAB_NAME = "cli-lab-name"  # value
    LAB_HAS_ITS_STATE = "cli-lab-has-its-state"  # lab
    LAB_UNKNOWN = "cli-lab-unknown"  # name, known
    CHECKOUT_MISSING = "cli-checkout-missing"
    DEMO_ANSWER = "demo-answer"  # line, answer, expected
    DEMO_DEVICE = "demo-device"
    DEMO_LATE = "demo-late"  # what, seconds
    DEMO_LEARNED = "demo-learned"  # state, wrong
    DEMO_MONTH = "demo-month"
