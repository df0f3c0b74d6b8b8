"""How an integrator's client id is written, so that it alone says where it belongs."""

import re
from dataclasses import dataclass

_CLIENT_ID = re.compile(r"int\.([a-z][a-z0-9-]{1,62})\.([a-z][a-z0-9-]{0,62})")


@dataclass(frozen=True, slots=True)
class ClientId:
    """int.<hromada>.<integrator>"""

    hromada: str
    integrator: str

    def __str__(self) -> str:
        return f"int.{self.hromada}.{self.integrator}"


def parse_client_id(text: str) -> ClientId | None:
    """The parts of a client id; None if it is not one of an integrator."""
    match = _CLIENT_ID.fullmatch(text)
    return ClientId(*match.groups()) if match else None
