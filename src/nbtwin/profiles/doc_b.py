"""DOC-B, CMDMP access guide of BC26 and BC20, V1.0 (2019-12-04), in its own order. Numbers are its chapters."""

from __future__ import annotations

from dataclasses import replace

from nbtwin.commands.cmdmp import dmp_config
from nbtwin.commands.extended import dmp_config_ex
from nbtwin.commands.generic import everyday_commands
from nbtwin.module.profile import CmdmpDialect, ExtendedDialect, Profile
from nbtwin.profiles.errors import PLAIN
from nbtwin.profiles.everyday import MEDIATEK, RDY_BOOT, RDY_URCS
from nbtwin.selfreg.schedule import Operator, Schedule

MOBILE = Schedule(every_boot=True, waits=(2, 4, 8, 16, 32))  # not in DOC-B: D13, D57

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
    blank_server="default",  # 2.1 note 2; D4
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
COMMANDS = (dmp_config, dmp_config_ex, everyday_commands)  # 2.2, 2.3, at.md 7

BC26 = Profile(
    model="BC26",
    documents=("DOC-B",),
    firmware="BC26NBR01A07",  # 2.3, example
    families=COMMANDS,
    errors=PLAIN,  # 2.2, 2.3: ERROR
    boot=RDY_BOOT,
    schedules={Operator.MOBILE: MOBILE},
    cmdmp=CMDMP,
    extended=EXTENDED,
    everyday=MEDIATEK,
    radio_urcs=RDY_URCS,
)
BC20 = replace(BC26, model="BC20", firmware="BC20NBR01A07")
