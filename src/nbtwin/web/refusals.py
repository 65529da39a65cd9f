"""Why the API refuses a request: codes. What varies is a field; the words are in the catalogue of messages."""

from __future__ import annotations

from nbtwin.engine import Refusal


class ApiRefusal(Refusal):
    """Beside what the floors below refuse: their codes are answered as they are."""

    # any request
    FOREIGN = "api-foreign"  # detail: the text of a library, or of a floor below that has no code for it
    DEFECT = "api-defect"  # error, entry: of the log
    PATH_UNKNOWN = "api-path-unknown"  # method, path
    METHOD = "api-method"  # method, path
    BODY_UNREADABLE = "api-body-unreadable"
    BODY_NOT_JSON = "api-body-not-json"  # detail
    KEY_TWICE = "api-key-twice"  # name
    TOO_LARGE = "api-too-large"  # limit, in bytes
    MEDIA_TYPE = "api-media-type"  # wanted, found: None where the request does not say
    RANGE = "api-range"  # size, in bytes
    # a value of it
    FIELD_UNKNOWN = "api-field-unknown"
    VALUE_MISSING = "api-value-missing"
    VALUE_WRONG = "api-value-wrong"  # detail
    VALUE_TOO_LONG = "api-value-too-long"  # limit; so the next seven
    VALUE_TOO_SHORT = "api-value-too-short"
    VALUE_TOO_LARGE = "api-value-too-large"
    VALUE_TOO_SMALL = "api-value-too-small"
    VALUE_NOT_ABOVE = "api-value-not-above"
    VALUE_NOT_BELOW = "api-value-not-below"
    LIST_TOO_LONG = "api-list-too-long"
    LIST_TOO_SHORT = "api-list-too-short"
    VALUE_PATTERN = "api-value-pattern"  # form, pattern
    VALUE_NONE_OF = "api-value-none-of"  # known
    NO_TEXT = "api-no-text"
    NO_NUMBER = "api-no-number"
    NO_WHOLE_NUMBER = "api-no-whole-number"
    NO_BOOLEAN = "api-no-boolean"
    NO_LIST = "api-no-list"
    NO_OBJECT = "api-no-object"
    TEXT_UNSTORABLE = "api-text-unstorable"
    TEXT_SURROGATE = "api-text-surrogate"
    ONE_OF_TWO = "api-one-of-two"  # first, second
    # who asks
    TOKEN_NEEDED = "api-token-needed"
    ROLE = "api-role"  # method, path, role, caller, caller_role
    REVEAL = "api-reveal"  # role, caller, caller_role
    HOST = "api-host"  # host, known
    ORIGIN = "api-origin"  # origin
    SITE = "api-site"
    COOKIE = "api-cookie"
    AUDIT = "api-audit"  # detail
    TOKEN_NAME = "api-token-name"  # name
    # what is not there: name
    APPKEY_UNKNOWN = "api-appkey-unknown"
    CAMPAIGN_UNKNOWN = "api-campaign-unknown"
    DEVICE_UNKNOWN = "api-device-unknown"
    ENTRY_UNKNOWN = "api-entry-unknown"
    FAULT_UNKNOWN = "api-fault-unknown"
    KEY_UNKNOWN = "api-key-unknown"
    MODULE_UNKNOWN = "api-module-unknown"
    OPERATION_UNKNOWN = "api-operation-unknown"
    DEFINITION_UNKNOWN = "api-definition-unknown"  # name
    NOTE_UNKNOWN = "api-note-unknown"
    PACKAGE_UNKNOWN = "api-package-unknown"
    PLATFORM_UNKNOWN = "api-platform-unknown"
    RUN_UNKNOWN = "api-run-unknown"
    RUN_STOPPED = "api-run-stopped"
    RUN_LONG = "api-run-long"  # seconds: of computing
    RUN_ENDLESS = "api-run-endless"  # at
    SCENARIO_UNKNOWN = "api-scenario-unknown"
    SNAPSHOT_UNKNOWN = "api-snapshot-unknown"
    TOKEN_UNKNOWN = "api-token-unknown"
    # modules
    MODULE_DEAF = "api-module-deaf"  # module, state
    MODULE_REMOVED = "api-module-removed"  # module
    MODULE_REFUSED = "api-module-refused"  # module, reason: a fact
    CAUSE_WITHOUT_RESET = "api-cause-without-reset"
    CARD_OF_NOBODY = "api-card-of-nobody"
    CARD_OF_TWO = "api-card-of-two"
    RSSI = "api-rssi"  # rssi
    # the clock
    UNTIL_NOTHING = "api-until-nothing"
    TIME_PASSED = "api-time-passed"
    TIME_TOO_FAR = "api-time-too-far"  # seconds
    ADVANCE_SPAN = "api-advance-span"
    PATIENCE = "api-patience"  # limit
    # the platforms
    REPORTS_ONLY = "api-reports-only"  # platform
    NO_FIRMWARE = "api-no-firmware"  # platform
    NO_DEVICE_FITS = "api-no-device-fits"
    CAMPAIGN_OVER = "api-campaign-over"  # campaign
    OPERATION_PATH = "api-operation-path"  # operation
    OPERATION_EXTRA = "api-operation-extra"  # operation
    OPERATION_ATTRIBUTES = "api-operation-attributes"
    # many devices at once
    BATCH_UNKNOWN = "api-batch-unknown"  # name
    BATCH_NUMBER = "api-batch-number"  # expected, found
    BATCH_OVER = "api-batch-over"  # batch
    # devices as CSV: all with line, column
    CSV_TEXT = "api-csv-text"
    CSV_DAMAGED = "api-csv-damaged"
    CSV_EMPTY = "api-csv-empty"
    CSV_NO_DEVICE = "api-csv-no-device"  # known
    CSV_COLUMN = "api-csv-column"  # known
    CSV_COLUMN_TWICE = "api-csv-column-twice"
    CSV_CELLS = "api-csv-cells"  # found, wanted
    CSV_DEVICE = "api-csv-device"  # limit
    CSV_DEVICE_TWICE = "api-csv-device-twice"  # first: the line
    CSV_PASSWORD = "api-csv-password"
    CSV_ROWS = "api-csv-rows"  # limit
    # notes
    NOTES_FULL = "api-notes-full"  # limit
    # scenarios
    RUNS_WAIT = "api-runs-wait"  # limit
    # Leshan's paths
    CLIENT_UNKNOWN = "api-client-unknown"  # endpoint
    OBJECT_MISSING = "api-object-missing"
    ANSWER_OUTSTANDING = "api-answer-outstanding"
    ANSWER_NONE = "api-answer-none"  # reason: a code, or null; and its fields
    ATTRIBUTE_NO_NUMBER = "api-attribute-no-number"  # value
    PSK_ONLY = "api-psk-only"  # mode
    NODE_NONE = "api-node-none"
    NODE_PATH = "api-node-path"  # path
    NODE_VALUE_MISSING = "api-node-value-missing"
    NODE_ROWS_MISSING = "api-node-rows-missing"  # name
    NODE_ID_MISSING = "api-node-id-missing"
