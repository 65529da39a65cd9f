"""Why a CoAP endpoint waits, and why it refused, dropped or gave up something: codes, no sentences.

The words are in ``timeline/catalogue``. Whatever varies (an option's number, a method's code) is a field of the event.
"""

from __future__ import annotations

from nbtwin.engine import Reason, Refusal


class CoapReason(Reason):
    """What a CoAP endpoint waits for."""

    PACKET_UNANSWERED = "coap-packet-unanswered"
    NOTIFICATION_UNACKNOWLEDGED = "coap-notification-unacknowledged"
    RESPONSE_UNACKNOWLEDGED = "coap-response-unacknowledged"
    PING_UNANSWERED = "coap-ping-unanswered"
    RESPONSE_OUTSTANDING = "coap-response-outstanding"
    ACKNOWLEDGEMENT_DELAY = "coap-acknowledgement-delay"
    REFUSAL_DUE = "coap-refusal-due"  # due at once: a message had no room in the queue of its peer


class CoapRefusal(Refusal):
    """Why something came to nothing; the RFC's section stands beside each."""

    RESET = "coap-reset"  # the peer answered our message with RST (RFC 7252 4.2)
    UNANSWERED = "coap-unanswered"  # the last wait was over without an acknowledgement
    QUEUE_FULL = "coap-queue-full"  # as many messages wait for this peer as may (RFC 7252 4.7)
    PEER_FORGOTTEN = "coap-peer-forgotten"  # our user has ended everything with this peer
    OBSERVATION_ENDED = "coap-observation-ended"  # an earlier notification was reset or never answered (RFC 7641 4.5)
