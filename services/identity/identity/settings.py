"""What identity is told by its environment, beside what every service is told."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from kit import settings

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Settings(settings.Settings):
    """Identity asks nobody who may do what: it is the one who is asked."""

    identity_address: str = ""
    issuer_address: str = "127.0.0.1:7101"
    """Where the issuer listens."""
    web_url: str
    """Where browsers find the portals: the only place that a sign-in leads back to."""
    service_clients: dict[str, SecretStr] = Field(default_factory=dict)
    """JSON: the client id of each service (svc.web, …) and its secret."""
    template_services: list[str] = Field(default_factory=list)
    """JSON: the services that every hromada needs. One that has not been seen yet is waited for."""
    operator_email: str = ""
    operator_password: SecretStr = SecretStr("")
    """The first operator, made by `prepare` while there is none."""
    trusted_proxies: str = ""
    """Addresses or networks, by commas, whose word on a browser's address is taken."""

    @field_validator("issuer_url", "web_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")

    @model_validator(mode="after")
    def _passwords_travel_encrypted(self) -> Self:
        for name, url in (("SPILNO_ISSUER_URL", self.issuer_url), ("SPILNO_WEB_URL", self.web_url)):
            parts = urlsplit(url)
            if parts.scheme != "https" and self.environment == "production" and parts.hostname not in _LOOPBACK:
                raise ValueError(f"{name} must be https in production")
        return self


def own(told: settings.Settings) -> Settings:
    """A call's settings, as identity's own.

    Raises:
        TypeError: they are another service's.
    """
    if not isinstance(told, Settings):
        raise TypeError("not identity's settings")
    return told
