"""What a service that tells people something is told by its environment."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr, model_validator

from kit import settings
from kit.notices.rules import Channel, is_address

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed over."""

    host: str
    port: int
    login: str
    password: str
    has_tls: bool
    """From the first byte."""
    starts_tls: bool
    """After a word in the clear; a server that does not is given nothing."""


class NoticeSettings(settings.Settings):
    """A channel without its URL is off, and then nobody is asked for an address of it."""

    web_url: str = ""
    """Where the portals are: notices point there."""
    smtp_url: SecretStr = SecretStr("")
    """smtps://login:password@host:465 (TLS), smtp+starttls://login:password@host:587, or, to this machine only,
    smtp://localhost:25."""
    smtp_ca: Path | None = None
    """The authority that vouches for the mail server, if it is none that this machine knows."""
    smtp_from: str = ""
    """The address that letters come from."""
    smtp_sender: str = "Спільно"
    """The name beside it."""
    smtp_bounces: str = ""
    """The domain to whose addresses `bounce+…` undelivered letters come back; the domain of `smtp_from` when left
    out."""
    sms_url: SecretStr = SecretStr("")
    """The SMS gateway takes `POST` there; https://, or http:// to this machine only."""
    sms_token: SecretStr = SecretStr("")
    sms_sender: str = "Spilno"
    """The name from which SMS come, as it is registered with the gateway."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        server = self.mail_server
        if server is not None:
            if not (server.has_tls or server.starts_tls or is_here(server.host)):
                raise ValueError("SPILNO_SMTP_URL: without TLS letters go to this machine only: smtps, smtp+starttls")
            if not is_address(Channel.EMAIL, self.smtp_from):
                raise ValueError("SPILNO_SMTP_FROM: an address that letters come from is needed with SPILNO_SMTP_URL")
        gateway = urlsplit(self.sms_url.get_secret_value())
        if gateway.scheme and gateway.scheme != "https" and not is_here(gateway.hostname or ""):
            raise ValueError("SPILNO_SMS_URL: without TLS SMS go to this machine only: https")
        return self

    @property
    def mail_server(self) -> MailServer | None:
        """None when there is none.

        Raises:
            ValueError: the URL is none of a mail server.
        """
        if not (written := self.smtp_url.get_secret_value()):
            return None
        url = urlsplit(written)
        if url.scheme not in _PORTS or not url.hostname:
            raise ValueError("SPILNO_SMTP_URL: smtps://, smtp+starttls:// or smtp://, then a host")
        return MailServer(
            url.hostname,
            url.port or _PORTS[url.scheme],
            unquote(url.username or ""),
            unquote(url.password or ""),
            has_tls=url.scheme == "smtps",
            starts_tls=url.scheme == "smtp+starttls",
        )

    @property
    def bounce_domain(self) -> str:
        return self.smtp_bounces or self.smtp_from.rpartition("@")[2]

    @property
    def channels(self) -> tuple[Channel, ...]:
        """By which the platform can tell somebody something."""
        has = {Channel.SMS: self.sms_url.get_secret_value(), Channel.EMAIL: self.smtp_url.get_secret_value()}
        return tuple(channel for channel in Channel if has[channel])

    def stays_here(self, channel: Channel) -> bool:
        """What is sent by the channel goes no further than this machine, as in the demo."""
        server = self.mail_server
        if channel is Channel.EMAIL:
            return server is not None and is_here(server.host)
        return is_here(urlsplit(self.sms_url.get_secret_value()).hostname or "")


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def own(told: settings.Settings) -> NoticeSettings:
    """A call's settings, with what notices need.

    Raises:
        TypeError: they are of a service that tells nobody anything.
    """
    if not isinstance(told, NoticeSettings):
        raise TypeError("not the settings of a service with notices")
    return told
