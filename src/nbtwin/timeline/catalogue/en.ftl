# What happens in nbtwin, in English. Ids are codes; the other language has the same ids (a test compares).

## CoAP (RFC 7252, 7641, 7959)

request-received = request of { PEER($peer) }
response-received = response of { PEER($peer) } to { $token }
request-acknowledged = request { $token } acknowledged by { PEER($peer) }; the response will be separate
request-unanswered = request { $token } unanswered by { PEER($peer) }
request-reset = request { $token } reset by { PEER($peer) }
request-aborted = request { $token } to { PEER($peer) } given up: { WORD($refusal) }
retransmitted = retransmitted to { PEER($peer) }, sending { $sending }
notification-acknowledged = notification { $message_id } acknowledged by { PEER($peer) }
notification-reset = notification { $message_id } reset by { PEER($peer) }: the observation has ended
notification-unanswered = notification { $message_id } never acknowledged by { PEER($peer) }: the observation has ended
notification-aborted = notification { $message_id } to { PEER($peer) } given up: { WORD($refusal) }
response-delivered = separate response { $message_id } acknowledged by { PEER($peer) }
response-undelivered = separate response { $message_id } did not reach { PEER($peer) }: { WORD($refusal) }
ping-answered = { PEER($peer) } answered the ping
ping-unanswered = { PEER($peer) } did not answer the ping
ping-aborted = ping of { PEER($peer) } given up: { WORD($refusal) }
block-received = { $received } { $total ->
    [none] bytes
   *[other] of { $total } bytes
} of a body came from { PEER($peer) }
message-dropped = message of { PEER($peer) } dropped: { WORD($refusal) }
coap-reset = answered with a Reset
coap-unanswered = never acknowledged
coap-queue-full = the queue of the peer is full
coap-peer-forgotten = all exchanges with the peer were ended here
coap-observation-ended = the observation has ended
coap-header-cut = shorter than a header
coap-version-unknown = version { $number }
coap-empty-with-content = an Empty message with a token or more than 4 bytes
coap-token-length-reserved = token length { $number }
coap-token-cut = the token is cut off
coap-option-cut = an option is cut off
coap-option-nibble-reserved = an option with the reserved nibble 15
coap-payload-missing = a payload marker without a payload
coap-duplicate = duplicate of message { $number }
coap-ping-received = a ping, which is answered with a Reset
coap-empty-non-confirmable = an Empty message that is not Confirmable
coap-acknowledgement-unexpected = an acknowledgement of nothing
coap-reset-unexpected = a Reset of nothing
coap-reset-with-content = a Reset that is not Empty
coap-response-unexpected = a response to no request of ours
coap-request-in-acknowledgement = method { $subject } in an acknowledgement
coap-code-reserved = reserved code { $subject }
coap-method-unknown = unknown method { $subject }
coap-critical-option = critical option { $number }{ $number ->
    [9] { "" } (OSCORE)
   *[other] { "" }
}
coap-notification-outdated = notification { $number } is older than { $expected }
coap-block-option-too-long = a block option of { $number } { $number ->
    [1] byte
   *[other] bytes
}
coap-block-size-reserved = block size exponent 7 is reserved
coap-block-out-of-order = a block that does not follow after { $expected } { $expected ->
    [1] byte
   *[other] bytes
}
coap-block-length = { $number } { $number ->
    [1] byte
   *[other] bytes
} in a block of { $expected }
coap-block-not-sent = block { $number } was not asked about
coap-body-taken-early = { $number } of { $expected } bytes were taken for the whole
coap-continue-after-last = told to continue after the last block
coap-body-needs-larger-blocks = { $number } bytes do not fit into blocks of { $expected }
coap-body-too-long = a body of more than { $expected } { $expected ->
    [1] byte
   *[other] bytes
}
coap-body-changed = the resource changed during the transfer
coap-notification-incomplete = the other blocks of a notification did not come
coap-link-missing = no link at character { $position }
coap-link-next-missing = neither an attribute nor a next link at character { $position }
coap-link-no-utf8 = links that are not UTF-8

## MQTT (3.1.1)

mqtt-connected = MQTT: connected to the broker{ $session_present ->
    [true] , which has kept the session
   *[false] { "" }
}
mqtt-connection-refused = MQTT: the broker refuses the connection, code { $number }
mqtt-packet-resent = MQTT: { $packet } { $number } resent, time { $count }
mqtt-packet-unanswered = MQTT: { $packet }{ $number ->
    [0] { "" }
   *[other] { " " }{ $number }
} unanswered{ $count ->
    [0] { "" }
   *[other] , resendings: { $count }
}
mqtt-subscribed = MQTT: SUBSCRIBE { $number } answered: { LIST($granted) }
mqtt-unsubscribed = MQTT: UNSUBSCRIBE { $number } answered
mqtt-published = MQTT: message { $number } published with QoS { $qos }
mqtt-message-received = MQTT: { $length } { $length ->
    [1] byte
   *[other] bytes
} received under { $topic } with QoS { $qos }
mqtt-message-skipped = MQTT: a packet was too long and was skipped, length { $length }
mqtt-stream-useless = MQTT: the connection is given up: { WORD($refusal) }
mqtt-stream-closed = MQTT: the connection is gone
mqtt-told = MQTT client { $client }: { $line }
mqtt-type-reserved = packet type { $number } is reserved
mqtt-flags-invalid = flags { $number } that the packet may not have
mqtt-length-malformed = a malformed remaining length
mqtt-packet-cut = the packet ends inside a field
mqtt-packet-trailing = more after the last field, length { $number }
mqtt-text-invalid = a string that is not valid UTF-8
mqtt-topic-invalid = an invalid topic
mqtt-identifier-zero = packet identifier 0
mqtt-protocol-unknown = unknown protocol, level { $number }
mqtt-code-unknown = unknown code { $number }
mqtt-packet-unexpected = unexpected packet of type { $number }
mqtt-unanswered = no answer

## DTLS 1.2 (RFC 6347)

flight-sent = flight { $flight } to { PEER($peer) }, sending { $sending }: { LIST($messages) }
message-received = { $message } of { PEER($peer) }
handshake-failed = DTLS handshake with { PEER($peer) } failed: { $subject ->
    [none] { "" }
   *[other] { $subject }:{ " " }
}{ WORD($refusal) }
application-data-received = data of { PEER($peer) }: { BYTES($data) }
session-closed = DTLS session with { PEER($peer) } closed: { $subject ->
    [none] { "" }
   *[other] { $subject }:{ " " }
}{ WORD($refusal) }
alert-received = DTLS alert of { PEER($peer) }: { $level ->
    [2] fatal
   *[other] warning
} { $description ->
    [0] close_notify
    [10] unexpected_message
    [20] bad_record_mac
    [22] record_overflow
    [40] handshake_failure
    [47] illegal_parameter
    [50] decode_error
    [51] decrypt_error
    [70] protocol_version
    [71] insufficient_security
    [80] internal_error
    [90] user_canceled
    [100] no_renegotiation
    [110] unsupported_extension
    [115] unknown_psk_identity
   *[other] alert { $description }
}
alert-sent = DTLS alert to { PEER($peer) }: { $level ->
    [2] fatal
   *[other] warning
} { $description ->
    [0] close_notify
    [10] unexpected_message
    [20] bad_record_mac
    [22] record_overflow
    [40] handshake_failure
    [47] illegal_parameter
    [50] decode_error
    [51] decrypt_error
    [70] protocol_version
    [71] insufficient_security
    [80] internal_error
    [90] user_canceled
    [100] no_renegotiation
    [110] unsupported_extension
    [115] unknown_psk_identity
   *[other] alert { $description }
}
key-logged = { $line }
datagram-dropped = DTLS datagram of { PEER($peer) } dropped: { WORD($refusal) }
dtls-content-type-unknown = unknown content type { $number }
dtls-record-cut = a record header is cut off
dtls-record-version = record version { $number ->
    [65277] DTLS 1.2
    [65279] DTLS 1.0
   *[other] { $number }
}
dtls-record-length = a record of { $number } { $number ->
    [1] byte
   *[other] bytes
}, { $expected } are there
dtls-too-many-records = more than { $expected } records
dtls-record-too-short = a record too short for its cipher
dtls-not-authentic = a record that does not authenticate
dtls-connection-id-unknown = a record with another Connection ID
dtls-epoch-unknown = epoch { $number }
dtls-replayed = a record seen before, or too old to tell
dtls-content-type-missing = a record without its content type
dtls-plaintext-too-long = a record of more than 2^14 bytes
dtls-peer-unknown = not from our peer
dtls-no-handshake = no handshake with this peer
dtls-no-session = no session with this peer
dtls-content-type-unexpected = content type { $number } in a session
dtls-data-in-the-clear = application data in the clear
dtls-record-before-keys = a record of epoch 1 before its keys
dtls-too-many-fragments = more than { $expected } fragments in a record
dtls-fragment-cut = a fragment header is cut off
dtls-fragment-bounds = a fragment up to { $number } of { $expected } bytes
dtls-fragment-empty = an empty fragment
dtls-fragment-foreign = a fragment of another message under the same number
dtls-fragment-contradicts = a fragment that contradicts an earlier one
dtls-message-ahead = message { $number } while waiting for { $expected }
dtls-bytes-missing = { $number } { $number ->
    [1] byte
   *[other] bytes
} wanted, { $expected } left
dtls-bytes-left-over = { $number } { $number ->
    [1] byte
   *[other] bytes
} too many
dtls-vector-length = a vector of { $number } { $number ->
    [1] byte
   *[other] bytes
}, at most { $expected }
dtls-hello-cut = a ClientHello cut short
dtls-hello-vectors = a ClientHello whose vectors do not fit
dtls-extensions-length = extensions that do not end with the message
dtls-extension-twice = extension { $number } twice
dtls-too-many-extensions = more than { $expected } extensions
dtls-hello-outdated = a ClientHello of a handshake that is complete
dtls-message-in-wrong-epoch = handshake message { $number } in epoch { $expected }
dtls-message-out-of-turn = handshake message { $number } out of turn
dtls-message-in-session = handshake message { $number } in a session
dtls-no-answer = no answer to flight { $number }
dtls-alert-received = by an alert of the peer
dtls-finished-unreadable = Finished cannot be decrypted: another key?
dtls-finished-wrong = Finished is wrong
dtls-too-many-cookies = more than { $expected } cookies
dtls-version-unsupported = the other side speaks { $number ->
    [65276] DTLS 1.3
    [65277] DTLS 1.2
    [65279] DTLS 1.0
   *[other] { $number }
} and not DTLS 1.2
dtls-suite-not-offered = cipher suite { $number } was not offered
dtls-no-common-suite = no cipher suite in common; offered { $number ->
    [1] is
   *[other] are { $number }:
} { $subject }
dtls-ephemeral-keys-only = cipher suites with a pre-shared key alone are not offered; offered { $number ->
    [1] is
   *[other] are { $number }:
} { $subject }
dtls-raw-public-keys-only = raw public keys are offered, a pre-shared key is wanted; offered { $number ->
    [1] is
   *[other] are { $number }:
} { $subject }
dtls-certificates-only = certificates are offered, a pre-shared key is wanted; offered { $number ->
    [1] is
   *[other] are { $number }:
} { $subject }
dtls-no-null-compression = null compression is not offered
dtls-extension-not-offered = extension { $number } was not offered
dtls-renegotiation = renegotiation_info in a first handshake
dtls-no-extended-master-secret = no extended master secret
dtls-no-encrypt-then-mac = no encrypt-then-MAC
dtls-resumed-on-other-terms = a session resumed with other parameters
dtls-resumed-without-extended-master-secret = resumption without the extended master secret
dtls-identity-unknown = unknown PSK identity
dtls-key-length = a key of { $number } { $number ->
    [1] byte
   *[other] bytes
}, not 1 to { $expected }
dtls-hello-replaced = a new ClientHello
dtls-too-many-handshakes = too many handshakes at once
dtls-closed-here = closed here
dtls-reset-here = reset here
dtls-close-notify = by the peer (close_notify)
dtls-idle = idle for too long
dtls-too-many-sessions = too many sessions
dtls-connection-id-drawn-again = its Connection ID was drawn again
dtls-address-taken = another peer has its address

## What an engine waits for: completes "waiting: …"

network-datagram-under-way = a datagram on its way
waiting-for-nothing = waiting for nothing
coap-packet-unanswered = no answer to packet { $number }
coap-notification-unacknowledged = no acknowledgement of notification, packet { $number }
coap-response-unacknowledged = no acknowledgement of separate response, packet { $number }
coap-ping-unanswered = no answer to ping, packet { $number }
coap-response-outstanding = acknowledged, no response yet
coap-acknowledgement-delay = no response of ours yet, then an empty ACK
coap-refusal-due = a message had no room in the queue of its peer
mqtt-answer-outstanding = no answer to { $subject }{ $number ->
    [0] { "" }
   *[other] { " " }{ $number }
}{ $count ->
    [0] { "" }
   *[other] , resendings: { $count }
}
mqtt-keep-alive = MQTT's keep-alive, then a PINGREQ
mqtt-ping-unanswered = no answer to PINGREQ
mqtt-farewell = a DISCONNECT to leave
dtls-flight-unanswered = no answer to flight { $number }, sending { $count }
dtls-peer-silent = { $subject } is silent
self-registration-next-round = the next round
self-registration-next-update = the next update
cmdmp-update-period = the update period
cmdmp-lifetime-end = the end of the lifetime
andlink-next-attempt = the next attempt
andlink-update-due = the update before the lifetime ends
andlink-next-block = the next block of the package
andlink-observe-after-update = the platform to observe the data after the update
andlink-bootstrap-server = the bootstrap server to go on
andlink-next-notification = the next notification
andlink-host-answer = the host to answer the platform
lwm2m-server-lifetime-end = registration of { $subject } ends
time-outstanding = no answer of the time server { $subject }
module-boot = the module to boot
module-usim = the USIM to be read
module-speed = the host to speak at the new speed
module-attach = the network to accept the attach
module-release = the network to release the connection
socket-sending = the network to take a datagram
module-active-time = the active time before deep sleep
module-tracking-area-update = the periodic tracking area update
module-wake-up-pin = the wake-up pin
module-host-wrote = the host wrote to the serial line
at-data-mode = data mode has { $count } of { $number } { $number ->
    [1] byte
   *[other] bytes
}
host-answer = the answer to { $subject }
host-pause = the pause to end
host-boot-banner = the boot banner
host-quiet = the line to be quiet
hold-commit-retry = the next attempt to commit
andlink-platform-restart = what a restart has broken off, to be asked for again
campaign-restart = campaigns to go on after the restart
campaign-next-device = the next device of campaign { $number }
campaign-progress = { $subject } to show progress in campaign { $number }
campaign-out-of-reach = { $subject } to be heard again in campaign { $number }
campaign-look = { $subject } to be asked for its state in campaign { $number }
campaign-end = the end of campaign { $number }

## Module

powered-on = powered on
powered-off = powered off
restarted = { $cause ->
    [none] restarted by the reset pin
   *[other] restarted: { $cause }
}
booted = booted: firmware { $firmware }
usim-changed = { $imsi ->
    [none] USIM removed
   *[other] USIM inserted: IMSI { $imsi }
}
attached = attached: { $operator }, IP address { $ip }
detached = detached: { WORD($reason) }
connection-changed = { $connected ->
    [true] connection changed: connected
   *[false] connection changed: idle
}
fell-asleep = { $until ->
    [none] fell asleep
   *[other] fell asleep for { UNTIL($until) }
}
woke = woke: { WORD($reason) }
host-unheard = the host wrote, and the module did not receive it: in deep sleep only the wake-up pin wakes it
service-started = { $service } started: { WORD($reason) }
service-reported = { $service }: { WORD($event) }
nvram-write-failed = the NVRAM could not be written
firmware-updated = firmware updated: { $old } → { $new }
firmware-refused = the package cannot be installed: { WORD($refusal) }
flash-unreadable = the flash has no readable image; a delta starts from the one that was delivered
socket-opened = { $owner }: socket { $socket } opened ({ $transport }, port { $port })
socket-connected = { $owner }: socket { $socket } connected to { PEER($peer) }
socket-listening = { $owner }: socket { $socket } listens on port { $port }, which others reach at { PEER($address) }
socket-incoming = { $owner }: { PEER($peer) } connects to socket { $socket }
socket-accepted = { $owner }: socket { $socket } connected by { PEER($peer) }, through socket { $listener }
socket-failed = { $owner }: socket { $socket } { $was_connected ->
    [true] lost its connection
   *[false] could not connect
}: { $end ->
    [refused] nobody listens there
    [unreachable] no way there
    [timed-out] no answer
   *[reset] reset by the peer
}
socket-received = { $owner }: socket { $socket } received { $length } { $length ->
    [1] byte
   *[other] bytes
}
socket-overflowed = { $owner }: socket { $socket } dropped { $length } { $length ->
    [1] byte
   *[other] bytes
}: nobody has read what came before
socket-sent = { $owner }: socket { $socket } { $sent ->
    [true] sent
   *[false] lost
} { $length } { $length ->
    [1] byte
   *[other] bytes
}{ $sequence ->
    [0] {""}
   *[other] {" "}(number { $sequence })
}
exception-sent = { $owner }: socket { $socket } sends an exception message (mo-ExceptionData)
socket-finished = { $owner }: socket { $socket }: the peer sends nothing more
socket-closed = { $owner }: socket { $socket } closed{ $forced ->
    [true] {" "}by the module
   *[false] {""}
}
ping-ended = { $owner }: ping { $host }: { $round_trip ->
    [none] no answer
   *[other] answered after { $round_trip } s, time to live { $hops }
}
time-answered = { $server } { $time ->
    [none] has told no time
   *[other] has told the time
}
name-answered = { $owner }: { $name } { $host ->
    [none] has no address
   *[other] is { $host }
}
segment-seen = { $from } → { $to }  { $summary }{ $again ->
    [true] {" "}again
   *[false] {""}
}
segment-of-stream = TCP, { $length } { $length ->
    [1] byte
   *[other] bytes
}: { $preview }
module-service-due = { WORD($waited_for) }
module-power = power
module-function = AT+CFUN={ $function }
module-attach-command = AT+CGATT
module-coverage = coverage
module-usim-removed = the USIM was removed
module-usim-inserted = the USIM was changed
module-pin-entered = the PIN was entered
module-attached = attached
module-attached-after-update = attached after a firmware update: { $result }
module-mobile-plmn = attached with a PLMN of China Mobile or a saved one
module-never-registered = never registered before (D58)
module-firmware-changed = the firmware version changed
module-pairing-changed = the pairing of module and USIM changed
module-update-awaited = registered before: waiting for the update of every 30 days

## Self-registration

round-started = round { $number } begins
registration-succeeded = { $update ->
    [true] updated
   *[false] registered
}; { $next_due_at ->
    [none] nothing more to do
   *[other] the next is due in { UNTIL($next_due_at) }
}
registration-failed = round { $round } has failed: { WORD($refusal) }
gave-up = gives up: { WORD($refusal) }; { $next_due_at ->
    [none] nothing more before the next boot
   *[other] the next is due in { UNTIL($next_due_at) }
}
self-registration-coverage-lost = coverage lost during the look-up of { $name }
self-registration-name-unknown = { $name } unknown
self-registration-reset = answered with a reset
self-registration-unanswered = { $packets } { $packets ->
    [1] packet
   *[other] packets
} unanswered
self-registration-no-success = answered { $response_code }, which is no success
self-registration-deep-sleep = deep sleep ends the retries
self-registration-rounds-failed = { $rounds } { $rounds ->
    [1] round
   *[other] rounds
} failed
cmdmp-state-changed = state changed { $old ->
    [INITIAL_STATE] INITIAL_STATE (0)
    [CONNECT_SUCCESS] CONNECT_SUCCESS (4)
    [CONNECT_FAILED] CONNECT_FAILED (5)
    [REG_SUCCESS] REG_SUCCESS (6)
    [REG_FAILED] REG_FAILED (7)
    [REG_TIMEOUT] REG_TIMEOUT (8)
    [LIFETIME_TIMEOUT] LIFETIME_TIMEOUT (9)
    [UPDATE_SUCCESS] UPDATE_SUCCESS (11)
    [UPDATE_FAILED] UPDATE_FAILED (12)
   *[UPDATE_TIMEOUT] UPDATE_TIMEOUT (13)
} → { $new ->
    [INITIAL_STATE] INITIAL_STATE (0)
    [CONNECT_SUCCESS] CONNECT_SUCCESS (4)
    [CONNECT_FAILED] CONNECT_FAILED (5)
    [REG_SUCCESS] REG_SUCCESS (6)
    [REG_FAILED] REG_FAILED (7)
    [REG_TIMEOUT] REG_TIMEOUT (8)
    [LIFETIME_TIMEOUT] LIFETIME_TIMEOUT (9)
    [UPDATE_SUCCESS] UPDATE_SUCCESS (11)
    [UPDATE_FAILED] UPDATE_FAILED (12)
   *[UPDATE_TIMEOUT] UPDATE_TIMEOUT (13)
}: { WORD($reason) }
cmdmp-registration-failed = registration failed, no more before the next boot: { WORD($reason) }
cmdmp-update-failed = update failed: { WORD($reason) }
cmdmp-reboot-requested = the platform asks for a reboot (/3/0/4)
cmdmp-address-given = { $server } needs no look-up
cmdmp-name-resolved = { $server } is { $host }
cmdmp-fallback-used = { $server } unknown, { $host } instead (D39)
cmdmp-name-unknown = { $server } unknown
cmdmp-created = registration answered 2.01
cmdmp-registration-refused = registration { WORD($refusal) }
cmdmp-registration-unanswered = { $packets } { $packets ->
    [1] packet
   *[other] packets
} unanswered
cmdmp-changed = update answered 2.04
cmdmp-update-refused = update { WORD($refusal) }
cmdmp-update-unanswered = update unanswered
cmdmp-lifetime-over = the lifetime ended without a successful update (D56)

