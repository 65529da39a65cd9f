"""DOC-D, operator self-registration of BC25 and BC32, V1.0 (2020-02-24), in its own order. Numbers are its chapters."""

from __future__ import annotations

from dataclasses import replace

from nbtwin.commands.cmdmp import dmp_config
from nbtwin.commands.extended import dmp_config_ex
from nbtwin.commands.generic import everyday_commands
from nbtwin.commands.mqtt import mqtt_commands
from nbtwin.commands.selfreg import self_register
from nbtwin.commands.urcs_rdy import tell_rdy_host
from nbtwin.engine import DAY, HOUR
from nbtwin.module.profile import CmdmpDialect, ExtendedDialect, Profile, Switch
from nbtwin.profiles.errors import SET_D
from nbtwin.profiles.everyday import KNOWN_RDY, RDA, RDY_BOOT, RDY_URCS
from nbtwin.profiles.internet_rdy import KNOWN_QI, QI_RDA, RDA_INTERNET
from nbtwin.profiles.mqtt import KNOWN_BY_DRIVER as KNOWN_MQTT
from nbtwin.profiles.mqtt import RDA_MQTT
from nbtwin.selfreg.schedule import Operator, RoundSchedule, Schedule

T, U, M = Operator.TELECOM, Operator.UNICOM, Operator.MOBILE

TELECOM = RoundSchedule(  # 2.1
    waits=(3, 6, 12, 24, 48),  # 2.1.3; D15
    rounds=1 + 2,
    hold_off=HOUR,  # 2.1.3
    retry_wakes_module=True,  # 2.1.4
)
UNICOM = replace(  # 2.2: the same, and
    TELECOM,
    update_every=30 * DAY,  # 2.2.2
    update_wakes_module=True,  # D55
)
MOBILE = Schedule(
    update_wakes_module=False,  # 2.3.2
    waits=(2, 4, 8, 16, 32),  # 2.3.3; D14
)

# 1.1, table 1: on by default up to and including these versions (D40)
SWITCH = Switch(  # 3.1
    name="+QSELFREGISTER",
    source="DOC-D 3.1",
    operators=(M, T, U),
    on_up_to=("BC25PAR01A04", "BC25PAR01A03_BT"),
)
SWITCH_B5 = replace(SWITCH, on_up_to=("BC25B5PAR01A04",))
SWITCH_B8 = replace(SWITCH, on_up_to=("BC25B8PAR01A05",))
SWITCH_32 = replace(SWITCH, on_up_to=("BC32RAR01A03",))
SWITCH_32_B8 = replace(SWITCH, on_up_to=("BC32B8RAR01A03",))

