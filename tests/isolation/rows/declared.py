"""How a row is declared: one method of the contract, a good request of it, and who may rightly make it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import uuid4

from google.protobuf import text_format
from google.protobuf.message import Message
from kit.testing.pictures import PDF, picture

from tests.world import MARKER, OWN, World

FILE, PHOTO = PDF, picture()
"""What a row that uploads declares: its request is the first message."""
BY_SIZE = {len(each): each for each in (FILE, PHOTO)}
OFFICER, HEAD, INTEGRATOR = f"officer:{OWN}", f"head:{OWN}", f"int:{OWN}"


@dataclass(frozen=True)
class Row:
    """One method: a good request of the first hromada's, made fresh, and who may rightly make it."""

    request: Callable[[World], Awaitable[Message]]
    own: str
    """Whose token succeeds: a key of the world's tokens, "web", "reception" or "identity" for a service's own."""
    shows: Callable[[Any], bool]
    """The answer holds what the others must miss."""


ROWS: dict[str, Row] = {}


def method(name: str, own: str, shows: Callable[[Any], bool]) -> Callable[[Any], Any]:
    def declare(request: Callable[[World], Awaitable[Message]]) -> Any:
        ROWS[name] = Row(request, own, shows)
        return request

    return declare


def parent(slug: str) -> str:
    return f"hromadas/{slug}"


def file_said() -> dict[str, Any]:
    """What is said ahead of a file that a row uploads; its name only its own hromada may see."""
    return {"request_id": str(uuid4()), "filename": MARKER, "size": len(FILE), "sha256": sha256(FILE).digest()}


def str_of(answer: Message) -> str:
    return str(text_format.MessageToString(answer, as_utf8=True))
