"""What is said of scenarios and of costs that is no fact: codes of the catalogue."""

from __future__ import annotations

from nbtwin.timeline.catalogue import Phrase


class ClaimPhrase(Phrase):
    """What a verdict is about: the claims of an expectation by their names in the file, and answers to steps."""

    STATE = "claim-state"
    REGISTRATION = "claim-registration"
    POWER = "claim-power"
    ATTACHED = "claim-attached"
    REQUESTS = "claim-requests"
    SENT = "claim-sent"
    RECEIVED = "claim-received"
    BYTES = "claim-bytes"
    AWAKE = "claim-awake"
    CONNECTED = "claim-connected"
    SAID = "claim-said"
    DEVICE = "claim-device"  # platform, subject: the field
    ANSWER = "claim-answer"  # subject: the line
    OPERATION = "claim-operation"  # subject: the verb and the path


class ValuePhrase(Phrase):
    """A value of a verdict that is no number and no text of somebody's."""

    ANSWER = "value-answer"
    NONE = "value-none"
    NOTHING = "value-nothing"
    UNKNOWN = "value-unknown"
    YES = "value-yes"
    NO = "value-no"
    AT = "value-at"  # instants, more
    AT_LEAST = "value-at-least"  # low
    AT_MOST = "value-at-most"  # high
    BETWEEN = "value-between"  # low, high
    POWER = "value-power"  # state
    REPORTS_ONLY = "value-reports-only"


class RunPhrase(Phrase):
    """What a run ends with."""

    TITLE = "run-title"  # title, seed
    MET = "expectation-met"  # claim, found
    NOT_MET = "expectation-not-met"  # claim, found, expected
    ENDED = "scenario-ended"  # met, total
    FILES = "run-files"  # count


class CostPhrase(Phrase):
    """What self-registration does and costs."""

    CONDITIONS = "cost-conditions"  # model, operator, days, psm, headers
    FAULT = "cost-fault"  # fault
    FLEET = "cost-fleet"  # modules, spread, worlds
    WORLDS = "cost-worlds"  # count
    STATE_REACHED = "cost-state-reached"  # new, reason and its fields
    AGAIN = "cost-again"  # what, times, last
    NOTHING = "cost-nothing"
    MORE = "cost-more"  # count
    ANSWER = "cost-answer"  # datagrams, bytes, awake, less_awake, connected, less_connected
    COLUMN = "cost-column"  # name
    ROW = "cost-row"  # name


class ChartPhrase(Phrase):
    """The texts of the chart of the same."""

    TITLE = "chart-title"  # model, operator, days
    CONDITIONS = "chart-conditions"  # psm, faults
    TOTAL = "chart-total"  # on, datagrams, awake
    PANEL = "chart-panel"  # name, headers
    BAR = "chart-bar"  # day, on, value
    FIRST_DAY = "chart-first-day"
