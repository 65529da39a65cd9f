"""What a case says of a module: codes of the catalogue."""

from __future__ import annotations

from nbtwin.timeline.catalogue import Phrase


class CasePhrase(Phrase):
    """The sentence of a case; a pass says that it holds."""

    LINE = "case-line"  # line
    FRAMED = "case-framed"  # line
    IN_TIME = "case-in-time"  # limit
    UNKNOWN_COMMAND = "case-unknown-command"  # line
    ERROR_MODE = "case-error-mode"  # line, mode, expected
    PRINTS = "case-prints"  # line, expected
    ONLY_OK = "case-only-ok"  # line
    NO_FORM = "case-no-form"  # line, expected
    TAKES = "case-takes"  # line
    REFUSES = "case-refuses"  # line, name, expected
    REFUSES_MANY = "case-refuses-many"  # line, expected
    SHOWS = "case-shows"  # line, expected
    DEFAULT = "case-default"  # line, expected
    NOT_BEFORE = "case-not-before"  # line
    SURVIVES_RESTART = "case-survives-restart"  # line, expected
    SURVIVES_CUT = "case-survives-cut"  # line, expected
    START = "case-start"  # expected
    START_CUT = "case-start-cut"  # expected
    START_URC = "case-start-urc"  # expected
    ECHO_AFTER_START = "case-echo-after-start"  # echo
    URC = "case-urc"  # line, expected
    SCHEDULE = "case-schedule"  # operator, expected
    ROUNDS = "case-rounds"  # operator, expected
    STATE = "case-state"  # line, expected
    UPDATE = "case-update"  # operator, expected
    ONCE = "case-once"  # operator
    ASLEEP = "case-asleep"  # operator, expected
    SWITCHED_OFF = "case-switched-off"  # operator
    EXAMPLE = "case-example"  # document, models


class CheckPhrase(Phrase):
    """What a run and its reports say besides."""

    VERDICT = "check-verdict"  # name
    NEED = "check-need"  # name
    OTHERWISE = "check-otherwise"  # model, decisions
    SUMMARY = "check-summary"  # model, passed, failed, inconclusive, left
    LEFT = "check-left"  # done, total, span
    UNRESTORED = "check-unrestored"  # name, expected, said
    RESTORED = "check-restored"  # number
    TITLE = "check-title"  # model, firmware
    HEADING = "check-heading"  # name
    ASK = "check-ask"  # needs, cases
    ASK_CUT = "check-ask-cut"
    ASK_GIVE = "check-ask-give"
    CHANGED = "check-changed"  # name, before, after
    SAME = "check-same"
    TO_FIDELITY = "check-to-fidelity"
    SENT = "check-sent"  # number
    PORT_AWAITED = "check-port-awaited"  # span
    GO_ON = "check-go-on"  # file
    ENDED = "check-ended"  # why: a code with its fields
