"""What can be wrong with a camera's connection, as a code that has words in the catalogue."""

from enum import StrEnum


class Cause(StrEnum):
    """Why a picture does not come."""

    UNREACHABLE = "unreachable"
    NOT_ALLOWED = "not-allowed"
    """The address leads into a network that the hromada may not be led into."""
    REDIRECTS = "redirects"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not-found"
    STALLS = "stalls"
    NO_PICTURE = "no-picture"
    UNKNOWN_FORMAT = "unknown-format"
    BROKEN = "broken"
    UNREADABLE = "unreadable"
    """Something comes, but not what was announced, or not what it takes to read it."""
    FLOODS = "floods"
    LEADS_AWAY = "leads-away"
    """It names another machine than itself as the place of its pictures."""
    ENDS = "ends"
    QUOTA = "quota"
    """It would have to be encoded anew, and the hromada already has as many of those as it may."""
    WORKER = "worker"
    """The process that reads it died; another is coming."""


BY_STATUS = {401: Cause.UNAUTHORIZED, 403: Cause.UNAUTHORIZED, 404: Cause.NOT_FOUND}
"""What a refusal means, in HTTP and in RTSP."""


class Trouble(Exception):
    """A connection that cannot be, or cannot go on. Its text never quotes an address."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause = cause


class Unsuited(Exception):
    """A connection that we leave to libav."""
