"""What reception is told by its environment, beside what every service is told."""

from kit.notices.settings import NoticeSettings

from kit import settings


class Settings(NoticeSettings):
    """Reception's own."""


def own(told: settings.Settings) -> Settings:
    """A call's settings, as reception's own.

    Raises:
        TypeError: they are another service's.
    """
    if not isinstance(told, Settings):
        raise TypeError("not reception's settings")
    return told