## LwM2M client

registered = registered at { PATH($location) }
registration-refused = registration { WORD($refusal) }
registration-unanswered = registration unanswered
updated = updated
update-refused = update { WORD($refusal) }
update-unanswered = update unanswered
deregistered = de-registered
deregistration-refused = de-registration { WORD($refusal) }
deregistration-unanswered = de-registration unanswered
registration-error = answered { $response_code }
registration-reset = answered with a reset
registration-no-location = answered { $response_code } without a location
registration-aborted = given up: it cannot be transferred
andlink-state-changed = state changed { $old } → { $new }: { WORD($reason) }
andlink-host-asked = the host asks
andlink-attached = attached
andlink-detached = detached
andlink-pause-over = the pause is over
andlink-not-configured = no server, or no key for it
andlink-name-unknown = { $server } unknown
andlink-no-key = no key for DTLS
andlink-handshake-failed = the DTLS handshake failed
andlink-bootstrap-refused = bootstrap answered { $response_code }
andlink-bootstrap-unanswered = bootstrap unanswered
andlink-bootstrap-unfinished = the bootstrap server did not finish
andlink-bootstrap-without-key = the bootstrap server sent no key, and none is set
andlink-bootstrapped = bootstrapping has ended
andlink-server-known = the LwM2M server is known
andlink-server-ready = the server is ready
andlink-created = registration answered 2.01
andlink-registration-refused = registration { WORD($refusal) }
andlink-registration-unanswered = registration unanswered
andlink-update-refused = update { WORD($refusal) }
andlink-update-unanswered = update unanswered
andlink-data-observed = the platform observes /19/1/0 (D59)
andlink-deleted = de-registration answered 2.02
andlink-deregistration-refused = de-registration { WORD($refusal) }
andlink-deregistration-unanswered = de-registration unanswered
registration-awaited = waiting for the host to register (REGISTERNOTIFY)
bootstrapped = bootstrapped
account-refused = bootstrapped with nothing to register with: { WORD($why) }
data-observed = data object /19/1/0 observed: uplink is possible
firmware-observed = firmware object observed
read-requested = { $query ->
    [none] the platform reads: request { $message_id }
   *[other] the platform reads: request { $message_id }, query { $query }
}
write-requested = { $query ->
    [none] the platform writes: request { $message_id }, «{ BYTES($data) }»
   *[other] the platform writes: request { $message_id }, «{ BYTES($data) }», query { $query }
}
request-expired = request { $message_id } expired: the host did not answer within 10 s
data-reported = { $status ->
    [NOT_SENT] uplink data not sent (0)
    [WAITING] uplink data waiting (1)
    [FAILED] uplink data failed (2)
    [TIMED_OUT] uplink data timed out (3)
    [SUCCEEDED] uplink data succeeded (4)
   *[RESET] uplink data reset (5)
}
release-requested = release assistance: no more data is expected
dtls-changed = { $state ->
    [DONE] DTLS handshake done (0)
    [NOT_STARTED] DTLS handshake not started (1)
    [IN_PROGRESS] DTLS handshake in progress (2)
   *[FAILED] DTLS handshake failed (3)
}
reboot-requested = the platform asks for a reboot (/3/0/4)
channel-name-unknown = name unknown
channel-no-key = no key for DTLS
channel-handshake-failed = the DTLS handshake failed

## Content of payloads, paths

definition-too-large = a definition has at most { $limit } bytes
definition-no-xml = line { $line }: this is no XML{ $detail ->
    [none] { "" }
   *[other] : { WORD($detail) }
}
definition-declaration = line { $line }: a definition has no document type and no entities
definition-too-deep = line { $line }: <{ $element }> lies deeper than { $limit } levels
definition-other-element = line { $line }: <{ $element }> instead of <{ $expected }>
definition-no-object = line { $line }: there is no <Object> in it
definition-too-many = a file defines at most { $limit } objects
definition-missing = line { $line }: <{ $parent }> has no { $element }
definition-twice = line { $line }: <{ $parent }> has two <{ $element }>
definition-number = line { $line }: '{ $value }' of <{ $element }> is no number from 0 to { $limit }
definition-word = line { $line }: '{ $value }' of <{ $element }> is none of { $expected }
definition-text = line { $line }: <{ $element }> is empty, longer than { $limit } characters, or not printable
definition-no-type = line { $line }: resource { $resource } has no type
definition-no-resources = line { $line }: object { $object } has no resources
definition-resource-twice = line { $line }: resource { $resource } stands there twice
definition-object-twice = line { $line }: object { $object }, version { $version }, stands there twice
definition-other-urn = line { $line }: { $value } is another object than { $object }
definition-built-in = object { $object }, version { $version }, is built in: give the definition another version
definition-taken = object { $object }, version { $version }, is there already: ask for it to be replaced
definition-limit = at most { $limit } definitions are kept
content-undecodable = { $format }: { WORD($detail) }
content-no-records = { $format }: not a list of records
content-bytes-left = { $format }: { $count } { $count ->
    [one] byte
   *[other] bytes
} after the value
content-outside = { $format }: { $target } does not lie under { $path }
content-value-count = { $format }: { $count } values for { $path }
content-value-missing = { $format }: no value for { $path }
content-instances-mixed = { $format }: { $path } is given both with and without instances
content-label-kind = SenML: a label that is neither a number nor text
content-label-unknown = SenML: '{ $label }' has to be understood, and is not
content-version = SenML: version { $version }
content-no-name = SenML: { $value } is no name
content-label-type = SenML: { $label } { $value } for { $path }{ $type ->
    [none] { "" }
   *[other] , which is { $type }
}
content-no-link = '{ $value }' is no object link
content-no-map = { $format }: not a map
content-key = { $format }: { $value } is no key of a path
content-cbor-type = LwM2M CBOR: { $value } for { $path }{ $type ->
    [none] { "" }
   *[other] , which is { $type }
}
content-time = SenML: { $value } is no time
content-no-base64url = SenML: a data value that is not base64url
content-value-type = { $value } is no { $type }
content-value-length = { $type } of { $length } { $length ->
    [one] byte
   *[other] bytes
}
content-no-utf8 = a string that is not UTF-8: { WORD($detail) }
content-tlv-kind = TLV: a { $kind } at byte { $at }, where there can be none
content-tlv-head-cut = TLV: the entry at byte { $at } ends within its head
content-tlv-value-cut = TLV: a value of { $length } { $length ->
    [one] byte
   *[other] bytes
}, but only { $left } are left
content-tlv-elsewhere = this TLV does not belong to { $path }
content-tlv-no-instance = a { $kind } where { $path } has object instances
content-tlv-no-resource = a { $kind } where { $path } has resources
content-other-instance = instance { $id } written to { $path }
content-one-resource = { $path } is one resource
content-other-resource = resource { $id } where { $path } was meant
content-format-one-value = format { $format } carries one value, not { $path }
content-format-unfit = format { $format } for { $path }
content-not-opaque = { $path } is not opaque
content-format-composite = { $format ->
    [none] no Content-Format: a composite operation needs
   *[other] format { $format } carries no paths: a composite operation needs
} SenML or LwM2M CBOR
content-several-objects = TLV cannot carry several objects
path-identifier = '{ $segment }' is not an identifier in a path
path-depth = a path has at most { $limit } identifiers, not { $count }
account-security-mode = security mode { $mode }{ $mode ->
    [1] { "" } (raw public key)
    [2] { "" } (certificate)
    [4] { "" } (certificate by EST)
   *[other] { "" }
} is not supported: only 0 (pre-shared key) and 3 (none) are
account-other-transport = '{ $uri }' is CoAP over another transport than UDP, which is not supported
account-none = no account of an LwM2M server was written
account-no-server = no server object has the short server ID { $ssid }
account-no-uri = '{ $uri }' is no URI
account-no-coap-uri = '{ $uri }' is no URI of CoAP
attribute-unknown = '{ $name }' is no notification attribute
attribute-no-number = '{ $query }' has no number
attribute-range = pmin, pmax or st out of range
attribute-not-numerical = '{ $name }' is of numerical resources
attribute-not-boolean = '{ $name }' is of boolean resources
attribute-not-readable = '{ $name }' is of resources that can be read; { $path } cannot
attribute-no-flag = '{ $name }' is 0 or 1
attribute-no-whole-number = '{ $name }' is a whole number, 0 or more
attribute-level = '{ $name }' is set at a resource, not at { $path }
attribute-version = '{ $name }' is of LwM2M { $since }; the device has registered { $version }
attribute-limits = lt + 2 × st has to be less than gt
attribute-periods = epmin has to be less than epmax
endpoint-other-key = not encrypted with this key: { WORD($detail) }
endpoint-identity-fields = an identity has three or four fields, not { $count }
endpoint-name-parts = an endpoint name has at least three parts, not { $count }
report-no-json = neither base64 of JSON nor JSON: { WORD($detail) }
report-no-object = the JSON is no object
report-no-meid = no MEID: a report without an IMEI belongs to nobody
timeline-no-entries = not entries of a timeline: { WORD($detail) }
timeline-no-line = not a line of a timeline: { WORD($detail) }
timeline-line = line { $number }: { WORD($why) }

## Firmware update

firmware-announced = { $text }
package-url-received = package URL received: { $uri }
package-downloaded = package downloaded: version { $version }, { $size } { $size ->
    [1] byte
   *[other] bytes
}
firmware-accepted = version { $version } is to be installed: the module restarts
firmware-state-changed = firmware { $state }, result { $result }: { WORD($reason) }
firmware-uri-written = the URI { $uri } arrived
firmware-uri-unusable = { $uri } cannot be fetched
firmware-empty-uri = an empty URI was written
firmware-empty-package = an empty package was written
firmware-push-begun = a package is being written
firmware-push-broken-off = the package broke off
firmware-name-unknown = { $server } unknown
firmware-no-key = no key for DTLS
firmware-handshake-failed = the DTLS handshake failed
firmware-coverage-lost = coverage lost during the look-up
firmware-refused-by-server = answered { $response_code }
firmware-transfer-broken-off = the transfer broke off
firmware-too-large = { $size } { $size ->
    [1] byte
   *[other] bytes
}
firmware-package-unfit = { WORD($refusal) }
firmware-package-complete = the package is whole
firmware-executed = the platform executed /5/0/2
firmware-host-agreed = the host agreed
firmware-host-cancelled-download = the host cancelled the download
firmware-host-cancelled-update = the host cancelled the update
firmware-host-stopped = stopped by the host
package-unknown-format = not a firmware package of format 1
package-checksum = the checksum of the package is wrong
package-manifest = the manifest cannot be read
package-length = an image of { $found } { $found ->
    [1] byte
   *[other] bytes
}, the manifest says { $wanted }
package-other-model = a package for { $found }, not for { $wanted }
package-other-base = a delta from { $found }, but { $wanted } is running
package-other-base-image = a delta for another image of { $found } than the one that runs
package-no-delta = not a delta, or one for an image that is too large
package-delta-unusable = the delta cannot be applied
package-image-checksum = the image has another checksum than the manifest says
package-empty = the file is empty
package-no-checksum = '{ $found }' is no SHA-256: 64 hexadecimal digits
package-file-checksum = the file has the SHA-256 { $found }, not { $wanted }
package-version = '{ $found }' is no version: at most 255 printable characters
package-models = '{ $found }': models are printable, without commas, at most 64 of them
package-other-description = the package says itself what it is ({ $found }), which is not { $wanted }

## What the timeline records itself

list-separator = { ", " }
line-received = { $line }
line-sent = { $line }
command-answered = ({ $command ->
    [none] { "" }
   *[other] AT{ $command } ({ $chapter }):{ " " }
}{ WORD($why) })
waiting = waiting { UNTIL($until) }: { WORD($reason) }
name-resolved = { $name } is { $host }{ $others ->
    [none] {""}
   *[other] {" "}{ $others }
}
name-unresolved = { $name } cannot be resolved: { WORD($reason) }
lookup-unknown-name = no such name
lookup-no-answer = the name server does not answer
lookup-server-failed = the name server has failed
lookup-fault = fault: { FAULT($fault) }
datagram-seen = { $from } → { $to }  { $summary }{ $sending ->
    [1] { "" }
   *[other] { "" } (sending { $sending })
}{ $impairment ->
    [none] { "" }
   *[other] { "  " }{ $lost ->
        [true] ✗
       *[false] ⚠
    } { WORD($impairment) }
}
link-no-route = no route
link-nobody-there = nobody there
link-no-socket = no socket for it
datagram-answer = to { $operation }
datagram-not-coap = { $length } { $length ->
    [1] byte
   *[other] bytes
}, not CoAP ({ WORD($why) }): { $preview }
datagram-of-socket = UDP, { $length } { $length ->
    [1] byte
   *[other] bytes
}: { $preview }
datagram-rest-not-readable = the rest not readable ({ WORD($why) })
field-not-coap = not CoAP
field-udp-payload = UDP payload
field-not-readable = not readable
field-handshake-cut = handshake, cut short
timeline-bytes = { WORD($detail) }
impairment-lost = lost
impairment-silenced = lost in silence
impairment-answered = answered { $error } on purpose
impairment-cut = cut to { $octets } { $octets ->
    [1] octet
   *[other] octets
}
impairment-delayed = delayed { SPAN($delay) }
impairment-duplicated = { $copies } times
impairment-overtaken = reordered: held back
impairment-rebound = from a new address
stream-other-lab = this is another lab, or one that was restarted
stream-forgotten = what came after that is no longer in memory
stream-too-slow = the reader is too slow; entries are missing here
stream-lab-busy = the lab is busy and leaves entries out here; what of them is kept can be read by number
entries-left-out = { $entries } entries within { SPAN($span) } are left out here: of a load that lasts, { $limit } a second are kept

## What the lab does

module-added = module added
unit-removed = removed
route-added = route { $route }
clock-advanced = advanced { SPAN($span) }
peer-unheard = advance waited { SPAN($patience) } for { PEER($peer) }, in vain: what it says now comes too late
waiting-stopped = { $waits } { $waits ->
    [1] wait
   *[other] waits
} in vain: advance does not wait for peers outside the lab any more
commit-failed = the store failed, { $held } held, again in { SPAN($retry_in) }: { $where ->
    [none] { "" }
   *[other] { $where }:{ " " }
}{ WORD($refusal) }
hold-store-failed = { WORD($detail) }
commit-recovered = the store took { $events ->
    [1] 1 event
   *[other] { $events } events
} after { SPAN($span) }{ $expired ->
    [0] { "" }
    [1] ; 1 datagram expired
   *[other] ; { $expired } datagrams expired
}
platform-restarted = restarted
host-rejected = a second host at { $port } was refused
speed-mismatched = the host at { $port } speaks at { $host }, the module at { $module }: both receive garbage
serial-line-disturbed = fault { $number }: { $kind ->
    [serial_urc] put in '{ $text }' { $place ->
        [echo] behind the echo
        [lines] between two lines of the answer
        [final] between the answer and its result
       *[after] behind the result
    }
    [serial_interleaved] put '{ $text }' into the next line
    [serial_doubled] '{ $text }' comes { $count } { $count ->
        [1] time
       *[other] times
    } more
    [serial_late] '{ $text }' comes { SPAN($span) } late
    [serial_split] { $count } { $count ->
        [1] pause
       *[other] pauses
    } between bytes
    [serial_slow] the answer to { $text } waits { SPAN($span) }
    [serial_swallowed] { $count } { $count ->
        [1] byte
       *[other] bytes
    } of the host lost at wake-up: '{ $text }'
    [serial_noise] noise before the banner: '{ $text }'
    [serial_pins] { $text } is not connected: what was done with it is not seen
   *[serial_baud] { $count } { $count ->
        [1] byte
       *[other] bytes
    } garbled by the baud rate: '{ $text }'
}
fault-added = fault { $number }: { FAULT($fault) }
fault-removed = fault { $number } removed
faults-cleared = all faults removed
note-added = note { $note } on entry { $entry }, by { $by }
note-removed = note { $note } on entry { $entry } removed by { $by }
output-behind = { $entries } entries are left out in the { $output ->
    [terminal] terminal
   *[files] files of --trace and --pcap
} here: nobody reads them, or a disk hangs
nat-rebound = NAT rebinding: { PEERS($addresses) } gone
scenario-noted = { $text }
module-reset = reset
wake-up-pin-pulled = the wake-up pin
coverage-changed = coverage { $present ->
    [true] is back
   *[false] is lost
}
signal-changed = signal { $rssi }
appkey-added = appkey { $appkey } { $replaced ->
    [true] has another password
   *[false] is known from now on
}
server-forgot = restarts without its { $what }
server-recovered = { $refused ->
    [true] answers properly again
   *[false] is up again
}

## DTLS: what is told with many parts

handshake-completed = DTLS session with { PEER($peer) } as { BYTES($identity) }: { $cipher_suite ->
    [168] TLS_PSK_WITH_AES_128_GCM_SHA256
    [169] TLS_PSK_WITH_AES_256_GCM_SHA384
    [174] TLS_PSK_WITH_AES_128_CBC_SHA256
    [49316] TLS_PSK_WITH_AES_128_CCM
    [49317] TLS_PSK_WITH_AES_256_CCM
    [49320] TLS_PSK_WITH_AES_128_CCM_8
    [49321] TLS_PSK_WITH_AES_256_CCM_8
   *[other] suite { $cipher_suite }
}{ $resumed ->
    [true] , resumed
   *[false] { "" }
}{ $replaced ->
    [true] , in place of a session
   *[false] { "" }
}{ $extended_master_secret ->
    [true] { "" }
   *[false] , without the extended master secret
}{ $encrypt_then_mac ->
    [true] , encrypt-then-MAC
   *[false] { "" }
}{ $connection_id ->
    [none] { "" }
   *[other] , Connection ID { $connection_id }
}
session-ended = DTLS session { $session } of { BYTES($identity) } at { PEER($peer) } ended{ $replaced ->
    [true] : a new handshake took its place
   *[other] { "" }
}
peer-moved = DTLS peer { BYTES($identity) } moved from { PEER($old) } to { PEER($new) }

## Platforms

device-registered = device registered: { $device }{ $peer ->
    [none] { "" }
   *[other] { "" } from { PEER($peer) }
}{ $flags ->
    [none] { "" }
   *[other] ; { FLAGS($flags) }
}{ $remarks ->
    [none] { "" }
   *[other] ; accepted, but: { WORD($remarks) }
}
device-updated = device updated: { $device }{ $peer ->
    [none] { "" }
   *[other] { "" } from { PEER($peer) }
}
device-deregistered = device de-registered: { $device }
device-expired = registration expired: { $device }
device-refused = device refused: { $device } at { PEER($peer) }, { $response_code }: { WORD($refusal) }
device-bootstrapped = device bootstrapped: { $device } at { PEER($peer) }
bootstrap-failed = bootstrap of { $device } failed at { $step }: { WORD($refusal) }
device-described = device information of { $device }: { VALUES($values) }
inventory-read = device information read: { $device }: { VALUES($values) }
inventory-unread = device information of { $device } not read: { WORD($refusal) }
observation-started = { $path } of { $device } is observed
observation-ended = { $path } of { $device } is not observed any more: { WORD($cause) }
resource-notified = { $path } of { $device } is { $value }{ $taken_at ->
    [none] { "" }
   *[other] { " " }(measured at { $taken_at } s)
}
value-unread = { $path } of { $device }: { WORD($refusal) }
data-received = data received: { $device }, { $path }, { $way ->
    [post] by itself
    [send] by Send
   *[notification] as a notification
}
command-queued = { $operation } { $path } of { $device } kept until { TIME($deadline) }, ticket { $ticket }{ $by ->
    [none] { "" }
   *[other] { "" }, asked by { $by }
}
command-sent = { $operation } { $path } of { $device } sent, ticket { $ticket }
command-moved = ticket { $ticket } of { $device } is number { $position } of those that wait now{ $by ->
    [none] { "" }
   *[other] { "" }, by { $by }
}
command-cancelled = { $operation } { $path } of { $device } cancelled, ticket { $ticket }{ $by ->
    [none] { "" }
   *[other] { "" }, by { $by }
}
command-expired = { $operation } { $path } of { $device } not sent before its deadline, ticket { $ticket }
operation-asked = { $operation } { $path } of { $device } asked, ticket { $ticket }
operation-answered = { $operation } { $path } of { $device } answered{ $response_code ->
    [none] { "" }
   *[other] { "" } { $response_code }
}{ $refusal ->
    [none] { "" }
   *[other] : { WORD($refusal) }
}
campaign-started = campaign { $campaign } started at { $platform }, for version { $version }
campaign-changed = campaign { $campaign } is { $state }
campaign-progressed = campaign { $campaign }: { $device } is { $step }{ $cause ->
    [none] { "" }
   *[other] : { WORD($cause) }
}

