"""DOC-B, CMDMP access guide of BC26 and BC20, V1.0 (2019-12-04), in its own order. Numbers are its chapters."""

from __future__ import annotations

from dataclasses import replace

from nbtwin.commands.cmdmp import dmp_config
from nbtwin.commands.extended import dmp_config_ex
from nbtwin.commands.generic import everyday_commands
from nbtwin.commands.mqtt import mqtt_commands
from nbtwin.commands.urcs_rdy import tell_rdy_host
from nbtwin.module.profile import CmdmpDialect, ExtendedDialect, Profile
from nbtwin.profiles.errors import PLAIN
from nbtwin.profiles.everyday import KNOWN_RDY, MEDIATEK, MEDIATEK_URCS, RDY_BOOT
from nbtwin.profiles.internet_rdy import KNOWN_QI, MEDIATEK_INTERNET, QI_MEDIATEK
from nbtwin.profiles.mqtt import KNOWN as KNOWN_MQTT
from nbtwin.profiles.mqtt import MEDIATEK_MQTT
from nbtwin.selfreg.schedule import Operator, Schedule

MOBILE = Schedule(waits=(2, 4, 8, 16, 32))  # not in DOC-B: D13, D57

CMDMP = CmdmpDialect(  # 2.2
    name="+QDMPCFG",
    source="DOC-B 2.2",
    test_line="+QDMPCFG: <type>[,<parameter1>[,<parameter2>[,<parameter3>[,<parameter4>]]]]",  # D60
    answer_prefix="+QDMPCFG: ",
    parameters={
        "mode": "dmMode",
        "server": "serverIp",
        "port": "serverPort",
        "period": "updatePeriod",
        "appkey": "appkey",
        "password": "password",
        "terminal_type": "tmlType",
        "terminal_imei": "tmlIMEI",
        "query": "queryOpt",
        "erase": "eraseOpt",
    },
    blank_keeps=False,  # 2.1 note 2; D4
)
EXTENDED = ExtendedDialect(  # 2.3
    source="DOC-B 2.3",
    test_line="+QDMPCFGEX: <type>,<act>[,<parameter1>[,<parameter2>[,<parameter3>,<parameter4>]]]",  # D60
    values={
        0: (("applInfo", 255),),
        1: (("mac", 19),),
        2: (("rom", 19), ("ram", 19), ("cpu", 19), ("osSysVer", 47)),
        3: (("swVer", 47), ("swName", 47)),
        4: (("volte", 7), ("netType", 19), ("account", 47), ("phoneNum", 19)),
        5: (("location", 255),),
    },
)
KNOWN = (
    KNOWN_RDY
    | KNOWN_QI
    | KNOWN_MQTT
    | {
        "model": "DOC-B 1",
        "documents": "DOC-B 1",
        "firmware": "DOC-B 2.3 example (BC26), assumed (BC20)",
        "cmdmp": "DOC-B 2.2",
        "cmdmp.test_line": "DOC-B 2.2, D60",
        "cmdmp.answer_prefix": "DOC-B 2.2, D1",
        "cmdmp.ports": "D38",
        "cmdmp.server_may_be_domain": "DOC-B 2.2 (serverIp is an address)",
        "cmdmp.blank_keeps": "DOC-B 2.1 note 2, D4",
        "cmdmp.period_may_be_blank": "DOC-B 2.1 note 2, D4, D36",
        "cmdmp.period_needs_server": "D4",
        "cmdmp.plmns": "DOC-B 2.2 (reserved), D35",
        "cmdmp.needs_ont_firmware": "DOC-B 1 (no such note)",
        "cmdmp.read_needs_mode_1": "DOC-B 2.2 (three lines)",
        "cmdmp.unset_shows_as_space": "D34",
        "cmdmp.domain": "DOC-B 2.2 (none), D39",
        "cmdmp.default_mode": "D28",
        "cmdmp.credentials": "D20, assumed (the values)",
        "cmdmp.<server>": "DOC-B 2.2, D4, D37",
        "cmdmp.<port>": "D38, D4",
        "cmdmp.<period>": "DOC-B 2.2, D4, D36",
        "cmdmp.<appkey>": "DOC-B 2.2, D37, assumed (255 bytes)",
        "cmdmp.<password>": "DOC-B 2.2, D37, assumed (255 bytes)",
        "cmdmp.<terminal_imei>": "DOC-B 2.2, D37",
        "cmdmp.<query>": "DOC-B 2.2, D35",
        "cmdmp.<erase>": "DOC-B 2.2, D35",
        "extended": "DOC-B 2.3",
        "extended.test_line": "DOC-B 2.3, D60",
        "extended.values": "DOC-B 2.3, D37, D122, D123",
        "errors": "27.007 9.2.1 (codes of the everyday commands alone)",
        "errors.bad_parameter": "DOC-B 2.2 (ERROR)",
        "errors.not_supported": "DOC-B 2.2 (ERROR)",
        "errors.aborted": "DOC-B 2.2 (ERROR), D22",
        "errors.cmee_modes": "27.007 9.1, observed (the texts)",
        "schedules": "D13",
        "schedules.mobile.update_wakes_module": "D57",
        "switch": "DOC-B 2 (there is none)",
        "andlink": "DOC-E 1 (BC28 alone)",
    }
)

COMMANDS = (dmp_config, dmp_config_ex, everyday_commands, mqtt_commands)  # 2.2, 2.3, docs/spec/at.md, Everyday commands

BC26 = Profile(
    model="BC26",
    documents=("DOC-B",),
    firmware="BC26NBR01A07",  # 2.3, example
    families=COMMANDS,
    mqtt=MEDIATEK_MQTT,
    errors=PLAIN,  # 2.2, 2.3: ERROR
    boot=RDY_BOOT,
    schedules={Operator.MOBILE: MOBILE},
    cmdmp=CMDMP,
    extended=EXTENDED,
    everyday=MEDIATEK,
    internet=MEDIATEK_INTERNET,
    qi=QI_MEDIATEK,
    announces=tell_rdy_host,
    radio_urcs=MEDIATEK_URCS,
    known=KNOWN,
)
BC20 = replace(BC26, model="BC20", firmware="BC20NBR01A07")
