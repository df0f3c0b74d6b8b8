"""What a verb or a rule may refuse. No gRPC here: `kit.rpc.errors` translates.

A reason is a key of the service's catalogue (`locale/*.po`), such as "appeal.already-answered"; values fill its text.
"""

from datetime import timedelta


class Refusal(Exception):
    """A call that is refused, with a reason that the caller can read in their language."""

    def __init__(self, reason: str, *, field: str = "", retry_after: timedelta | None = None, **values: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field
        self.retry_after = retry_after
        self.values = values


class Refused(Refusal):
    """A value that cannot be accepted, by the name of its field."""

    def __init__(self, field: str, reason: str, **values: object) -> None:
        super().__init__(reason, field=field)
        self.values = values


class WrongState(Refusal):
    """Not now: the state of things does not allow it."""


class Missing(Refusal):
    """There is no such resource for the caller. A foreign one is missing too."""

    def __init__(self, reason: str = "resource.missing") -> None:
        super().__init__(reason)


class AlreadyThere(Refusal):
    """Something of that name exists."""


class Stale(Refusal):
    """The resource changed since the caller read it."""

    def __init__(self) -> None:
        super().__init__("resource.stale", field="etag")


class Denied(Refusal):
    """The caller may not."""

    def __init__(self, reason: str = "access.denied") -> None:
        super().__init__(reason)


class Unknown(Refusal):
    """Nobody knows who is calling."""

    def __init__(self, reason: str = "access.unknown") -> None:
        super().__init__(reason)


class TooMany(Refusal):
    """Too many attempts; later it may work."""


class Expired(Refusal):
    """The caller points at something that is no longer kept."""


class TooLate(Refusal):
    """The call's deadline has passed."""

    def __init__(self) -> None:
        super().__init__("call.too-late")


class Away(Refusal):
    """Something that the call needs does not answer; the call may be repeated."""

    def __init__(self, reason: str = "dependency.away") -> None:
        super().__init__(reason, retry_after=timedelta(seconds=2))
