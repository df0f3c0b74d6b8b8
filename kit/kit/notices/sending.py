"""Hands a notice over: a letter to a mail server, an SMS to an HTTP gateway."""

import ssl
from base64 import b32decode, b32encode
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as AS_SENT
from uuid import UUID

import aiosmtplib
import httpx

from kit.notices.rules import Channel, Trouble, is_address, line
from kit.notices.settings import MailServer, NoticeSettings

_PATIENCE = 10.0
_BUSY = frozenset({408, 425, 429})
_LOGIN = frozenset({401, 403})
_NO_SUCH_NUMBER = frozenset({400, 404, 422})
_NO_SUCH_MAILBOX = frozenset({550, 551, 553})
_FULL = 552


class Undelivered(Exception):
    """It was not taken."""

    def __init__(self, trouble: Trouble, *, is_final: bool = False) -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
        self.is_final = is_final
        """Trying again would not help."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is handed over. The same notice is the same letter, however often it is."""

    hromada: UUID
    id: UUID
    channel: Channel
    language: str
    written_at: datetime
    to: str
    subject: str
    body: str


async def send(settings: NoticeSettings, letter: Letter) -> None:
    """Hands it over.

    Raises:
        Undelivered: it was not taken.
    """
    if letter.channel not in settings.channels:
        raise Undelivered(Trouble.SERVER_AWAY)
    if not is_address(letter.channel, letter.to):
        raise Undelivered(Trouble.NO_SUCH_ADDRESS, is_final=True)
    await (_mail if letter.channel is Channel.EMAIL else _text)(settings, letter)


def token(hromada: UUID, id: UUID) -> str:
    """A notice as a part of addresses and Message-IDs: in letters whose case does not matter, as mail servers like it,
    and short enough for the 64 that an address may have before its @."""
    return b32encode(hromada.bytes + id.bytes).decode().rstrip("=").lower()


def token_read(text: str) -> tuple[UUID, UUID] | None:
    """Hromada and id of `token`; None of anything else."""
    try:
        both = b32decode(text.upper() + "=" * (-len(text) % 8))
        return UUID(bytes=both[:16]), UUID(bytes=both[16:])
    except ValueError:
        return None


def composed(settings: NoticeSettings, letter: Letter) -> EmailMessage:
    """The letter as it travels.

    Raises:
        ValueError: the address is none.
    """
    message = EmailMessage(AS_SENT)
    message["From"] = Address(line(settings.smtp_sender), addr_spec=settings.smtp_from)
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = line(letter.subject)
    message["Date"] = letter.written_at
    message["Message-ID"] = f"<{token(letter.hromada, letter.id)}@{settings.bounce_domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.body)
    message["Content-Language"] = letter.language
    return message


async def _mail(settings: NoticeSettings, letter: Letter) -> None:
    server = settings.mail_server
    if server is None:
        raise Undelivered(Trouble.SERVER_AWAY)
    try:
        message = composed(settings, letter)
    except ValueError:
        raise Undelivered(Trouble.NO_SUCH_ADDRESS, is_final=True) from None
    return_path = f"bounce+{token(letter.hromada, letter.id)}@{settings.bounce_domain}"
    client = _client(settings, server)
    try:
        await _connected(client)
        await _handed_over(client, message, return_path, letter.to)
    finally:
        client.close()


async def _connected(client: aiosmtplib.SMTP) -> None:
    """No fault of a letter's: it waits until the server, or its setting, is mended."""
    try:
        await client.connect()
    except aiosmtplib.SMTPAuthenticationError:
        raise Undelivered(Trouble.LOGIN_REFUSED) from None
    except (aiosmtplib.SMTPException, OSError):
        raise Undelivered(Trouble.SERVER_AWAY) from None


async def _handed_over(client: aiosmtplib.SMTP, message: EmailMessage, return_path: str, to: str) -> None:
    try:
        await client.send_message(message, sender=return_path, recipients=[to])
    except aiosmtplib.SMTPRecipientsRefused as error:
        raise _recipient_trouble(error.recipients[0].code) from None
    except aiosmtplib.SMTPResponseException as error:
        is_final = error.code >= 500
        raise Undelivered(Trouble.REFUSED if is_final else Trouble.SERVER_BUSY, is_final=is_final) from None
    except (aiosmtplib.SMTPException, OSError):
        raise Undelivered(Trouble.SERVER_AWAY) from None
    with suppress(aiosmtplib.SMTPException, OSError):  # what was taken stays taken
        await client.quit(timeout=1)


def _client(settings: NoticeSettings, server: MailServer) -> aiosmtplib.SMTP:
    has_tls = server.has_tls or server.starts_tls
    return aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.login or None,
        password=server.password or None,
        use_tls=server.has_tls,
        start_tls=server.starts_tls,
        tls_context=ssl.create_default_context(cafile=settings.smtp_ca) if has_tls else None,
        local_hostname=settings.bounce_domain,
        timeout=_PATIENCE,
    )


def _recipient_trouble(code: int) -> Undelivered:
    if code < 500:
        return Undelivered(Trouble.SERVER_BUSY)
    if code == _FULL:
        return Undelivered(Trouble.MAILBOX_FULL, is_final=True)
    return Undelivered(Trouble.NO_SUCH_ADDRESS if code in _NO_SUCH_MAILBOX else Trouble.REFUSED, is_final=True)


async def _text(settings: NoticeSettings, letter: Letter) -> None:
    """`POST {"phone", "text", "sender", "id"}`, with the id as `Idempotency-Key` too: a gateway that has taken it does
    not send it twice."""
    said = {"phone": letter.to, "text": letter.body, "sender": settings.sms_sender, "id": str(letter.id)}
    headers = {
        "Authorization": f"Bearer {settings.sms_token.get_secret_value()}",
        "Idempotency-Key": str(letter.id),
    }
    try:
        async with httpx.AsyncClient(timeout=_PATIENCE) as client:
            answer = await client.post(settings.sms_url.get_secret_value(), json=said, headers=headers)
    except httpx.HTTPError:
        raise Undelivered(Trouble.SERVER_AWAY) from None
    if answer.is_success:
        return
    if answer.status_code in _LOGIN:
        raise Undelivered(Trouble.LOGIN_REFUSED)
    if answer.status_code in _BUSY or answer.is_server_error:
        raise Undelivered(Trouble.SERVER_BUSY)
    is_unknown = answer.status_code in _NO_SUCH_NUMBER
    raise Undelivered(Trouble.NO_SUCH_ADDRESS if is_unknown else Trouble.REFUSED, is_final=True)
