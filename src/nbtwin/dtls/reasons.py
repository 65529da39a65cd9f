"""What a DTLS endpoint waits for, and why it dropped, refused or closed something: codes, no sentences.

The words are in ``timeline/catalogue``. Whatever varies stands beside the code, in the fields of an event or of an
exception: ``number``, ``expected`` and ``subject``, as the comment of the code says.
"""

from __future__ import annotations

from nbtwin.engine import DecodeError, Reason, Refusal


class DtlsReason(Reason):
    """What a DTLS endpoint waits for."""

    FLIGHT_UNANSWERED = "dtls-flight-unanswered"
    PEER_SILENT = "dtls-peer-silent"


class DtlsRefusal(Refusal):
    """Why something came to nothing."""

    # records (RFC 6347 4.1, RFC 9146 4)
    CONTENT_TYPE_UNKNOWN = "dtls-content-type-unknown"  # number: the type
    RECORD_CUT = "dtls-record-cut"  # its header is not whole
    RECORD_VERSION = "dtls-record-version"  # number: the version
    RECORD_LENGTH = "dtls-record-length"  # number: bytes that it says; expected: bytes that are there
    TOO_MANY_RECORDS = "dtls-too-many-records"  # expected: the most that are looked at
    RECORD_TOO_SHORT = "dtls-record-too-short"  # for its cipher
    NOT_AUTHENTIC = "dtls-not-authentic"  # not sealed with this key, or changed on its way
    CONNECTION_ID_UNKNOWN = "dtls-connection-id-unknown"
    EPOCH_UNKNOWN = "dtls-epoch-unknown"  # number: the epoch
    REPLAYED = "dtls-replayed"  # seen before, or too old to tell (4.1.2.6)
    CONTENT_TYPE_MISSING = "dtls-content-type-missing"  # nothing but zeros inside (RFC 9146 4)
    PLAINTEXT_TOO_LONG = "dtls-plaintext-too-long"  # more than 2^14 bytes
    PEER_UNKNOWN = "dtls-peer-unknown"  # not from our peer
    NO_HANDSHAKE = "dtls-no-handshake"  # with this peer
    NO_SESSION = "dtls-no-session"  # with this peer
    CONTENT_TYPE_UNEXPECTED = "dtls-content-type-unexpected"  # number: the type, in a session
    DATA_IN_THE_CLEAR = "dtls-data-in-the-clear"  # application data in epoch 0
    RECORD_BEFORE_KEYS = "dtls-record-before-keys"  # of epoch 1, and more of them than are kept

    # fragments of handshake messages (RFC 6347 4.2.3)
    TOO_MANY_FRAGMENTS = "dtls-too-many-fragments"  # expected: the most in a record
    FRAGMENT_CUT = "dtls-fragment-cut"  # its header is not whole
    FRAGMENT_BOUNDS = "dtls-fragment-bounds"  # number: where it ends; expected: bytes of the message or the record
    FRAGMENT_EMPTY = "dtls-fragment-empty"
    FRAGMENT_FOREIGN = "dtls-fragment-foreign"  # of another message under the same number
    FRAGMENT_CONTRADICTS = "dtls-fragment-contradicts"  # an earlier one
    MESSAGE_AHEAD = "dtls-message-ahead"  # number: its number; expected: the next one in order

    # handshake messages (RFC 5246 7.4); subject: the message where it is known
    BYTES_MISSING = "dtls-bytes-missing"  # number: bytes wanted; expected: bytes left
    BYTES_LEFT_OVER = "dtls-bytes-left-over"  # number: how many
    VECTOR_LENGTH = "dtls-vector-length"  # number: bytes that it says; expected: the most
    HELLO_CUT = "dtls-hello-cut"
    HELLO_VECTORS = "dtls-hello-vectors"  # the vectors of a ClientHello do not fit
    EXTENSIONS_LENGTH = "dtls-extensions-length"  # the block does not end with the message
    EXTENSION_TWICE = "dtls-extension-twice"  # number: the extension's
    TOO_MANY_EXTENSIONS = "dtls-too-many-extensions"  # expected: the most
    HELLO_OUTDATED = "dtls-hello-outdated"  # of a handshake that is complete
    MESSAGE_IN_WRONG_EPOCH = "dtls-message-in-wrong-epoch"  # number: its type; expected: not this epoch
    MESSAGE_OUT_OF_TURN = "dtls-message-out-of-turn"  # number: its type
    MESSAGE_IN_SESSION = "dtls-message-in-session"  # number: its type

    # handshakes
    NO_ANSWER = "dtls-no-answer"  # number: the flight (RFC 6347 4.2.4)
    ALERT_RECEIVED = "dtls-alert-received"  # number: the description; subject: its level and name
    FINISHED_UNREADABLE = "dtls-finished-unreadable"  # the other side has another key, most likely
    FINISHED_WRONG = "dtls-finished-wrong"
    TOO_MANY_COOKIES = "dtls-too-many-cookies"  # expected: the most that are followed
    VERSION_UNSUPPORTED = "dtls-version-unsupported"  # number: the version offered or chosen
    SUITE_NOT_OFFERED = "dtls-suite-not-offered"  # number: the suite that the server chose
    NO_COMMON_SUITE = "dtls-no-common-suite"  # number: suites that were offered; subject: the first ones by name
    EPHEMERAL_KEYS_ONLY = "dtls-ephemeral-keys-only"  # as above: a PSK beside a Diffie-Hellman or RSA exchange
    RAW_PUBLIC_KEYS_ONLY = "dtls-raw-public-keys-only"  # as above
    CERTIFICATES_ONLY = "dtls-certificates-only"  # as above
    NO_NULL_COMPRESSION = "dtls-no-null-compression"
    EXTENSION_NOT_OFFERED = "dtls-extension-not-offered"  # number: the extension's
    RENEGOTIATION = "dtls-renegotiation"  # renegotiation_info with content in a first handshake (RFC 5746 3)
    NO_EXTENDED_MASTER_SECRET = "dtls-no-extended-master-secret"  # and our settings require it
    NO_ENCRYPT_THEN_MAC = "dtls-no-encrypt-then-mac"  # and our settings require it
    RESUMED_ON_OTHER_TERMS = "dtls-resumed-on-other-terms"  # suite or extensions differ (RFC 5246 7.4.1.3)
    RESUMED_WITHOUT_EXTENDED_MASTER_SECRET = "dtls-resumed-without-extended-master-secret"  # RFC 7627 5.3
    IDENTITY_UNKNOWN = "dtls-identity-unknown"  # subject: the PSK identity
    KEY_LENGTH = "dtls-key-length"  # number: bytes of the key; expected: the most
    HELLO_REPLACED = "dtls-hello-replaced"  # the client has begun anew
    TOO_MANY_HANDSHAKES = "dtls-too-many-handshakes"

    # sessions
    CLOSED_HERE = "dtls-closed-here"  # our user closed it
    RESET_HERE = "dtls-reset-here"  # our user dropped it without a word
    CLOSE_NOTIFY = "dtls-close-notify"  # the peer closed it (RFC 5246 7.2.1)
    IDLE = "dtls-idle"  # the peer was silent for as long as the settings allow
    TOO_MANY_SESSIONS = "dtls-too-many-sessions"  # the longest silent one makes room
    CONNECTION_ID_DRAWN_AGAIN = "dtls-connection-id-drawn-again"  # two handshakes drew the same at once
    ADDRESS_TAKEN = "dtls-address-taken"  # another peer has its address


class DtlsError(DecodeError):
    """What a peer sent is not what it has to be: a code, and the fields that its comment names."""

    def __init__(self, refusal: DtlsRefusal, number: int = 0, expected: int = 0) -> None:
        super().__init__(refusal, number, expected)
        self.refusal = refusal
        self.number = number
        self.expected = expected