bootstrap-started = bootstrap of { $client } started
bootstrap-finished = bootstrap of { $client } finished
bootstrap-aborted = bootstrap of { $client } failed at { $step }: { WORD($refusal) }
bootstrap-refused = bootstrap of { $client } refused: { WORD($refusal) }
client-registered = a client registered
client-updated = a client updated its registration
client-deregistered = a client de-registered
client-expired = the registration of a client expired
client-refused = { $client } at { PEER($peer) } refused: { WORD($refusal) }
client-operation-answered = { $client } answered for { PATH($path) }
client-operation-failed = { PATH($path) } of { $client }: { WORD($refusal) }
request-forwarded = a request for another service arrived

lwm2m-server-name-missing = no endpoint client name (ep)
lwm2m-server-objects-missing = no list of objects
lwm2m-server-objects-format = the list of objects is application/link-format (40)
lwm2m-server-objects-malformed = the list of objects is not link-format (RFC 6690)
lwm2m-server-lifetime = lifetime (lt) is «{ $subject }», not 1 to { $limit }
lwm2m-server-binding = binding (b) is «{ $subject }»
lwm2m-server-binding-transport = binding (b) is «{ $subject }»: TCP (T), MQTT (M) and HTTP (H) are not offered
lwm2m-server-binding-version = a binding of another version of LwM2M: «{ $subject }»
lwm2m-server-sms-number = sms is «{ $subject }», no number of a subscriber
lwm2m-server-version = version (lwm2m) is «{ $subject }»
lwm2m-server-version-unsupported = LwM2M { $subject } is not spoken here, 1.0, 1.1 and 1.2 are
lwm2m-server-path-unknown = no such path: { $subject }
lwm2m-server-location-unknown = no registration at { $subject }
lwm2m-server-register-method = only POST registers
lwm2m-server-links-method = links are read with GET
lwm2m-server-location-method = a registration is updated with POST, deleted with DELETE
lwm2m-server-registrations-full = { $limit } registrations are the most
lwm2m-server-bootstrap-method = only POST asks for a bootstrap
lwm2m-server-pack-method = a Bootstrap-Pack is had with GET, and not of every platform
lwm2m-server-pack-format = no Bootstrap-Pack in content format { $subject }
lwm2m-server-preferred-format = preferred content format (pct) is «{ $subject }»
lwm2m-server-bootstraps-full = { $limit } sessions are the most
lwm2m-server-accounts-missing = no accounts for this client
lwm2m-server-client-unanswered = no answer
lwm2m-server-client-reset = reset by the client
lwm2m-server-error-answer = answered { $response_code }
lwm2m-server-deregistered = de-registered meanwhile
lwm2m-server-expired = the registration has expired meanwhile
lwm2m-server-replaced = registered again meanwhile
lwm2m-server-forgotten = the registration was forgotten meanwhile
lwm2m-server-session-ended = its DTLS session has ended

platform-appkey-unknown = unknown appkey
platform-ciphertext-base64 = a ciphertext is not base64
platform-ciphertext-length = a ciphertext is not whole blocks
platform-ciphertext-password = a ciphertext was made with another password
platform-ciphertext-fields = the ciphertext holds { $limit } { $limit ->
    [1] field
   *[other] fields
}, not three or four
platform-device-unknown = unknown device
platform-dtls-required = this device comes over DTLS
platform-endpoint-name = the endpoint client name is no name
platform-endpoint-name-parts = an endpoint name has at least three parts, the second not empty
platform-identity-of-another = this identity belongs to another device
platform-imei-missing = no IMEI in the endpoint name
platform-location-of-another = this is the location of another device
platform-meid = MEID is not an IMEI
platform-member-length = a member is longer than { $limit } characters
platform-method = this method is not for this path
platform-name-of-another = this is the name of another device
platform-path-unknown = no such path: { $subject }
platform-report-malformed = this is no report{ $why ->
    [none] { "" }
   *[other] : { WORD($why) }
}
platform-sender-unregistered = «{ $subject }» is not registered
platform-report-overdue = next report overdue
platform-strict = the platform is strict: { WORD($remarks) }
platform-update-name-missing = no endpoint name (epi)
remark-base64 = JSON without base64
remark-content-format = Content-Format { $subject ->
    [none] missing
   *[other] { $subject }
}, not application/json
remark-firmware-missing = no firmware version
remark-iccid-form = ICCID «{ $subject }» is not 19 or 20 digits from 89 on
remark-iccid-luhn = the check digit of ICCID { $subject } is wrong
remark-iccid-missing = no ICCID
remark-iccid-operator = ICCID of another operator ({ $subject })
remark-imei-form = IMEI «{ $subject }» is not 15 digits
remark-imei-luhn = the check digit of IMEI { $subject } is wrong
remark-imsi-form = IMSI «{ $subject }» is not 15 digits
remark-imsi-missing = no IMSI
remark-imsi-operator = IMSI of another operator ({ $subject })
remark-member-unknown = unknown member «{ $subject }»
remark-model-length = model «{ $subject }» has more than 20 characters
remark-model-missing = no model
remark-model-name = the model is in { $subject }, as another operator has it
remark-path = sent to { $subject }
remark-version = version «{ $subject }»
platform-inventory-empty = device information without a resource
platform-inventory-format = device information in an unknown content format
platform-inventory-malformed = this is no device information
platform-device-not-registered = { $client } is not registered
platform-operation-refused = the device refused it{ $diagnostic ->
    [none] { "" }
   *[other] : { $diagnostic }
}
platform-path-depth = { $operation } is not for { $path }
platform-path-malformed = «{ $path }» is no path
platform-path-not-observed = { $path } of { $client } is not observed
platform-session-missing = there is no DTLS session with the device, and only the device can begin one
platform-command-cancelled = it was cancelled before it was sent
platform-command-deadline = deadline of ticket { $number } for { $subject }
platform-command-expired = the device was not heard before the deadline
platform-command-not-waiting = ticket { $ticket } does not wait: it has been sent, or has ended
platform-deadline-past = the deadline has passed
platform-deadline-too-far = a command is kept for { SPAN($limit) } at the most
platform-deadline-twice = either a deadline or a span within which
platform-outcome-unknown = it was sent, and the platform restarted before the answer: the device may have done it, and it is not sent again
platform-outcomes-unknown = { $number } { $number ->
    [1] operation was
   *[other] operations were
} under way when the platform restarted
platform-secret-not-queued = a key ({ $path }) is not kept in a queue
platform-process-away = the process that has { $device } does not answer just now; ask again
platform-node-away = node { $node }, which has { $device }, does not answer just now; ask again
platform-nodes-apart = node { $node } has { $device }, and NATS, over which the nodes ask each other, is away; ask again
platform-queue-full = { $limit } requests wait for { $client } already
platform-paths-count = { $operation } names { $count } paths; 1 to { $limit } may be
platform-value-missing = { $operation } needs a value
platform-type-unknown = the data type of { $path } is not known: name it, as in {"{"}"type": "float", "value": 21{"}"}
platform-value-unreadable = the value cannot be read{ $why ->
    [none] { "" }
   *[other] : { WORD($why) }
}
platform-value-unsuitable = this value is not for { $path }: { WORD($why) }
platform-values-not-one = { $count } values for { $path }, not one
send-format = Send takes SenML or LwM2M CBOR, not { $subject ->
    [none] a payload without Content-Format
   *[other] Content-Format { $subject }
}
send-unreadable = what was sent cannot be read{ $why ->
    [none] { "" }
   *[other] : { WORD($why) }
}
send-empty = a Send without a value
send-too-many = a Send of more than { $limit } values
send-object = object { $subject } was sent, but is not registered
write-no-type = '{ $type }' is no data type
write-other-type = { $path } is no { $type }
write-one-value = { $path } is one value
write-no-object = { $path } takes an object of values by number, not '{ $value }'
write-no-number = '{ $value }' is no number of an object, an instance or a resource
write-no-value = '{ $value }' is no { $type } for { $path }
write-out-of-range = { $path } takes { $range }{ $unit ->
    [none] { "" }
   *[other] { " " }({ $unit })
}, not { $value }
write-other-length = { $path } takes { $range } bytes, not { $length }
write-not-multiple = { $path } is one value, not several
write-no-arguments = arguments are digits with values in single quotation marks, such as 0='on',1
platform-verb-unknown = there is no operation «{ $operation }»
platform-version-lacks = { $operation } of { $path } is of LwM2M { $since }; { $client } has registered { $version }
platform-observation-cancelled = cancelled
platform-observation-ended = the device ended it with { $response_code }

campaign-stopped = the campaign was stopped
campaign-no-progress = no progress while { $during }
campaign-device-absent = not registered while the campaign ran
campaign-package-gone = the package is not there any more
campaign-package-refused = the package was { $response_code ->
    [none] never acknowledged
   *[other] refused with { $response_code }
}
campaign-package-lost = the package got lost { $attempts } { $attempts ->
    [1] time
   *[other] times
}
campaign-update-refused = the update was refused with { $response_code }
campaign-update-failed = { $result ->
    [2] not enough flash memory
    [3] out of memory
    [4] connection lost
    [5] checksum wrong
    [6] unsupported package
    [7] invalid URI
    [8] update failed
    [9] unsupported protocol
    [10] cancelled
    [11] put off by the user
   *[other] result { $result }
}
campaign-result-missing = restarted without a result
campaign-object-missing = it has no firmware object that can be read ({ $response_code })
campaign-other-model = the package is not for { $found }
campaign-method-unsupported = it takes packages by { $found } alone
campaign-scheme-not-served = it fetches with { $found } alone, which is not offered
campaign-http-not-served = it fetches over HTTP, and the lab has no HTTP listener
campaign-unanswered = no answer while { $during }, until its registration was over or after it was heard
campaign-other-version = it says that it succeeded, and runs { $found }
campaign-result-alone = by its result alone: no version was to be compared
campaign-download-only = downloaded, as planned
campaign-runs-version = it runs the version, without a result
campaign-devices-missing = no device was chosen
campaign-device-taken = { $client } is in campaign { $campaign }, which is not over
campaign-package-unknown = there is no package «{ $package }»
campaign-package-missing = a campaign needs a package
campaign-mode-unknown = a package is not delivered by '{ $mode }'
campaign-number-negative = { $name } is { $value }, not 0 or more
campaign-no-patience = the patience is { $value } seconds, not more than 0
campaign-severity = { $value } is no severity: 0 critical, 1 mandatory, 2 optional
campaign-at-once = { $value } devices at once: not 1 to { $limit }

## AT refusals

command-refused = { WORD($refusal) }
at-error = { $text ->
    [none] error{ $number ->
        [none] { "" }
       *[other] { "" } { $number }
    }
   *[other] { $text }
}
at-line-too-long = the line is longer than { $expected } bytes
at-line-unprintable = the line has the byte { $text } in it
at-line-unterminated = dropped: no <CR> within { $number } s of silence (V.250 5.2.1)
at-prefix-missing = the line does not start with AT or at (DOC-E 2.2)
at-command-unknown = there is no command { $text } (D61)
at-space-in-name = there is no command { $text } (D61); no space is allowed in { $parameter } or before its = or ? (DOC-E 2.2)
at-subcommand-unknown = { $parameter } has no { $text }
at-text-after-subcommand = '{ $text }' follows { $parameter }
at-text-after-read = '{ $text }' follows the ?
at-form-missing = the { $text } form does not exist
at-value-missing = <{ $parameter }> is missing
at-value-empty = <{ $parameter }> is empty (D36)
at-value-not-taken = <{ $parameter }> is '{ $text }', not { WORD($takes) }
at-too-many-values = { $number } values where at most { $expected } are allowed
at-data-escaped = data mode was left with <ESC> (D22)
at-data-host-gone = data mode ended with the connection of its host (D140)
at-data-mode-silent = data mode ended after { $number } s without a byte (D22)
at-module-restarted = the module restarted before the answer
at-memory-failure = the NVRAM could not be written; nothing was changed

value-taken = { WORD($kind) }
at-takes-exactly = { $low }
at-takes-integer = an integer { $low }-{ $high }
at-takes-one-of = one of { LIST($allowed) }
at-takes-quoted = a string in double quotes, { $low }-{ $high } bytes
at-takes-quoted-text = UTF-8 text in double quotes, { $low }-{ $high } bytes
at-takes-digits = { $low }-{ $high } digits
at-takes-so-many-digits = { $high } { $high ->
    [1] digit
   *[other] digits
}
at-takes-hex-digits = { $low }-{ $high } hex digits, even
at-takes-so-many-hex-digits = { $high } hex digits
at-takes-binary-digits = { $high } binary digits
at-takes-quoted-binary-digits = { $high } binary digits in double quotes
at-takes-address = an IPv4 address
at-takes-quoted-address = an IPv4 address in double quotes
at-takes-host = an IPv4 address or a domain name
at-takes-quoted-host = an IPv4 address or a domain name in double quotes
at-takes-word = a word without quotes, { $low }-{ $high } bytes
at-takes-imei = the IMEI of 15 digits, or 0
at-takes-rest = the rest of the line, as it stands

command-pin-not-asked = the USIM asks for no PIN
command-pin-incorrect = this is not the PIN of the USIM
command-usim-not-read = the USIM is not read yet
command-usim-missing = no USIM is inserted
command-network-unknown = the lab has no network { $text } for this USIM
command-operator-out-of-place = <mode> 1 names an operator, the others do not
command-switch-value = <value> of { $parameter } is '{ $text }', not { WORD($takes) }
command-act-values = <act> { $text } takes { $expected ->
    [0] no values
   *[other] { $expected } values
}, { $number } given
command-band-count = <number> announces { $expected } bands, { $number } follow
command-bands = each band once, and only bands of this model: { WORD($takes) }
command-firmware-not-ont = firmware { $text } does not end in _ONT (DOC-A 1)
command-server-unknown = no server { $text } is in the list
command-server-list-full = the list has room for { $expected } { $expected ->
    [1] server
   *[other] servers
}
command-psk-identity = <{ $parameter }> is { $text }, not { WORD($takes) } (the module's IMEI)
command-psk-not-set = no PSK was ever set
command-function-not-full = AT+CFUN is { $number }
command-nothing-to-deregister = there is no registration to end
command-server-not-set = no server is set (AT+QLASERVERIP)
command-not-attached = the module is not attached
command-socket-taken = socket { $number } is open already
command-nothing-sent = nothing was sent yet
command-context-inactive = context { $number } is not active
command-name-under-way = another look-up is under way
command-ping-under-way = other pings are under way
command-time-under-way = another server is being asked for the time
command-client-missing = no Andlink client runs on this module
command-data-length = <length> is { $expected }, <data> has { $number } { $number ->
    [1] byte
   *[other] bytes
} (D25)
command-uplink-open = a CON uplink still waits for its answer (D24)
command-mqtt-values = <{ $parameter }>: values that belong together are missing, or quotes around it
command-mqtt-without-tls = MQTT over TLS is not simulated: an open connection must not be taken for a protected one
command-mqtt-message-id = <msgID> { $number }: 0 with QoS 0 and with no other
command-mqtt-hex = the data are no hex digits, which the data format asks for
command-mqtt-not-open = no MQTT connection of this number is open
command-mqtt-not-connected = this MQTT client is not connected to its broker
command-mqtt-connected = this MQTT client is connected, or about to be
command-mqtt-identifier-used = a packet with the identifier { $number } has no answer yet
command-mqtt-blocked = what was published before still waits to be sent
command-not-registered = not registered with the platform (D23)
command-request-unknown = no request { $number },{ $text } waits for an answer
command-step-out-of-turn = <type> { $number } is out of turn (D46)
command-update-not-stopped = the update cannot be stopped now
command-update-running = the firmware is being updated (D47)
command-listens-nowhere = a listening socket needs a local port
command-socket-listens = socket { $number } listens and carries no data
command-socket-unknown = no socket { $number } for this is open
command-socket-not-connected = the socket could not be connected
command-protocol-of-other-type = <protocol> { $text } is not that of <type>
command-sequence-taken = the number { $number } is under way
socket-too-many = no socket is free
socket-port-taken = another socket or service has this port
socket-not-connected = the socket is not connected
socket-already-connected = the socket is connected, or about to be
socket-full = too much waits to be sent already

## What a command line means: nbtwin explain

explain-no-command = no command: answers OK (DOC-E 2.2)
explain-command = AT{ $name }  { $form } form, { $chapter }
explain-value-left-out = (left out)
explain-value-empty = (empty)
explain-left-out = left out{ $value ->
    [none] { "" }
   *[other] : { $value }
}
explain-left-empty = left empty
explain-answers = answers { $text }
explain-not-executed = not executed: a command before it fails (V.250 5.7)
explain-gate = note: { WORD($meaning) } ({ $known })
explain-elsewhere = { $model } has no AT{ $name }; models that have it: { LIST($models) }
explain-near = near to it: { LIST($names) }
explain-says = { $head }{ $says ->
    [none] { "" }
   *[other] { ": " }{ WORD($says) }
}
explain-suggested = { $form }: { WORD($says) }

## How something is known, and the sheets of the models: nbtwin models

known-source = { $title ->
    [none] { $basis ->
        [observed] observed
        [assumed] assumed
       *[other] { $chapter }
    }{ $kind ->
        [none] { "" }
        [note] { " note" }
        [example] { " example" }
        [table] { " table" }
       *[remark] { " remark" }
    }{ $number ->
        [none] { "" }
       *[other] { " " }{ $number }
    }{ $note ->
        [none] { "" }
       *[other] { " (" }{ WORD($note) })
    }
   *[other] { $title }
}
known-note-when = when
known-note-bytes = bytes
known-note-the-name = the name
known-note-how-soon = how soon
known-note-that-it-does = that it does
known-note-which = which
known-note-the-format = the format
known-note-the-rest = the rest
known-note-the-list = the list
known-note-the-paths = the paths
known-note-the-order = the order
known-note-wording = wording
known-note-the-30-s = the 30 s
known-note-at-any-instant = at any instant
known-note-doc-a-doc-d-doc-e = DOC-A, DOC-D, DOC-E
known-note-the-code = the code
known-note-the-port = the port
known-note-a-margin = a margin
known-note-its-size = its size
known-note-the-other = the other
known-note-spacing-and-quotes = spacing and quotes
known-note-mqtt-note-of-the-bc26 = MQTT note of the BC26
known-note-mqtt-note-of-the-bc660k-gl = MQTT note of the BC660K-GL
known-note-a-driver-for-the-bc25 = a driver for the BC25
known-note-a-driver-for-the-bc28 = a driver for the BC28
known-note-commands = commands
known-note-ranges-and-defaults = ranges and defaults
known-note-none = none
known-note-ont = _ONT
known-note-the-version-before-it = the version before it
known-note-serverip-is-an-address = serverIp is an address
known-note-server-ip-is-an-address = server_IP is an address
known-note-bc95-r2-0 = BC95 R2.0
known-note-three-lines = three lines
known-note-the-values = the values
known-note-255-bytes = 255 bytes
known-note-99-bytes = 99 bytes
known-note-5-or-6-digits = 5 or 6 digits
known-note-there-is-none = there is none
known-note-bc28-alone = BC28 alone
known-note-bc26 = BC26
known-note-bc20 = BC20
known-note-reserved = reserved
known-note-no-such-note = no such note
known-note-codes-of-the-everyday-commands-alone = codes of the everyday commands alone
known-note-error = ERROR
known-note-the-texts = the texts
known-note-no-updates = no updates
known-note-0x = 0X
known-note-not-0 = not 0
profile-yes = yes
profile-no = no
profile-none = none
profile-absent = -
profile-write-only = write only
profile-no-values = no values
profile-takes = { $takes } ({ $marks })
profile-may-be-empty = may be empty
profile-may-be-left-out = may be left out
profile-default-value = default { $value }
profile-schedule = packets at { $packets } s, verdict at { $verdict } s
profile-head-model = model
profile-head-documents = documents
profile-head-firmware = firmware
profile-head-operators = operators
profile-head-commands = commands
profile-where-from = D-numbers: docs/decisions.md. All of it in words: docs/fidelity.md.
profile-no-difference = { $left } and { $right } differ in nothing
profile-section-model = model
profile-section-errors = errors
profile-section-boot = boot
profile-section-schedules = schedules
profile-section-cmdmp = cmdmp
profile-section-everyday = everyday
profile-section-radio_urcs = radio_urcs
profile-section-mqtt = mqtt
profile-section-internet = internet
profile-section-qi = qi
profile-section-switch = switch
profile-section-extended = extended
profile-section-commands = commands
profile-field-model = model
profile-field-documents = documents
profile-field-firmware = firmware
profile-field-switch = switch
profile-field-extended = extended
profile-field-manufacturer = manufacturer
profile-field-vendor_code = vendor_code
profile-field-andlink = andlink
profile-field-cmee_default = cmee_default
profile-field-echo_default = echo_default
profile-field-bands = bands
profile-field-sleep_default = sleep_default
profile-field-bad_parameter = bad_parameter
profile-field-not_supported = not_supported
profile-field-aborted = aborted
profile-field-cmee_modes = cmee_modes
profile-field-banner = banner
profile-field-reports_cause = reports_cause
profile-field-urcs = urcs
profile-field-usim_urc = usim_urc
profile-field-duration = duration
profile-field-causes = causes
profile-field-silent_causes = silent_causes
profile-field-name = name
profile-field-test_line = test_line
profile-field-answer_prefix = answer_prefix
profile-field-parameters = parameters
profile-field-ports = ports
profile-field-server_may_be_domain = server_may_be_domain
profile-field-blank_keeps = blank_keeps
profile-field-period_needs_server = period_needs_server
profile-field-period_may_be_blank = period_may_be_blank
profile-field-default_period = default_period
profile-field-plmns = plmns
profile-field-needs_ont_firmware = needs_ont_firmware
profile-field-read_needs_mode_1 = read_needs_mode_1
profile-field-unset_shows_as_space = unset_shows_as_space
profile-field-domain = domain
profile-field-default_server = default_server
profile-field-default_port = default_port
profile-field-default_mode = default_mode
profile-field-credentials = credentials
profile-field-source = source
profile-field-revision = revision
profile-field-identity_revision = identity_revision
profile-field-colon = colon
profile-field-quoted = quoted
profile-field-iccid_commands = iccid_commands
profile-field-restarts_with_nrb = restarts_with_nrb
profile-field-functions = functions
profile-field-context = context
profile-field-access_technology = access_technology
profile-field-bit_error_rate = bit_error_rate
profile-field-bands_command = bands_command
profile-field-bands_with_count = bands_with_count
profile-field-counts_statistics = counts_statistics
profile-field-configuration = configuration
profile-field-ping_command = ping_command
profile-field-baud = baud
profile-field-no_usim = no_usim
profile-field-no_network = no_network
profile-field-cereg = cereg
profile-field-cereg_located = cereg_located
profile-field-cscon = cscon
profile-field-address = address
profile-field-contexts = contexts
profile-field-default_context_command = default_context_command
profile-field-lists_commands = lists_commands
profile-field-power_saving = power_saving
profile-field-serial_number = serial_number
profile-field-sleep_lock = sleep_lock
profile-field-software_version = software_version
profile-field-time_zone = time_zone
profile-field-full_without_usim = full_without_usim
profile-field-usim_busy = usim_busy
profile-field-usim_delay = usim_delay
profile-field-wakes_by_serial = wakes_by_serial
profile-field-mqtt = mqtt
profile-field-last_client = last_client
profile-field-versions = versions
profile-field-version = version
profile-field-timeout = timeout
profile-field-retries = retries
profile-field-length_before_payload = length_before_payload
profile-field-longest_topic = longest_topic
profile-field-longest_payload = longest_payload
profile-field-filters = filters
profile-field-longest_received = longest_received
profile-field-sockets = sockets
profile-field-first_socket = first_socket
profile-field-longest_data = longest_data
profile-field-receive_buffer = receive_buffer
profile-field-send_buffer = send_buffer
profile-field-survive_deep_sleep = survive_deep_sleep
profile-field-values = values
profile-field-operators = operators
profile-field-on_up_to = on_up_to
profile-field-qi = qi
profile-field-quirk_from = quirk_from
profile-field-access_modes = access_modes
profile-field-services = services
profile-field-default_access_mode = default_access_mode
profile-field-longest_hex = longest_hex
profile-field-longest_read = longest_read
profile-field-first_remote_port = first_remote_port
profile-field-test_open = test_open
profile-field-test_send = test_send
profile-field-test_state = test_state
profile-field-test_dns = test_dns
profile-field-test_time = test_time
profile-field-options = options
profile-field-keeps_options = keeps_options
profile-field-asks_protocol = asks_protocol
profile-field-sends_hex = sends_hex
profile-field-releases_early = releases_early
profile-field-quotes_data = quotes_data
profile-field-push_shows_length = push_shows_length
profile-field-taken_told_later = taken_told_later
profile-field-stays_until_closed = stays_until_closed
profile-field-nothing_sent_is_error = nothing_sent_is_error
profile-field-tells_error = tells_error
profile-field-name_found = name_found
profile-field-name_unknown = name_unknown
profile-field-time_missing = time_missing
profile-field-sets_time = sets_time
profile-field-all_lost = all_lost
profile-part-mode = mode
profile-part-server = server
profile-part-port = port
profile-part-period = period
profile-part-appkey = appkey
profile-part-password = password
profile-part-terminal_type = terminal_type
profile-part-terminal_imei = terminal_imei
profile-part-query = query
profile-part-erase = erase
profile-part-plmn = plmn
profile-part-name = name
profile-part-default = default
profile-part-span = span
profile-schedule-update_wakes_module = update wakes module
profile-schedule-rounds = rounds
profile-schedule-hold_off = hold off
profile-schedule-update_every = update every
profile-schedule-retry_wakes_module = retry wakes module
profile-schedule-sleep_ends_retries = sleep ends retries
profile-operator-mobile = mobile
profile-operator-telecom = telecom
profile-operator-unicom = unicom
profile-operator-andlink = andlink

