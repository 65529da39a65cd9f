"""DOC-C, operator self-registration of BC260Y-CN, V1.0 (2020-10-28), in its own order. Numbers are its chapters."""

from __future__ import annotations

from nbtwin.commands.cmdmp import dmp_config
from nbtwin.commands.extended import dmp_config_ex
from nbtwin.commands.generic import everyday_commands
from nbtwin.commands.mqtt import mqtt_commands
from nbtwin.commands.selfreg import sreg_enable
from nbtwin.commands.urcs_rdy import tell_rdy_host
from nbtwin.engine import HOUR
from nbtwin.module.profile import CmdmpDialect, ExtendedDialect, Profile, Switch
from nbtwin.profiles.errors import PLAIN
from nbtwin.profiles.everyday import EIGENCOMM, EIGENCOMM_URCS, KNOWN_RDY, RDY_BOOT
from nbtwin.profiles.internet_rdy import EIGENCOMM_INTERNET, KNOWN_QI, QI_EIGENCOMM
from nbtwin.profiles.mqtt import EIGENCOMM_MQTT
from nbtwin.profiles.mqtt import KNOWN as KNOWN_MQTT
from nbtwin.selfreg.schedule import Operator, RoundSchedule, Schedule

TELECOM = RoundSchedule(  # 2.1
    waits=(2, 4, 8, 16, 32),  # 2.1.4 names CoAP, no numbers: D12
    rounds=1 + 2,
    hold_off=HOUR,  # 2.1.3; D15
    sleep_ends_retries=True,  # 2.1.4
)
MOBILE = Schedule(
    waits=(2, 4, 8, 16, 32, 66),  # 2.2.3: 128 s in all; D14
    update_wakes_module=True,  # 2.2.4
)

