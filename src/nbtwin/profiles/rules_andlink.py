"""DOC-E's sentences, and those of the Andlink protocol behind them (see `rules`). Data only."""

from __future__ import annotations

from nbtwin.at.known import Rule

_KEY = "the key is 16 bytes as 32 hex digits; the read shows *** and answers with the older command's name"

RULES = {
    "AT+QLASERVERIP": (
        Rule("works at once and is kept over reboot", "DOC-E 6.1, D5"),
        Rule("entries stand in the order they came, the same triple once; no port is 5683", "DOC-E 3.1, D49"),
        Rule("DEL with a port removes what matches both, without one every entry of that address", "DOC-E 3.1"),
        Rule("DEL removes entries of either type; none that matches is error 50", "D49"),
        Rule("an empty list reads as its header alone", "D49"),
        Rule("room for 8 entries, the ninth is error 23", "assumed"),
    ),
    "AT+QLASECSWT": (
        Rule("works at once and is kept over reboot", "DOC-E 3.3, DOC-E 3.9, D5, observed"),
        Rule("0,0 until it is written", "D42"),
        Rule(
            "NAT type 0 negotiates anew after 30 s of silence; taken and without effect while encryption is off",
            "DOC-E 3.2, D43",
        ),
    ),
    "AT+QLASETPSK": (
        Rule("kept, in use with the next boot", "DOC-E 3.3"),
        Rule("the identity is the IMEI, or 0 to say so; any other is error 50", "DOC-E 3.3, D30"),
        Rule(_KEY, "DOC-E 3.3 example, D8, D16"),
        Rule("a read after 0 was written shows the IMEI", "D124, observed"),
        Rule("a read before the first write is error 512", "DOC-E 5 table 5, assumed (when)"),
    ),
    "AT+QLASREGIND": (
        Rule("OK says that it was asked for; +QLAEVTIND tells the result", "DOC-E 3.8 example"),
        Rule(
            "errors: 524 with AT+CFUN=0, 512 without a server, 30 while not attached, 513 with nothing to end",
            "DOC-E 5 table 5, assumed (when)",
        ),
    ),
    "AT+QLASENDDATA": (
        Rule("not registered: error 513, instead of the prompt", "D23, D61"),
        Rule("one CON uplink at a time: the second is error 159", "D24"),
        Rule("data on the line is all that is left of it and has exactly <length> bytes", "D25"),
        Rule("in data mode <length> alone decides; what follows is read as commands", "DOC-E 3.5, D26"),
        Rule("length 0 is error 50", "D61"),
        Rule("a host whose TCP connection ends takes its data mode and its half line with it", "D140"),
        Rule("a NON uplink counts as sent when no error came", "DOC-E 3.5"),
        Rule(
            "release assistance: the network may end the connection at once, or after the reply",
            "DOC-E 3.5, assumed (how soon)",
        ),
        Rule("AT+QLASENDATA is the same command", "DOC-E 6.1, D44"),
    ),
    "AT+QLASENDRSP": (
        Rule("only for a request that waits: any other is error 516", "DOC-E 5 table 5, assumed (when)"),
        Rule("the 10 s run from the first byte of the URC", "DOC-E 4.1, DOC-E 4.2"),
        Rule("a token has an even number of digits, up to 16", "D45"),
        Rule("results 1, 2, 11, 12, 13, 14 are 2.05, 2.04, 4.00, 4.01, 4.04, 4.05", "DOC-E 3.6"),
    ),
    "AT+QLADASTATUS": (
        Rule(
            "AT+QLADATASTATUS and AT+QLAULDATASTATUS are the same command, each answers with its own name",
            "DOC-E 3.7, D6",
        ),
        Rule("0 until a CON uplink was sent", "DOC-E 3.7"),
    ),
    "AT+QLAFOTAIND": (
        Rule("0 until it is written; in use at once, not kept", "DOC-E 2.3, D5, D42"),
        Rule("2 to 5 have their turn; out of turn is error 516", "D46"),
    ),
    "AT+QLAREGSWT": (
        Rule("1 until it is written; kept, in use with the next boot", "DOC-E 3.9, D42"),
        Rule("0: REGISTERNOTIFY once attached; 1: registers by itself", "DOC-E 3.9"),
    ),
    "AT+QLASTATUS": (
        Rule("fourteen states, spelled as printed", "DOC-E 3.10, D7"),
        Rule("MO_DATA_ENABLED from event 3 on; data may be sent in REGISTERED as well", "D59"),
        Rule("INIITIALISED from event 4 until the registration leaves; passed through without a bootstrap", "assumed"),
        Rule("MISSING_CONFIG once attached, while no server is set or a key is missing", "DOC-E 3.10, D71"),
    ),
    "AT+QLARESETDTLS": (Rule("a handshake under way goes on; else the next data begins with a new one", "DOC-E 3.11"),),
    "AT+QLADTLSSTAT": (
        Rule("1 before any negotiation", "DOC-E 3.12, D41"),
        Rule("+QLADTLSSTAT:0 or 3 is said by itself when a negotiation ends, each one", "DOC-E 3.12, D70"),
    ),
    'AT+QCFG="LWM2M/DeviceType"': (
        Rule("works at once and is kept over reboot", "DOC-E 6.2, D5"),
        Rule('answers +QCFG: "LWM2M/DeviceType", neither Lifetime nor +CQFG', "DOC-E 3.13, D9"),
        Rule("nothing stands behind the comma until it is written", "assumed"),
    ),
    "AT+QLAFOTARESET": (
        Rule("under development in DOC-E", "DOC-E 3.14"),
        Rule("stops an update so that data may be sent; error 529 where it cannot be stopped", "DOC-E 3.14, D47"),
        Rule("between the result and OVER it stops nothing: data may be sent, and OVER follows", "D149"),
        Rule("OK while no update runs", "D48"),
    ),
    "AT+QLASETBSPSK": (
        Rule("under development in DOC-E", "DOC-E 3.15"),
        Rule("kept, in use with the next boot", "DOC-E 3.15"),
        Rule(_KEY, "DOC-E 3.15 example, D8, D16"),
        Rule("AT+QSETBSPSK is the same command", "DOC-E 3.15, D44"),
    ),
    "AT+QLABSSECSWT": (
        Rule("under development in DOC-E", "DOC-E 3.16"),
        Rule("kept, in use with the next boot; 0,0 until it is written", "DOC-E 3.16"),
        Rule("the 30 s run from the last record of the Bootstrap server", "DOC-E 3.16"),
        Rule("AT+QBSSECSWT is the same command", "DOC-E 3.16, D44"),
    ),
    "Unsolicited result codes": (
        Rule(
            "+QLAWRITE: message ID, token in quotes, the payload as it came, the query if there is one",
            "DOC-E 4.1, D1, D27",
        ),
        Rule("+QLAREAD: message ID, token in quotes, the query in quotes if there is one", "DOC-E 4.2, D1"),
        Rule("+QLAEVTIND:0, 1, 2, 4, 5, 6, 7 as listed", "DOC-E 4.3"),
        Rule("+QLAEVTIND:3 when the platform observes the data object", "DOC-E 3.8 example, D17"),
        Rule("+QLADATASTATUS:, whatever the command's names", "DOC-E 4.4, D6"),
        Rule("no space in +QLAEVTIND:, +QLADATASTATUS:, +QLADTLSSTAT:", "DOC-E 4.3, DOC-E 4.4, D1"),
    ),
    "Firmware update": (
        Rule("the seven texts of table 1, in the order of the walk-through", "DOC-E 2 table 1, DOC-E 3.8, D46"),
        Rule(
            "until OVER only what shows or sets the serial line, QLAFOTAIND and QLAFOTARESET are answered, all else is "
            "error 529",
            "DOC-E 2 note, D47, D127",
        ),
        Rule("after an update the module registers by itself, in manual mode too", "D47, assumed (that it does)"),
        Rule(
            "OVER comes with event 3, or 93 s after a registration without one, or when registering is given up",
            "D46, assumed (how soon)",
        ),
        Rule("package by URI (Block2) or pushed (Block1), states 0-3, results 0-9", "LwM2M 1.0, assumed (which)"),
        Rule(
            "a package is a file with a checksum: a wrong one is result 5, an unsupported type 6, a bad URI 7",
            "LwM2M 1.0, assumed (the format)",
        ),
        Rule("images are made up: the same bytes for the same model and version, most of them in all versions", "D69"),
    ),
    "Registration with the Andlink platform": (
        Rule("registering never blocks another command", "DOC-E 3.12"),
        Rule(
            "with a BS server: bootstrap first, then +QLAEVTIND:4; without one: none", "DOC-E 6.1, assumed (the rest)"
        ),
        Rule("the endpoint's name is the IMEI", "assumed"),
        Rule(
            "register with lwm2m=1.0, ep, b=U, lt and the objects 1, 3, 5, 19/0, 19/1", "LwM2M 1.0, assumed (the list)"
        ),
        Rule("device type is resource /3/0/17", "DOC-E 3.13"),
        Rule("uplink: a notification on /19/1/0 when that is observed, else POST /dp", "assumed"),
        Rule(
            "downlink: reads and writes of /19/x/x; an empty ACK at once, 5.03 after 10 s of silence",
            "DOC-E 4.1, assumed (the paths)",
        ),
        Rule(
            "DTLS 1.2 with PSK, identity the IMEI; CCM_8 first, CBC_SHA256 accepted",
            "DOC-E 3.2, RFC 7252 9.1.3.1, assumed (the order)",
        ),
        Rule(
            "a registration that fails is tried again a few times, then waits for the host or the next boot", "assumed"
        ),
        Rule("updates and notifications that are due wake the module", "assumed"),
        Rule("what the platform asks before its 2.01 has arrived waits for it", "assumed"),
        Rule("the platform bootstraps behind DTLS at 5684; everything else behind DTLS is at 5685", "DOC-E 6.2, D65"),
        Rule("4.01 for a device that has a key here and comes without DTLS, 4.03 for a foreign name", "D66"),
        Rule("a bootstrap key demands DTLS at both servers, a server key at the LwM2M server", "D66, D136"),
        Rule("a DTLS peer with a Connection ID is followed to another address after its second record there", "D137"),
        Rule("a PSK identity that nobody has looks from outside like one with another key", "RFC 4279 2, D150"),
        Rule(
            "of the PSK suites with CCM_8, CCM, GCM and CBC that a DTLS client offers the platform takes the first in "
            "its own order, CCM_8 before all others",
            "RFC 7252 9.1.3.1, D166",
        ),
        Rule(
            "a DTLS client that has only certificates, raw public keys, a PSK beside another key exchange or another "
            "version is refused with handshake_failure or protocol_version, and the reason names what it offered",
            "RFC 5246 7.2.2, D167",
        ),
        Rule("an answer or a notification that cannot be read is no value: its reason and its bytes are told", "D131"),
        Rule("an endpoint name with a slash, or of dots alone, is 4.00", "D132"),
        Rule(
            "behind DTLS messages, exchanges and answers belong to the session; registration and observations to the "
            "identity, which brings them into a new session by registering, updating or a notification",
            "RFC 7252 9.1, D146",
        ),
        Rule(
            "a package is served without DTLS where a device is registered; elsewhere to whoever sends the Echo value "
            "of a 4.01 back from the same address within two minutes, which the module's own GET does",
            "RFC 9175 2.4, D141",
        ),
        Rule("an operation ends with its DTLS session; one that is asked while there is none ends at once", "D147"),
        Rule(
            "what nobody answers ends the module's DTLS session; what it sends next begins another",
            "D168",
        ),
        Rule(
            "a platform that was started anew asks for what it had not observed or read yet, and for its observations "
            "with the device's next Update or in its next session",
            "RFC 7641 4.5, D169",
        ),
        Rule(
            "what it asks for by itself then, it asks of 200 devices a second, and of no more than 1,000 at a time; "
            "a device that is heard before is asked at once",
            "D181",
        ),
        Rule(
            "a device that fetches over HTTP alone is given its package at the lab's HTTP listener, under a path with "
            "its campaign's key; HTTPS is not offered",
            "D163",
        ),
        Rule(
            "who may not change devices sees the key of a campaign in no answer: in words, fields, bytes of datagrams "
            "and their layout it is as many asterisks; operators see it, and a story has it nowhere",
            "D197",
        ),
        Rule(
            "a package is any file; nbtwin's own container is recognized, any other is what its uploader says it is, "
            "and a campaign's verdict is the Result with the version that the device then says",
            "D164",
        ),
        Rule(
            "a device that does not answer in a campaign is waited for until its registration would end, and asked "
            "with its next Update or registration",
            "D165",
        ),
        Rule("a resumed handshake from the same address carries its session on", "D148"),
        Rule(
            "the platform speaks LwM2M 1.0, 1.1 and 1.2, each registration its own; another version is 4.12, a binding "
            "of another version 4.00, and what the version does not have is not asked",
            "LwM2M 1.0, LwM2M 1.1, LwM2M 1.2, D157",
        ),
        Rule(
            "attributes are checked before they are sent: version, level, data type, lt + 2 st < gt; to the module "
            "those of LwM2M 1.1 and 1.2 are unknown",
            "LwM2M 1.0 5.1.2, LwM2M 1.2 5.1.2, D158",
        ),
        Rule("a cancellation under an unknown token ends what its peer observes at the path", "RFC 7641 3.6, D159"),
        Rule(
            "several paths are read, written and observed with one request: FETCH and iPATCH of no path, the paths in "
            "SenML or LwM2M CBOR; what the device does not have is left out",
            "LwM2M 1.1 6.3.8, RFC 8132 2, D154",
        ),
        Rule(
            "/dp is the module's own way of a registration of LwM2M 1.0; of a later one Send, where the Content-Format "
            "has paths; all of it is taken, or nothing",
            "LwM2M 1.1 6.4.6, D155",
        ),
        Rule("values with times are a series: each is a line of history, the newest is what is known", "D156"),
        Rule("a command for a device in Queue Mode is kept until its deadline, two days or two lifetimes", "D160"),
        Rule(
            "what was sent and not answered when the platform died is asked again, but POST: its outcome is unknown",
            "RFC 7252 5.1, D161",
        ),
        Rule("commands for a device in Queue Mode outlive its registration", "D162"),
        Rule("register, update, de-register, bootstrap and /dp ask one policy: the identity that registered", "D125"),
        Rule("no key leaves in a bootstrap without DTLS: the account names coaps://, the host has set the key", "D67"),
        Rule("a registration outlives its lifetime by 128 s", "D68"),
    ),
    "Errors": (
        Rule("AT+CMEE=0: ERROR; AT+CMEE=1: +CME ERROR: and the code", "DOC-E 5 note"),
        Rule("a value out of range is 50, a form that does not exist 4", "DOC-E 5, D30"),
        Rule("the texts refer to chapter 4 for the codes; they stand in 5", "DOC-E 5"),
    ),
}