## Why a module is where it is

standing = { WORD($reason) }
standing-off = switched off
standing-booting = starting
standing-asleep = in deep sleep{ $at ->
    [none] , until it is woken
   *[other] , until { TIME($at) }
}
standing-no-card = no card is in
standing-card-locked = the card wants { $pin }
standing-function = AT+CFUN is { $number }: the radio is off
standing-not-wanted = AT+CGATT is 0: it does not want to attach
standing-no-coverage = out of coverage
standing-attaching = the network has not attached it yet
standing-card-foreign = { $plmn ->
    [none] the card is of no operator that it registers with
   *[other] the card of { $plmn } is of no operator that it registers with
}
standing-not-of-model = { $model } never registers with this operator, only with { LIST($known) }
standing-switched-off = self-registration is switched off: { $line } switches it on
standing-on-after-boot = switched on, in force after the next boot
standing-firmware = firmware { $firmware } has no CMDMP: only versions that end in _ONT have it
standing-begins = it is about to register
standing-sending = its packets are out; the answer is awaited
standing-registered = registered{ $at ->
    [none] {""}
   *[other] , the next update at { TIME($at) }
}
standing-registered-once = registered since { TIME($since) }; nothing more until firmware or card change
standing-next-round = { $number ->
    [1] one round has failed, the next begins at { TIME($at) }
   *[other] { $number } rounds have failed, the next begins at { TIME($at) }
}
standing-gave-up = { $number ->
    [1] given up after one round, until the next boot
   *[other] given up after { $number } rounds, until the next boot
}
standing-refused = the platform has refused it, until the next boot
standing-unanswered = no answer to any packet{ $at ->
    [none] , until the next boot
   *[other] , again at { TIME($at) }
}
standing-unreached = the name { $server } could not be resolved, until the next boot
standing-update-failed = registered, but the last update failed{ $at ->
    [none] {""}
   *[other] ; until { TIME($at) }
}
standing-andlink-no-server = no server is set
standing-andlink-config = a key is missing for the security that is set
standing-andlink-manual = registration is manual (AT+QLAREGSWT is 0): the host asks for it
standing-andlink-under-way = { $state }
standing-andlink-registered = registered with { $server }
standing-andlink-stopped = { $state }: nothing more until the host or the next boot asks

## What modules keep: nbtwin nvram, the console's page of it

nvram-never-saved = never saved
nvram-default = { $value } (default, never saved)
nvram-empty = none
nvram-on = on
nvram-off = off
nvram-no-difference = { $left } and { $right } differ in nothing
nvram-module-new = { $module } is new in { $state }
nvram-nothing-changed = { $module } had nothing to change
nvram-setting-firmware = firmware version
nvram-setting-updated_from = firmware version before the last update
nvram-setting-cmdmp-mode = CMDMP access off (0) or on (1)
nvram-setting-cmdmp-server = server of CMDMP
nvram-setting-cmdmp-port = its port
nvram-setting-cmdmp-period = update period in seconds
nvram-setting-cmdmp-appkey = appkey
nvram-setting-cmdmp-password = password
nvram-setting-cmdmp-terminal_type = terminal type
nvram-setting-cmdmp-terminal_imei = IMEI of the terminal
nvram-setting-cmdmp-plmns = PLMNs that count as China Mobile's
nvram-setting-telecom_enabled = self-registration with China Telecom off (0) or on (1)
nvram-setting-telecom_address = address of China Telecom's platform
nvram-setting-self_register = self-registration off (0) or on (1)
nvram-setting-andlink-servers = servers of AT+QLASERVERIP
nvram-setting-andlink-security = DTLS towards the LwM2M server, renegotiation
nvram-setting-andlink-bootstrap_security = DTLS towards the Bootstrap server, renegotiation
nvram-setting-andlink-psk = PSK of the LwM2M server
nvram-setting-andlink-psk-identity = PSK identity of the LwM2M server
nvram-setting-andlink-psk-key = PSK of the LwM2M server
nvram-setting-andlink-bootstrap_psk = PSK of the Bootstrap server
nvram-setting-andlink-bootstrap_psk-identity = PSK identity of the Bootstrap server
nvram-setting-andlink-bootstrap_psk-key = PSK of the Bootstrap server
nvram-setting-andlink-automatic = registration manual (0) or automatic (1)
nvram-setting-andlink-device_type = device type, /3/0/17
nvram-setting-andlink-update_result = result of the last firmware update, /5/0/5
nvram-setting-generic-sleep_mode = sleep mode of AT+QSCLK
nvram-setting-generic-psm = PSM and its timers (AT+CPSMS)
nvram-setting-generic-bands = bands that are searched
nvram-setting-generic-config = value of AT+NCONFIG and its like
nvram-setting-generic-baud = baud rate
nvram-setting-generic-line = settings of AT&W
nvram-setting-generic-line-echo = echo
nvram-setting-generic-line-cmee = error mode (AT+CMEE)
nvram-setting-generic-line-quiet = result codes kept back (ATQ1)
nvram-setting-generic-line-verbose = result codes as words (ATV1)
nvram-setting-generic-line-auto_answer = rings before an answer (ATS0)
nvram-setting-extended = values of this <type> of AT+QDMPCFGEX
nvram-setting-successes-firmware = firmware version of the last registration
nvram-setting-successes-imei = IMEI of the last registration
nvram-setting-successes-imsi = IMSI of the last registration
nvram-setting-successes-iccid = ICCID of the last registration
nvram-setting-successes-at = time of the last registration
nvram-setting-successes-update_due_at = time of the next update

## Flags of a device

flag-firmware-changed = firmware changed
flag-pairing-changed = pairing changed
flag-duplicate-imei = duplicate IMEI
flag-usim-of-another-device = USIM of another device
flag-appkey-changed = appkey changed

## What each command is for: the code is made of its name

command-says-dmpconfig = Access to China Mobile's device management platform (CMDMP); in force after reboot.
command-says-e = Echo off (0) or on (1).
command-says-q = Result codes are written (0) or kept back (1), URCs as well.
command-says-v = Result codes as numbers (0) or as words (1).
command-says-s0 = After how many rings a call is answered; nobody calls an NB-IoT module.
command-says-w = Keep echo, error mode and the form of result codes for ATZ and every start.
command-says-z = The line as AT&W has kept it, URCs off; what else is saved stays.
command-says-f = The line as it was delivered, URCs off; what is saved stays, that of AT&W too.
command-says-cmee = Errors as ERROR (0), as +CME ERROR with a number (1) or with a text (2).
command-says-i = Manufacturer, model and firmware version.
command-says-cgmi = Manufacturer.
command-says-cgmm = Model.
command-says-cgmr = Firmware version.
command-says-gmi = { command-says-cgmi }
command-says-gmm = { command-says-cgmm }
command-says-gmr = { command-says-cgmr }
command-says-gsn = IMEI.
command-says-cgsn = Serial number (0), IMEI (1), IMEISV (2) or software version number (3).
command-says-cimi = IMSI of the USIM.
command-says-nccid = ICCID of the USIM.
command-says-cfun = Minimum (0) or full (1) function, flight mode (4); with <rst> 1 after a restart.
command-says-cpin = Whether the USIM wants a PIN.
command-says-cgatt = Detach from (0) or attach to (1) the network.
command-says-cereg = Registration on the network, and its unsolicited result code.
command-says-cscon = Whether a connection is up, and its URC.
command-says-csq = Signal strength: 0-31, 99 for none.
command-says-cesq = Signal quality and power of the cell.
command-says-cgact = Whether the context is active; the attach activates it, and it cannot go alone.
command-says-cops = The operator: automatic (0), by number (1), none (2).
command-says-cgpaddr = The module's IP address.
command-says-nrb = Restart; answers REBOOTING and no OK (D21).
command-says-qsclk = Sleep forbidden (0), light and deep sleep (1), light sleep only (2).
command-says-cpsms = Power saving mode and its two timers.
command-says-cclk = The network's time.
command-says-clac = The commands that there are.
command-says-ceer = Why the network refused or released last; the lab's never does.
command-says-ctzr = Whether the network's time zone is told at the attach, and how.
command-says-npsmr = Whether the beginning and the end of power saving are told.
command-says-qrellock = Do not stay awake for the host's next line: sleep may begin at once.
command-says-qcgdefcont = The APN of the default bearer, from the next attach on.
command-says-qidnscfg = The name servers; the lab's own answers whatever they are.
command-says-nconfig = Switches of the protocol stack; in force after reboot.
command-says-nuestats = What the radio measures and has counted.
command-says-nband = The frequency bands that are searched.
command-says-nping = Ping an address; the result is a URC.
command-says-cedrxs = Extended discontinuous reception.
command-says-cgdcont = Contexts with their APN; the lab's network takes any, and gives its own.
command-says-ncsearfcn = Forget the carriers that were found before; the lab has one.
command-says-qledmode = The network light off (0) or on (1).
command-says-natspeed = Baud rate; kept with <store> 1.
command-says-nsonmi = How data of sockets is announced.
command-says-nsocr = Open a socket; the answer is its number.
command-says-nsost = Send a datagram, in hex.
command-says-nsostf = Send a datagram, in hex, with release assistance.
command-says-nsorf = Read what has come to a socket.
command-says-nsoco = Connect a TCP socket, or name the only peer of a UDP socket; OK once that is done.
command-says-nsosd = Send bytes over a connected TCP socket, in hex.
command-says-nsocl = Close a socket.
command-says-nqsos = The numbers of what sockets still have under way.
command-says-nsmi = Whether messages that were sent to Huawei's platform would be reported.
command-says-nnmi = How messages of Huawei's platform would be announced.
command-says-qregswt = Registration with Huawei's IoT platform manual (0), automatic (1) or off (2); here is none.
command-says-qlaserverip = Bootstrap and LwM2M servers: add one of a type, or DELete.
command-says-qlasecswt = DTLS towards the LwM2M server, and whether to renegotiate after 30 s of silence.
command-says-qlasetpsk = PSK identity and key for the LwM2M server; in force after reboot.
command-says-qlasregind = Register (0) or deregister (1).
command-says-qlasenddata = Send data to the platform; without <data> in data mode.
command-says-qlasendata = { command-says-qlasenddata }
command-says-qlasendrsp = Answer the platform's read or write within 10 s of its URC.
command-says-qladastatus = What became of the last CON uplink.
command-says-qladatastatus = { command-says-qladastatus }
command-says-qlauldatastatus = { command-says-qladastatus }
command-says-qlafotaind = Firmware update automatic (0), controlled (1); download (2), not (3), update (4), not (5).
command-says-qlaregswt = Registration after attach manual (0) or automatic (1); in force after reboot.
command-says-qlastatus = State of the registration.
command-says-qlaresetdtls = A new DTLS handshake with the next data.
command-says-qladtlsstat = State of DTLS.
command-says-qcfg-lwm2m-devicetype = Device type, resource /3/0/17.
command-says-qlafotareset = Stop a firmware update so that urgent data may be sent (under development in DOC-E).
command-says-qlasetbspsk = PSK identity and key for the Bootstrap server; after reboot (under development in DOC-E).
command-says-qsetbspsk = { command-says-qlasetbspsk }
command-says-qlabssecswt = DTLS towards the Bootstrap server; after reboot (under development in DOC-E).
command-says-qbssecswt = { command-says-qlabssecswt }
command-says-qdmpcfg = { command-says-dmpconfig }
command-says-qdmpcfgex = What the device tells CMDMP about itself; in force after reboot.
command-says-qccid = { command-says-nccid }
command-says-qrst = Restart; OK, then RDY (D21).
command-says-qmtcfg = Which settings of an MQTT client there are, and what they take.
command-says-qmtcfg-will = Set or show the message that the broker publishes when the client is lost. Holds from the next AT+QMTOPEN on.
command-says-qmtcfg-timeout = Set or show how long a client waits for an answer, how often it sends again, and whether the host hears of it.
command-says-qmtcfg-session = Set or show whether the broker forgets the session when the client leaves (1).
command-says-qmtcfg-keepalive = Set or show the keep-alive time in seconds; 0: none.
command-says-qmtcfg-aliauth = Set or show product key, device name and device secret of Alibaba Cloud, from which user name and password are made.
command-says-qmtcfg-version = Set or show the version of MQTT: 3.1 (0) or 3.1.1 (1).
command-says-qmtcfg-showrecvlen = Set or show whether +QMTRECV says the length of a message.
command-says-qmtcfg-echomode = Set or show whether data mode echoes; it never does here.
command-says-qmtcfg-dataformat = Set or show whether messages are text (0) or hex digits (1): sent, received.
command-says-qmtcfg-ssl = TLS for an MQTT client: only 0, none, is taken.
command-says-qmtopen = Open the connection of an MQTT client; +QMTOPEN says how that ended.
command-says-qmtclose = Close the connection of an MQTT client without taking leave of the broker.
command-says-qmtconn = Begin a session with the broker; +QMTCONN says how that ended. Read: the state of each client.
command-says-qmtdisc = Take leave of the broker and close the connection.
command-says-qmtsub = Ask the broker for topics; +QMTSUB says which QoS it grants.
command-says-qmtuns = Ask the broker for these topics no longer.
command-says-qmtpub = Publish a message: in the line, or behind >, which Ctrl-Z ends.
command-says-qband = { command-says-nband }
command-says-qping = Ping an address; the results are URCs.
command-says-qiopen = Open a UDP or TCP socket; what came of it is a URC.
command-says-qiclose = Close a socket.
command-says-qistate = The sockets and their states.
command-says-qisend = Send bytes of a socket, from the line or behind a prompt; length 0 shows what was sent.
command-says-qisendex = Send bytes of a socket, written as hex digits.
command-says-qird = Read what has come for a socket in buffer mode.
command-says-qiswtmd = Whether data that comes waits to be read or is told at once.
command-says-qigeterror = Why the last command of the sockets failed.
command-says-qicfg = The options of sockets and their ranges.
command-says-qicfg-dataformat = Whether data is written and shown as text or as hex digits.
command-says-qicfg-viewmode = What stands between the head of data and the data.
command-says-qicfg-showlength = Whether the optional lengths are shown.
command-says-qicfg-open-time = How long a TCP connection may take to open; kept and shown.
command-says-qidnsgip = Look a name up; the address is a URC.
command-says-qdns = Look a name up; the address is a URC.
command-says-qntp = Ask a server for the time; the answer is a URC.
command-says-qcsearfcn = { command-says-ncsearfcn }
command-says-cgreg = Registration on the network, for hosts that ask in the GPRS way.
command-says-ipr = Baud rate.
command-says-qsregenable = Self-registration with China Telecom off (0) or on (1); in force after reboot.
command-says-qselfregister = Self-registration with the operators off (0) or on (1); in force after reboot.
command-says-ccid = { command-says-nccid }

## What the numbers of the commands stand for, and when a command is refused whatever it says

