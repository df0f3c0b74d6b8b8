"""What reception is told by its environment, beside what every service is told."""

from pydantic import Field

from kit import settings
from reception.receptions.rules import ReminderChannel


class Settings(settings.Settings):
    """Reception's own."""

    reminder_channels: list[ReminderChannel] = Field(default_factory=list)
    """JSON: by which of "sms" and "email" this platform reminds of a visit. Nobody is asked for an address of a channel
    that is not named here, because it would be kept for nothing."""
    attachments_quota_megabytes: int = 20_000
    """How much all files on the appeals of one hromada may take."""


def own(told: settings.Settings) -> Settings:
    """A call's settings, as reception's own.

    Raises:
        TypeError: they are another service's.
    """
    if not isinstance(told, Settings):
        raise TypeError("not reception's settings")
    return told
