"""Sentences that hold for every model: the line, boot, NVRAM, the radio, the wire (see `rules`). Data only."""

from __future__ import annotations

from nbtwin.at.known import Rule

RULES = {
    "The line": (
        Rule("AT or at begins a line, <CR> ends it, <LF> is ignored", "DOC-E 2.2, DOC-C 3.1.2, D62"),
        Rule("lower and upper case are the same, in names and in words", "DOC-E 2.2, D62"),
        Rule("several commands stand on a line, separated by ;, and only the first has the prefix", "DOC-E 2.2, D62"),
        Rule("a command that fails ends the line, and what was executed before it stands", "V.250 5.7, D62"),
        Rule(
            "spaces are ignored except in quotes, in a word or number, in an address, in a name and its = and ?",
            "DOC-E 2.2, D62",
        ),
        Rule("optional values are given up to the last one that is given", "DOC-E 2.2, D62"),
        Rule("AT alone answers OK", "DOC-E 2.2, D62"),
        Rule("an unknown command answers plain ERROR, under AT+CMEE=1 too", "DOC-E 2.2, D61"),
        Rule(
            "a form that its document does not print is not supported; a test form is answered letter for letter",
            "D30, D60",
        ),
        Rule(
            "an answer stands between <CR><LF>, its lines without blank ones between them, then the result",
            "DOC-E 2.3, D62",
        ),
        Rule("the space behind a colon is that of the document's example", "D1"),
        Rule("quotes are needed around keys and extended values, and may be left out around servers and IMEIs", "D37"),
        Rule(
            "characters are echoed until ATE0, and again after a restart; BC28, BC35-G and BC95 R2.0 echo from ATE1 on",
            "V.250 6.2.4, D100",
        ),
        Rule("a backspace takes back the character before it", "V.250 6.2.3"),
        Rule("a line of more than 3072 bytes answers ERROR", "assumed"),
        Rule("bytes below 0x20 count for nothing, 0x7F to 0xFF are ERROR, but not in front of AT", "V.250 5.2.2, D102"),
        Rule("UTF-8 between double quotes is for the value to take or to refuse", "D123"),
        Rule("half a line followed by 30 s of silence is forgotten", "V.250 5.2.1, assumed (the 30 s)"),
        Rule(
            "data mode prompts with >, takes exactly the bytes it was told, and completes by itself", "DOC-E 3.5, D62"
        ),
        Rule("data mode ends with an error after 30 s of silence, or on <ESC> as its first byte", "D22"),
        Rule("an MQTT client resends after its time-out, CONNECT never", "D144, assumed"),
        Rule("an MQTT connection that deep sleep has ended is gone without a URC", "D145, assumed"),
        Rule("text without a length ends with Ctrl-Z, and <ESC> cancels it anywhere", "27.005 3.5.1, D128"),
        Rule("unsolicited codes wait while a command is answered, in order", "assumed"),
        Rule("answers come at once; the documents promise 300 ms, for a few 2 s", "DOC-B 2.2, DOC-C 3.2.1, DOC-E 3.3"),
        Rule(
            "a host knows an answer from a URC of the same name by its form, else by its place before OK",
            "DOC-E 2.3, D142",
        ),
        Rule("a host waits for an answer as long as the document says, a quarter more and 0.7 s", "D143, assumed"),
        Rule("AT+CMEE is 0 at each boot", "DOC-A 3 note, D62"),
        Rule("what a module says before a host has opened its port is the first host's, once", "D176"),
        Rule("at the wrong speed both ends of a PTY or an RFC 2217 port hear garbage; TCP has no speed", "D110"),
        Rule("AT+IPR and AT+NATSPEED change the speed behind their OK", "V.250 6.2.10, D110"),
        Rule("what AT&W has kept of the line is in force after ATZ and every start", "V.250 6.1.1, D103"),
        Rule("A/ or a/ executes the last command line again, at once", "V.250 5.2.4, D103"),
        Rule("under ATV0 OK is 0<CR> and ERROR 4<CR>; a +CME ERROR and a URC keep their words", "V.250 6.2.6"),
        Rule("under ATQ1 no result code leaves, a URC neither; information does", "V.250 6.2.5"),
    ),
    "Boot": (
        Rule("BC28, BC35-G and BC95 R2.0 print Neul and OK in one text", "DOC-E 2, D62"),
        Rule(
            "before it the cause, unless it was power or the reset pin; 24 causes, 11 and 12 never printed",
            "DOC-E 7, D50, D62",
        ),
        Rule("the others print RDY, then +CFUN: 1, and the card's +CPIN when it is read", "D21, observed"),
        Rule("the card is read two seconds after the banner; before, what asks for it is SIM busy", "D107, assumed"),
        Rule("AT+CFUN=1 without a card is error 4 on BC28, BC35-G and BC95 R2.0", "observed, D108"),
        Rule("AT+NRB: REBOOTING without OK, the cause REBOOT_CAUSE_APPLICATION_AT, Neul, OK", "D21"),
        Rule("AT+QRST=1: OK, the restart, RDY", "D21"),
        Rule("AT+CFUN=<fun>,1: OK, then a restart with the cause of AT+NRB", "D101"),
        Rule(
            "a firmware update keeps NVRAM, changes the version and restarts with REBOOT_CAUSE_SECURITY_FOTA_UPGRADE",
            "DOC-C 3.2.1 note, DOC-E 3.8 example",
        ),
        Rule("one second from power to the banner; what the host sends meanwhile is lost", "assumed"),
        Rule("the default firmware shows what the documents describe", "D40, D51"),
    ),
    "NVRAM": (
        Rule("what was answered OK survives a power cut", "DOC-B 2.2, assumed (at any instant)"),
        Rule(
            "settings that need a reboot are copied into use at each boot",
            "DOC-A 2.1, DOC-B 2.2, DOC-C 3.2.2, DOC-D 3.2.1",
        ),
        Rule("deep sleep changes nothing", "DOC-B 2.2, DOC-C 3.2.2, assumed (DOC-A, DOC-D, DOC-E)"),
        Rule("snapshot, difference, restore and factory reset are the lab's own; they keep the firmware", "assumed"),
    ),
    "Radio and sleep": (
        Rule(
            "attaches by itself a few seconds after boot, in the lab's one cell, with any card that asks for no PIN",
            "assumed",
        ),
        Rule(
            "+CEREG, +CSCON, +CGATT, +CSQ follow the radio",
            "27.007 10.1.22, 27.007 10.1.30, 27.007 10.1.9, 27.007 8.5",
        ),
        Rule("the network is the operator's: 46000, 46011, 46001, else the card's own", "observed, D111"),
        Rule("the bearer is context 1 where a host has defined it and the family has it", "observed, D104"),
        Rule("an APN that the host has not set is the network's, while attached", "observed, D105"),
        Rule("AT+QREGSWT=1 is kept and sends nothing: there is no server", "D106"),
        Rule("+NPSMR is 1 while the module sleeps; +CTZR tells the zone at the attach", "observed, D112"),
        Rule(
            "deep sleep after the active time once nothing is under way; the host's bytes or the wake-up pin end it",
            "observed",
        ),
        Rule("the first byte of the host wakes a module that listens, and none is lost", "D126, assumed"),
        Rule("BC26, BC20 and BC260Y-CN do not listen in deep sleep: the wake-up pin alone ends it", "observed, D109"),
        Rule("RI of an RFC 2217 port is active for 120 ms at what the module says by itself", "assumed, D185"),
        Rule("asleep the radio is off: coverage that goes or comes is noticed at the wake", "assumed"),
        Rule("out of coverage a module searches, and does not fall into deep sleep", "assumed"),
        Rule("times: connection release, active time, periodic update", "assumed, 27.007 7.38"),
    ),
    "Sockets": (
        Rule(
            "sockets reach what is routed, the lab's platforms and its own peers; nothing else leaves the machine",
            "D95",
        ),
        Rule(
            "every lab has an echo and a sink on any port of UDP and TCP: 192.0.2.20 and 192.0.2.21",
            "D95",
        ),
        Rule(
            "what a fault loses of a stream comes again after 3 s, 6 s … 60 s, nine times; four to connect",
            "D95, assumed",
        ),
        Rule("every fault of the network strikes streams and pings too, as TCP's receiver takes it", "D208"),
        Rule(
            "BC25 and BC32 listen (TCP LISTENER); the others do not, and none has UDP SERVICE or a transparent mode",
            "D209, observed",
        ),
        Rule(
            "who connects gets the highest free number and +QIURC: incoming, without one it is ended: incoming full",
            "D209, observed",
        ),
        Rule("AT+QISTATE shows 3 for a listener, and TCP INCOMING for who has connected", "D209, assumed"),
        Rule("programs reach a live lab's listener on loopback; caller.lab.test connects when it is asked", "D209"),
        Rule(
            "a name that the lab does not know is asked of the module's name servers where the user has routed them",
            "D210",
        ),
        Rule("a NAT that forgets resets a stream when the module next sends, and tells nobody before", "D95"),
        Rule("in a live lab the far end of a stream is the kernel's TCP", "D95"),
        Rule("a peer that writes on to a closed stream is reset after 64 KiB, or after ten minutes", "D95, assumed"),
        Rule(
            "out of coverage sockets stay; AT+CFUN=0, AT+CGATT=0, another card and a restart close them, with +NSOCLI",
            "D96, assumed",
        ),
        Rule(
            "sockets of BC28, BC35-G and BC95 R2.0 are there after deep sleep; what came to UDP in it is lost",
            "D96, assumed",
        ),
        Rule("what is under way of a socket, a ping or a look-up keeps the module from deep sleep", "D96, assumed"),
        Rule("a datagram that finds the buffer full is dropped without a URC; a stream's sender waits", "D97, assumed"),
        Rule(
            "flag 0x200 lets the network end the connection behind the data, 0x400 behind the answer",
            "D98, assumed",
        ),
        Rule("flag 0x100 sends an exception message; flags are not combined", "D98, observed"),
        Rule("a host is told nothing of a UDP port at which nobody listens", "D211, observed"),
        Rule(
            "sockets have numbers 1 to 7, the lowest free one first; another number is error 530, on DOC-A's models 50",
            "D99, observed, assumed",
        ),
        Rule(
            "AT+NSOCO answers OK once it is connected, else error 516, on DOC-A's models 3",
            "D99, observed, assumed",
        ),
        Rule(
            "+NSONMI in mode 1 comes once, and again when the host has read all; modes 2 and 3 bring the data",
            "D99, observed, assumed",
        ),
        Rule(
            "+NSOSTR comes half a second after a datagram has left, or when the peer has the bytes of a stream",
            "D99, observed, assumed",
        ),
        Rule("a ping's radio takes 0.42 s, and what is not reached by the lab does not answer", "D95, assumed"),
    ),
    "Telecom and Unicom on the wire": (
        Rule("CoAP POST, Content-Format 50, base64 of one compact JSON object", "observed"),
        Rule(
            "Telecom: Uri-Host zzhc.vnet.cn, Uri-Path nb, REGVER 2; Unicom: 114.255.193.236, no path, REGVER 1",
            "observed",
        ),
        Rule("members REGVER, MEID, MODEL or MODELSMS, SWVER, SIM1ICCID, SIM1LTEIMSI, in this order", "observed"),
        Rule(
            "MODEL is the vendor's code (QUE; vendor= of a module), a hyphen and the model, at most 20 characters",
            "observed, assumed (the code)",
        ),
        Rule("only resultCode 0 or 00 with resultDesc Success in a 2.xx is a success", "observed, D114"),
        Rule(
            "an address in NVRAM (telecom_address) takes the place of Telecom's name where that is unknown", "assumed"
        ),
    ),
    "CMDMP on the wire": (
        Rule("LwM2M 1.0 over CoAP over UDP, no DTLS, port 5683", "observed, DOC-C 3.2.2 (the port)"),
        Rule("endpoint name <T>@#@<B64>@#@<appkey>@#@<IMEI>@#@v2.0", "observed"),
        Rule("AES-256-CBC, key SHA-256 of the password, IV of zeros, PKCS#7, base64", "observed"),
        Rule('query lwm2m, ep, b, lt in this order; body </>;rt="oma.lwm2m",</1/0>,</3/0>,</666/0>', "observed"),
        Rule(
            "lt is the update period and half of it, at most an hour more",
            "observed (a margin), D113, assumed (its size)",
        ),
        Rule("a period runs from the first packet of the request that succeeded", "D113"),
        Rule("update with the query epi=…, its text ending in ****", "observed"),
        Rule("/666/0: 6601-6614, each encrypted, TLV in ascending order; what was never set is NULL", "observed"),
        Rule("/3/0: manufacturer, model, binding, reboot", "LwM2M 1.0"),
        Rule("the name m.fxlttsbl.com as printed; the lab also resolves m.fxltsbl.com", "D19, observed (the other)"),
    ),
    "The state directory": (
        Rule(
            "what a lab is made of comes back; a module that cannot is told, left out, and kept for another time",
            "D170",
        ),
        Rule("a SPEC of the command line or of nbtwin.toml meets the module of its name that was here", "D171"),
        Rule("--fresh deletes what the directory has of a lab, and nothing else that is in it", "D172"),
        Rule("an imported lab has the serial addresses of its archive, unless told otherwise", "D173"),
        Rule("what a newer version has written is refused whole, and nothing of it is changed", "D175"),
        Rule("times are shown in one zone, the lab's, by console, terminal and API: UTC unless it is told", "D196"),
        Rule("an option wins over the environment, that over nbtwin.toml, and that over the default", "D174"),
    ),
    "A capture, judged": (
        Rule("its first packet is where the schedule begins, unless the boots are told", "D191"),
        Rule("a packet is in time within half a second and a thousandth of the wait", "D192"),
        Rule("a message has the form of its document, byte for byte; what a platform puts up with is found", "D193"),
    ),
    "The checker": (
        Rule("an answer is late beyond the document's time and the line's own, a packet beyond half a second", "D186"),
        Rule("who disagrees with a decision says otherwise; the fidelity page gets a line", "D187"),
        Rule("reads come first; what cannot be undone is asked for; servers are nobody's", "D188"),
        Rule("settings are put back as they were read, and what is not is listed", "D189"),
        Rule("silence, noise, a lost port and another host are inconclusive", "D190"),
        Rule("of an AT line in a source, what only the running program knows may be any value", "D184"),
    ),
    "An operator's acceptance test": (
        Rule("its numbers are printed in the tables of clauses, and not those of the model under test", "D194"),
        Rule(
            "a clause is shown when all conditions hold, counted from the first packet, with a strict platform", "D195"
        ),
    ),
    "The operators' platforms": (
        Rule("CMDMP reads /666/0 after each registration", "observed"),
        Rule("advance waits for answers from outside the lab as long as asked, and says what it cut short", "D133"),
        Rule("a terminal, trace or capture that stands still holds up nobody; what is left out is said", "D224"),
        Rule("a fault for a name that nobody has is refused", "D134"),
        Rule("a fault puts lines between lines, never into one unless asked to; the same seed, the same bytes", "D183"),
        Rule(
            "a fault of control lines: what one end does the other does not see; DCD is off as long as it lasts", "D213"
        ),
        Rule("an object's definition is that of the version that the device registers", "LwM2M 1.0, D151"),
        Rule("a value of another type or out of its range is not sent; what only the device may refuse is", "D152"),
        Rule("a definition that a user brings: the schema's words to the letter, prose limits nothing", "D153"),
        Rule("Unicom: the same report again is an update; without one for 30 days and 3 hours it has expired", "D139"),
        Rule("what deviates is taken with remarks; a strict platform refuses it", "D138"),
        Rule("CMDMP accepts names of 3, 5 and more parts and both update texts", "observed"),
        Rule(
            "CMDMP compares the identity in the ciphertext: another one moves no device, a new one is flagged", "D135"
        ),
        Rule("CMDMP answers a wrong ciphertext 4.01 and an unknown appkey 4.03", "assumed"),
        Rule("4.04 to an update leads to a fresh registration", "LwM2M 1.0"),
        Rule("what was acknowledged is stored, and survives a kill of the process", "D177"),
        Rule("who reads through the lab finds what was acknowledged, or is refused", "D178"),
        Rule("a half-written end of the journal is cut and told; damage before it is refused", "D179"),
        Rule("a journal beside a database that it is not of is kept aside and told", "D180"),
        Rule("what folds a journal may die at any instant: nothing is lost, and nothing is there twice", "D182"),
        Rule("datagrams that come often and alone are read together, once a millisecond", "D216"),
        Rule("of several processes each puts a byte of its own into locations, tokens and Connection IDs", "D205"),
        Rule("of several processes the one with a device's newest registration has the device", "D206"),
        Rule("a process that dies is replaced, and what it had acknowledged is folded before", "D207"),
        Rule("of several nodes the one to which a device spoke last has the device", "D217"),
        Rule("a node is dead 10 s after its last sign of life; 20 s later others take what is left", "D218"),
        Rule("without the broker nodes go on; a device of another node cannot be asked", "D219"),
        Rule("a node that has never reached the broker is not ready, and serves its devices", "D201"),
        Rule("a node whose workers cannot commit is not ready, and says why and how much waits", "D202"),
        Rule("what a request changes at one node the others are told at once", "D203"),
        Rule("what a node remembers of a device that has spoken to another one meanwhile counts for nothing", "D204"),
        Rule("of several processes each updates the devices that it has; whose turn it is one lab says", "D220"),
        Rule("of several nodes one drives campaigns, and another one when that has ended", "D221"),
        Rule("a fleet that is ended before its plan has is no success, and its report says who ended it", "D198"),
        Rule("who runs a part of a fleet and says nothing for 15 s is given up, and its part run again", "D199"),
        Rule("a plan's AT lines name each module's IMEI, IMSI, name, identity, key and number", "D200"),
        Rule("a fleet's devices register where, and as, their bootstrap server says, if that is the user's", "D212"),
        Rule("a platform says nothing while the store cannot commit; what waits is bounded, then 5.03", "D75"),
        Rule("a change stands in the audit log before it is done; what cannot be written there is not done", "D117"),
        Rule("an NVRAM snapshot is on the disk before it is answered for", "D118"),
        Rule("a database server that does not answer is given up after 15 s, as a commit that fails", "D119"),
        Rule("an archive or a backup that unpacks to more than 100 times its length is refused", "D120"),
        Rule("Telecom and Unicom accept other member orders, extra members, no path and no format", "assumed"),
    ),
}
