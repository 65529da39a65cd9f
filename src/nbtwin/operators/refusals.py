"""Why a platform refuses, drops or gives up something: codes, and the exception for whoever asks something of it.

The words are in ``timeline/catalogue``; what varies is a field of the event, or of the exception, beside the code.
"""

from __future__ import annotations

from nbtwin.engine import CodedError, Refusal


class PlatformRefusal(Refusal):
    """Of self-registration, CMDMP and Andlink, and of the management of devices."""

    # a registration, an update or a report
    APPKEY_UNKNOWN = "platform-appkey-unknown"
    CIPHERTEXT_BASE64 = "platform-ciphertext-base64"
    CIPHERTEXT_LENGTH = "platform-ciphertext-length"
    CIPHERTEXT_PASSWORD = "platform-ciphertext-password"
    CIPHERTEXT_FIELDS = "platform-ciphertext-fields"  # limit: how many there are
    DEVICE_UNKNOWN = "platform-device-unknown"
    DTLS_REQUIRED = "platform-dtls-required"
    ENDPOINT_NAME = "platform-endpoint-name"
    ENDPOINT_NAME_PARTS = "platform-endpoint-name-parts"
    IDENTITY_OF_ANOTHER = "platform-identity-of-another"
    IMEI_MISSING = "platform-imei-missing"
    LOCATION_OF_ANOTHER = "platform-location-of-another"
    MEID = "platform-meid"
    MEMBER_LENGTH = "platform-member-length"  # limit
    METHOD = "platform-method"
    NAME_OF_ANOTHER = "platform-name-of-another"
    PATH_UNKNOWN = "platform-path-unknown"  # subject
    REPORT_MALFORMED = "platform-report-malformed"
    SENDER_UNREGISTERED = "platform-sender-unregistered"  # subject
    STRICT = "platform-strict"  # remarks
    UPDATE_NAME_MISSING = "platform-update-name-missing"
    # an inventory
    INVENTORY_EMPTY = "platform-inventory-empty"
    INVENTORY_FORMAT = "platform-inventory-format"
    INVENTORY_MALFORMED = "platform-inventory-malformed"
    # what is asked of a device
    COMMAND_CANCELLED = "platform-command-cancelled"  # before it was sent
    COMMAND_EXPIRED = "platform-command-expired"  # the device was not heard before the command's deadline
    COMMAND_NOT_WAITING = "platform-command-not-waiting"  # ticket
    DEADLINE_PAST = "platform-deadline-past"  # deadline
    DEADLINE_TWICE = "platform-deadline-twice"
    DEADLINE_TOO_FAR = "platform-deadline-too-far"  # limit
    DEVICE_NOT_REGISTERED = "platform-device-not-registered"  # client
    OPERATION_REFUSED = "platform-operation-refused"  # response_code, diagnostic
    OUTCOME_UNKNOWN = "platform-outcome-unknown"  # it was sent, and the platform was started anew before the answer
    PATH_DEPTH = "platform-path-depth"  # operation, path
    PATH_MALFORMED = "platform-path-malformed"  # path
    PATH_NOT_OBSERVED = "platform-path-not-observed"  # client, path
    NODE_AWAY = "platform-node-away"  # device, node: which has it and does not answer
    NODES_APART = "platform-nodes-apart"  # device, node: which has it; the broker between the nodes is away
    PATHS_COUNT = "platform-paths-count"  # operation, count, limit
    PROCESS_AWAY = "platform-process-away"  # device: the process that has it does not answer just now
    QUEUE_FULL = "platform-queue-full"  # client, limit
    SECRET_NOT_QUEUED = "platform-secret-not-queued"  # path
    SESSION_MISSING = "platform-session-missing"  # its DTLS session has ended, or was lost with a restart
    TYPE_UNKNOWN = "platform-type-unknown"  # path
    VALUE_MISSING = "platform-value-missing"  # operation
    VALUE_UNREADABLE = "platform-value-unreadable"  # why: what it is not, a code with its fields
    VALUES_NOT_ONE = "platform-values-not-one"  # count, path
    VALUE_UNSUITABLE = "platform-value-unsuitable"  # path; why: a code with its fields, or what a library says
    VERB_UNKNOWN = "platform-verb-unknown"  # operation
    VERSION_LACKS = "platform-version-lacks"  # operation, path; client, its version, since
    # the end of an observation
    OBSERVATION_CANCELLED = "platform-observation-cancelled"
    OBSERVATION_ENDED = "platform-observation-ended"  # response_code


