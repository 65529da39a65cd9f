"""DOC-A, CMDMP application note of BC35-G, BC28 and BC95 R2.0, V1.0 (2018-09-17), in its own order.

Numbers are its chapters. BC28 has a second document: `doc_e`.
"""

from __future__ import annotations

from dataclasses import replace

from nbtwin.commands.cmdmp import dmp_config
from nbtwin.commands.generic import everyday_commands
from nbtwin.commands.mqtt import mqtt_commands
from nbtwin.commands.sockets_neul import announce
from nbtwin.module.profile import CmdmpDialect, Profile
from nbtwin.profiles.errors import SET_A
from nbtwin.profiles.everyday import KNOWN_NEUL, NEUL, NEUL_BOOT, NEUL_URCS
from nbtwin.profiles.internet import NEUL_INTERNET
from nbtwin.profiles.mqtt import KNOWN_BY_DRIVER as KNOWN_MQTT
from nbtwin.profiles.mqtt import NEUL_MQTT
from nbtwin.selfreg.schedule import Operator, Schedule

MOBILE = Schedule(waits=(2, 4, 8, 16, 32))  # not in DOC-A: D13, D53, D57

CMDMP = CmdmpDialect(
    needs_ont_firmware=True,  # 1
    name="+DMPCONFIG",  # 2.1
    source="DOC-A 2.1",
    test_line="+DMPCONFIG: <type>[,<parameter1>][,<parameter2>][,<parameter3>[,<parameter4>]]]",  # D60
    answer_prefix="",  # 2.1, write command
    parameters={
        "mode": "dmMode",
        "server": "serverIp",
        "port": "serverPort",
        "period": "updatePeriod",
        "appkey": "appkey",
        "password": "password",
        "terminal_type": "ifType",
        "terminal_imei": "tmIMEI",
        "query": "queryOpt",
        "erase": "eraseOpt",
        "plmn": "plmn",
    },
    plmns=True,  # 2.1, type 3
    domain="m.fxlttsbl.com",  # 2.1, first paragraph; D19, D39
    blank_keeps=False,  # 2.1, example; D31
    period_may_be_blank=False,  # 2.1, table of parameters; D36
    unset_shows_as_space=True,  # 2.1, example; D31, D34
)
CMDMP_BC95 = replace(CMDMP, default_period=900, period_needs_server=True)  # 2.1, note

KNOWN = (
    KNOWN_NEUL
    | KNOWN_MQTT
    | {
        "model": "DOC-A 1",
        "documents": "DOC-A 1",
        "firmware": "DOC-A 1 (_ONT), D51, assumed (the version before it)",
        "cmdmp": "DOC-A 2.1",
        "cmdmp.test_line": "DOC-A 2.1, D60",
        "cmdmp.answer_prefix": "DOC-A 2.1 example, D1",
        "cmdmp.ports": "D38",
        "cmdmp.server_may_be_domain": "DOC-A 2.1 (serverIp is an address)",
        "cmdmp.blank_keeps": "DOC-A 2.1 example, D31",
        "cmdmp.period_may_be_blank": "DOC-A 2.1, D36",
        "cmdmp.period_needs_server": "DOC-A 2.1 note",
        "cmdmp.default_period": "DOC-A 2.1, DOC-A 2.1 note (BC95 R2.0)",
        "cmdmp.needs_ont_firmware": "DOC-A 1, D30",
        "cmdmp.read_needs_mode_1": "DOC-A 2.1 (three lines)",
        "cmdmp.unset_shows_as_space": "DOC-A 2.1 example, D31, D34",
        "cmdmp.domain": "DOC-A 2.1, D19, D39",
        "cmdmp.default_mode": "D28",
        "cmdmp.credentials": "D20, assumed (the values)",
        "cmdmp.<server>": "DOC-A 2.1, D31, D37, DOC-A 2.1 note (BC95 R2.0)",
        "cmdmp.<port>": "DOC-A 2.1, D31, D38, DOC-A 2.1 note (BC95 R2.0)",
        "cmdmp.<period>": "DOC-A 2.1, D36",
        "cmdmp.<appkey>": "DOC-A 2.1, D37, assumed (255 bytes)",
        "cmdmp.<password>": "DOC-A 2.1, D37, assumed (255 bytes)",
        "cmdmp.<terminal_imei>": "DOC-A 2.1, D37",
        "cmdmp.<plmn>": "DOC-A 2.1, assumed (5 or 6 digits)",
        "errors": "DOC-A 3",
        "errors.bad_parameter": "DOC-A 3, D30",
        "errors.not_supported": "DOC-A 3, D30",
        "errors.aborted": "DOC-A 3, D22",
        "errors.cmee_modes": "DOC-A 3 note",
        "cmee_default": "DOC-A 3 note",
        "schedules": "D13",
        "schedules.mobile.update_wakes_module": "D57",
        "switch": "DOC-A 2 (there is none)",
        "extended": "DOC-A 2 (there is none)",
        "andlink": "DOC-E 1 (BC28 alone)",
    }
)

COMMANDS = (dmp_config, everyday_commands, mqtt_commands)  # 2.1, docs/spec/at.md, Everyday commands

BC35_G = Profile(
    model="BC35-G",
    documents=("DOC-A",),
    firmware="BC35-GJAR01A06_ONT",  # D51
    families=COMMANDS,
    mqtt=NEUL_MQTT,
    errors=SET_A,  # 3
    boot=NEUL_BOOT,  # D62
    schedules={Operator.MOBILE: MOBILE},
    cmdmp=CMDMP,
    everyday=NEUL,
    radio_urcs=NEUL_URCS,
    internet=NEUL_INTERNET,
    announces=announce,
    echo_default=False,  # D100
    known=KNOWN,
)
BC28 = replace(BC35_G, model="BC28", firmware="BC28JAR01A10_ONT")  # D51
BC95_R2 = replace(
    BC35_G,
    families=COMMANDS[:-1],
    mqtt=None,
    model="BC95 R2.0",
    firmware="BC95JBR02A02_ONT",  # D51
    cmdmp=CMDMP_BC95,
)
