"""How the four chip families word the everyday commands, start and announce the network. Data only.

Which commands: docs/spec/at.md, Everyday commands. Observed in public logs and drivers of these modules unless a line
says assumed (fidelity page).
"""

from __future__ import annotations

from dataclasses import replace

from nbtwin.module.profile import Boot, ConfigItem, Everyday, RadioUrcs

NEUL = Everyday(  # BC28, BC35-G, BC95 R2.0
    source="Quectel BC35-G&BC28&BC95 R2.0 AT Commands Manual",
    manufacturer="Quectel",
    model="{model}",
    revision="{firmware}",
    identity_revision="Revision:{firmware}",
    colon=":",
    quoted=False,
    iccid_commands=("+NCCID",),
    restarts_with_nrb=True,
    functions=(0, 1),
    access_technology=9,
    bit_error_rate=99,
    bands_command="+NBAND",
    bands_with_count=False,
    counts_statistics=True,
    configuration=(
        ConfigItem("AUTOCONNECT", "TRUE"),
        ConfigItem("CR_0354_0338_SCRAMBLING", "TRUE"),
        ConfigItem("CR_0859_SI_AVOID", "TRUE"),
        ConfigItem("COMBINE_ATTACH", "FALSE"),
        ConfigItem("CELL_RESELECTION", "FALSE"),
        ConfigItem("ENABLE_BIP", "FALSE"),
        ConfigItem("MULTITONE", "TRUE"),
        ConfigItem("NAS_SIM_POWER_SAVING_ENABLE", "TRUE"),
        ConfigItem("BARRING_RELEASE_DELAY", "64", (0, 1800)),
        ConfigItem("RELEASE_VERSION", "13", (13, 14)),
        ConfigItem("SYNC_TIME_PERIOD", "0", (0, 65535)),
        ConfigItem("IPV6_GET_PREFIX_TIME", "15", (0, 65535)),
        ConfigItem("NB_CATEGORY", "1", (1, 2)),
        ConfigItem("RAI", "FALSE"),
    ),
    ping_command="+NPING",
    baud=9600,
    no_usim=310,
    usim_busy=314,
    full_without_usim=4,
    no_network=30,
    lists_commands=True,
    default_context_command=False,
)
REBOOT_CAUSES = (  # DOC-E 7, table 6
    "REBOOT_CAUSE_SECURITY_RESET_UNKNOWN",
    "REBOOT_CAUSE_SECURITY_SYSRESETREQ",
    "REBOOT_CAUSE_SECURITY_WATCHDOG",
    "REBOOT_CAUSE_SECURITY_SELF",
    "REBOOT_CAUSE_SECURITY_ALTBOOT",
    "REBOOT_CAUSE_SECURITY_REG_0",
    "REBOOT_CAUSE_SECURITY_REG_3",
    "REBOOT_CAUSE_SECURITY_STANDARD_CHIP_WATCHDOG",
    "REBOOT_CAUSE_SECURITY_UPDATER_CHIP_WATCHDOG",
    "REBOOT_CAUSE_SECURITY_SCAN_ENTER_EXIT",
    "REBOOT_CAUSE_SECURITY_PMU_POWER_ON_RESET",  # 11
    "REBOOT_CAUSE_SECURITY_RESET_PIN",  # 12
    "REBOOT_CAUSE_SECURITY_REGIONS_UPDATED",
    "REBOOT_CAUSE_SECURITY_FOTA_UPGRADE",
    "REBOOT_CAUSE_PROTOCOL_SYSRESETREQ",
    "REBOOT_CAUSE_PROTOCOL_WATCHDOG",
    "REBOOT_CAUSE_PROTOCOL_MONITOR_REBOOT_REQ",
    "REBOOT_CAUSE_PROTOCOL_RPC_TIMEOUT",
    "REBOOT_CAUSE_APPLICATION_SYSRESETREQ",
    "REBOOT_CAUSE_APPLICATION_WATCHDOG",
    "REBOOT_CAUSE_APPLICATION_AT",
    "REBOOT_CAUSE_APPLICATION_RPC_TIMEOUT",
    "REBOOT_CAUSE_PROTOCOL_IMSI_UPDATE",
    "REBOOT_CAUSE_UNKNOWN",
)
NEUL_BOOT = Boot(  # DOC-E 2 and 7; D62
    banner=("Neul", "OK"),
    reports_cause=True,
    causes=REBOOT_CAUSES,
    silent_causes=REBOOT_CAUSES[10:12],  # D50
)
NEUL_URCS = RadioUrcs(
    "+CEREG:{stat}",
    "+CEREG:{stat},{tac},{ci},{act}",
    "+CSCON:{mode}",
    time_zone=("+CTZV:{tz}", "+CTZE:{tz},0,{local}", "+CTZEU:{tz},0,{universal}"),
    power_saving="+NPSMR:{mode}",
)

