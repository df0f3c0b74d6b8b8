"""How many files an appeal may have, and until when."""

from kit.errors import Refused, TooMany, WrongState

from reception.appeals.rules import State

MOST = 10
"""Files on one appeal."""


def check_room(state: State, files: int, taken: int, coming: int, quota: int) -> None:
    """Whether an appeal may have one more file.

    Args:
        state: where the appeal stands.
        files: how many it has.
        taken: how many bytes the files of the whole hromada take.
        coming: how many more.
        quota: how many all may take.

    Raises:
        WrongState: the appeal is answered: what is new is a new appeal.
        Refused: it has as many as it may.
        TooMany: the hromada's room is used up.
    """
    if state is State.ANSWERED:
        raise WrongState("attachment.appeal-answered")
    if files >= MOST:
        raise Refused("chunk", "attachment.too-many-files", most=MOST)
    if taken + coming > quota:
        raise TooMany("attachment.no-room-left", field="chunk")


def take_away(state: State, *, is_kept: bool) -> None:
    """Whether a file may be taken away: what an answer rests on stays.

    Raises:
        WrongState: the appeal is answered, or the file is gone.
    """
    if not is_kept:
        raise WrongState("attachment.already-removed")
    if state is State.ANSWERED:
        raise WrongState("attachment.answered-with-it")
