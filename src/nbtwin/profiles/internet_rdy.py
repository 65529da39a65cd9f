"""How the three RDY families word sockets, names, pings and the time. Data only; the five documents have none of it.

Observed, where a line does not say assumed. MediaTek's: public notes on the "BC26 TCP/IP AT Commands Manual V1.1",
RT-Thread's at_device (Apache-2.0, class bc26), the vendor's OpenCPU RIL as published with projects, drivers of BC20.
EigenComm's and RDA's: a public SDK of another chip that answers as BC260Y and BC25 do (at_socket, at_tcpip_cmd,
at_ping); EigenComm's also drivers of BC660K-GL.
"""

from __future__ import annotations

from nbtwin.module.internet.dialect import InternetDialect
from nbtwin.module.internet.qi_dialect import QiDialect

_TEST_OPEN = (
    '+QIOPEN: (1-3),(0-{last}),"{services}","<IP_address>/<domain_name>",<remote_port>[,<local_port>[,(0-1)[,(0-1)]]]'
)
QI_MEDIATEK = QiDialect(
    source="Quectel BC26 TCP/IP AT Commands Manual",
    contexts=(1, 3),
    access_modes=(0, 1),
    default_access_mode=0,
    longest_hex=512,  # assumed: so much fits on a line
    longest_read=512,
    first_remote_port=1,
    services=("TCP", "UDP"),
    test_open=_TEST_OPEN.format(last=4, services="TCP/UDP"),
    test_send="+QISEND: (0-4),(0-1024),<data>",
    test_state=("+QISTATE: (0,1),(0-4)",),
    test_dns="+QIDNSGIP: (1-3),<hostname>",
    test_time='+QNTP: (1-3),"<server>"[,<port>[,(0-1)]]',
    options=("viewmode", "showlength"),
    keeps_options=False,  # assumed
    asks_protocol=True,
    sends_hex=True,
    taken_told_later=True,
    stays_until_closed=True,
    tells_error="+QIGETERROR: {code},{text}",
)
QI_EIGENCOMM = QiDialect(
    source="Quectel BC260Y-CN TCP/IP Application Manual",
    contexts=(0, 0),
    access_modes=(1,),
    default_access_mode=1,
    longest_hex=512,
    longest_read=0,
    first_remote_port=1,
    services=("TCP", "UDP"),
    test_open='+QIOPEN: (0-10),(0-4),"TCP/UDP",<host>,(1-65535),(0-65535),(0,1)',
    test_send="+QISEND: (0-4),(0-1024),<data>,(0-2)",
    test_state=("+QISTATE: 0,(0-10)", "+QISTATE: 1,(0-4)"),
    test_dns="+QIDNSGIP: (0-11),<hostname>",
    test_time="+QNTP: (0-11),<server>,<port>,(0,1)",
    options=(),
    keeps_options=True,
    releases_early=True,
    quotes_data=True,
    name_found=("+QIDNSGIP: 0,{count},{ttl}", "+QIDNSGIP: {host}"),
    name_unknown="+QIDNSGIP: 565",
    time_zone="",
    sets_time=False,
)
QI_RDA = QiDialect(
    source="Quectel BC25 and BC32 TCP/IP AT Commands Manuals",
    contexts=(1, 3),
    access_modes=(0, 1),
    default_access_mode=0,
    longest_hex=1440,
    longest_read=1024,
    first_remote_port=1,
    services=("TCP", "UDP", "TCP LISTENER"),
    test_open=_TEST_OPEN.format(last=5, services="TCP/UDP/TCP LISTENER"),
    test_send='+QISEND: (0-5),(0-1440),"<data>",(0-2)',
    test_state=(),
    test_dns="+QIDNSGIP: (1-3),<hostname>",
    test_time='+QNTP: (1-3),"<server>"[,<port>[,(0-1)]]',
    options=("viewmode", "showlength", "open_time"),
    keeps_options=True,
    asks_protocol=True,
    sends_hex=True,
    releases_early=True,
    push_shows_length=False,
    nothing_sent_is_error=True,
    tells_error="+QIGETERROR:{code},{text}",
    time_missing="2",
)
MEDIATEK_INTERNET = InternetDialect(
    sockets=5,
    longest_data=1024,
    receive_buffer=4096,  # assumed
    survive_deep_sleep=False,  # assumed
)
EIGENCOMM_INTERNET = InternetDialect(sockets=5, longest_data=1024, receive_buffer=2048)
RDA_INTERNET = InternetDialect(
    sockets=6,
    longest_data=1440,
    receive_buffer=4096,  # assumed
)
KNOWN_QI = {
    "internet": "observed",
    "internet.receive_buffer": "observed, assumed",
    "internet.send_buffer": "assumed",
    "internet.survive_deep_sleep": "observed, assumed",
    "qi": "observed",
    "qi.test_open": "observed, assumed",
    "qi.longest_hex": "observed, assumed",
    "qi.keeps_options": "observed, assumed",
    "qi.all_lost": "observed, assumed",
}
"""Assumed where the public sources of one of the families say nothing: see the data above."""