MEDIATEK = Everyday(  # BC26, BC20
    source="Quectel BC26 AT Commands Manual",
    manufacturer="Quectel_Ltd",
    model="Quectel_{model}",
    revision="Revision: {firmware}",
    identity_revision="Revision: {firmware}",
    context=1,
    contexts=(1,),
    sleep_lock=True,
    wakes_by_serial=False,
)
EIGENCOMM = Everyday(  # BC260Y-CN
    source="Quectel BC260Y-CN AT Commands Manual",
    manufacturer="Quectel_Ltd",
    model="Quectel_{model}",
    revision="Revision: {firmware}",
    identity_revision="Revision: {firmware}",
    serial_number="MP823G7{tail}",
    software_version="02",
    sleep_lock=True,
    wakes_by_serial=False,
)
RDA = Everyday(  # BC25, BC32
    source="Quectel BC25 and BC32 AT Commands Manuals",
    manufacturer="Quectel_Ltd",
    model="Quectel_{model}",
    revision="Revision: {firmware}",
    identity_revision="Revision: {firmware}",
    iccid_commands=("+QCCID", "+CCID"),
    context=1,  # assumed
    contexts=(1,),
    no_usim=310,
    usim_busy=314,
)
RDY_URCS = RadioUrcs(
    "+CEREG: {stat}",
    '+CEREG: {stat},"{tac}","{ci}",{act}',
    "+CSCON: {mode}",
    time_zone=('+CTZV: "{tz}"',),
)
MEDIATEK_URCS = replace(RDY_URCS, address="+IP: {ip}")
EIGENCOMM_URCS = replace(
    MEDIATEK_URCS,
    time_zone=('+CTZV: "{tz}"', '+CTZE: "{tz}",0,"{local}"', '+CTZEU: "{tz}",0,"{universal}"'),
)
RDY_BOOT = Boot(banner=("RDY",), reports_cause=False, urcs=("+CFUN: 1",), usim_urc="+CPIN: {pin}")

KNOWN = {  # what the five documents leave open; each document's own table comes before it
    "manufacturer": "observed",
    "vendor_code": "assumed",
    "bands": "assumed",
    "sleep_default": "assumed",
    "cmee_default": "DOC-A 3 note, D62",
    "echo_default": "V.250 6.2.4, D100",
    "gates": "DOC-E 2 note, D47",
    "everyday": "observed",
    "everyday.wakes_by_serial": "observed, D109",
    "everyday.usim_busy": "D107, assumed",
    "everyday.full_without_usim": "observed, D108",
    "qi": "observed",
    "internet": "observed",
    "radio_urcs": "27.007 10.1.22, observed (spacing and quotes)",
    "radio_urcs.cscon": "27.007 10.1.30, observed (spacing and quotes)",
}
KNOWN_NEUL = KNOWN | {
    "internet.receive_buffer": "assumed",
    "internet.send_buffer": "assumed",
    "internet.survive_deep_sleep": "assumed",
    "internet.first_socket": "observed",
    "boot": "DOC-E 2, D62",
    "boot.reports_cause": "DOC-E 7, D62",
    "boot.urcs": "DOC-E 2 (none)",
    "boot.usim_urc": "DOC-E 2 (none)",
    "boot.duration": "assumed",
    "boot.usim_delay": "D107, assumed",
    "boot.causes": "DOC-E 7 table 6, D62",
    "boot.silent_causes": "DOC-E 7, D50",
}
KNOWN_RDY = KNOWN | {
    "boot": "D21, observed",
    "boot.duration": "assumed",
    "boot.usim_delay": "D107, assumed",
}
