"""What can be wrong with a scenario file, as codes with fields. Knows no file and no value."""

from __future__ import annotations

from nbtwin.engine import Refusal
from nbtwin.timeline.catalogue.errors import WordedError


class ScenarioRefusal(Refusal):
    """``part``: what the field belongs to, by its name in the file; ``known``: what may stand there."""

    YAML = "scenario-yaml"  # detail
    DEPTH = "scenario-depth"  # levels
    SIZE = "scenario-size"  # values
    GIVEN_TWICE = "scenario-given-twice"  # key
    KIND = "scenario-kind"  # expected, given: of `runtime.shape.KindPhrase`
    FOREIGN = "scenario-foreign"  # detail
    FIELD_MISSING = "scenario-field-missing"  # part, missing
    FIELD_UNKNOWN = "scenario-field-unknown"  # part, known
    FIELD_MISSPELT = "scenario-field-misspelt"  # close
    NONE_OF = "scenario-none-of"  # value, known
    NO_TEXT = "scenario-no-text"  # value
    NO_NUMBER = "scenario-no-number"  # value
    NO_RANGE = "scenario-no-range"  # value
    RANGE_ENDS = "scenario-range-ends"  # value
    IMEI = "scenario-imei"  # value
    NVRAM = "scenario-nvram"  # detail
    NVRAM_UNKNOWN = "scenario-nvram-unknown"  # setting
    EMPTY = "scenario-empty"
    NO_MODULES = "scenario-no-modules"
    NAME_TAKEN = "scenario-name-taken"  # name
    PLATFORM_TWICE = "scenario-platform-twice"  # operator
    NO_APPKEYS = "scenario-no-appkeys"  # operator
    NO_PSK = "scenario-no-psk"  # operator
    MODULE_UNKNOWN = "scenario-module-unknown"  # name, known
    PLATFORM_UNKNOWN = "scenario-platform-unknown"  # name, known
    MODULE_UNCLEAR = "scenario-module-unclear"  # known
    PLATFORM_UNCLEAR = "scenario-platform-unclear"  # known
    INVENTORY_UNCLEAR = "scenario-inventory-unclear"
    NO_ACTION = "scenario-no-action"  # known
    ACTIONS = "scenario-actions"  # actions, known
    AT_AND_AFTER = "scenario-at-and-after"
    ANSWER_TO_NOTHING = "scenario-answer-to-nothing"
    ONE_VALUE = "scenario-one-value"
    SIGNAL = "scenario-signal"  # rssi
    NO_CLAIM = "scenario-no-claim"  # known
    NOT_COUNTED = "scenario-not-counted"  # known
    SINCE_AFTER_AT = "scenario-since-after-at"
    NO_UPGRADES = "scenario-no-upgrades"
    NO_OPERATIONS = "scenario-no-operations"  # operator
    DEVICE_FIELD = "scenario-device-field"  # known


class ScenarioError(WordedError, ValueError):
    """The file says nothing that could be run. ``where`` is the file with its line, and the part of it."""

    mistakes: tuple[ScenarioError, ...] = ()
    """All of a file, this one first; empty where it is the only one."""