TELECOM_SWITCH = Switch(  # 3.2.1
    name="+QSREGENABLE",
    source="DOC-C 3.2.1",
    operators=(Operator.TELECOM,),
    quirk_from=("BC260YCNAAR01A03", "BC260YCNAAR01A04"),  # 3.2.1 note: reads 3
)
CMDMP = CmdmpDialect(  # 3.2.2
    name="+QDMPCFG",
    source="DOC-C 3.2.2",
    test_line="+QDMPCFG: <type>[,<parameter1>,<parameter2>[,<parameter3>[,<parameter4>]]]",  # D60
    answer_prefix="+QDMPCFG: ",
    parameters={
        "mode": "DM_Mode",
        "server": "serverIP",
        "port": "server_Port",
        "period": "update_Period",
        "appkey": "APPkey",
        "password": "password",
        "terminal_type": "tmlType",
        "terminal_imei": "tmlIMEI",
        "query": "queryOpt",
        "erase": "eraseOpt",
    },
    server_may_be_domain=True,
    blank_keeps=True,  # 3.1.1; D4
    domain="m.fxlttsbl.com",  # D19, D39
)
EXTENDED = ExtendedDialect(  # 3.2.3
    source="DOC-C 3.2.3",
    test_line="+QDMPCFGEX: <type>,<act>[,<parameter1>[,<parameter2>[,<parameter3>,<parameter4>]]]",
    values={
        0: (("APPInfo", 255),),
        1: (("MAC", 19),),
        2: (("ROM", 19), ("RAM", 19), ("CPU", 19), ("osSysVer", 47)),
        3: (("swVer", 47), ("swName", 47)),
        4: (("VoLTE", 7), ("netType", 19), ("account", 47), ("phoneNum", 19)),
        5: (("location", 255),),
    },
)
KNOWN = (
    KNOWN_RDY
    | KNOWN_QI
    | KNOWN_MQTT
    | {
        "bands": "observed",
        "model": "DOC-C 1",
        "documents": "DOC-C 1",
        "firmware": "DOC-C 3.2.1 note",
        "switch": "DOC-C 3.2.1",
        "switch.on_up_to": "D29",
        "cmdmp": "DOC-C 3.2.2",
        "cmdmp.test_line": "DOC-C 3.2.2, D60",
        "cmdmp.answer_prefix": "DOC-C 3.2.2, D1",
        "cmdmp.blank_keeps": "DOC-C 3.1.1, D4",
        "cmdmp.period_may_be_blank": "DOC-C 3.1.1, D4, D36",
        "cmdmp.period_needs_server": "D4",
        "cmdmp.plmns": "DOC-C 3.2.2 (reserved), D35",
        "cmdmp.needs_ont_firmware": "DOC-C 1 (no such note)",
        "cmdmp.read_needs_mode_1": "DOC-C 3.2.2 (three lines)",
        "cmdmp.unset_shows_as_space": "D34",
        "cmdmp.domain": "DOC-C 3.2.2, D19, D39",
        "cmdmp.default_mode": "DOC-C 2.2.1, D28",
        "cmdmp.credentials": "D20, assumed (the values)",
        "cmdmp.<server>": "DOC-C 3.2.2, D4, D37",
        "cmdmp.<port>": "DOC-C 3.2.2, D4",
        "cmdmp.<period>": "DOC-C 3.2.2, D4, D36",
        "cmdmp.<appkey>": "DOC-C 3.2.2, D37, assumed (255 bytes)",
        "cmdmp.<password>": "DOC-C 3.2.2, D37, assumed (255 bytes)",
        "cmdmp.<terminal_imei>": "DOC-C 3.2.2, D37",
        "cmdmp.<query>": "DOC-C 3.2.2, D35",
        "cmdmp.<erase>": "DOC-C 3.2.2, D35",
        "extended": "DOC-C 3.2.3",
        "extended.test_line": "DOC-C 3.2.3, D60",
        "extended.values": "DOC-C 3.2.3, D37, D122, D123",
        "errors": "27.007 9.2.1 (codes of the everyday commands alone)",
        "errors.bad_parameter": "DOC-C 3.2.1 (ERROR)",
        "errors.not_supported": "DOC-C 3.2.1 (ERROR)",
        "errors.aborted": "DOC-C 3.2.1 (ERROR), D22",
        "errors.cmee_modes": "27.007 9.1, observed (the texts)",
        "schedules.telecom": "DOC-C 2.1.3",
        "schedules.telecom.waits": "DOC-C 2.1.4, D12",
        "schedules.telecom.hold_off": "DOC-C 2.1.3, D15",
        "schedules.telecom.update_every": "DOC-C 2.1.2 (none)",
        "schedules.telecom.retry_wakes_module": "DOC-C 2.1.4",
        "schedules.telecom.sleep_ends_retries": "DOC-C 2.1.4",
        "schedules.telecom.update_wakes_module": "DOC-C 2.1.2 (no updates)",
        "schedules.mobile": "DOC-C 2.2.3",
        "schedules.mobile.waits": "DOC-C 2.2.3, D14",
        "schedules.mobile.update_wakes_module": "DOC-C 2.2.4",
        "andlink": "DOC-E 1 (BC28 alone)",
    }
)

# The last: docs/spec/at.md, Everyday commands.
COMMANDS = (sreg_enable, dmp_config, dmp_config_ex, everyday_commands, mqtt_commands)  # 3.2.1, 3.2.2, 3.2.3

BC260Y_CN = Profile(
    model="BC260Y-CN",
    documents=("DOC-C",),
    firmware="BC260YCNAAR01A04",
    families=COMMANDS,
    mqtt=EIGENCOMM_MQTT,
    errors=PLAIN,                                                            # 3.2.1, 3.2.2, 3.2.3: ERROR
    boot=RDY_BOOT,
    schedules={Operator.TELECOM: TELECOM, Operator.MOBILE: MOBILE},          # 2.1, 2.2
    cmdmp=CMDMP,
    extended=EXTENDED,
    switch=TELECOM_SWITCH,
    everyday=EIGENCOMM,
    internet=EIGENCOMM_INTERNET,
    qi=QI_EIGENCOMM,
    announces=tell_rdy_host,
    radio_urcs=EIGENCOMM_URCS,
    bands=(5, 8, 3),                                                         # in the order that it shows
    known=KNOWN,
)  # fmt: skip
