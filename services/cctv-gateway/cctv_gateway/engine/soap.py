"""SOAP to one camera: small questions, answers of a bounded size, XML without entities, and no way to anywhere else.

The questions of ONVIF that are asked here are seven; a library for all of SOAP would fetch schemas, follow what a
device answers to wherever it leads, and resolve a name anew for each of them.
"""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Any
from xml.etree.ElementTree import Element, ParseError
from xml.sax.saxutils import escape

import httpx
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from kit.networks import Network

from cctv_gateway.engine.addresses import Address, bracketed
from cctv_gateway.engine.doorway import CONNECT_SECONDS, resolved
from cctv_gateway.engine.troubles import BY_STATUS, Cause, Trouble

LARGEST = 256 << 10
_READ_SECONDS = 4.0
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_MOMENTS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
_ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"


class Fault(Exception):
    """The device understood the question and will not answer it."""


class Soap:
    """Questions to one device, in one thread."""

    def __init__(self, device: Address, allowed: Sequence[Network], username: str = "", password: str = "") -> None:
        self._numbers = resolved(device.host, device.port, allowed)
        self._device = device
        self._username = username
        self._password = password
        self._auth = httpx.DigestAuth(username, password) if username else None
        self._client = httpx.Client(
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(_READ_SECONDS, connect=CONNECT_SECONDS),
        )
        self.ahead = timedelta()
        """How far the device's clock goes before ours: it believes a sign-in by its own clock alone."""

    def is_here(self, host: str) -> bool:
        """Whether a host that the device names is the device itself."""
        return host in (self._device.host, self._numbers)

    def ask(self, at: Address, question: str, *, signed: bool = True) -> Element:
        """What the device answers: the body's one element.

        Args:
            at: the service of the device that is asked.
            question: an element of the body, with its namespace.
            signed: with the sign-in, if there is one.

        Raises:
            Fault: it will not answer this.
            Trouble: it cannot be asked, wants another sign-in, leads elsewhere, or its answer is none.
        """
        if not self.is_here(at.host):
            raise Trouble(Cause.LEADS_AWAY)
        status, said = self._posted(at, self._envelope(question, signed), signed)
        try:
            body: Any = fromstring(said, forbid_dtd=True).find(f"{{{_ENVELOPE}}}Body")
        except (ParseError, DefusedXmlException, ValueError):
            raise Trouble(BY_STATUS.get(status, Cause.BROKEN)) from None
        if body is None or not len(body):
            raise Trouble(BY_STATUS.get(status, Cause.BROKEN))
        if (fault := body.find(f"{{{_ENVELOPE}}}Fault")) is not None:
            if any("NotAuthorized" in (each.text or "") for each in fault.iter(f"{{{_ENVELOPE}}}Value")):
                raise Trouble(Cause.UNAUTHORIZED)
            raise Fault
        if status != httpx.codes.OK:
            raise Trouble(BY_STATUS.get(status, Cause.BROKEN))
        answer: Element = body[0]
        return answer

    def close(self) -> None:
        self._client.close()

    def _posted(self, at: Address, envelope: str, signed: bool) -> tuple[int, bytes]:
        try:
            with self._client.stream(
                "POST",
                f"{at.scheme}://{bracketed(self._numbers)}:{at.port}{at.rest}",
                content=envelope.encode(),
                headers={
                    "host": at.authority,
                    "content-type": "application/soap+xml; charset=utf-8",
                    "accept-encoding": "identity",
                },
                extensions={"sni_hostname": at.host},
                auth=self._auth if signed else None,
            ) as answer:
                if answer.is_redirect:
                    raise Trouble(Cause.REDIRECTS)
                said = bytearray()
                for piece in answer.iter_raw():
                    said += piece
                    if len(said) > LARGEST:
                        raise Trouble(Cause.FLOODS)
                return answer.status_code, bytes(said)
        except httpx.ReadTimeout:
            raise Trouble(Cause.STALLS) from None
        except httpx.HTTPError:
            raise Trouble(Cause.UNREACHABLE) from None

    def _envelope(self, question: str, signed: bool) -> str:
        head = self._signature() if signed and self._username else ""
        return f'<s:Envelope xmlns:s="{_ENVELOPE}"><s:Header>{head}</s:Header><s:Body>{question}</s:Body></s:Envelope>'

    def _signature(self) -> str:
        """WS-UsernameToken: the password itself is not said, and what is said is good once."""
        nonce = secrets.token_bytes(16)
        created = (datetime.now(UTC) + self.ahead).strftime("%Y-%m-%dT%H:%M:%SZ")
        digest = sha1(nonce + created.encode() + self._password.encode(), usedforsecurity=False).digest()
        return (
            f'<w:Security xmlns:w="{_SECURITY}" s:mustUnderstand="1"><w:UsernameToken>'
            f"<w:Username>{escape(self._username)}</w:Username>"
            f'<w:Password Type="{_DIGEST}">{b64encode(digest).decode()}</w:Password>'
            f"<w:Nonce>{b64encode(nonce).decode()}</w:Nonce>"
            f'<u:Created xmlns:u="{_MOMENTS}">{created}</u:Created></w:UsernameToken></w:Security>'
        )
