"""Why an LwM2M server refuses a request of a Client, and why an operation towards one failed: codes, and an exception.

The words are in ``timeline/catalogue``; what varies is a field of the event beside the code.
"""

from __future__ import annotations

from nbtwin.coap.numbers import Code
from nbtwin.engine import Refusal


class Lwm2mServerRefusal(Refusal):
    """What was wrong with a request (LwM2M 1.0 TS, 5.2 and 5.3), or what ended an operation without an answer."""

    NAME_MISSING = "lwm2m-server-name-missing"
    OBJECTS_MISSING = "lwm2m-server-objects-missing"
    OBJECTS_FORMAT = "lwm2m-server-objects-format"
    OBJECTS_MALFORMED = "lwm2m-server-objects-malformed"
    LIFETIME = "lwm2m-server-lifetime"  # subject, limit
    BINDING = "lwm2m-server-binding"  # subject
    BINDING_TRANSPORT = "lwm2m-server-binding-transport"  # subject: nothing but T, M and H
    BINDING_VERSION = "lwm2m-server-binding-version"  # subject: "lwm2m=1.1&b=UQ"
    SMS_NUMBER = "lwm2m-server-sms-number"  # subject
    VERSION = "lwm2m-server-version"  # subject
    VERSION_UNSUPPORTED = "lwm2m-server-version-unsupported"  # subject
    PATH_UNKNOWN = "lwm2m-server-path-unknown"  # subject
    LOCATION_UNKNOWN = "lwm2m-server-location-unknown"  # subject
    REGISTER_METHOD = "lwm2m-server-register-method"
    LINKS_METHOD = "lwm2m-server-links-method"
    LOCATION_METHOD = "lwm2m-server-location-method"
    REGISTRATIONS_FULL = "lwm2m-server-registrations-full"  # limit
    BOOTSTRAP_METHOD = "lwm2m-server-bootstrap-method"
    PACK_METHOD = "lwm2m-server-pack-method"
    PACK_FORMAT = "lwm2m-server-pack-format"  # subject
    PREFERRED_FORMAT = "lwm2m-server-preferred-format"  # subject
    BOOTSTRAPS_FULL = "lwm2m-server-bootstraps-full"  # limit
    ACCOUNTS_MISSING = "lwm2m-server-accounts-missing"
    # of an operation or a step of a bootstrap
    UNANSWERED = "lwm2m-server-client-unanswered"
    RESET = "lwm2m-server-client-reset"
    ERROR_ANSWER = "lwm2m-server-error-answer"  # response_code
    DEREGISTERED = "lwm2m-server-deregistered"
    EXPIRED = "lwm2m-server-expired"
    REPLACED = "lwm2m-server-replaced"
    FORGOTTEN = "lwm2m-server-forgotten"
    SESSION_ENDED = "lwm2m-server-session-ended"


class RequestRefused(Exception):
    """The request is answered with this code and this diagnostic payload (RFC 7252 5.5.2), which holds no secret.

    ``subject`` and ``limit``: what was wrong, as the Client sent it, and how much may be; they belong to the refusal.
    """

    def __init__(
        self, code: Code, refusal: Refusal, diagnostic: str, client: str = "", *, subject: str = "", limit: int = 0
    ) -> None:
        super().__init__(diagnostic)
        self.code = code
        self.refusal = refusal
        self.diagnostic = diagnostic
        self.client = client  # the name under which the server knows it, when it does
        self.subject = subject
        self.limit = limit
