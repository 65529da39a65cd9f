"""Why no fleet sets out, as codes: a target, a plan, a list of devices or a machine that will not do."""

from __future__ import annotations

from nbtwin.engine import Refusal


class FleetRefusal(Refusal):
    """``where`` has the option, or the file with line and column."""

    TARGET = "fleet-target"  # value
    TARGET_OPERATOR = "fleet-target-operator"  # host
    TARGET_NOT_MINE = "fleet-target-not-mine"  # host
    TARGET_UNRESOLVED = "fleet-target-unresolved"  # host, detail
    YAML = "fleet-yaml"  # detail
    PLAN_EMPTY = "fleet-plan-empty"
    NO_FIELDS = "fleet-no-fields"  # known
    FIELD_UNKNOWN = "fleet-field-unknown"  # near, known
    FIELD_MISSING = "fleet-field-missing"  # key
    VALUE = "fleet-value"  # value, known: what it may be, as written
    COLUMN_UNKNOWN = "fleet-column-unknown"  # value, known
    COLUMN_MISSING = "fleet-column-missing"  # key
    CELLS = "fleet-cells"  # count, expected
    NAME_TWICE = "fleet-name-twice"  # name, line
    NAME = "fleet-name"  # value
    NAME_SAME = "fleet-name-same"  # value: a pattern without the number
    KEY = "fleet-key"  # value
    KEY_NEEDED = "fleet-key-needed"
    EMPTY = "fleet-empty"
    REQUIREMENT = "fleet-requirement"  # value, known
    NO_FILES = "fleet-no-files"  # needed, limit
    NO_MEMORY = "fleet-no-memory"  # needed, limit: MiB
    NO_PORTS = "fleet-no-ports"  # needed, limit
    NOT_TRACKED = "fleet-not-tracked"  # needed, limit
    NO_ADDRESSES = "fleet-no-addresses"  # needed, limit
    NO_ALIAS = "fleet-no-alias"  # address
    NUMBERS_USED_UP = "fleet-numbers-used-up"  # rate, sockets, needed
    SOCKETS = "fleet-sockets"  # value
    OWN_PLACE = "fleet-own-place"  # key
    KEYS_UNUSED = "fleet-keys-unused"
    NOT_PLAIN = "fleet-not-plain"  # key
    SECURE_SHARED = "fleet-secure-shared"
    MODULES_SHARED = "fleet-modules-shared"
    MODULES_NEEDED = "fleet-modules-needed"  # key
    NOT_WITH_MODULES = "fleet-not-with-modules"  # key
    SHARD = "fleet-shard"  # value
    MISSED = "fleet-missed"  # requirements
    SHARDS_LOST = "fleet-shards-lost"  # lost
    LINUX = "fleet-linux"
    CLUSTER_MISSING = "fleet-cluster-missing"
    SCHEDULER = "fleet-scheduler"  # value
    SCHEDULER_AWAY = "fleet-scheduler-away"
    NO_WORKERS = "fleet-no-workers"
    LISTENS_HERE = "fleet-listens-here"
    NO_PART = "fleet-no-part"
    OTHER_FLEET = "fleet-other-fleet"
    PART_TWICE = "fleet-part-twice"  # number
