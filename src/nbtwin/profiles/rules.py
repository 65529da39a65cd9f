"""What the documents say, or leave open, that is no value of a table: sentences, and how each is known. Data only.

In the order of each document. The generated pages docs/fidelity*.md put them beside the values; tests hold them against
the lists of chapters and decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from nbtwin.at.known import Rule
from nbtwin.profiles import rules_andlink, rules_lab

Subjects: TypeAlias = Mapping[str, tuple[Rule, ...]]
"""What is spoken of, a command by its name, to what is said of it, in the document's order."""

DOCUMENTS = {
    "DOC-A": "BC35-G&BC28&BC95 R2.0 CMDMP Application Note V1.0 (2018-09-17)",
    "DOC-B": "BC26&BC20 CMDMP access guide V1.0 (2019-12-04)",
    "DOC-C": "BC260Y-CN operator self-registration V1.0 (2020-10-28)",
    "DOC-D": "BC25&BC32 operator self-registration V1.0 (2020-02-24)",
    "DOC-E": "BC28 Andlink application guide V1.0 (2020-02-21)",
}
CHAPTERS = {  # those that ask something of a module; every one of them stands on a page
    "DOC-A": "1 2.1 3",
    "DOC-B": "1 2.1 2.2 2.3",
    "DOC-C": "1 2.1.1 2.1.2 2.1.3 2.1.4 2.2.1 2.2.2 2.2.3 2.2.4 3.1.1 3.1.2 3.2.1 3.2.2 3.2.3",
    "DOC-D": "1.1 2.1.1 2.1.2 2.1.3 2.1.4 2.2.1 2.2.2 2.2.3 2.2.4 2.3.1 2.3.2 2.3.3 2.3.4 3.1 3.2.1 3.2.2 4",
    "DOC-E": "1 2 2.2 2.3 3.1 3.2 3.3 3.4 3.5 3.6 3.7 3.8 3.9 3.10 3.11 3.12 3.13 3.14 3.15 3.16 "
    "4.1 4.2 4.3 4.4 5 6.1 6.2 7",
}

CMDMP_STATES = (
    Rule("the state is one of 0, 4-9, 11-13; 0 until something starts after a boot", "DOC-C 3.2.2, assumed (when)"),
    Rule("4: the server's address is known; 5: the domain that the user set has none", "D39, assumed (when)"),
    Rule(
        "6: registered; 7: an error answer, then nothing until the next boot; 8: no answer at all", "DOC-C 2.2.3, D54"
    ),
    Rule(
        "11, 12, 13: an update answered, refused, unanswered; 4.04 leads to a fresh registration",
        "DOC-C 2.2.2, LwM2M 1.0",
    ),
    Rule("8 after a registration of this boot had succeeded: tried again a period later", "D116"),
    Rule("9: no update succeeded within the lifetime; then a fresh registration, once awake and attached", "D56"),
)

