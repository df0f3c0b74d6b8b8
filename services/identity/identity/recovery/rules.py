"""Who may help whom back in."""

from datetime import timedelta
from uuid import UUID

from kit.errors import Denied, WrongState

LINK_LASTS = timedelta(hours=24)


def check_person(person: UUID, caller: str, *, has_accepted: bool, works_elsewhere: bool, is_operator: bool) -> None:
    """A link opens the whole account. So nobody makes one for themselves, and no office one for somebody who holds
    rights that the office has not given.

    Raises:
        Denied: the caller is the person, or the person has rights elsewhere.
        WrongState: the person has not come in yet: the invitation is the link they need.
    """
    if str(person) == caller:
        raise Denied("recovery.own")
    if works_elsewhere or is_operator:
        raise Denied("recovery.works-elsewhere")
    if not has_accepted:
        raise WrongState("recovery.not-accepted")
