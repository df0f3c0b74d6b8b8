"""What is taken as a photo of a sign, and how many."""

from kit.errors import Refused, WrongState
from kit.files.kinds import Kind

MOST = 5
"""Photos of one camera's sign."""


def add(photos: int) -> None:
    """Whether a camera may have one more photo of its sign beside those it has.

    Raises:
        Refused: it has as many as it may.
    """
    if photos >= MOST:
        raise Refused("chunk", "sign.too-many-photos", most=MOST)


def check_kind(kind: Kind) -> None:
    """A photo is a picture.

    Raises:
        Refused: it is a document.
    """
    if not kind.is_picture:
        raise Refused("chunk", "sign.not-a-picture")


def take_away(*, is_kept: bool) -> None:
    """Whether a photo may be taken away.

    Raises:
        WrongState: it is gone.
    """
    if not is_kept:
        raise WrongState("sign.already-removed")
