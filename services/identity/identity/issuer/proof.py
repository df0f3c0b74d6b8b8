"""A password, held against an address."""

import threading
from uuid import UUID

from anyio.from_thread import run
from starlette.requests import Request

from identity.issuer import actions
from identity.issuer.desk import Desk
from identity.persons import passwords

_AT_ONCE = threading.BoundedSemaphore(4)
"""Each attempt needs two connections for a moment: a flood of them must not take all that the service has."""


def proven(desk: Desk, request: Request, email: str, password: str) -> UUID:
    """Whose address and password these are. The slow hashing holds no transaction.

    Raises:
        TooMany: for that account, or from that network address, there were too many attempts.
        Unknown: the address or the password is wrong.
    """
    with _AT_ONCE:
        with desk.call(request) as call:
            claimed = run(actions.candidate, call, email)
        is_proven = passwords.matches(claimed.password_hash, password)
        with desk.call(request) as call:
            return run(actions.prove, call, claimed, is_proven)
