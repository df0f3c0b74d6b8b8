"""When an organisation may join an agreement, and on which days it is a party."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kit.days import check_order, is_within
from kit.errors import Refused

MOST_SIGNATORIES = 500


class Kind(StrEnum):
    MEMORANDUM = "memorandum"
    COOPERATION = "cooperation"
    DATA_EXCHANGE = "data_exchange"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Term:
    """From a first day until the first day after; open where there is none."""

    first: date | None
    end: date | None

    def holds(self, on: date) -> bool:
        return is_within(on, self.first, self.end)

    def meets(self, other: "Term") -> bool:
        """Whether the two share a day."""
        begins_in_time = other.end is None or self.first is None or self.first < other.end
        ends_late_enough = self.end is None or other.first is None or other.first < self.end
        return begins_in_time and ends_late_enough


def check_agreement(concluded_on: date, valid_until: date | None, joined: Iterable[date], today: date) -> None:
    """An agreement is concluded by now, ends after that, and nobody joined it before.

    Raises:
        Refused: at the day that is wrong.
    """
    if concluded_on > today:
        raise Refused("agreement.concluded_on", "agreement.not-concluded-yet")
    check_order(concluded_on, valid_until, "agreement.valid_until")
    if any(each < concluded_on for each in joined):
        raise Refused("agreement.concluded_on", "agreement.somebody-joined-before")


def check_joining(
    agreement: Term, organisation: Term, joined_on: date, left_on: date | None, earlier: Iterable[Term]
) -> None:
    """One joins an agreement that is in force, while one exists, and not twice at once.

    Args:
        agreement: the days on which it is in force.
        organisation: the days on which it exists.
        joined_on: the first day on which it is to be a party.
        left_on: the first day on which it is to be one no more.
        earlier: the days on which it was, or is, a party already.

    Raises:
        Refused: at the day that is wrong, or at the organisation.
    """
    if agreement.first is not None and joined_on < agreement.first:
        raise Refused("joined_on", "signatory.joins-before-the-agreement")
    if not agreement.holds(joined_on):
        raise Refused("joined_on", "signatory.joins-after-the-agreement")
    check_leaving(joined_on, left_on)
    if not organisation.holds(joined_on):
        raise Refused("organisation", "signatory.does-not-exist-then")
    if any(Term(joined_on, left_on).meets(each) for each in earlier):
        raise Refused("organisation", "signatory.is-party-already")


def check_leaving(joined_on: date, left_on: date | None) -> None:
    """One leaves after one has joined.

    Raises:
        Refused: at `left_on`.
    """
    if left_on is not None and left_on <= joined_on:
        raise Refused("left_on", "signatory.leaves-before-it-joins")


def is_party(on: date, agreement: Term, organisation: Term, party: Term) -> bool:
    """A party is who has joined and not left, while it exists, and while the agreement is in force."""
    return agreement.holds(on) and organisation.holds(on) and party.holds(on)
