# What happens in nbtwin, in English. Ids are codes; the other language has the same ids (a test compares).

## What an engine waits for: completes "waiting: …"

waiting-for-nothing = waiting for nothing
coap-packet-unanswered = no answer to packet { $number }
coap-notification-unacknowledged = no acknowledgement of notification, packet { $number }
coap-response-unacknowledged = no acknowledgement of separate response, packet { $number }
coap-ping-unanswered = no answer to ping, packet { $number }
coap-response-outstanding = acknowledged, no response yet
coap-acknowledgement-delay = no response of ours yet, then an empty ACK
coap-refusal-due = a message had no room in the queue of its peer
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
module-boot = the module to boot
module-attach = the network to accept the attach
module-release = the network to release the connection
module-active-time = the active time before deep sleep
module-tracking-area-update = the periodic tracking area update
module-wake-up-pin = the wake-up pin
module-host-wrote = the host wrote to the serial line
at-data-mode = data mode has { $count } of { $number } bytes
host-answer = the answer to { $subject }
host-pause = the pause to end
host-boot-banner = the boot banner
hold-commit-retry = the next attempt to commit
campaign-restart = campaigns to go on after the restart
campaign-next-device = the next device of campaign { $number }
campaign-progress = { $subject } to show progress in campaign { $number }
campaign-end = the end of campaign { $number }