CMDMP = CmdmpDialect(  # 3.2.1
    name="+QDMPCFG",
    source="DOC-D 3.2.1",
    test_line="+QDMPCFG: <type>[,<parameter1>[,<parameter2>[,<parameter3>[,<parameter4>]]]]",  # D60
    answer_prefix="+QDMPCFG: ",
    read_needs_mode_1=True,  # 3.2.1, read command; D11
    parameters={
        "mode": "DM_mode",
        "server": "server_IP",
        "port": "server_port",
        "period": "update_period",
        "appkey": "APP_key",
        "password": "password",
        "terminal_type": "tml_type",
        "terminal_imei": "tml_IMEI",
        "query": "query_opt",
        "erase": "erase_opt",
    },
    ports=(1000, 65535),
    blank_keeps=True,  # D4
)
EXTENDED = ExtendedDialect(  # 3.2.2
    source="DOC-D 3.2.2",
    test_line="+QDMPCFGEX: <type>,<act>[,<parameter1>[,<parameter2>[,<parameter3>,<parameter4>]]]",  # D60
    values={
        0: (("APP_Info", 255),),  # its fourth part is a count: D63
        1: (("MAC", 19),),
        2: (("ROM", 19), ("RAM", 19), ("CPU", 19), ("OS_ver", 47)),
        3: (("sw_ver", 47), ("sw_name", 47)),
        4: (("VoLTE", 7), ("net_type", 19), ("account", 47), ("phone_num", 19)),
        5: (("location", 255),),
    },
)
KNOWN = (
    KNOWN_RDY
    | KNOWN_QI
    | KNOWN_MQTT
    | {
        "model": "DOC-D 1.1 table 1",
        "documents": "DOC-D 1",
        "firmware": "DOC-D 1.1 table 1, D40",
        "bands": "assumed",
        "switch": "DOC-D 3.1",
        "switch.operators": "DOC-D 3.1, D10",
        "switch.on_up_to": "DOC-D 1.1 table 1, D40",
        "switch.quirk_from": "DOC-D 3.1 (no such note)",
        "cmdmp": "DOC-D 3.2.1",
        "cmdmp.test_line": "DOC-D 3.2.1, D60",
        "cmdmp.answer_prefix": "DOC-D 3.2.1, D1",
        "cmdmp.server_may_be_domain": "DOC-D 3.2.1 (server_IP is an address)",
        "cmdmp.blank_keeps": "D4",
        "cmdmp.period_may_be_blank": "D4, D36",
        "cmdmp.period_needs_server": "D4",
        "cmdmp.plmns": "DOC-D 3.2.1 (reserved), D35",
        "cmdmp.needs_ont_firmware": "DOC-D 1 (no such note)",
        "cmdmp.read_needs_mode_1": "DOC-D 3.2.1, D11",
        "cmdmp.unset_shows_as_space": "D34",
        "cmdmp.domain": "DOC-D 3.2.1 (none), D39",
        "cmdmp.default_mode": "D28",
        "cmdmp.credentials": "D20, assumed (the values)",
        "cmdmp.<server>": "DOC-D 3.2.1, D4, D37",
        "cmdmp.<port>": "DOC-D 3.2.1, D4",
        "cmdmp.<period>": "DOC-D 3.2.1, D4, D36",
        "cmdmp.<appkey>": "DOC-D 3.2.1, D37, assumed (255 bytes)",
        "cmdmp.<password>": "DOC-D 3.2.1, D37, assumed (255 bytes)",
        "cmdmp.<terminal_imei>": "DOC-D 3.2.1, D37",
        "cmdmp.<query>": "DOC-D 3.2.1, D35",
        "cmdmp.<erase>": "DOC-D 3.2.1, D35",
        "extended": "DOC-D 3.2.2",
        "extended.test_line": "DOC-D 3.2.2, D60",
        "extended.values": "DOC-D 3.2.2, D37, D122, D123",
        "extended.values.<APP_Info>": "DOC-D 3.2.2, D37, D63, D122, D123",
        "errors": "DOC-D 4",
        "errors.bad_parameter": "DOC-D 4, D30",
        "errors.not_supported": "DOC-D 4, D30",
        "errors.aborted": "DOC-D 4, D22",
        "errors.cmee_modes": "DOC-D 4 note",
        "schedules.telecom": "DOC-D 2.1.3",
        "schedules.telecom.waits": "DOC-D 2.1.3, D15",
        "schedules.telecom.hold_off": "DOC-D 2.1.3, D15",
        "schedules.telecom.update_every": "DOC-D 2.1.2 (none)",
        "schedules.telecom.retry_wakes_module": "DOC-D 2.1.4",
        "schedules.telecom.sleep_ends_retries": "DOC-D 2.1.4",
        "schedules.telecom.update_wakes_module": "DOC-D 2.1.2 (no updates)",
        "schedules.unicom": "DOC-D 2.2.3",
        "schedules.unicom.waits": "DOC-D 2.2.3, D15",
        "schedules.unicom.hold_off": "DOC-D 2.2.3, D15",
        "schedules.unicom.update_every": "DOC-D 2.2.2, D55",
        "schedules.unicom.retry_wakes_module": "DOC-D 2.2.4",
        "schedules.unicom.sleep_ends_retries": "DOC-D 2.2.4",
        "schedules.unicom.update_wakes_module": "D55",
        "schedules.mobile": "DOC-D 2.3.3",
        "schedules.mobile.waits": "DOC-D 2.3.3, D14",
        "schedules.mobile.update_wakes_module": "DOC-D 2.3.2",
        "andlink": "DOC-E 1 (BC28 alone)",
        "everyday.context": "assumed",
    }
)

# The last: docs/spec/at.md, Everyday commands.
COMMANDS = (self_register, dmp_config, dmp_config_ex, everyday_commands, mqtt_commands)  # 3.1, 3.2.1, 3.2.2

# 1.1, table 1: the operators that a model is ever registered with (D52). The default firmware is the version after
# the last one that is on by default (D40).
BC25 = Profile(
    model="BC25",
    documents=("DOC-D",),
    firmware="BC25PAR01A05",
    families=COMMANDS,
    mqtt=RDA_MQTT,
    errors=SET_D,  # 4, tables 2 and 3
    boot=RDY_BOOT,
    schedules={M: MOBILE, T: TELECOM, U: UNICOM},
    cmdmp=CMDMP,
    extended=EXTENDED,
    switch=SWITCH,
    everyday=RDA,
    internet=RDA_INTERNET,
    qi=QI_RDA,
    announces=tell_rdy_host,
    radio_urcs=RDY_URCS,
    known=KNOWN,
)
BC25_B5 = replace(
    BC25,
    model="BC25-B5",
    firmware="BC25B5PAR01A05",
    schedules={T: TELECOM},
    switch=SWITCH_B5,
    bands=(5,),
)
BC25_B8 = replace(
    BC25,
    model="BC25-B8",
    firmware="BC25B8PAR01A06",
    schedules={M: MOBILE},
    switch=SWITCH_B8,
    bands=(8,),
)
BC32 = replace(
    BC25,
    model="BC32",
    firmware="BC32RAR01A04",
    schedules={M: MOBILE},
    switch=SWITCH_32,
)
BC32_B8 = replace(
    BC25,
    model="BC32-B8",
    firmware="BC32B8RAR01A04",
    schedules={M: MOBILE},
    switch=SWITCH_32_B8,
    bands=(8,),
)