command-cmdmp-mode = CMDMP access off (0) or on (1).
command-cmdmp-server-whole = Server, port and update period, none of them empty.
command-cmdmp-server-cleared = Server, port and update period; an empty server or port clears what was saved (D31).
command-cmdmp-server-default = Server, port and update period; an empty one is the default (D4).
command-cmdmp-server-kept = Server, port and update period; an empty one keeps what was saved (D4).
command-cmdmp-keys = Credentials: app key, private key, terminal type and IMEI.
command-cmdmp-plmns = One to three PLMNs; a second write replaces the list (D32).
command-cmdmp-show-default = Saved values; what never was shows as its default (D34).
command-cmdmp-show-space = Saved values; what never was shows as one space a field (D31, D34).
command-with-act-0 = with <act> 0 alone
command-with-mode-1 = with <mode> 1 alone
command-as-listed = as AT+NCONFIG=? lists for <function>
command-as-many-as-number = as many as <number> says, each once
command-each-once = each once
command-cmdmp-erase = Erase what is saved; the defaults are in force after reboot (D20).
command-cmdmp-state = The state of the access now: <dmstate>.
command-part-mode = the mode
command-part-server = server, port and update period
command-part-keys = the credentials
command-part-plmns = the PLMNs
command-part-all = all of them
command-extended-application = Information of the application.
command-extended-mac = MAC address.
command-extended-hardware = ROM, RAM, CPU and version of the operating system.
command-extended-software = Version and name of the software.
command-extended-subscription = VoLTE, kind of network, account and telephone number.
command-extended-location = Location.
command-act-save = save
command-act-read = read what is saved
command-act-erase = erase
command-errors-plain = ERROR without a code
command-access-buffer = data waits to be read
command-access-push = data is told at once
command-data-text = text
command-data-hex = hex digits
command-release-after-reply = the connection may end after the reply
command-release-now = the connection may end once this has left
command-release-none = none
command-view-line = a line end
command-view-comma = a comma
command-length-hidden = not shown
command-length-shown = shown
command-name-asked = look up
command-name-forgotten = forget what is known of it
command-name-asked-anew = look up, and keep nothing
command-time-shown = the time is shown
command-time-set = the time is shown, and the module’s clock set
command-errors-number = +CME ERROR with a number
command-errors-text = +CME ERROR with a text
command-function-minimum = minimum function
command-function-full = full function
command-function-flight = flight mode
command-operator-automatic = automatic
command-operator-by-number = manual, by number
command-operator-none = deregister from the network
command-operator-numeric = numeric
command-psm-off = off
command-psm-on = on
command-psm-forgotten = off, and the timers are forgotten
command-nb-iot = E-UTRAN, NB-S1 mode (NB-IoT)
command-huawei-manual = manual
command-huawei-automatic = automatic
command-huawei-off = off
command-protocol-udp = UDP
command-protocol-tcp = TCP
command-protocol-of-type = as <type> says
command-length-of-data = as many as <data> has bytes
command-socket-deaf = what comes is dropped
command-socket-hears = what comes is kept until it is read
command-socket-silent = data is not announced
command-socket-tells-length = +NSONMI with the length; the data waits for AT+NSORF
command-socket-tells-all = +NSONMI with address, port, length and data
command-socket-tells-data = +NSONMI with length and data
command-send-non = NON, no release assistance
command-send-non-release = NON, then release the connection at once
command-send-non-release-after-reply = NON, release the connection after the answer
command-send-con = CON, no release assistance
command-send-con-release-after-reply = CON, release the connection after the answer
command-result-content = 2.05 Content
command-result-changed = 2.04 Changed
command-result-bad-request = 4.00 Bad Request
command-result-unauthorized = 4.01 Unauthorized
command-result-not-found = 4.04 Not Found
command-result-method-not-allowed = 4.05 Method Not Allowed
command-gate-ont-firmware = firmware whose version does not end in _ONT answers error 4
command-gate-update = while the firmware is updated, what changes something in the module answers error 529

## What users write

usage-foreign = { WORD($detail) }
usage-none-of = '{ $value }' is none of { LIST($known) }
usage-given-twice = { $key }= is given twice
usage-empty = { $key }= is empty
usage-empty-path = empty: the path of a file or folder stands here
usage-imei = '{ $value }' is not 15 digits
usage-card-twice = { LIST($known) }: one of them says whose card it is
usage-digits = '{ $value }' is not so many digits: { LIST($known) }
usage-vendor = '{ $value }' is no vendor's code: letters and digits, at most { $most } before this model
usage-name = '{ $value }' is no name: letters, digits and . _ - only, and neither . nor ..
usage-name-taken = the lab already has '{ $name }'
usage-address = '{ $value }' is not HOST:PORT
usage-address-host = '{ $value }': the host must be an IP address or localhost
usage-size = '{ $value }' is no size such as 64M
lab-broker-away = NATS does not answer ({ WORD($detail) }): devices are served, and other nodes are asked once it is there
lab-broker-driver = the client of NATS is not installed: pip install 'nbtwin[cluster]'
lab-module-left-out = { $module } cannot come back, and stays in the state directory: { WORD($why) }
lab-imei-shared = { $module } has the IMEI of { LIST($others) }, { $imei }: a platform takes them for one device
lab-not-restarted = { $platform } could not be restarted: { WORD($why) }
lab-not-reached = { $condition } was not so within { SPAN($within) }{ $found ->
    [none] { "" }
   *[other] ; there is: { $found }
}
lab-name-unknown = there is no { $kind } '{ $value }'{ $near ->
    [none] { "" }
   *[other] ; near it: { LIST($near) }
}{ $count ->
    [0] ; there is none at all
   *[other] ; there is { LIST($known) }
}
lab-not-text = { $value } is not text
lab-not-several = '{ $value }' is one text; a list of them is asked for
lab-not-a-line = '{ $value }' is not one command line: at least one letter, and no line end or other control character
lab-operation-failed = { $operation } { $path } was not done: { $response_code } { WORD($why) }
lab-operation-unanswered = { $operation } { $path }: no answer within { SPAN($within) }
lab-reports-only = { $platform } takes reports and asks nothing
lab-module-off = { $name } is switched off
lab-closed = the lab is closed
lab-no-url = '{ $url }' is not the URL of a lab, such as http://127.0.0.1:8080
lab-unreachable = no lab at { $url }: { WORD($detail) }
lab-none-there = what answers at { $url } ({ $answer }) is not an nbtwin lab
lab-other-version = the lab at { $url } is nbtwin { $there }, which nbtwin { $here } does not understand
lab-ended = the lab has ended
lab-token-needed = { $url } asks for a token
lab-token-refused = { $url } does not know this token
lab-forbidden = { $url } refuses: { WORD($why) }
lab-paused = the lab is paused: none of its time passes
lab-not-live = { $what } is of a lab on the wall clock; time passes in this one when something is waited for
lab-live-only = { $option } is for a live lab (live=True)
lab-simulated-only = { $option } is for a simulated lab
lab-loopback-only = { $value } is not on this machine alone; for others, nbtwin up --http with tokens
lab-refused = { WORD($detail) }
lab-scenario-unmet = { $title }: { $unmet } of { $count } not as expected
usage-zone = '{ $value }' is no time zone: UTC, an offset such as +08:00, or a name such as Asia/Shanghai
usage-lines = '{ $value }' is no number of lines
usage-port-of-operator = '{ $value }' is not OPERATOR=PORT, such as cmdmp=5683
usage-one-process = not while the platforms run in several processes (--processes)
usage-rate-simulated = the time of a simulated lab passes by advance alone
usage-toml = no TOML: { WORD($detail) }
usage-key-unknown = no such key; { $near ->
    [none] there are { LIST($known) }
   *[other] is it { $near }?
}
usage-key-missing = { $key } is missing
usage-kind = expected { WORD($expected) }, not { WORD($given) }
usage-port = { $value } is no port: 0 to 65535, and 0 is any free one
usage-port-of-two = port { $port } is { $platform }'s already; andlink takes three from the one that is named
usage-file-missing = there is no file '{ $value }'
usage-twice = '{ $value }' is there already
usage-ways = { LIST($known) }: one of them says what it is
usage-variable-missing = there is no environment variable { $variable }
usage-lab-unreadable = not what a lab is made of: { WORD($detail) }
usage-archive-unreadable = not an archive of a lab: { WORD($detail) }
usage-archive-time = it starts after its own time
usage-archive-later = it is { SPAN($seconds) } later than this simulated lab; at most { SPAN($limit) } are lived through
usage-archive-flash = no firmware images
snapshots-unreadable = no snapshots: { WORD($detail) }
snapshots-format = snapshots of format { $format }; this version reads { $known }
snapshots-numbers = no snapshots: their numbers do not rise
nvram-unreadable = not an NVRAM image: { WORD($detail) }
nvram-format = NVRAM image of format { $format }; this version reads { $known }
usage-archive-member = { $name } in the archive is no file, or too large
usage-archive-format = an archive of format { $format }, not { $known }
usage-archive-size = it unpacks to more than { $limit } bytes
usage-archive-missing = the archive has no { $name }

## The pytest plugin

testing-mark-keyword = there is no '{ $keyword }'{ $near ->
    [none] { "" }
   *[other] ; near it: { LIST($near) }
}; there is { LIST($known) }
testing-mark-form = it is written { $described }
testing-scenario-unreadable = { $file } cannot be read: { WORD($detail) }
testing-scenario-mark-missing = the test asks for nb_scenario, and no @pytest.mark.nb_scenario("FILE") says which
testing-scenario-beside = { $mark } cannot stand beside nb_scenario: the file says what the lab is
testing-port-workers = one port is not for { $count } workers at once: run the tests of --nb-port with -n 0
testing-port-live = --nb-port and --nb-live exclude each other: a real module or a virtual one
testing-url-alone = --nb-url names the lab that the module of --nb-port registers with, and there is no --nb-port
testing-baud-alone = --nb-baud is the speed of --nb-port, and there is no --nb-port
testing-scenario-simulated = a scenario's lab is simulated, and the tests run with { $option }

## Commands

