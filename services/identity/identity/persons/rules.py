"""What an address and a password must be."""

import unicodedata
from itertools import pairwise

from kit.errors import Refused

SHORTEST = 12
LONGEST = 200
_FEWEST_SIGNS = 5


def normalised_email(email: str) -> str:
    """The one form of an address by which its person is known."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def check_password(password: str, again: str, email: str) -> None:
    """Long, and not what everybody would try first. No other hoops.

    Raises:
        Refused: names the field: password or again_password.
    """
    if len(password) < SHORTEST:
        raise Refused("password", "password.too-short", shortest=SHORTEST)
    if len(password) > LONGEST:
        raise Refused("password", "password.too-long", longest=LONGEST)
    plain = password.casefold()
    mailbox = email.partition("@")[0]
    if email in plain or plain in email or (len(mailbox) >= SHORTEST // 2 and mailbox in plain):
        raise Refused("password", "password.is-the-address")
    if len(set(plain)) < _FEWEST_SIGNS or _is_a_row(plain):
        raise Refused("password", "password.too-plain")
    if password != again:
        raise Refused("again_password", "password.differs")


def _is_a_row(text: str) -> bool:
    """123456789012, abcdefghijkl, and the same backwards."""
    steps = {
        (ord(after) - ord(before)) % 10 if (before + after).isdigit() else ord(after) - ord(before)
        for before, after in pairwise(text)
    }
    return steps <= {1} or steps <= {-1, 9}
