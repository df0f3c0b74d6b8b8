"""What proves a person beside a password, who must have it, and what tokens say of it."""

import ipaddress
import re
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pyotp

from identity.members.rules import Role

PASSWORD, CODE, PASSKEY = "pwd", "otp", "pop"
"""How a person proved who they are, by the names of RFC 8176."""
ONE, TWO = "urn:spilno:one-factor", "urn:spilno:two-factors"

CODES = 10
CODE_DIGITS = 6
RECOVERY_DIGITS = 12
CHALLENGE_LASTS = timedelta(minutes=5)
FIRST_STEP_LASTS = timedelta(minutes=10)
FRESH = timedelta(minutes=10)
"""So long after signing in nobody is asked for the password again before they change how they sign in."""

STEP_SECONDS = 30
_OFFERED_ONLY = {"test", "demo"}
"""Where nobody real works."""
_ISSUER = "Спільно"
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}
_BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}


def is_required(environment: str, roles: Collection[Role], *, is_operator: bool) -> bool:
    """Heads of offices and operators sign in with two factors. In the demo and in tests they may."""
    return environment not in _OFFERED_ONLY and (is_operator or Role.HEAD in roles)


def acr(methods: Collection[str]) -> str:
    """How surely a person is known. A passkey is two at once: the device, and the finger or code that opens it."""
    return TWO if PASSKEY in methods or {PASSWORD, CODE} <= set(methods) else ONE


def amr(methods: Sequence[str]) -> list[str]:
    """By what a person is known, as tokens say it."""
    return [*methods, "mfa"] if acr(methods) == TWO else list(methods)


def digits(text: str) -> str:
    """A code as it was meant: spaces and dashes are for the eye."""
    return re.sub(r"[\s\-–—.]", "", text)


def matching_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """Which half a minute the code is of: this one, the one before or after, and none that was taken already."""
    if not re.fullmatch(rf"[0-9]{{{CODE_DIGITS}}}", code):
        return None
    app = pyotp.TOTP(secret)
    current = int(now.timestamp()) // STEP_SECONDS
    steps = (step for step in (current, current - 1, current + 1) if step > last_step)
    return next((step for step in steps if secrets.compare_digest(app.generate_otp(step), code)), None)


def address(secret: str, email: str) -> str:
    """What the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=_ISSUER)


def grouped(text: str) -> str:
    """In fours, as people copy it."""
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def new_codes() -> list[str]:
    """Ten codes for a drawer. Digits, so that no keyboard layout is in the way."""
    return [f"{secrets.randbelow(10**RECOVERY_DIGITS):0{RECOVERY_DIGITS}}" for _ in range(CODES)]


def relying_party(issuer_url: str) -> str:
    """The name that passkeys are bound to; empty where there can be none: at a bare network address."""
    host = urlsplit(issuer_url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return ""


def origin(issuer_url: str) -> str:
    parts = urlsplit(issuer_url)
    return f"{parts.scheme}://{parts.netloc}"


def device_of(user_agent: str) -> str:
    """A browser as its owner would recognise it in a list."""
    found = (next((name for sign, name in known.items() if sign in user_agent), "") for known in (_BROWSERS, _SYSTEMS))
    return ", ".join(name for name in found if name)
