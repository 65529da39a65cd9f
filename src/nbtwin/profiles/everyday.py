"""How the four chip families word the everyday commands (at.md 7), start and announce the network. Data only.

Observed in public logs and drivers of these modules unless a line says assumed (fidelity page).
"""

from __future__ import annotations

from nbtwin.module.profile import Boot, Everyday, RadioUrcs

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
    ping_command="+NPING",
    no_usim=310,
    no_network=30,
)
NEUL_URCS = RadioUrcs("+CEREG:{stat}", "+CEREG:{stat},{tac},{ci},{act}", "+CSCON:{mode}")
NEUL_BOOT = Boot(banner=("Neul", "OK"), reports_cause=True)  # DOC-E 2; D62

MEDIATEK = Everyday(  # BC26, BC20
    source="Quectel BC26 AT Commands Manual",
    manufacturer="Quectel_Ltd",
    model="Quectel_{model}",
    revision="Revision: {firmware}",
    identity_revision="Revision: {firmware}",
    context=1,
)
EIGENCOMM = Everyday(  # BC260Y-CN
    source="Quectel BC260Y-CN AT Commands Manual",
    manufacturer="Quectel_Ltd",
    model="Quectel_{model}",
    revision="Revision: {firmware}",
    identity_revision="Revision: {firmware}",
)
RDA = Everyday(  # BC25, BC32
    source="Quectel BC25, BC32 AT Commands Manuals",
    manufacturer="Quectel_Ltd",
    model="Quectel_{model}",
    revision="Revision: {firmware}",
    identity_revision="Revision: {firmware}",
    iccid_commands=("+QCCID", "+CCID"),
    context=1,  # assumed
    no_usim=310,
)
RDY_URCS = RadioUrcs("+CEREG: {stat}", '+CEREG: {stat},"{tac}","{ci}",{act}', "+CSCON: {mode}")
RDY_BOOT = Boot(banner=("RDY",), reports_cause=False, urcs=("+CFUN: 1", "+CPIN: READY"))