class WriteRefusal(Refusal):
    """Why a value cannot be written to a path."""

    NO_TYPE = "write-no-type"  # type
    OTHER_TYPE = "write-other-type"  # path, type
    ONE_VALUE = "write-one-value"  # path
    NO_OBJECT = "write-no-object"  # path, value
    NO_NUMBER = "write-no-number"  # value
    NO_VALUE = "write-no-value"  # value, type, path
    OUT_OF_RANGE = "write-out-of-range"  # value, path, range, unit
    OTHER_LENGTH = "write-other-length"  # length, path, range
    NOT_MULTIPLE = "write-not-multiple"  # path
    NO_ARGUMENTS = "write-no-arguments"


class SendRefusal(Refusal):
    """Why a Send is not taken (LwM2M 1.1 TS Core, 6.4.6)."""

    FORMAT = "send-format"  # subject: the Content-Format, "" where there is none
    UNREADABLE = "send-unreadable"  # why: a code with its fields
    EMPTY = "send-empty"
    TOO_MANY = "send-too-many"  # limit
    OBJECT = "send-object"  # subject: its path


class CampaignCause(Refusal):
    """Why a device's part in a campaign ended, or why a campaign cannot begin."""

    STOPPED = "campaign-stopped"  # during
    NO_PROGRESS = "campaign-no-progress"  # during
    ABSENT = "campaign-device-absent"
    PACKAGE_GONE = "campaign-package-gone"
    PACKAGE_REFUSED = "campaign-package-refused"  # response_code
    PACKAGE_LOST = "campaign-package-lost"  # attempts
    UPDATE_REFUSED = "campaign-update-refused"  # response_code
    UPDATE_FAILED = "campaign-update-failed"  # result
    RESULT_MISSING = "campaign-result-missing"
    OBJECT_MISSING = "campaign-object-missing"  # response_code: it has no firmware object that can be read
    OTHER_MODEL = "campaign-other-model"  # found
    METHOD_UNSUPPORTED = "campaign-method-unsupported"  # found
    SCHEME_NOT_SERVED = "campaign-scheme-not-served"  # found
    HTTP_NOT_SERVED = "campaign-http-not-served"
    UNANSWERED = "campaign-unanswered"  # during: no answer within the lifetime of its registration
    OTHER_VERSION = "campaign-other-version"  # found: it says that it succeeded, and runs that
    RESULT_ALONE = "campaign-result-alone"  # it succeeded: no version was to be compared
    DOWNLOAD_ONLY = "campaign-download-only"  # it succeeded: no more was planned
    RUNS_VERSION = "campaign-runs-version"  # it succeeded, without a result
    # of a plan
    DEVICES_MISSING = "campaign-devices-missing"
    DEVICE_TAKEN = "campaign-device-taken"  # client, campaign
    PACKAGE_UNKNOWN = "campaign-package-unknown"  # package
    PACKAGE_MISSING = "campaign-package-missing"
    MODE_UNKNOWN = "campaign-mode-unknown"  # mode
    NUMBER_NEGATIVE = "campaign-number-negative"  # name, value
    NO_PATIENCE = "campaign-no-patience"  # value
    SEVERITY = "campaign-severity"  # value
    AT_ONCE = "campaign-at-once"  # value, limit


class PlatformError(CodedError, ValueError):
    """A platform cannot do what it is asked for."""
