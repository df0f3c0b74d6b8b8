"""What the gateway is told by its environment, beside what every service is told."""

from datetime import date
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from kit.networks import Network
from kit.working_days import Calendar, Week
from pydantic import Field

from cctv_gateway.engine.fleet import LOOKED_AT_EACH
from kit import settings


class Settings(settings.Settings):
    """The gateway's own."""

    http_address: str = "127.0.0.1:0"
    """Where media are served."""
    passed_to: str = ""
    """Where the other gateways reach this one's media, such as http://cctv-0.cctv:8081; its own address if left out."""
    web_url: str = "http://localhost:8080"
    """The portals, whose pages may play media."""
    camera_networks: dict[str, list[IPv4Network | IPv6Network]] = Field(default_factory=dict)
    """JSON, by a hromada's slug: the networks beside the public internet that its cameras may lie in."""
    encoded_per_hromada: int = Field(default=4, ge=0)
    """How many streams of one hromada may be encoded anew at once."""
    looked_at_each: float = Field(default=LOOKED_AT_EACH, ge=0.5)
    """Seconds after which the next key picture of a camera is decoded, to see how it fares."""
    films: Path = Path("/nonexistent")
    """The demo's films; where there is no such folder, no camera is a film."""

    recordings: Path = Path("/var/lib/spilno/recordings")
    """Where footage is kept: a folder that every gateway sees."""
    recorded_per_hromada: int = Field(default=100 << 30, ge=0)
    """How many bytes of footage a hromada may keep."""

    martial_law_from: date = date(2022, 2, 24)
    martial_law_until: date | None = None
    """The first day after; None while it lasts. Holidays are working days under it."""

    @property
    def calendar(self) -> Calendar:
        """By which working days are counted: a week of five, as offices have it."""
        return Calendar(((date.min, Week.FIVE_DAYS),), ((self.martial_law_from, self.martial_law_until),))

    @property
    def has_films(self) -> bool:
        return self.environment in ("demo", "test") and self.films.is_dir()

    def film_names(self) -> frozenset[str]:
        return frozenset(each.name for each in self.films.glob("*.mp4"))

    def networks_of(self, hromada: str) -> tuple[Network, ...]:
        return tuple(self.camera_networks.get(hromada, ()))


def own(told: settings.Settings) -> Settings:
    """A call's settings, as the gateway's own.

    Raises:
        TypeError: they are another service's.
    """
    if not isinstance(told, Settings):
        raise TypeError("not the gateway's settings")
    return told
