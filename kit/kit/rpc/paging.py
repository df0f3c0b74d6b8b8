"""Page tokens: where the next page starts, sealed so that nobody can make one up or use it with another query."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from google.protobuf.message import Message

from kit.call import Call
from kit.errors import Refused

DEFAULT_SIZE = 25
_PURPOSE = "page-token"


def _query(request: Message) -> str:
    same = type(request)()
    same.CopyFrom(request)
    for field in ("page_token", "page_size"):
        same.ClearField(field)
    asked = same.SerializeToString(deterministic=True)
    return sha256(request.DESCRIPTOR.full_name.encode() + b"\x00" + asked).hexdigest()


def start_of(call: Call, request: Message, token: str) -> list[str] | None:
    """Where the page of a token starts: what `token_for` was given. None for the first page.

    Raises:
        Refused: the token is not one of ours, or belongs to another query.
    """
    if not token:
        return None
    try:
        sealed = urlsafe_b64decode(token.encode())
        start: list[str] = json.loads(call.keys.open(_PURPOSE, sealed, _query(request)))
    except ValueError:
        raise Refused("page_token", "page-token.foreign") from None
    return start


def token_for(call: Call, request: Message, start: list[str]) -> str:
    """A token for the page that starts after `start`."""
    return urlsafe_b64encode(call.keys.seal(_PURPOSE, json.dumps(start).encode(), _query(request))).decode()
