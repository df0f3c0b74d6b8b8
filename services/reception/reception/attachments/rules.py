"""How many files an appeal may have, and until when."""

from kit.errors import Refused, WrongState

from reception.appeals.rules import State
from reception.triage.rules import State as Sorting

MOST = 10
"""Files on one appeal."""


def add(state: State, files: int) -> None:
    """Whether an appeal may have one more file beside those it has.

    Raises:
        WrongState: the appeal is decided: what is new is a new appeal.
        Refused: it has as many as it may.
    """
    if not state.is_open:
        raise WrongState("attachment.appeal-decided")
    if files >= MOST:
        raise Refused("chunk", "attachment.too-many-files", most=MOST)


def add_waiting(state: Sorting, files: int) -> None:
    """The same, of what waits to be sorted.

    Raises:
        WrongState: it was sorted.
        Refused: it has as many as it may.
    """
    if state is not Sorting.WAITING:
        raise WrongState("submission.sorted")
    add(State.REGISTERED, files)


def take_away(state: State, *, is_kept: bool) -> None:
    """Whether a file may be taken away: what a decision rests on stays.

    Raises:
        WrongState: the appeal is decided, or the file is gone.
    """
    if not is_kept:
        raise WrongState("attachment.already-removed")
    if not state.is_open:
        raise WrongState("attachment.decided-with-it")
