"""What a CoAP endpoint waits for, and why it refused, dropped or gave up something: codes, no sentences.

The words are in ``timeline/catalogue``. Whatever varies stands beside the code, in the fields of an event or of an
exception: ``number``, ``expected`` and ``subject``, as the comment of the code says.
"""

from __future__ import annotations

from nbtwin.engine import DecodeError, Reason, Refusal


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
    """Why something came to nothing."""

    # what we sent
    RESET = "coap-reset"  # the peer answered our message with RST (RFC 7252 4.2)
    UNANSWERED = "coap-unanswered"  # the last wait was over without an acknowledgement
    QUEUE_FULL = "coap-queue-full"  # as many messages wait for this peer as may (RFC 7252 4.7)
    PEER_FORGOTTEN = "coap-peer-forgotten"  # our user has ended everything with this peer
    OBSERVATION_ENDED = "coap-observation-ended"  # an earlier notification was reset or never answered (RFC 7641 4.5)

    # bytes that are no message (RFC 7252 3)
    HEADER_CUT = "coap-header-cut"  # shorter than 4 bytes
    VERSION_UNKNOWN = "coap-version-unknown"  # number: the version
    EMPTY_WITH_CONTENT = "coap-empty-with-content"  # an Empty message of more than 4 bytes, or with a token (4.1)
    TOKEN_LENGTH_RESERVED = "coap-token-length-reserved"  # number: the length
    TOKEN_CUT = "coap-token-cut"
    OPTION_CUT = "coap-option-cut"
    OPTION_NIBBLE_RESERVED = "coap-option-nibble-reserved"  # 15, and no payload marker
    PAYLOAD_MISSING = "coap-payload-missing"  # a payload marker at the end

    # messages that say nothing to us
    DUPLICATE = "coap-duplicate"  # number: the message ID (RFC 7252 4.5)
    PING_RECEIVED = "coap-ping-received"  # an Empty Confirmable message: its answer is the RST (4.3)
    EMPTY_NON_CONFIRMABLE = "coap-empty-non-confirmable"
    ACKNOWLEDGEMENT_UNEXPECTED = "coap-acknowledgement-unexpected"  # of nothing that is out
    RESET_UNEXPECTED = "coap-reset-unexpected"  # of nothing that is out
    RESET_WITH_CONTENT = "coap-reset-with-content"  # a Reset that is not Empty (4.2)
    RESPONSE_UNEXPECTED = "coap-response-unexpected"  # to no request of ours (5.3.2)
    REQUEST_IN_ACKNOWLEDGEMENT = "coap-request-in-acknowledgement"  # subject: the method (4.2)
    CODE_RESERVED = "coap-code-reserved"  # subject: the code (3)
    METHOD_UNKNOWN = "coap-method-unknown"  # subject: the method (5.8)
    CRITICAL_OPTION = "coap-critical-option"  # number: the option's (5.4.1)
    NOTIFICATION_OUTDATED = "coap-notification-outdated"  # number: its order; expected: the newest's (RFC 7641 3.4)

    # blocks that make no body (RFC 7959)
    BLOCK_OPTION_TOO_LONG = "coap-block-option-too-long"  # number: bytes of its value (2.2)
    BLOCK_SIZE_RESERVED = "coap-block-size-reserved"  # size exponent 7 (2.2)
    BLOCK_OUT_OF_ORDER = "coap-block-out-of-order"  # expected: the offset at which it had to begin
    BLOCK_LENGTH = "coap-block-length"  # number: bytes of the payload; expected: the block's size (2.3)
    BLOCK_NOT_SENT = "coap-block-not-sent"  # number: of the block that is answered, and was not asked about
    BODY_TAKEN_EARLY = "coap-body-taken-early"  # number: bytes that were sent; expected: bytes of the whole
    CONTINUE_AFTER_LAST = "coap-continue-after-last"  # 2.31 to the last block (2.9.1)
    BODY_NEEDS_LARGER_BLOCKS = "coap-body-needs-larger-blocks"  # number: bytes of the body; expected: of a block
    BODY_TOO_LONG = "coap-body-too-long"  # expected: the most that we take
    BODY_CHANGED = "coap-body-changed"  # another ETag than the first block's (2.4)
    NOTIFICATION_INCOMPLETE = "coap-notification-incomplete"  # its other blocks did not come (3.4)


class CoapError(DecodeError):
    """What a peer sent is not what it has to be: a code, and the fields that its comment names."""

    def __init__(self, refusal: CoapRefusal, number: int = 0, expected: int = 0) -> None:
        super().__init__(refusal, number, expected)
        self.refusal = refusal
        self.number = number
        self.expected = expected

    @property
    def data(self) -> dict[str, str | int]:
        """The code with its fields, as a message of it names them."""
        return {"code": str(self.refusal), "number": self.number, "expected": self.expected, "subject": ""}

    def __str__(self) -> str:
        """For a diagnostic payload (RFC 7252 5.5.2) and for who reads a traceback."""
        words = self.refusal.removeprefix("coap-").replace("-", " ")
        numbers = [str(self.number)] * (self.number != 0) + [f"expected {self.expected}"] * (self.expected != 0)
        return " ".join((words, *numbers))
