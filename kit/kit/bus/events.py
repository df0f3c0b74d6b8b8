"""Events as CloudEvents in binary mode: attributes in `ce-` headers, a protobuf body.

An event message holds one field, named for its noun: what it happened to, with `name` and `version`. From that follow
the subject on the bus, and an id that is the same whenever the same event is made again.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid5

from google.protobuf.message import Message

_NAMESPACE = UUID("6f0b2d1e-4b5f-5a53-9a5e-7d1f0c2a9b11")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, ready for the bus."""

    id: UUID
    type: str
    """The message's full name, such as spilno.reception.v1.AppealRegistered."""
    hromada: str
    """The slug."""
    subject: str
    """The resource it happened to."""
    time: datetime
    body: Message

    @property
    def bus_subject(self) -> str:
        return subject_of(type(self.body), self.hromada)

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Nats-Msg-Id": str(self.id),
            "content-type": "application/protobuf",
            "ce-specversion": "1.0",
            "ce-id": str(self.id),
            "ce-source": f"/{service_of(self.type)}",
            "ce-type": self.type,
            "ce-subject": self.subject,
            "ce-time": self.time.isoformat(),
            "ce-hromada": self.hromada,
        }


def make(body: Message, time: datetime) -> Event:
    """The event that a message tells of."""
    field = body.DESCRIPTOR.fields[0].name
    what: Any = getattr(body, field)
    kind = str(body.DESCRIPTOR.full_name)
    return Event(
        id=uuid5(_NAMESPACE, f"{kind}|{what.name}|{what.version}"),
        type=kind,
        hromada=what.name.split("/")[1],
        subject=what.name,
        time=time,
        body=body,
    )


def service_of(type: str) -> str:
    """The service that tells an event of that type: spilno.<service>.v1.<Name>."""
    return type.split(".")[1].replace("_", "-")


def subject_of(message: type[Message], hromada: str = "*") -> str:
    """Where events of a message travel: of one hromada, or of any."""
    descriptor = message.DESCRIPTOR
    return f"ev.{service_of(descriptor.full_name)}.{hromada}.{_what(descriptor.name, descriptor.fields[0].name)}"


@cache
def _what(name: str, noun: str) -> str:
    """The noun and the verb in the name of a message."""
    words = re.findall(r"[A-Z][a-z]*", name)
    verb = "-".join(word.lower() for word in words[len(noun.split("_")) :])
    return f"{noun.replace('_', '-')}.{verb}"


def stream_of(service: str) -> str:
    return "EV_" + service.upper().replace("-", "_")