RULES: dict[str, Subjects] = {
    "DOC-A": {
        "AT+DMPCONFIG": (
            Rule("the read shows what is in use, type 4 what is saved", "DOC-A 2.1, D33"),
            Rule("what is written is kept and comes into use with the next boot", "DOC-A 2.1"),
            Rule(
                "answers to types 4 and 6 have no prefix, those to the read have one, with a space",
                "DOC-A 2.1 example, D1",
            ),
            Rule("a password shows as its first four characters and ****", "DOC-A 2.1"),
            Rule("an empty server field clears what was saved and shows as one space", "DOC-A 2.1 example, D31"),
            Rule("type 4 shows one space for each field that was never saved or was erased", "D34"),
            Rule("an empty field anywhere else is an error", "D36"),
            Rule("a second write of type 3 replaces the list of PLMNs", "DOC-A 2.1 example, D32"),
            Rule("types 5,0 to 5,3 erase one setting each, 5,4 all of them", "DOC-A 2.1"),
            Rule(
                "the server is the one that was saved, else the domain's address, else 117.161.2.41", "DOC-A 2.1, D39"
            ),
        ),
        "Registration with China Mobile": (
            Rule(
                "starts at each boot once attached, where the IMSI is China Mobile's or begins with a saved PLMN", "D53"
            ),
            Rule("packets as DOC-D sends them; no update while asleep", "D13, D57"),
            Rule("an error answer ends it until the next boot", "D54"),
        ),
        "Errors": (
            Rule("AT+CMEE=0: ERROR; AT+CMEE=1: +CME ERROR: and the code", "DOC-A 3 note"),
            Rule(
                "a value out of range is 50, a form that does not exist and firmware without _ONT are 4", "DOC-A 3, D30"
            ),
            Rule("NVRAM that cannot be written is 23, and nothing has changed", "DOC-A 3, assumed (when)"),
        ),
    },
    "DOC-B": {
        "AT+QDMPCFG": (
            Rule("the read shows what is in use, type 4 what is saved", "DOC-B 2.2, D33"),
            Rule("what is written is kept, over deep sleep too, and comes into use with the next boot", "DOC-B 2.2"),
            Rule("type 4 shows the default of what was never saved or was erased", "D34"),
            Rule("no space stands inside an answer; one example prints one", "DOC-B 2.2 example, D2"),
            Rule("an empty server, port or period is the default", "DOC-B 2.1 note 2, D4"),
            Rule("an empty field anywhere else is an error", "D36"),
            Rule("type 3 and options 3 are an error", "DOC-B 2.2 (reserved), D35"),
            Rule("a password shows as its first four characters and ****", "DOC-B 2.2"),
            Rule("without a saved server it is 117.161.2.41; no name is looked up", "DOC-B 2.2, D39"),
        ),
        "AT+QDMPCFGEX": (
            Rule("act 0 takes all values of the type, acts 1 and 2 take none", "DOC-B 2.3, D122"),
            Rule("values are UTF-8, their length is in bytes", "DOC-B 2.3 (bytes), D123"),
            Rule("act 1 shows what is saved, without quotes", "DOC-B 2.3 example, D33"),
            Rule("act 1 shows NULL for each value that was never saved or was erased", "D3"),
            Rule("a ; inside quotes does not end the command", "DOC-B 2.3 example"),
            Rule("the version string is read back as it was saved; the example changes it", "DOC-B 2.3 example, D2"),
        ),
        "Registration with China Mobile": (
            Rule("starts at each boot once attached with a China Mobile USIM", "D53"),
            Rule("packets as DOC-D sends them; no update while asleep", "D13, D57"),
            Rule("an error answer ends it until the next boot", "D54"),
        ),
        "Errors": (
            Rule("every error of these two commands is plain ERROR, whatever AT+CMEE says", "DOC-B 2.2, DOC-B 2.3"),
        ),
    },
    "DOC-C": {
        "AT+QSREGENABLE": (
            Rule("the read shows what is saved; in use with the next boot", "DOC-C 3.2.1, D33"),
            Rule("0 until it is written", "DOC-C 3.2.1 example, D29"),
            Rule(
                "reads 3 after an update from …R01A03 to …R01A04 or later with 1 set, and stays enabled",
                "DOC-C 3.2.1 note",
            ),
            Rule("still 3 after further updates, until it is written again", "D64"),
        ),
        "AT+QDMPCFG": (
            Rule("the read shows what is in use, type 4 what is saved", "DOC-C 3.2.2, D33"),
            Rule("what is written is kept, over deep sleep too, and comes into use with the next boot", "DOC-C 3.2.2"),
            Rule("type 4 shows the default of what was never saved or was erased", "D34"),
            Rule("no space stands inside an answer; one example prints one", "DOC-C 3.2.2 example, D2"),
            Rule("an empty server, port or period keeps what was saved, or else is the default", "DOC-C 3.1.1, D4"),
            Rule("an empty field anywhere else is an error", "D36"),
            Rule("type 3 and options 3 are an error", "DOC-C 3.2.2 (reserved), D35"),
            Rule("a password shows as its first four characters and ****", "DOC-C 3.2.2"),
            Rule("without a saved server it is the domain's address, else 117.161.2.41", "DOC-C 3.2.2, D39"),
            *CMDMP_STATES,
        ),
        "AT+QDMPCFGEX": (
            Rule("act 0 takes all values of the type, acts 1 and 2 take none", "DOC-C 3.2.3, D122"),
            Rule("values are UTF-8, their length is in bytes", "DOC-C 3.2.3 (bytes), D123"),
            Rule("act 1 shows what is saved, without quotes", "DOC-C 3.2.3 example, D33"),
            Rule("act 1 shows NULL for each value that was never saved or was erased", "D3"),
            Rule("a ; inside quotes does not end the command", "DOC-C 3.2.3 example"),
        ),
        "Registration with China Telecom": (
            Rule(
                "starts once attached with a Telecom USIM if firmware or pairing changed since the last success",
                "DOC-C 2.1.1",
            ),
            Rule("the first boot ever counts as changed", "D58"),
            Rule("after success nothing until one of them changes, over any number of boots", "DOC-C 2.1.2"),
            Rule("two more attempts, an hour after each verdict, then the next boot", "DOC-C 2.1.3, D15"),
            Rule(
                "a module that falls asleep after a failure (PSM, and sleep is not disabled) does not retry",
                "DOC-C 2.1.4, D115",
            ),
            Rule(
                "the platform's name is looked up; a failed look-up is a failed attempt",
                "DOC-C 2.1.4, observed (the name)",
            ),
            Rule("an error answer is a failed attempt", "D54"),
        ),
        "Registration with China Mobile": (
            Rule("at every boot, once attached with a Mobile USIM", "DOC-C 2.2.1, D53"),
            Rule("6 packets at 0, 2, 6, 14, 30, 62 s, given up at 128 s", "DOC-C 2.2.3, D14"),
            Rule("an error answer, or none, ends it until the next boot", "DOC-C 2.2.3, D54"),
            Rule("an update every update period, 24 h by default, also out of deep sleep", "DOC-C 2.2.2, DOC-C 2.2.4"),
        ),
        "Errors": (
            Rule(
                "every error of these three commands is plain ERROR, whatever AT+CMEE says",
                "DOC-C 3.2.1, DOC-C 3.2.2, DOC-C 3.2.3",
            ),
        ),
        "The line": (
            Rule("AT or at begins a line, <CR> ends it, an answer stands between <CR><LF>", "DOC-C 3.1.2"),
            Rule("an optional parameter that is left out is what was set before, or its default", "DOC-C 3.1.1"),
        ),
    },
    "DOC-D": {
        "AT+QSELFREGISTER": (
            Rule("the read shows what is saved; in use with the next boot", "DOC-D 3.1, D33"),
            Rule(
                "until it is written: on up to and including the firmware of table 1, off after it",
                "DOC-D 1.1 table 1, D40",
            ),
            Rule("the master switch of all operators; CMDMP wants mode 1 besides", "DOC-D 3.1, D10"),
            Rule("only the operators of table 1 are ever contacted, whatever is stored", "DOC-D 1.1 table 1, D52"),
        ),
        "AT+QDMPCFG": (
            Rule("the read shows what is in use, type 4 what is saved", "DOC-D 3.2.1, D33"),
            Rule("the read leaves out types 1 and 2 while the mode in use is 0", "DOC-D 3.2.1, D11"),
            Rule("what is written is kept and comes into use with the next boot", "DOC-D 3.2.1"),
            Rule("it survives deep sleep", "assumed"),
            Rule("type 4 shows the default of what was never saved or was erased", "D34"),
            Rule("an empty server, port or period keeps what was saved, or else is the default", "D4"),
            Rule("an empty field anywhere else is an error", "D36"),
            Rule("type 3 and options 3 are an error", "DOC-D 3.2.1 (reserved), D35"),
            Rule("a password shows as its first four characters and ****", "DOC-D 3.2.1"),
            Rule("without a saved server it is 117.161.2.41; no name is looked up", "DOC-D 3.2.1, D39"),
        ),
        "AT+QDMPCFGEX": (
            Rule("act 0 takes all values of the type, acts 1 and 2 take none", "DOC-D 3.2.2, D122"),
            Rule("values are UTF-8, their length is in bytes", "DOC-D 3.2.2 (bytes), D123"),
            Rule("act 1 shows what is saved, without quotes", "DOC-D 3.2.2 example, D33"),
            Rule("act 1 shows NULL for each value that was never saved or was erased", "D3"),
            Rule("a ; inside quotes does not end the command", "DOC-D 3.2.2 example"),
            Rule("the fourth part of an application block is a count", "D63"),
        ),
        "Registration with China Telecom": (
            Rule(
                "starts once attached with a Telecom USIM if firmware or pairing changed since the last success",
                "DOC-D 2.1.1",
            ),
            Rule("the first boot ever counts as changed", "D58"),
            Rule("after success nothing until one of them changes", "DOC-D 2.1.2"),
            Rule("5 packets at 0, 3, 9, 21, 45 s, the verdict at 93 s", "DOC-D 2.1.3, D15"),
            Rule("two more rounds, an hour after each verdict, then the next boot", "DOC-D 2.1.3, D15"),
            Rule("a retry leaves PSM; a failed look-up is a failed round", "DOC-D 2.1.4"),
        ),
        "Registration with China Unicom": (
            Rule("starts as Telecom's, with a Unicom USIM", "DOC-D 2.2.1"),
            Rule(
                "an update every 30 days; the due time is kept over reboots, and wakes the module", "DOC-D 2.2.2, D55"
            ),
            Rule("packets and rounds as Telecom's; a retry leaves PSM", "DOC-D 2.2.3, DOC-D 2.2.4"),
        ),
        "Registration with China Mobile": (
            Rule("at every boot, once attached with a Mobile USIM", "DOC-D 2.3.1, D53"),
            Rule(
                "an update every update period, 24 h by default, none while in deep sleep", "DOC-D 2.3.2, DOC-D 2.3.4"
            ),
            Rule("5 packets at 0, 2, 6, 14, 30 s, given up at 62 s", "DOC-D 2.3.3, D14"),
            Rule("an error answer, or none, ends it until the next boot", "DOC-D 2.3.3, D54"),
        ),
        "Errors": (
            Rule("AT+CMEE=0: ERROR; 1: +CME ERROR: and the code; 2: the text", "DOC-D 4 note"),
            Rule("a value out of range is 53, a form that does not exist 4", "DOC-D 4, D30"),
            Rule("NVRAM that cannot be written is 23, and nothing has changed", "DOC-D 4, assumed (when)"),
        ),
    },
    "DOC-E": rules_andlink.RULES,
    "": rules_lab.RULES,
}
"""By document; without one, what all models share and what is behind the line. A command's name stands beside it."""
