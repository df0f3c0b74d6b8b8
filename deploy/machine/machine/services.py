"""Which services there are and where they listen: add a line to add a service."""

import secrets
from dataclasses import dataclass, replace
from typing import Self

from kit.servers.process import FIRST_PORT, LAST_PORT, claim


@dataclass(frozen=True, slots=True)
class Service:
    """A process of the house, run as `python -m <module>`; the ports are offsets from the base."""

    name: str
    module: str
    grpc: int | None = None
    issuer: int | None = None
    http: int | None = None
    dials: tuple[str, ...] = ()
    has_template: bool = False
    """It keeps something of hromadas: none is ready before this service is."""
    has_notices: bool = False
    """It tells people something by e-mail and SMS."""
    copies: tuple[tuple[int, int], ...] = ()
    """Further processes of it, each by its ports for gRPC and HTTP."""

    @property
    def processes(self) -> "dict[str, Service]":
        """Each process of it by its name, with its own ports."""
        others = {
            f"{self.name}-{number}": replace(self, grpc=grpc, http=http, copies=())
            for number, (grpc, http) in enumerate(self.copies, 2)
        }
        return {self.name: self, **others}


IDENTITY = Service("identity", "identity", grpc=1, issuer=101)
RECEPTION = Service("reception", "reception", grpc=2, dials=("identity",), has_template=True, has_notices=True)
CCTV = Service("cctv", "cctv_gateway", grpc=3, http=1081, dials=("identity",), has_template=True, copies=((43, 1181),))
WEB = Service("web", "web", http=1080, dials=("identity", "reception", "cctv"))

SERVICES = (IDENTITY, RECEPTION, CCTV, WEB)
"""In the order in which they depend on one another; they stop in the opposite one."""


_SPAN = 1200
"""Further from its base no house listens."""
_BAD_PORTS = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6679, 6697, 10080, *range(6665, 6670)}
)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where everything listens, counted from one base."""

    base: int = 7000

    @classmethod
    def free(cls) -> Self:
        """A base from which every port is free and nobody else's while this process lives: for a house in a test."""
        while True:
            ports = cls(FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT - _SPAN))
            if claim(ports.owners(SERVICES)):
                return ports

    @property
    def postgres(self) -> int:
        """PostgreSQL's port."""
        return self.base + 32

    @property
    def nats(self) -> int:
        """NATS's port."""
        return self.base + 22

    @property
    def mail(self) -> int:
        """The mail server's port."""
        return self.base + 25

    @property
    def sms(self) -> int:
        """The SMS gateway's port."""
        return self.base + 26

    @property
    def issuer(self) -> int:
        """The sign-in pages' port."""
        return self.at(IDENTITY.issuer)

    @property
    def web(self) -> int:
        """The portals' port."""
        return self.at(WEB.http)

    @property
    def media(self) -> list[int]:
        """The ports of the cameras' media, one of each gateway."""
        return [self.at(each.http) for each in CCTV.processes.values()]

    @property
    def never_opened(self) -> frozenset[int]:
        """Of those that people open, the ports that no browser goes to (Fetch standard, "bad port")."""
        return _BAD_PORTS.intersection([self.issuer, self.web, *self.media])

    def at(self, offset: int | None) -> int:
        """The port at an offset that the service must have."""
        if offset is None:
            raise ValueError("the service does not listen there")
        return self.base + offset

    def owners(self, services: tuple[Service, ...], *, with_postgres: bool = True) -> dict[int, str]:
        """Every port that is needed, and who needs it."""
        owners = {self.postgres: "PostgreSQL"} if with_postgres else {}
        owners |= {self.nats: "NATS", self.mail: "mail", self.sms: "SMS"}
        for name, service in (each for one in services for each in one.processes.items()):
            for offset, what in ((service.grpc, "gRPC"), (service.issuer, "sign-in"), (service.http, "HTTP")):
                if offset is not None:
                    owners[self.at(offset)] = f"{name} ({what})"
        return owners
