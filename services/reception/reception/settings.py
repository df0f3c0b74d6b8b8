"""What reception is told by its environment, beside what every service is told."""

from ipaddress import ip_network
from typing import Self

from kit.networks import Network
from kit.notices.settings import NoticeSettings
from pydantic import model_validator

from kit import settings


class Settings(NoticeSettings):
    """Reception's own."""

    photo_networks: str = ""
    """Test and demo environments only: networks, separated by commas, from which a photo may be fetched beside the
    public internet."""

    @model_validator(mode="after")
    def _only_where_nobody_lives(self) -> Self:
        if self.photo_networks and self.environment not in {"test", "demo"}:
            raise ValueError("SPILNO_PHOTO_NETWORKS is for tests and the demo only")
        return self

    @property
    def photo_sources(self) -> tuple[Network, ...]:
        return tuple(ip_network(each.strip()) for each in self.photo_networks.split(",") if each.strip())


def own(told: settings.Settings) -> Settings:
    """A call's settings, as reception's own.

    Raises:
        TypeError: they are another service's.
    """
    if not isinstance(told, Settings):
        raise TypeError("not reception's settings")
    return told
