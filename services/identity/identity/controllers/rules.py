"""Who may process whose personal data (Law 2297-VI "On personal data protection", art. 4)."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from kit.errors import Refused


class Body(StrEnum):
    STATE = "state"
    MUNICIPAL = "municipal"
    STATE_ENTERPRISE = "state_enterprise"
    COMMUNAL_ENTERPRISE = "communal_enterprise"
    NGO = "ngo"
    PRIVATE = "private"


_AUTHORITIES = frozenset({Body.STATE, Body.MUNICIPAL})
_THEIR_OWN = _AUTHORITIES | {Body.STATE_ENTERPRISE, Body.COMMUNAL_ENTERPRISE}


def is_processor_allowed(controller: Body, processor: Body) -> bool:
    """Part 3: what a body of the state or of local self-government controls is processed by such a body, or by a state
    or communal enterprise, and by nobody else. Other controllers choose freely."""
    return controller not in _AUTHORITIES or processor in _THEIR_OWN


def check_record(controller: Body, processor: Body, since: date, earlier: Sequence[date]) -> None:
    """A record is lawful, and comes after those before it.

    Raises:
        Refused: at `processor` or `since`.
    """
    if not is_processor_allowed(controller, processor):
        raise Refused("processor", "controller.processor-not-allowed")
    if any(since <= each for each in earlier):
        raise Refused("since", "controller.not-after-the-earlier")


def in_force(days: Sequence[date], today: date) -> date | None:
    """The latest day that has come."""
    return max((each for each in days if each <= today), default=None)