cli-command-unknown = there is no command '{ $command }'{ $near ->
    [none] { "" }
   *[other] ; did you mean { LIST($near) }?
}
cli-option-unknown = there is no option { $option }{ $near ->
    [none] { "" }
   *[other] ; did you mean { LIST($near) }?
}
cli-parameter-missing = { $parameter } is missing; -h shows what there is
cli-value-missing = needs a value
cli-value-unwanted = takes no value
cli-number = must be a number
cli-number-from = must be a number, { $least } or more
cli-number-between = must be a number from { $least } to { $most }
cli-too-many = too much: { LIST($values) }; -h shows what is taken
cli-output-unwritable = standard output cannot be written: { WORD($detail) }
cli-secret-needed = no terminal to ask at: give { $option }, or set { $variable }
asking-password = { "Password: " }
cli-not-text = no text: neither UTF-8 nor UTF-16 nor GB 18030, or larger than 32 MB
cli-none-of = '{ $value }' is none of { LIST($known) }
cli-file-missing = there is no such file
cli-file-exists = is there already: --force replaces it
cli-link-without-pty = a link is to a pseudo-terminal, and --serial is { $value }
cli-model-needed = does not say which model it is: give --model
cli-file-unreadable = cannot be read: { WORD($detail) }
cli-file-unwritable = cannot be written: { WORD($detail) }
cli-ending = the name ends in none of { LIST($known) }
cli-option-lost = { LIST($options) } before { $command } has no effect
cli-options-missing = say what to delete: { LIST($known) }
cli-token-needed = who asks needs a token, and there is none yet: nbtwin token create NAME --role admin { $options }
cli-port-unknown = is neither a port nor a module of a lab that runs{ $known ->
    [none] {""}
   *[other] ; modules: { LIST($known) }
}; looked at: devices, and labs that run at { LIST($places) }. A lab elsewhere is named with --state
cli-at-speed = no answer to { $line } within { SPAN($seconds) } at { $baud } baud: the module may have another speed; leave --baud out, and it is looked for
cli-at-other-speed = no answer to { $line } within { SPAN($seconds) } at { $baud } baud, but AT is answered at { $found }: --baud { $found }
cli-at-silent = no answer to { $line } within { SPAN($seconds) }
cli-at-restarted = the module restarted instead of answering { $line }
cli-at-taken = another program has the port: the connection was closed at once, without a byte
cli-at-lost = the port went away at { $line }
cli-at-data-wanted = { $line } asks for data: give it behind the line, as '>TEXT'
cli-script-and-commands = run a script, or send lines, not both
cli-script-line = '{ $text }' is neither a command nor { LIST($known) }
cli-script-loop = runs itself
cli-script-no-command = `{ $text }` stands behind no command
cli-script-hex = '{ $text }' are no hexadecimal bytes such as 1b 0d
cli-script-expression = { $text } is no regular expression: { WORD($detail) }
cli-script-silence = no answer to { $line } within { SPAN($seconds) }
cli-script-other = { $line } was to be answered { $text }, and was answered { LIST($came) }
cli-script-error = { $line } was answered { $final }
cli-script-never = { $text } did not come within { SPAN($seconds) }
cli-macro-without-script = has no script
cli-macro-key-twice = { $key } is the key of two macros
cli-platform-unknown = there is no platform '{ $platform }'; the platforms are { LIST($known) }
cli-appkey-unknown = there is no appkey '{ $appkey }'
cli-keys-unknown = { $device } has no keys
cli-definition-unknown = there is no definition of object { $object }
cli-package-unknown = there is no package '{ $package }'
cli-token-unknown = there is no token '{ $token }'
cli-delta-of-delta = this is a delta itself; a delta is made between whole images
cli-delta-of-others = this is a delta, or for another model than { $model }
cli-nats-url = a NATS server's URL begins with nats:// or tls://
cli-node-database = nodes share a PostgreSQL: --database postgresql://…
cli-node-lacks = a node has a name, a PostgreSQL and a NATS server: { $option } is missing
cli-node-name = '{ $value }' is no name of a node: 1 to 32 letters, digits and _ - only
cli-nvram-unknown = no NVRAM of '{ $module }' (a module's begins with its first setting); there is that of { LIST($known) }
cli-nvram-unknown-all = no NVRAM of '{ $module }' (a module's begins with its first setting), nor of any other
cli-state-unknown = there is no state directory { $state }; `nbtwin up --state { $state }` makes one
cli-state-in-use = is in use by process { $process }; only a lab that is stopped can be changed here
cli-expectations = { $wrong } of { $total } { $total ->
    [1] expectation
   *[other] expectations
} not met
cli-command-unstarted = cannot be started: { WORD($detail) }
cli-command-killed = was ended by { $signal }
cli-one-file = is of one scenario, not of several
cli-run-lost = the process that ran it ended by itself (killed, or out of memory): it has no verdicts
cli-time = not a time: { $value } (an example: 2026-03-01T08:00:00+08:00, or seconds)
cli-appkey-form = an app key is written APPKEY=PASSWORD
cli-port-and-url = --port and --url go together: the platform that a real module registers with has to be ours
cli-one-card = '{ $value }' is one card, and a fleet has one for each module: mobile, telecom or unicom
cli-spread-longer = { SPAN($seconds) } is longer than { $days ->
    [1] the day that is simulated
   *[other] the { $days } days that are simulated
}
cli-artifacts-kept = the command failed; what happened is in { LIST($files) }
cli-lab-has-its-state = the lab { $lab } has a state directory of its own: leave out --state or --lab
cli-lab-name = '{ $value }' is no name of a lab: letters, digits and . _ - only
cli-lab-unknown = there is no lab '{ $name }'{ $known ->
    [none] { "" }
   *[other] ; there are { LIST($known) }
}
config-default = default
config-right = { $file } is right
config-written = { $file } is written: everything in it is commented, so nothing is changed yet
cli-checkout-missing = the benchmarks are in the project's checkout, not in the installed package: run `make bench` there
demo-answer = { $line } answered { $answer }, not { $expected }
demo-device = the platform has no such device
demo-late = { $what } did not come within { $seconds } s
demo-learned = the platform learned something else: { $state }, { $wrong }
demo-month = the thirty days did not end as they should
cost-psm = '{ $value }' is neither off nor T3412,T3324 such as 30h,10s
worlds-worker-lost = a process that simulated some of the worlds ended by itself (killed, or out of memory); { $done } of { $total } worlds had been run
cost-psm-span = { $timer } cannot be { SPAN($seconds) }: it is 0 to 31 of one of its units (TS 24.008)
cost-never-registers = { $model } never registers itself with { $operator }; it does with { LIST($known) }
scenario-yaml = { WORD($detail) }
scenario-depth = more than { $levels } levels in one another
scenario-size = more than { $values } values, or one that contains itself
scenario-given-twice = { $key } is given twice
scenario-kind = expected { WORD($expected) }, not { WORD($given) }
scenario-foreign = { WORD($detail) }
scenario-field-missing = { $part ->
    [modules] a module
    [platforms] a platform
    [network] the network
    [steps] a step
    [expect] an expectation
    [key] a key
    [psk] a module's keys
    [upgrade] an upgrade
    [text] a text in two languages
   *[scenario] a scenario
} needs { $missing }
scenario-field-unknown = no such field; { $part ->
    [modules] a module
    [platforms] a platform
    [network] the network
    [steps] a step
    [expect] an expectation
    [key] a key
    [psk] a module's keys
    [upgrade] an upgrade
    [text] a text in two languages
   *[scenario] a scenario
} has { LIST($known) }
scenario-field-misspelt = no such field; is it { $close }?
scenario-none-of = '{ $value }' is none of { LIST($known) }
scenario-no-text = '{ $value }' is no text
scenario-no-number = '{ $value }' is no number
scenario-no-range = '{ $value }' is no number and no range such as 3..5
scenario-range-ends = '{ $value }' ends before it starts
scenario-imei = '{ $value }' is not 15 digits
scenario-nvram = NVRAM: { WORD($detail) }
scenario-nvram-unknown = NVRAM has no { $setting }
scenario-empty = it is empty
scenario-no-modules = at least one
scenario-name-taken = { $name } is taken
scenario-platform-twice = { $operator } is there already
scenario-no-appkeys = { $operator } knows no appkeys
scenario-no-psk = { $operator } knows no pre-shared keys
scenario-module-unknown = there is no module { $name }; there is { LIST($known) }
scenario-platform-unknown = there is no platform { $name }; there is { LIST($known) }
scenario-module-unclear = which module? There is { LIST($known) }
scenario-platform-unclear = which platform? There is { LIST($known) }
scenario-inventory-unclear = the inventory of several platforms: name one
scenario-no-action = nothing is done; a step is one of { LIST($known) }
scenario-actions = several things at once ({ LIST($actions) }); a step is one of { LIST($known) }
scenario-at-and-after = at and after exclude each other
scenario-answer-to-nothing = an answer needs the line that was sent, or what a platform asked
scenario-one-value = one path and its value
scenario-signal = rssi { $rssi } is not 0-31 or 99
scenario-no-claim = nothing is expected; it may be { LIST($known) }
scenario-not-counted = only { LIST($known) } are counted from an instant on
scenario-since-after-at = it lies after at
scenario-no-upgrades = only andlink updates firmware
scenario-no-operations = { $operator } asks nothing of modules
scenario-device-field = no such field; a device has { LIST($known) }
kind-object = a mapping of fields
kind-array = a list
kind-str = text
kind-int = a whole number
kind-float = a number
kind-bool = true or false
kind-null = nothing
kind-bytes = bytes
kind-either = { WORD($first) } or { WORD($rest) }
setting-answered = { $model } answers { $line } with { $answer }
setting-unanswered = { $model } does not answer { $line }

## What the system and libraries say

unfit-at = { $path }: { WORD($why) }
unfit-kind = expected { WORD($expected) }, not { WORD($given) }
unfit-missing = { $name } is missing
unfit-unknown = there is no field { $name }
unfit-choice = '{ $value }' is none of the values that there are
unfit-bound = expected a number { $relation ->
    [ge] of at least
    [gt] above
    [le] of at most
   *[lt] below
} { $bound }
unfit-length = expected { WORD($kind) } of { $form ->
    [exact] length { $length }
    [least] at least length { $length }
    [most] at most length { $length }
   *[between] length { $length } to { $most }
}
unfit-pattern = expected text of the form { $pattern }
unfit-base64 = this is not base64
unfit-range = the number is out of range
unfit-syntax = malformed { $format } at byte { $byte }: { $problem ->
    [character] an invalid character
    [colon] a colon is missing
    [comma] a comma or the closing bracket is missing
    [last-comma] a comma before the closing bracket
    [key] a key is no text
    [rest] something stands behind its end
    [number] an invalid number
   *[other] this cannot stand here
}
unfit-truncated = it ends too early
unfit-utf8 = byte { $byte } is not UTF-8
unfit-surrogate = character { $at } is half of one (a surrogate)
unfit-nested = it is nested too deeply
unfit-xml = { $problem ->
    [syntax] something cannot stand here
    [ended] it ends too early
    [open] something is not closed
    [encoding] these bytes do not fit the encoding, or nobody knows it
    [tag] the closing tag is another one than the opening one
    [twice] an attribute stands twice
    [rest] something stands behind its end
    [entity] an entity that is not defined
    [character] the number of a character that there is not
    [declaration] the XML declaration is wrong, or not at the beginning
   *[other] it is not well-formed
}
unfit-csv = { $problem ->
    [long] a field is too long
    [open] a quoted field is not closed
    [line-end] a line ends within a field that has no quotes
    [quote] a comma or the end of the line is missing after a quoted field
   *[other] the fields cannot be told apart
}
unfit-expression = { $at ->
    [none] { "" }
   *[other] at character { $at }:{ " " }
}{ $problem ->
    [group-open] a parenthesis is not closed
    [group-closed] a closing parenthesis without an opening one
    [set-open] a square bracket is not closed
    [range] the range of characters runs backwards
    [repeat] there is nothing that could be repeated
    [bounds] the lower bound of a repetition is above the upper one
    [escape] a backslash before a character that has no such form
    [name] no group has this name or number, or it cannot be a name
    [behind] a look-behind needs a fixed length
    [extension] there is no such form after "(?"
    [end] it ends too early
   *[other] this cannot stand here
}
unfit-archive = this is not gzip or tar, or it is damaged
unfit-cbor = this is not CBOR, or it is damaged
unfit-cipher-blocks = it is not whole blocks of AES
unfit-cipher-padding = what is decrypted does not end as PKCS #7 ends
unfit-other = it does not fit
system-eperm = Operation not permitted
system-enoent = No such file or directory
system-eintr = Interrupted system call
system-eio = Input/output error
system-enxio = No such device or address
system-enoexec = Exec format error
system-ebadf = Bad file descriptor
system-eagain = Resource temporarily unavailable
system-enomem = Cannot allocate memory
system-eacces = Permission denied
system-ebusy = Device or resource busy
system-eexist = File exists
system-enodev = No such device
system-enotdir = Not a directory
system-eisdir = Is a directory
system-einval = Invalid argument
system-enfile = Too many open files in system
system-emfile = Too many open files
system-enotty = Inappropriate ioctl for device
system-efbig = File too large
system-enospc = No space left on device
system-erofs = Read-only file system
system-epipe = Broken pipe
system-enametoolong = File name too long
system-enotempty = Directory not empty
system-eloop = Too many levels of symbolic links
system-eaddrinuse = Address already in use
system-eaddrnotavail = Cannot assign requested address
system-enetunreach = Network is unreachable
system-econnaborted = Software caused connection abort
system-econnreset = Connection reset by peer
system-etimedout = Connection timed out
system-econnrefused = Connection refused
system-ehostdown = Host is down
system-ehostunreach = No route to host
system-edquot = Disk quota exceeded
system-name-unknown = the name is not known
system-name-later = no name server answers at present
sqlite-readonly = attempt to write a readonly database
sqlite-ioerr = disk I/O error
sqlite-corrupt = database disk image is malformed
sqlite-full = database or disk is full
sqlite-cantopen = unable to open database file
sqlite-notadb = file is not a database
postgres-password = PostgreSQL does not accept the password
postgres-no-password = PostgreSQL asks for a password and none was given
postgres-not-admitted = PostgreSQL does not admit this user from this host (pg_hba.conf)
postgres-role-unknown = PostgreSQL has no such user
postgres-database-unknown = PostgreSQL has no such database
postgres-full = PostgreSQL takes no further connections
postgres-starting = PostgreSQL is starting up
postgres-ending = PostgreSQL is shutting down
postgres-closed = PostgreSQL has closed the connection
postgres-readonly = PostgreSQL lets nobody write now
postgres-privilege = PostgreSQL does not give this user the right
postgres-cancelled = PostgreSQL has cancelled the statement
postgres-other = PostgreSQL says: { $said }
syntax-mapping-here = mapping values are not allowed here
syntax-keys-here = mapping keys are not allowed here
syntax-entry-here = sequence entries are not allowed here
syntax-colon = could not find expected ':'
syntax-ended = found unexpected end of stream
syntax-key-unfit = a list or a mapping cannot be a key
syntax-one-document = expected a single document in the stream
syntax-block-end = expected the end of a block, but found { $found }
syntax-node = expected a value, but found { $found }
syntax-flow = expected ',' or '{ $bracket }', but got { $found }
syntax-start = found character { $character } that cannot start any token
syntax-escape = found unknown escape character { $character }
syntax-alias = found undefined alias { $name }
syntax-anchor = found duplicate anchor { $name }
syntax-tag = could not determine a constructor for the tag { $name }
syntax-statement = Invalid statement
syntax-equals = Expected '=' after a key
syntax-value = Invalid value
syntax-overwritten = Cannot overwrite a value
syntax-array-open = Unclosed array
syntax-table-open = Unclosed inline table
syntax-string-open = Unterminated string
syntax-newline = Expected newline or end of document after a statement
syntax-header-open = Expected '{ $bracket }' at the end of a table's name
syntax-key = Invalid initial character for a key
syntax-twice = Cannot declare { $name } twice
syntax-inline-twice = Duplicate inline table key { $name }
syntax-fixed = { $name } is complete already
syntax-character = Illegal character { $character }
syntax-backslash = Unescaped '\\' in a string
syntax-date = Invalid date or datetime
syntax-hex = Invalid hex value
syntax-expected = Expected { $text }
syntax-other = { $said }

## Profiles, spans, faults, routes

profile-model-unknown = unknown model '{ $model }'; the models are { LIST($known) }
profile-cause-unknown = '{ $cause }' is none of the reboot causes: { LIST($known) }
span-malformed = '{ $value }' is not a span such as 90, 30min, 24h or 1d4h
lint-left-out = left out, no text: { LIST($files) }
lint-reboot = in force after a reboot: { LIST($settings) }
lint-differs = <{ $parameter }>: { $left } takes { $takes }, { $right } { $other }
lint-summary = { $commands } { $commands ->
    [1] command
   *[other] commands
} in { $files } { $files ->
    [1] file
   *[other] files
}{ $untold ->
    [0] { "" }
   *[other] , { $untold } of them named by the running program
}
lint-model = { $model }: { $unknown } unknown, { $wrong } wrong, { $reboot } in force after a reboot
lint-differences = taken differently: { $count }
fault-described = { FAULT($fault) }
fault-separator = { "; " }
fault-member-separator = { ", " }
fault-says = { $kind ->
    [loss] packets get lost; TCP sends them again
    [delay] packets are late
    [duplication] packets arrive several times; TCP drops the copies
    [reordering] a packet waits until the next one has overtaken it; TCP waits for it
    [silence] everything to and from the destination is lost: a server that is down
    [rebinding] the NAT gives the module another outside address before a packet
    [dns_failure] names cannot be resolved
    [error] the server answers requests with an error code; what is no CoAP request gets lost
    [reset] the server answers requests with a Reset; a TCP connection is reset
    [serial_urc] serial line: unsolicited lines between a command, its answer and its result
    [serial_interleaved] serial line: an unsolicited line within another line
    [serial_doubled] serial line: what the module says by itself comes several times
    [serial_late] serial line: what the module says by itself comes later, behind what followed it
    [serial_split] serial line: pauses between bytes
    [serial_slow] serial line: answers take so much of the time that they may take
    [serial_swallowed] serial line: after a silence the first bytes from the host are lost
    [serial_noise] serial line: bytes without meaning before the banner of a start
    [serial_baud] serial line: host and module have different speeds, both receive garbage
    [serial_pins] serial line: control lines are not connected, so that wake-up, ring or carrier is not seen
   *[truncation] only the first bytes of a packet arrive; TCP sends it again
}
fault-with-kind = { $kind ->
    [loss] loss
    [delay] delay
    [duplication] duplication
    [reordering] reordering
    [silence] silence
    [rebinding] NAT rebinding
    [dns_failure] DNS failure
    [error] error answer
    [reset] Reset answer
    [serial_urc] unsolicited lines
    [serial_interleaved] lines within lines
    [serial_doubled] doubled URCs
    [serial_late] late URCs
    [serial_split] split bytes
    [serial_slow] slow answers
    [serial_swallowed] bytes lost at wake-up
    [serial_noise] boot noise
    [serial_baud] wrong baud rate
    [serial_pins] control lines not connected
   *[truncation] truncation
}
fault-with-direction = { $direction ->
    [up] uplink
   *[down] downlink
}
fault-with-source = from { $source }
fault-with-destination = to { $destination }
fault-with-name = of { $name }
fault-with-packets = only no. { LIST($packets) }
fault-with-probability = probability { $probability }
fault-with-start = after { SPAN($start) }
fault-with-end = until { SPAN($end) }
fault-with-seconds = { $kind ->
    [delay] by { SPAN($seconds) }
    [reordering] at most { SPAN($seconds) }
    [serial_late] by { SPAN($seconds) }
   *[dns_failure] known after { SPAN($seconds) }
}
fault-with-spread = by chance up to { SPAN($spread) } more
fault-with-copies = { $copies } more
fault-with-code = { $code }
fault-with-octets = { $kind ->
    [serial_swallowed] the first
    [serial_noise] at most
   *[truncation] cut to
} { $octets } { $octets ->
    [1] byte
   *[other] bytes
}
fault-with-places = where: { LIST($places) }
fault-with-percent = { $percent } % of the limit
fault-with-silence = after a silence of { SPAN($silence) }
fault-with-baud = the host at { $baud } baud
fault-with-pins = { LIST($pins) }
fault-with-text = '{ $text }'
fault-baud = '{ $value }' is not 50 to 4000000 bits per second
fault-code = '{ $value }' is not an error code such as 4.04 or 5.03
fault-direction = '{ $value }' is not up or down
fault-field-unknown = a fault has no { LIST($unknown) }; it has { LIST($known) }
fault-given-twice = { $key } is given twice
fault-key-value = '{ $value }' is not key=value
fault-kind-missing = a fault needs its kind: { LIST($known) }
fault-kind-unknown = '{ $value }' is not a kind of fault: { LIST($known) }
fault-nobody = there is no '{ $value }' here{ $near ->
    [none] { "" }
   *[other] ; near it: { LIST($near) }
}; there is { LIST($known) }
fault-number = '{ $value }' is not a number that fits
fault-octets = '{ $value }' is not 0 to 65535
fault-packets = '{ $value }' is not a list of numbers from 1 on, such as 1+2
fault-percent = '{ $value }' is not 0 to 1000 percent
fault-pins = '{ $value }' is not a list of control lines such as dtr+ri; there are dtr, ri and dcd
fault-places = '{ $value }' is not a list of places such as echo+lines; there are echo, lines, final and after
fault-probability = '{ $value }' is not a number between 0 and 1
fault-spans = seconds and spread are finite and not negative, copies are 1 to 100
fault-text = '{ $value }' is not one line of 1 to 200 printable characters
fault-window = the window ends ({ SPAN($end) }) before it starts ({ SPAN($start) })
route-malformed = '{ $value }' is not REAL=TARGET, such as 117.161.2.41:5683=127.0.0.1:5683
route-port-missing = '{ $value }': a target with a port needs a port on the left side too
route-address = '{ $value }' is not HOST or HOST:PORT

## A real module on a serial port

real-silent = no answer to AT at { LIST($bauds) } baud: the module is off or asleep, it is no module, or --nb-baud is another
real-garbled = what comes at { LIST($bauds) } baud is no answer to AT: --nb-baud is another
real-model-unread = AT+CGMM says '{ $said }', which is none of { LIST($known) }: --nb-model says what it is
real-model-other = AT+CGMM says '{ $said }': the module is a { $found }, not the { $wanted } of --nb-model
real-not-ready = the module does not answer { $step } any more
real-clock = { $what }: a real module's time passes by itself
real-network = { $what }: the network of a real module is not the test's
real-hands = { $what }: nobody is there to press the real module's switches or to change its card
real-platform = { $what }: no lab is named that the real module registers with (--nb-url)
real-untold = { $what }: no command of the { $model } tells
real-one-module = { $what }: at the port there is one real module
real-delivered = { $what }: a real module is not delivered by the test, and nothing is saved in it
real-not-this = { $what }: the test is for '{ $wanted }', the real module has '{ $found }'
real-datagrams = { $what }: what a real module sends through the air is not seen at its port

## Ports, files, state directories

edge-port-in-use = { $protocol } port { $port } on { $host } is in use
edge-port-forbidden = { $protocol } port { $port } on { $host } may not be used by this user
edge-port-failed = { $protocol } port { $port } on { $host } cannot be opened: { WORD($detail) }
edge-address-foreign = this machine has no address { $host }
edge-name-unresolved = { $name } cannot be resolved: { WORD($detail) }
edge-file-unreadable = cannot be read: { WORD($detail) }
edge-file-header = broken: it does not start as a state file does
edge-file-length = broken: it has { $length } { $length ->
    [1] byte
   *[other] bytes
} of content instead of { $expected }
edge-file-checksum = broken: its checksum is wrong
edge-file-content = broken: { WORD($cause) }
edge-file-no-number = it is not a number
edge-file-set-aside = { WORD($why) }; it was kept as { $aside } and an empty one takes its place
edge-file-stays = { WORD($why) }; it cannot be set aside: { WORD($error) }
edge-state-unusable = state directory { $path } cannot be used: { WORD($detail) }
edge-state-in-use = state directory { $path } is in use
edge-state-in-use-by = state directory { $path } is in use by process { $process }
edge-state-waits = state directory { $path }: process { $process } was killed; waiting until what it had started has ended
edge-state-left = state directory { $path } is in use: process { $process } was killed, and what it had started still runs
edge-state-newer = made by a newer nbtwin (format { $version }, this one knows { $known }); nothing in the state directory is changed
edge-time-unkept = the lab's time could not be kept: { WORD($detail) }
edge-timeline-unusable = the timeline in { $path } cannot be used: { WORD($detail) }
edge-timeline-unwritten = the timeline cannot be written to { $path }: { WORD($detail) }
edge-pty-none = this machine has no pseudo-terminal to give: { WORD($detail) }
edge-pty-link = { $link } cannot be linked to { $path }: { WORD($detail) }
edge-pty-link-taken = { $link } cannot be linked to { $path }: there is something that is not a link
host-silent = no answer to AT at { LIST($bauds) } baud: the module is off or asleep, or it is no module
host-garbled = what comes at { LIST($bauds) } baud is no answer to AT ({ $data } …): the speed is another, or it is no module
host-garbled-answer = what came instead of an answer to { $command } is none ({ $data } …): the module no longer uses { $baud } baud, or the line is disturbed
host-unanswered = no answer to { $command } within { SPAN($seconds) }
host-unsent = { $command } was not sent: the module has not answered AT for { SPAN($seconds) }; it is off or asleep
host-other-host = another host uses the module at the same time: { $heard } was received while { $command } was being answered
host-restarted = the module restarted ({ $banner }) before it answered { $command }
host-lost = the port is gone{ $command ->
    [none] {""}
   *[other] {" "}while { $command } was being answered
  }: { WORD($detail) }
host-taken = another program has the port: the connection was closed at once, without a byte
host-closed = the port has been closed
host-model-other = AT+CGMM says '{ $said }': the module is a { $found }, not a { $wanted }
host-model-unnamed = { $command }: the model is not known, so neither are its commands: name it
host-no-command = the { $model } has no { $command }
host-value = { $command } was not sent: { WORD($why) } ({ $model }, { $source })
host-unreadable = the answer to { $command } cannot be read: { LIST($said) }
host-transport-unknown = there is no transport '{ $transport }'; known are { LIST($known) }
host-transport-missing = { $transport } is not installed
host-refused = { $command } answered { $final }
host-refused-coded = { $command } answered +CME ERROR: { $number }, { $text } ({ $model }, { $source })
host-refused-plain = { $command } answered ERROR ({ $model }, { $source })
edge-serial-missing = there is no such port
edge-serial-busy = another program has the port
edge-serial-failed = the port cannot be opened: { WORD($detail) }
edge-serial-taken = another program has the port: the connection was closed at once, without a byte
edge-serial-lost = the port is gone: { WORD($detail) }

## Keys, the store

key-appkey = appkey '{ $appkey }' cannot stand in an endpoint name
key-device-missing = keys need the name of a device
key-digits = a key of { $device } is not made of pairs of hexadecimal digits
key-file-columns = the first line names columns out of { LIST($known) }; device is one of them
key-file-csv = line { $line }: { WORD($detail) }
key-file-json = not a list of keys: { WORD($detail) }
key-file-row = line { $line } has another number of fields than the first
key-identity-taken = the identity '{ $identity }' belongs to { $device }
key-missing = { $device } has no key at all
key-length = a key of { $device } has { $length } { $length ->
    [1] byte
   *[other] bytes
}, not { $shortest } to { $longest }
key-name = '{ $name }' is no name of a device or identity
store-failed = { WORD($detail) }
store-conflict = { WORD($detail) }; is a second nbtwin writing to it?
store-locked = locked by another process; is a second nbtwin using it?
store-busy = busy for more than { $seconds } s
store-reads-wait = { $reads } reads wait for more than { $seconds } s
store-commit-slow = a commit takes longer than { $seconds } s
store-commit-hangs = a commit does not end, and is not waited for
store-in-use = in use by another nbtwin
store-node-in-use = a node named { $node } is running already
store-journal-damaged = the journal is damaged at byte { $offset }; nothing of it was used, move it away to go on without it
store-journal-failed = the journal cannot be written: { WORD($detail) }
store-journal-full = the database is behind: { $limit } bytes of the journal wait for it
store-journal-left = the database did not take everything; { $batches ->
    [1] 1 batch waits
   *[other] { $batches } batches wait
} in the journal for the next start
store-journal-missing = what was answered last may not be in it: a journal of it is not here, { $journal }-…; put it back, or open it with its own state directory
store-journal-newer = a journal of a newer nbtwin (version { $version }, this one knows { $known })
store-journal-other = a journal that is not of this database, or of a newer copy of it; it was kept, and nothing of it is in the database
store-journal-waits = what was answered last is not counted: { $bytes } bytes of a journal wait for the next command or lab that opens it
store-journal-torn = the end of the journal was half written, and was cut: { $bytes } bytes from byte { $offset }; nobody had been answered for them
store-newer = made by a newer nbtwin (version { $version }, this one knows { $known })
store-foreign = a database, but not one of nbtwin's; it was left as it is
store-foreign-schema = the schema { $schema } is not one of nbtwin's; it was left as it is
store-schema-name = { $schema } is no name of a schema: a-z, 0-9 and _ only
store-scheme = { $scheme }:// is no database that nbtwin can use; there are { LIST($known) }, and the path of a file
store-unusable = not a usable database ({ WORD($detail) }); it was left as it is
store-unanswered = the server does not answer; given up after { $seconds } s
store-connection-lost = the connection was lost within a transaction
store-driver-missing = the driver for PostgreSQL is not installed: pip install 'nbtwin[postgres]'
store-device-gone = a device in it was deleted by another process; the batch begins anew
store-record-damaged = a record in it is damaged ({ WORD($detail) }); it was left as it is
store-device-damaged = the record of { $device } ({ $number }) in it is damaged: { LIST($wrong) }; it was left as it is
store-keys-damaged = keys of a device are damaged ({ WORD($detail) })
store-keys-wrong = keys of a device are damaged: { WORD($cause) }
store-keys-names = keys stand under another name than theirs
store-definition-damaged = a definition of an object cannot be read: { WORD($detail) }
store-audit-damaged = a line of the audit log is damaged ({ WORD($detail) })
store-columns-wrong = what does not fit: { LIST($columns) }
store-command-damaged = the record of command { $ticket } of { $platform } is damaged ({ WORD($detail) })
store-campaign-damaged = the record of a campaign is damaged ({ WORD($detail) })
store-campaign-wrong = the record of campaign { $campaign } of { $platform } is damaged
store-progress-wrong = the record of { $device } in campaign { $campaign } is damaged
store-backup-missing = there is no such file
store-backup-foreign = not a backup of nbtwin's
store-backup-broken = not a whole backup of nbtwin's ({ WORD($detail) })
store-backup-head = not a whole backup of nbtwin's: the head of table { $table } is wrong
store-backup-width = row { $row } of table '{ $table }' has { $values } { $values ->
    [1] value
   *[other] values
} in { $columns } { $columns ->
    [1] column
   *[other] columns
}
store-backup-value = row { $row } of table { $table } cannot have this { $column }: { $value }
store-backup-size = it unpacks to more than { $limit } bytes
store-backup-changed = the backup is not whole, or was changed; nothing was restored
store-backup-format = a backup of another format ({ $format })
store-backup-newer = made by a newer nbtwin (version { $version }, this one knows { $known })
store-backup-sqlite = of version { $version }; restore it into SQLite, and back that up anew
store-backup-table = a table { $table } that version { $version } does not have
store-backup-version = version { $version } of a database is none
store-backup-column = columns of table { $table } that version { $version } does not have ({ $columns })
store-backup-row = row { $row } of table { $table } cannot be ({ WORD($detail) })
store-package-damaged = the firmware package { $package } in it is damaged ({ WORD($why) })
store-package-other = the firmware package { $package } in it is another one than it says
store-token-damaged = a token in it is damaged ({ $token }: { $role })
store-not-empty = there are devices in it; only --replace deletes them
store-package-name = '{ $name }' has other characters than letters, digits and . _ -
store-package-taken = there is a package '{ $name }' already
store-token-taken = there is a token '{ $name }' already

## API

api-foreign = { WORD($detail) }
api-defect = { $error }: a defect of nbtwin; entry { $entry } of its log has the details
api-path-unknown = there is no { $path }
api-method = { $path } does not take { $method }
api-body-unreadable = the body cannot be read
api-key-twice = the key '{ $name }' stands twice in one object
api-body-not-json = the body is not JSON: { WORD($detail) }
api-too-large = at most { $limit } bytes
api-media-type = the body has to be { $wanted }{ $found ->
    [none] ; the request does not say what it is (Content-Type)
   *[other] , not { $found } (Content-Type)
}
api-range = the file has { $size } { $size ->
    [1] byte
   *[other] bytes
}
api-field-unknown = there is no such field
api-value-missing = this is required
api-value-wrong = { WORD($detail) }
api-value-too-long = at most { $limit } { $limit ->
    [1] character
   *[other] characters
}
api-value-too-short = at least { $limit } { $limit ->
    [1] character
   *[other] characters
}
api-value-too-large = at most { $limit }
api-value-too-small = at least { $limit }
api-value-not-above = more than { $limit }
api-value-not-below = less than { $limit }
api-list-too-long = at most { $limit } of them
api-list-too-short = at least { $limit } of them
api-value-pattern = { $form ->
    [name] only letters A to Z, digits, dots, underscores and hyphens
    [token] only letters, digits, dots, underscores, hyphens and @, at most 64
    [fifteen] exactly 15 digits
    [iccid] 19 or 20 digits
    [cause] only letters, digits and underscores
    [octets] hexadecimal digits, two for each byte
    [line] one line without control characters
    [code] a CoAP code of an error, such as 5.03
    [ranges] numbers and ranges of them, with commas, such as 1-40,57
    [serial] pty, or tcp or rfc2217 with an address of this machine and a port, such as tcp:127.0.0.1:7000
   *[other] not in the form that is asked for
}
api-value-none-of = one of { LIST($known) }
api-no-text = this is no text
api-no-number = this is no finite number
api-no-whole-number = this is no whole number
api-no-boolean = this is neither true nor false
api-no-list = this is no list
api-no-object = this is no object
api-text-unstorable = this is no text that can be stored
api-text-surrogate = a lone surrogate is no character
api-one-of-two = give either { $first } or { $second }
api-token-needed = a token is needed: Authorization: Bearer …, or the login page; `nbtwin token` makes one
api-role = { $method } { $path } is for the role { $role }; { $caller } is { $caller_role }
api-reveal = seeing secrets is for the role { $role }; { $caller } is { $caller_role }
api-host = this lab answers to { LIST($known) }, not to { $host }
api-origin = a page of { $origin } may not use this lab
api-site = a page of another site may not use this lab
api-cookie = a change by cookie must come from the lab's own page
api-audit = not done, because it could not be written to the audit log: { WORD($detail) }
at-opened = { $port } is open, { $baud } baud
at-hint = Enter sends, Tab completes, F1 shows help, Ctrl-D leaves
at-lost = { $port } went away: { WORD($detail) }. It is opened again when it comes back.
at-back = { $port } is back after { $gone }
at-unsent = not sent, { $line }: the port is not there
at-no-answer = no answer to { $line } within { SPAN($seconds) }
at-late = { $line } took { SPAN($took) }; its document allows { SPAN($limit) }
at-restarted = the module restarted instead of answering { $line }
at-model = the module is a { $model }: its commands are completed and explained
at-model-unknown = AT+CGMM named no model that nbtwin knows: all models' commands are completed; --model MODEL or :model MODEL chooses
at-prompt = the module asks for data: what you enter is sent as it is, without an end of line; Ctrl-C leaves
at-queued = { $total ->
    [0] { $count } waiting
   *[other] { $count } of { $total } lines left, Ctrl-C stops
}
at-pasted = { $count } lines pasted: each is sent when the one before is answered; Ctrl-C stops
at-paste-ended = { $count } lines sent: { $ok } OK, { $errors } with an error
at-stopped = { $left ->
    [0] stopped
    [one] stopped; 1 line was not sent
   *[other] stopped; { $left } lines were not sent
}
at-script-passed = { $name } passed: { $count ->
    [one] 1 step
   *[other] { $count } steps
}
at-script-busy = a script is running; Ctrl-C stops it
at-logging = what passes is appended to { $file }
at-no-log = the log is closed
at-baud = { $baud } baud from now on
at-macro = { $name }{ $key ->
    [none] {""}
   *[other] { " " }({ $key })
}: { $count ->
    [one] 1 step
   *[other] { $count } steps
}
at-macros-none = no macros: { $file } would have them
at-commands =
    :explain LINE  what a line means (F2: the line being edited)
    :run FILE  run a script; :macro NAME, :macros  scripts by name
    :log FILE|off  append what passes to a file
    :hex on|off  bytes (F4); :time time|delta|off  time stamps (F3)
    :send TEXT  bytes as they are: \r \n \xHH, or hex 1b 0d
    :baud N, :model MODEL
    :stop  nothing more is sent or waited for (Ctrl-C); :quit  leave (Ctrl-D)
    Up, Down  earlier lines; a line that begins with a space is not kept. A paste of many lines is sent line by line.
at-ports-none = no serial port, and no lab runs at { LIST($places) } (one elsewhere is named with --state): plug a module in, or nbtwin up --module BC260Y-CN
at-ports-how = nbtwin at PORT opens one; that of a lab by its module's name, too
at-port-of-lab = module { $name } of the lab { $lab }
at-gone = gone
at-all-models = all models
firmware-packed = { $file }: { $model } { $version }, { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
firmware-compared = { $file }: { $model } { $base } to { $version }, { $count } of { $of } bytes
firmware-model-name = model
firmware-version-name = version
firmware-kind-name = kind
firmware-whole = whole image
firmware-delta = delta from { $version }
firmware-size-name = size
firmware-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
firmware-image-name = image
firmware-base-name = from
firmware-checksum-name = checksum
firmware-checksum-right = right
psk-imported = { $count ->
    [one] { $count } device
   *[other] { $count } devices
}
audit-began = began, outcome unknown
api-token-name = '{ $name }' is no name of a token: 1 to 64 letters, digits and . _ - @
api-appkey-unknown = there is no appkey '{ $name }'
api-campaign-unknown = there is no campaign '{ $name }'
api-device-unknown = there is no device '{ $name }'
api-entry-unknown = there is no entry '{ $name }'
api-fault-unknown = there is no fault '{ $name }'
api-key-unknown = '{ $name }' has no keys
api-module-unknown = there is no module '{ $name }'
api-operation-unknown = there is no operation '{ $name }'
api-definition-unknown = there is no definition of object { $name }
api-note-unknown = there is no note { $name }
api-notes-full = { $limit } notes are kept already: remove some
api-package-unknown = there is no package '{ $name }'
api-platform-unknown = there is no platform '{ $name }'
api-run-unknown = there is no run '{ $name }'
api-run-stopped = it was stopped
api-run-long = it took more than { SPAN($seconds) } to compute
api-run-endless = at { SPAN($at) } something is due again and again: time stands still
api-scenario-unknown = there is no scenario '{ $name }'
api-snapshot-unknown = there is no snapshot '{ $name }'
api-token-unknown = there is no token '{ $name }'
api-module-deaf = { $module } is { $state }: its serial line is not read
api-module-removed = { $module } was removed meanwhile
api-module-refused = { $module }: { WORD($reason) }
api-cause-without-reset = only a reset has a cause
api-card-of-nobody = a card is of an operator, or has an imsi
api-card-of-two = the imsi says which operator
api-rssi = rssi { $rssi } is not 0-31 or 99
api-until-nothing = no condition: give at, kind, source or containing
api-time-passed = that time has passed
api-time-too-far = that is { $seconds } s ahead, more than within
api-advance-span = advance by more than nothing and at most 366d
api-patience = patience is from 0 to { $limit } seconds
api-reports-only = { $platform } only takes reports: its devices cannot be asked
api-no-firmware = { $platform } gives no firmware to its devices
api-no-device-fits = no device fits
api-campaign-over = campaign { $campaign } does not run
api-batch-unknown = no batch '{ $name }' in this run of the lab
api-batch-number = { $found ->
    [one] one device fits now
   *[other] { $found } devices fit now
    }, not { $expected }: nothing was done
api-batch-over = batch { $batch } is over
api-csv-text = it is not UTF-8 from here on: save it as CSV UTF-8
api-csv-damaged = no row of CSV: a quotation mark is open, text stands behind a closing one, or a cell is too long
api-csv-empty = there is no device in it: a head with the names of the columns, and a row for each device
api-csv-no-device = no column says which device: one of { LIST($known) }
api-csv-column = no such column; there are { LIST($known) }
api-csv-column-twice = the column is there twice
api-csv-cells = { $found ->
    [one] one cell
   *[other] { $found } cells
    }, and the head has { $wanted }
api-csv-device = no name of a device: 1 to { $limit } characters
api-csv-device-twice = the device is in line { $first } already
api-csv-password = an appkey needs one password, the same in every line
api-csv-rows = more than { $limit } devices
label-tag = '{ $tag }' is no tag: 1 to { $limit } characters, no space, comma or semicolon
label-text = '{ $value }' is too long for a { $name ->
    [group] group
   *[name] name
    } or cannot be printed: at most { $limit } characters
label-too-many = { $device } would have more than { $limit } tags
api-operation-path = { $operation } needs a path
api-operation-extra = { $operation } does not take this
api-operation-attributes = attributes are missing
api-runs-wait = { $limit } scenarios wait already
api-client-unknown = no registered client with id '{ $endpoint }'
api-object-missing = the object is missing
api-answer-outstanding = the device has not answered yet
api-answer-none = no answer{ $reason ->
    [none] { "" }
   *[other] : { WORD($reason) }
}
api-attribute-no-number = '{ $value }' is no number
api-psk-only = a psk is all that is offered here: no { $mode ->
    [rpk] raw public key
    [x509] certificate
    [oscore] OSCORE
   *[other] certificate, no raw public key, no OSCORE
}
api-node-none = the body is no node: an object with value, values, resources or instances
api-node-path = { $path } cannot be written as a whole
api-node-value-missing = the body has neither value nor values
api-node-rows-missing = the body has no { $name }
api-node-id-missing = a new instance or resource needs its id

## Scenarios: verdicts

run-title = { $title } (seed { $seed })
expectation-met = { $claim }: { $found }
expectation-not-met = { $claim }: { $found }, expected { $expected }
run-files = { $count } files
scenario-ended = { $met } of { $total } { $total ->
    [1] expectation
   *[other] expectations
} met
claim-state = state
claim-registration = registration
claim-power = power
claim-attached = attached
claim-requests = requests
claim-sent = sent
claim-received = received
claim-bytes = bytes
claim-awake = awake
claim-connected = connected
claim-said = said
claim-device = { $platform }'s { $subject }
claim-answer = answer to { $subject }
claim-operation = answer to { $subject }{ $resource ->
    [none] { "" }
   *[other] {" "}({ $resource })
}
value-answer = an answer
value-none = none
value-nothing = nothing
value-unknown = unknown
value-yes = yes
value-no = no
value-at = at { $instants }{ $more ->
    [0] { "" }
   *[other] { "" } and { $more } more
}
value-at-least = at least { $low }
value-at-most = at most { $high }
value-between = { $low } to { $high }
value-power = { $state }
value-reports-only = the platform only takes reports

## What self-registration costs

cost-conditions = { $model } with a { $operator ->
    [mobile] China Mobile
    [telecom] China Telecom
   *[unicom] China Unicom
} card, { $days ->
    [1] 1 day
   *[other] { $days } days
}, { $psm ->
    [none] no deep sleep
   *[other] PSM { $psm }
}, host silent; bytes { $headers ->
    [0] UDP payload alone
   *[other] with IP and UDP headers
}
cost-fault = fault: { FAULT($fault) }
cost-fleet = { $modules } modules, switched on within { SPAN($spread) }, in { $worlds ->
    [1] 1 world
   *[other] { $worlds } worlds
} of at most 200, each with a platform of its own; what follows is of all of them
cost-worlds = { $count } worlds
cost-state-reached = state { $new ->
    [INITIAL_STATE] 0, initial state
    [CONNECT_SUCCESS] 4, connect success
    [CONNECT_FAILED] 5, connect failed
    [REG_SUCCESS] 6, reg success
    [REG_FAILED] 7, reg failed
    [REG_TIMEOUT] 8, reg timeout
    [LIFETIME_TIMEOUT] 9, lifetime timeout
    [UPDATE_SUCCESS] 11, update success
    [UPDATE_FAILED] 12, update failed
   *[UPDATE_TIMEOUT] 13, update timeout
}: { WORD($reason) }
cost-again = { $what } ({ $times } times, until { $last })
cost-nothing = It does nothing.
cost-more = … and { $count } more: --json has them all
cost-answer = Self-registration costs { $datagrams } { $datagrams ->
    [1] datagram
   *[other] datagrams
} and { $bytes }; the module is awake { $awake } { $less_awake ->
    [true] shorter
   *[false] longer
}, its radio connected { $connected } { $less_connected ->
    [true] shorter
   *[false] longer
}.
cost-column = { $name ->
    [a-day] a day
   *[other] { $name }
}
cost-row = { $name ->
    [sent] datagrams sent
    [received] datagrams received
    [connected] radio connected
   *[other] { $name }
}

chart-title = { $model } with a { $operator ->
    [mobile] China Mobile
    [telecom] China Telecom
   *[unicom] China Unicom
} card, { $days ->
    [1] 1 day
   *[other] { $days } days
}
chart-conditions = { $psm ->
    [none] no deep sleep
   *[other] PSM { $psm }
}{ $faults ->
    [none] { "" }
   *[other] ; faults: { FAULT($faults) }
}
chart-total = { $on ->
    [true] self-registration on
   *[false] off
}: { $datagrams } { $datagrams ->
    [1] datagram
   *[other] datagrams
}, awake { SPAN($awake) }
chart-panel = { $name ->
    [bytes] bytes a day, { $headers ->
        [0] UDP payload alone
       *[other] with IP and UDP headers
    }
    [awake] awake, time a day
   *[connected] radio connected, time a day
}
chart-bar = day { $day }, { $on ->
    [true] on
   *[false] off
}: { $value }
chart-first-day = day 1

## The demo

demo-module = A BC260Y-CN with a China Mobile USIM
demo-places = , serial port { $port }, and the CMDMP platform on UDP { PEER($peer) }.
demo-known = What the platform knows now
demo-field = { $name }
demo-resource = { $number ->
    [6601] device info
    [6602] application info
    [6603] MAC
    [6604] ROM
    [6605] RAM
    [6606] CPU
    [6607] OS version
    [6608] software version
    [6609] software name
    [6610] VoLTE
    [6611] network type
    [6612] account
    [6613] phone number
   *[6614] location
}, decrypted
demo-days = Thirty days of the same module, simulated
demo-ended = All of it took { $seconds } s. Next:{ " " }
month-registrations-name = registrations, updates
month-registrations = { $registrations }, { $updates }, one every { $period } s
month-silence-name = day { $day }
month-silence = the platform is silent for an hour, on purpose
month-states-name = states reached
month-datagrams-name = datagrams
month-datagrams = { $packets }, { $kibibytes } KiB of CoAP, both ways
month-connected-name = radio connected
month-connected = { $hours } h of { $total } h
month-took-name = took
month-took = { $seconds } s: { $rate } module-days a second

## A lab's report, and what a notebook shows

report-title = Lab report
report-span = { $begins } to { $ends }, { $span }
report-heading = { $name ->
    [modules] Modules
    [devices] Devices on the platforms
    [faults] Faults in force
    [traffic] Datagrams and bytes over time
    [operations] Datagrams by operation
    [costs] What each module cost
    [states] States of the modules
    [sequence] Sequence
    [timeline] Timeline
   *[other] { $name }
}
report-column = { $name ->
    [imei] IMEI
    [imsi] IMSI
    [cmdmp] CMDMP state
    [next] waiting until
    [last-seen] last seen
    [number] no.
    [bytes-sent] bytes sent
    [bytes-received] bytes received
    [with-headers] with headers
    [connected] radio connected
   *[other] { $name }
}
report-series = { $name ->
    [datagrams] datagrams
    [bytes] bytes of UDP payload
    [up] from modules
    [down] to modules
   *[lost] lost
}
report-kind = { $name ->
    [at] AT lines
    [at-in] AT, host
    [at-out] AT, module
   *[other] { $name }
}
report-power = { $state ->
    [radio] radio connected
   *[other] { $state }
}
report-device-state = { $state }
report-fact = { $name ->
    [modules] Modules
    [platforms] Platforms with devices
    [registered] Registered devices
    [datagrams] Datagrams
    [bytes] Bytes of UDP payload
    [lost] Datagrams lost
    [faults] Faults in force
    [model] Model
    [imei] IMEI
    [imsi] IMSI
    [firmware] Firmware
    [power] Power
    [attached] Attached
    [signal] Signal
    [next] Waiting until
    [time] Time
    [took] Took
    [strict] Strict
    [device] Device
    [state] State
    [lifetime] Lifetime
    [updates] Updates
    [last-seen] Last seen
    [path] Path
    [value] Value
   *[other] { $name }
}
report-nothing = { $name ->
    [modules] No modules.
    [devices] No platform has seen a device.
   *[faults] None.
}
report-silent = Nothing was sent.
report-headers = Sent and received by the module itself; bytes are UDP payload, and “with headers” adds { $headers } octets of IPv4 and UDP to each datagram. Awake is everything but off and deep sleep.
report-bucket = { $begins } to { $ends }: { $up } from modules, { $down } to modules, { $lost } lost; { $octets } B
report-operation = { $datagrams } { $datagrams ->
    [1] datagram
   *[other] datagrams
}, { $octets }{ $again ->
    [0] { "" }
   *[other] , { $again } retransmitted
}{ $lost ->
    [0] { "" }
   *[other] , { $lost } lost
}
report-strip = { $state ->
    [radio] radio connected
   *[other] { $state }
} from { $begins } for { $span }
report-sending = sending { $number }
report-lost = lost
report-later = { SPAN($span) } later
report-more-arrows = { $count } more are not drawn here
report-more-entries = { $count } more are left out here
report-host = host of { $module }

## A capture, judged

capture-empty = the file is empty
capture-foreign = this is no capture (pcapng or pcap): it begins with { $begins }
capture-no-packets = there is no packet in the capture
judge-no-column = { $model } does not register with { $operator }; it does with { $known }
judge-registration = registration
judge-update = update
judge-bootstrap = bootstrap
judge-deregistration = de-registration
judge-data = data
judge-missing = { $what }: packet { $number } is missing; it was due at { TIME($due) }
judge-stopped = { $what }: stopped after { $sent } of { $packets }, and nobody had answered
judge-late = { $what }: packet { $number } is { SPAN($span) } late
judge-early = { $what }: packet { $number } is { SPAN($span) } early
judge-spacing = { $what }: packets left at { $found } s, counted from the first; the document has { $expected } s
judge-too-many = { $what }: { $sent } packets; the document has { $packets }
judge-not-due = { $what } that nothing in the document asks for
judge-new-message = { $what }: packet { $number } is a new message where the first one was to be repeated
judge-changed = { $what }: packet { $number } is not the first one again: another { $part }
judge-type = { $what }: the message is { $found }, not CON
judge-checksum = the UDP checksum is wrong
judge-length = the UDP length is wrong
judge-not-coap = no CoAP message: { WORD($why) }
judge-port = sent to port { $found }, not { $expected }
judge-part = { $what }: { $part } is { $found ->
    [none] not there
   *[other] “{ $found }”
}, { $expected ->
    [none] and does not belong there
   *[other] not “{ $expected }”
}
judge-remark = a strict platform refuses it: { WORD($remark) }
judge-refused = the platform refuses it: { WORD($refusal) }
judge-not-taken = { $what }: no platform takes the message in
judge-unanswered = the module never answered { $method } { $path }
judge-nothing = nothing in this capture registers with { $operator }
judge-note-file-cut = the file ends in the middle of a packet; what comes before is judged
judge-note-snapped = { $count } { $count ->
    [1] packet is
   *[other] packets are
} cut off by the capture's length limit; of those only the time is judged
judge-note-ignored = left aside: { VALUES($values) } (packets)
judge-note-other-coap = { $count } CoAP { $count ->
    [1] message
   *[other] messages
} of others left aside
judge-note-no-keys = { $count } DTLS { $count ->
    [1] record
   *[other] records
} could not be read: their keys are not known (--keys)
judge-note-clock-back = the clock was set back by { SPAN($span) } before packet { $number }; no wait across it is judged
judge-note-clock-ahead = the clock was set ahead by { SPAN($span) } before packet { $number }; no wait across it is judged
judge-note-anchored = when the module was booted is not known: its first packet is where the schedule begins
judge-note-boot-assumed = a registration that no wait leads to: a boot before it is assumed (--booted-at says when)
judge-note-several = { $count } modules are in this capture
judge-note-rebound = the module comes from { PEER($destination) } now, before from { PEER($source) }
judge-note-duplicate = the same datagram once more, at once: captured or carried twice, and not counted
judge-note-answer-lost = retransmitted although an answer had passed: it did not arrive
judge-note-key-unknown = the password of app key { $appkey } is not known: what it encrypts is not judged (--appkey)
judge-note-period = an update every { SPAN($period) }, by the lifetime of { $lifetime } s (--period says otherwise)
judge-note-next = { $what } due at { TIME($due) }, after the end of the capture
judge-note-changed = firmware, module or card have changed: a registration is due
judge-note-slept = { $what } due at { TIME($due) } did not leave; the document lets the module sleep through it
judge-note-unjudged = the capture begins in the middle of a registration: what was before is not known
judge-note-outside = boot { $number } is not within the capture
judge-title = { $model } with { $operator ->
    [telecom] China Telecom
    [unicom] China Unicom
    [mobile] China Mobile (CMDMP)
   *[andlink] China Mobile (Andlink)
}, as captured
judge-module = { $imei ->
    [none] { $address }
   *[other] IMEI { $imei }, { $address }
}
judge-column = { $name ->
    [packet] packet
    [due] due
    [sent] sent
    [off] difference
    [number] no.
    [verdict] verdict
    [file] file
    [model] model
    [operator] operator
    [begins] begins
    [ends] ends
    [span] span
    [packets] packets
    [time] time
    [what] what
    [version] judged by nbtwin
   *[other] { $name }
}
judge-state = { $state ->
    [sent] in time
    [late] late
    [early] early
    [missing] missing
    [malformed] malformed
   *[unexpected] not due
}
judge-fine = nothing found: { $packets } { $packets ->
    [1] packet
   *[other] packets
} of { $modules } { $modules ->
    [1] module
   *[other] modules
}
judge-found = { $findings } { $findings ->
    [1] finding
   *[other] findings
} in { $modules } { $modules ->
    [1] module
   *[other] modules
}
judge-row = { $what } { $number }
judge-section = { $name ->
    [axis] what was due, sent, late, missing
    [whole] whole capture
    [capture] the capture
    [nothing] Nothing found.
    [finding] finding
    [note] note
   *[other] { $name }
}
judge-axis = { $what }, packet { $number }: { $state ->
    [sent] in time
    [late] late
    [early] early
    [missing] missing
    [malformed] malformed
   *[unexpected] not due
}{ $due ->
    [none] { "" }
   *[other] ; due { $due }
}{ $sent ->
    [none] { "" }
   *[other] ; sent { $sent }
}

recording-none = is no recording: its first line says so nowhere
recording-version = is of version { $version } of this format; this nbtwin reads { $known }
recording-line = line { $line } is no line of a recording
recording-order = line { $line } is earlier than the one before it
recording-empty = has no bytes of a host or a module
recording-log-without-commands = has no line that is an AT command
recording-cut-off = { $file } has no end: it was cut off after { SPAN($seconds) }, and is taken up to there
recording-edited = { $file } was edited after it was recorded: its digest is of another text
replay-saying = the next bytes of the recording
record-open = host { $port } module { $module }
record-lost = { $module } has gone; waiting for it to come back
record-taken = another program has { $module }; waiting for it to leave
record-back = { $module } is back
record-done = { $file }: { SPAN($seconds) }, { $sent } bytes to the module, { $came } from it
replay-open = replay { $port } { $file }
replay-deviated = the host's line { $number } is another one: '{ $sent }', recorded was '{ $expected }'; the module is silent from now on
replay-beyond = the recording has ended, and the host sends '{ $sent }'
replay-unknown = '{ $sent }' is not in the recording: ERROR
replay-ended = the recording has ended
transcript-written = { $file }: { $count ->
    [one] one command
   *[other] { $count } commands
}

# A case of `nbtwin check`: a sentence about a module
case-line = { $line } is answered as the document prints it
case-framed = the answer to { $line } stands between <CR><LF>, as the document frames it
case-in-time = every answer comes within { SPAN($limit) }
case-unknown-command = { $line }: a command that does not exist is plain ERROR
case-error-mode = under AT+CMEE={ $mode } an error is { $expected }
case-prints = { $line } prints { $expected }
case-only-ok = { $line } is answered OK alone, with no line before it
case-no-form = { $line } does not exist and is answered { $expected }
case-takes = { $line } is taken, and shown again
case-refuses = { $line } is answered { $expected }: not a value of <{ $name }>
case-refuses-many = { $line } is answered { $expected }: one value too many
case-shows = after { $line } the module shows { $expected }
case-default = { $line } of a module as delivered shows { $expected }
case-not-before = what was written is not in force before a start: { $line }
case-survives-restart = a restart leaves what was written: { $line } shows { $expected }
case-survives-cut = a power cut leaves what was written: { $line } shows { $expected }
case-start = a restart by command says { $expected }
case-start-cut = power on says { $expected }
case-start-urc = after a start the module says { $expected }
case-echo-after-start = after a start the module { $echo ->
    [0] does not echo
   *[other] echoes
}
case-urc = after { $line } the module says { $expected }
case-schedule = { $operator }: packets leave { $expected } s after the first one while nobody answers
case-rounds = { $operator }: { $expected } packets in all while nobody answers
case-state = { $line } shows { $expected } by then
case-update = { $operator }: the update after a success leaves { $expected } s later
case-once = { $operator }: after a success nothing is sent again, over a restart too
case-asleep = { $operator }: an update that falls due in deep sleep { $expected ->
    [wakes] wakes the module
   *[other] does not leave
}
case-switched-off = { $operator }: switched off, nothing is sent
case-example = the example of { $document }, line by line

check-answer = { $line } answered { $said }, expected { $expected }
check-not-refused = { $line } answered { $said }, expected { $expected }
check-refused = { $line } was refused: { $said }
check-slow = { $line } was answered after { SPAN($took) }, allowed { SPAN($limit) }
check-framing = { $line }: the bytes were { $said }
check-too-early = in force before a start: { $line } shows { $said }
check-lost = { $line } shows { $said }, expected { $expected }
check-urc-missing = { $expected } did not come within { SPAN($span) }
check-start = the start said { $said }, expected { $expected }
check-packets = { $said }, expected { $expected }
check-silent = no answer to { $line } within { SPAN($span) }
check-port-lost = the port went away: { WORD($detail) }
check-garbled = bytes that are no text came while { $line } was answered: noise, or another baud rate
check-other-host = another program writes on the line: { $said }
check-mixed = while { $line } was open, bytes of another line of ours came: another program writes on the line, or an answer came late
check-restarted = the module restarted while { $line } was open
check-other-module = another module came back at the port: AT+CGSN=1 says { $said }, expected { $imei }
check-not-prepared = could not be prepared: { $line } answered { $said }
check-not-reached = the run ended before
check-stopped = it was stopped (Ctrl-C, or a signal to end)
check-not-agreed = not agreed to: { LIST($needs) } (--yes agrees)
check-not-here = not possible here: { LIST($needs) }
check-not-factory = needs a module as delivered
check-verdict = { $name ->
    [pass] pass
    [fail] fail
    [inconclusive] inconclusive
   *[not-applicable] not applicable
}
check-need = { $name ->
    [writes] settings are written and put back
    [restarts] the module is restarted by command
    [loses] keys are overwritten, which nobody can read and put back
    [radio] the radio is switched off and on
    [power] power that can be cut (--power)
    [platform] the operator's platform in a simulated lab
   *[factory] a module as delivered
}
check-otherwise = { $model } says otherwise than { LIST($decisions) }
check-summary = { $model }: { $passed } pass, { $failed } fail, { $inconclusive } inconclusive, { $left } not applicable
check-left = { $done } of { $total }, about { SPAN($span) } left
check-unrestored = could not be put back: { $name } was { $expected }, is { $said }
check-restored = { $number } { $number ->
    [1] setting
   *[other] settings
} put back
check-title = Check of { $model } { $firmware }
check-heading = { $name ->
    [otherwise] This module says otherwise
    [fail] Failures
    [inconclusive] Inconclusive
    [not-applicable] Not applicable
    [unrestored] Not put back
    [case] case
    [verdict] verdict
    [why] why
    [known] known by
    [evidence] evidence
    [model] model
    [firmware] block of a package
    [report] report on firmware
    [imei] IMEI
    [host] host
   *[pass] Passed
}
check-ask = { $cases } cases need this, which cannot be undone or disturbs the module: { LIST($needs) }. Go ahead? [y/N]{ " " }
check-ask-cut = cut the module's power, then press Enter
check-ask-give = give the module its power back, then press Enter
check-changed = { $name }: { $before } before, { $after } now
check-same = the same verdicts in both
check-to-fidelity = for the fidelity page: { $line }
check-sent = { $number } B to a platform
check-port-awaited = the port is gone: waiting for it, { SPAN($span) } at most (Ctrl-C ends the run)
check-go-on = --resume { $file } goes on from here, and puts back the settings that were not
check-ended = the run ended early: { WORD($why) }
check-port-silent = no answer to AT at { LIST($bauds) } baud: the module is off or asleep, it is no module, or --baud is another
check-port-garbled = what comes at { LIST($bauds) } baud is no answer to AT: --baud is another
check-port-unread = AT+CGMM says '{ $said }', which is none of { LIST($known) }: --model says what it is
check-port-other = AT+CGMM says '{ $said }': the module is a { $found }, not the { $wanted } of --model
check-port-lost-early = the module does not answer { $step } any more
check-no-run = is no saved run of nbtwin check: { WORD($detail) }
check-run-format = has format { $format }, this version reads { $known }
check-other-run = is a run of { $found }, not of { $wanted }
check-no-case = no case matches { $value }
check-no-module = the lab has no module with the IMEI { $imei }
check-failed = { $wrong } of { $total } cases failed
## An operator's acceptance test

accept-no-column = { $model } does not register with { $operator }; it does with { $known }
accept-other-card = { $imsi } is no card of { $operator }: the operator's own card is tested
accept-clause-unknown = there is no clause { $clause }; there is { $known }
accept-needs-hands = a real module would need a hand: another card, another firmware, its power
accept-needs-fault = no real network is made to fail
accept-needs-time = it takes { SPAN($span) }, which no real module can be hurried through
accept-needs-settings = it writes settings of a real module
accept-needs-change = this registration comes only after a change (of card, firmware or switch), and a real module is only restarted
accept-no-restart = the module did not restart
accept-switched-off = the module’s self-registration is off (AT{ $command }? says { $said }), and nothing is written to it
accept-stopped = it was stopped (Ctrl-C, or a signal to end)
accept-fault-took = not shown, because of { LIST($faults) }: it touched { $count } { $count ->
    [one] datagram
   *[other] datagrams
}. Without it the module shows this clause.
accept-title = Acceptance test, { $operator ->
    [telecom] China Telecom
    [unicom] China Unicom
    [mobile] China Mobile (CMDMP)
   *[andlink] China Mobile (Andlink)
}
accept-subtitle = { $model }, { $date }
accept-section = { $name ->
    [cover] Module and card
    [clauses] Clauses
    [left-out] What was not shown, and why
    [virtual] virtual
    [real] real
   *[other] { $name }
}
accept-column = { $name ->
    [clause] clause
    [title] what is to be shown
    [source] source
    [verdict] verdict
    [took] simulated
    [evidence] evidence
    [why] why
    [model] model
    [firmware] firmware
    [imei] IMEI
    [imsi] IMSI
    [iccid] ICCID
    [vendor] vendor code
    [operator] operator
    [documents] documents
    [module] module
    [date] date
    [version] shown with nbtwin
   *[other] { $name }
}
accept-outcome = { $outcome ->
    [passed] passed
    [failed] failed
    [inconclusive] inconclusive
    [not-run] not run
   *[other] not applicable
}
accept-ending = { $passed } passed, { $failed } failed, { $rest } not shown
accept-source = { $document ->
    [none] { "" }
   *[other] { $document }{ " " }
}{ $chapter }{ $decision ->
    [none] { "" }
   *[other] , { $decision }
}
accept-not-applicable = the documents of { $model } have no such rule ({ $document } has)
accept-nothing-left-out = Every clause was shown.
accept-nothing-shown = Nothing at all was shown: no clause passed.
accept-messages = requests to the platform: { $wanted } expected, { $found } seen
accept-sent = packets to the platform: { $wanted } expected, { $found } seen
accept-packets = seconds of each packet from the first: { $wanted } expected, { $found ->
    [none] none seen
   *[other] { $found } seen
}
accept-rest = from the last packet of an attempt to the next attempt: { SPAN($wanted) } expected, { $found ->
    [none] no further attempt seen
   *[other] { $found } s seen
}
accept-apart = from one request to the next: { SPAN($wanted) } expected, { $found ->
    [none] no further request seen
   *[other] { $found } s seen
}
accept-accepted = taken in by the strict platform{ $remarks ->
    [none] { "" }
   *[other] ; against it: { $remarks }
}
accept-form = the form of the request: { $wrong ->
    [none] { $sent ->
        [0] no request seen
       *[other] as the document has it
    }
   *[other] { $wrong }
}
accept-events = “{ $event }” at the platform: at least { $wanted } expected, { $found } seen

# Fleets

fleet-target = '{ $value }' is no target: coap://HOST:PORT or coaps://HOST:PORT
fleet-target-operator = { $host } is an operator's: no fleet is ever sent there
fleet-target-not-mine = { $host } is not on loopback; if it is yours, say --target-is-mine { $host }
fleet-target-unresolved = { $host } has no address: { WORD($detail) }
fleet-yaml = { WORD($detail) }
fleet-plan-empty = the plan is empty: it needs phases, such as - { "{" }do: register, rate: 100{ "}" }
fleet-no-fields = fields belong here: { LIST($known) }
fleet-field-unknown = no such field; { $near ->
    [none] there are { LIST($known) }
   *[other] is it { $near }?
}
fleet-field-missing = { $key } is missing
fleet-value = '{ $value }' cannot be here: { $known }
fleet-column-unknown = there is no column '{ $value }': there are { LIST($known) }
fleet-column-missing = the column { $key } is missing; the first line names the columns
fleet-cells = { $count ->
    [one] { $count } cell
   *[other] { $count } cells
}, not { $expected }
fleet-name-twice = { $name } is there already, in line { $line }
fleet-name = '{ $value }' is no name: 1 to 200 printable bytes without & and #
fleet-key = '{ $value }' is no key: 1 to 64 bytes in hexadecimal digits
fleet-key-needed = coaps needs a pre-shared key for each device: --psk, or a column key
fleet-empty = there are no devices
fleet-requirement = '{ $value }' is no requirement such as p99<200ms or errors<0.1%; there are { LIST($known) }
fleet-no-files = the plan needs { $needed } open files, a process may have { $limit } (ulimit -n)
fleet-no-memory = the plan needs about { $needed } MiB, { $limit } MiB are free
fleet-no-ports = the plan needs { $needed } UDP ports, the system gives { $limit } (net.ipv4.ip_local_port_range)
fleet-not-tracked = the plan needs { $needed } connections, the kernel's tracking has room for { $limit } more and drops the others (net.netfilter.nf_conntrack_max; containers and firewalls make it follow all that is sent)
fleet-no-alias = this machine has no address { $address }: a network outside loopback has to be its own (ip address add)
fleet-no-addresses = the plan needs { $needed } addresses, the network has { $limit }
fleet-numbers-used-up = with { $sockets } sockets and { $rate } messages a second message IDs would come back too soon (RFC 7252 4.8.2): { $needed } sockets are needed
fleet-sockets = '{ $value }' is none of addresses, each, 1 to 60000
fleet-own-place = { $key } needs an address or a port for each device: what a server asks at a shared port names no device
fleet-keys-unused = keys are of no use here: no line of the modules has { "{" }key{ "}" }
fleet-not-plain = { $key } is for coaps: a plain server asks for no key
fleet-secure-shared = with DTLS each device needs an address or a port of its own: addresses or each
fleet-name-same = '{ $value }' gives all devices one name: it needs the number, as in meter-{"{"}n{"}"}
fleet-modules-shared = whole modules need an address or a port each: addresses or each
fleet-modules-needed = { $key } is for whole modules: say modules
fleet-not-with-modules = { $key } is nothing for whole modules: they decide that themselves
fleet-shard = '{ $value }' is no part such as 0/4
fleet-missed = not reached: { LIST($requirements) }
fleet-shards-lost = { $lost ->
    [one] a part of the fleet is lost
   *[other] { $lost } parts of the fleet are lost
}
fleet-linux = an address for each device needs Linux: take each, or a number
fleet-cluster-missing = what several machines need is not installed: pip install 'nbtwin[cluster]'
fleet-scheduler = '{ $value }' is no scheduler: tcp://HOST:PORT
fleet-scheduler-away = no scheduler answers; `nbtwin fleet scheduler` starts one
fleet-no-workers = it has no workers; `nbtwin fleet worker` starts one
fleet-listens-here = the scheduler is on another machine, where nobody reaches 127.0.0.1: say --listen with this machine's address
fleet-no-part = is no file of `nbtwin fleet --save`
fleet-other-fleet = is part of another fleet
fleet-part-twice = part { $number } is there twice
fleet-title = Fleet: { $devices } devices against { $target }
fleet-begun = { $devices } devices against { $target }, seed { $seed }; Ctrl-C ends it
fleet-progress = { $seconds } s: { $registered } of { $devices } registered, { $rate } answers/s, { $errors } errors, p50 { $p50 }, p99 { $p99 }{ $paused ->
    [true] , paused
   *[other] { "" }
}
fleet-row = { $name ->
    [devices] devices
    [registered-most] registered at most
    [registered] registered at the end
    [ran] time
    [rate] answers a second
    [errors] errors
    [cpu-exchange] own CPU an exchange
    [cpu-device] own CPU a device and second
    [memory] own memory
    [kind] exchange
    [answered] answered
    [begun] begun
    [codes] refused with
    [asked] asked by the server
    [failing] devices with most errors
    [counts] datagrams
    [worst] longest waits
    [registered-second] registered devices
    [good-second] answers a second
    [failed-second] errors a second
    [picture] registered devices, answers and errors over time
    [pause] Pause
    [resume] Resume
    [stop] Stop
    [paused] paused
   *[other] { $name }
}
fleet-kind = { $name ->
    [register] registration
    [update] update
    [uplink] value sent
    [deregister] de-registration
    [bootstrap] bootstrap
    [notify] notification
    [handshake] DTLS handshake
    [wrong-key] with a wrong key
    [at] AT command
    [firmware] firmware
    [report] firmware report
   *[other] { $name }
}
fleet-outcome = { $name ->
    [ok] ok
    [slow] slow
    [refused] refused
    [wrong] another answer
    [rubbish] rubbish
    [reset] reset
    [silent] silent
    [away] nobody there
    [handshake] no handshake
    [unregistered] not registered
    [open] not answered at the end
    [cut] cut short by its reboot
   *[other] { $name }
}
fleet-count = { $name ->
    [sent] sent
    [received] received
    [bytes-sent] bytes sent
    [bytes-received] bytes received
    [retransmitted] sent again
    [duplicated] sent twice on purpose
    [malformed] malformed on purpose
    [lost] dropped here on purpose
    [late] answers to what had ended
    [stray] answers to nobody
    [asleep] to a device that slept
    [unreachable] returned by the network
    [rubbish] no messages
    [rebound] changes of address
    [rebooted] reboots
    [reset-received] resets
    [unobserved] notifications that nobody observes
    [unsendable] refused by the kernel
    [booted] boots
    [not-switched-on] not switched on
    [packages] packages fetched
    [bytes-packages] bytes of packages
    [repeated] requests that came again
    [accounts] accounts from a bootstrap server
    [accounts-refused] accounts that lead nowhere
   *[other] { $name }
}
fleet-holds = holds: { $requirement } (it is { $value })
fleet-broken = does not hold: { $requirement } (it is { $value })
fleet-left = { $count ->
    [one] { $count } device is
   *[other] { $count } devices are
} still registered at the server
fleet-shard-state = part { $number } of the fleet: { $state ->
    [silent] nothing is heard of whoever runs it
    [restarted] whoever ran it ended; it runs again from its beginning
    [again] whoever ran it ended; it was run again from its beginning
   *[other] lost: whoever ran it ended, or its file is missing
}
fleet-ended = ended before its plan had: { $by ->
    [page] by Stop on its page
   *[other] by { $by }
}
fleet-leaving = nothing new begins; whoever is registered de-registers (Ctrl-C once more: at once)
fleet-page = progress: { $url }
