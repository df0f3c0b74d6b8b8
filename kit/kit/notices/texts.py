"""The texts of notices: `{name}` stands for a value, and nothing else in them is ever anything but text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from kit.errors import Refused
from kit.notices.rules import line, lines

OFFICE = "office"
"""The value that every notice has: how the office signs."""
MOST_SEGMENTS = 4
_MOST_SUBJECT, _MOST_BODY, _MOST_SIGNATURE = 150, 3000, 80
_PLACE = re.compile(r"\{([a-z_]+)\}")
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€\f")


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that a service tells, and the values that its texts may name."""

    name: str
    values: Mapping[str, str]
    """By name, each with an example, for a preview."""


SIGNATURE = Kind("signature", {})
"""Not told by itself: its line is what `{office}` stands for."""


@dataclass(frozen=True, slots=True)
class Text:
    """What is told, in one language: a letter's subject and body, and an SMS. A signature has its line in `body`."""

    subject: str
    body: str
    sms: str

    def filled(self, values: Mapping[str, str]) -> "Text":
        """The text with its values, each made one harmless line."""
        said = {name: line(value) for name, value in values.items()}

        def fill(text: str) -> str:
            return _PLACE.sub(lambda place: said[place[1]], text)

        return Text(fill(self.subject), fill(self.body), fill(self.sms))


@dataclass(frozen=True, slots=True)
class Length:
    """How long an SMS is, as operators count and charge it."""

    units: int
    segments: int


def check(kind: Kind, text: Text) -> Text:
    """A text as it may be kept.

    Raises:
        Refused: something is missing or too long, or names a value that the kind does not have; at its field.
    """
    clean = Text(line(text.subject), lines(text.body).strip(), lines(text.sms).strip())
    if kind is SIGNATURE:
        return Text("", _whole("text.body", line(text.body), _MOST_SIGNATURE, ()), "")
    known = (OFFICE, *kind.values)
    _whole("text.subject", clean.subject, _MOST_SUBJECT, known)
    _whole("text.body", clean.body, _MOST_BODY, known)
    _whole("text.sms", clean.sms, _MOST_BODY, known)
    segments = length(clean.filled({OFFICE: "", **kind.values}).sms).segments
    if segments > MOST_SEGMENTS:
        raise Refused("text.sms", "notice.sms-too-long", segments=segments, most=MOST_SEGMENTS)
    return clean


def _whole(field: str, text: str, most: int, known: tuple[str, ...]) -> str:
    if not text:
        raise Refused(field, "notice.text-missing")
    if len(text) > most:
        raise Refused(field, "notice.text-too-long", most=most)
    told = ", ".join(f"{{{name}}}" for name in known)
    stranger = next((name for name in _PLACE.findall(text) if name not in known), None)
    if stranger is not None:
        raise Refused(field, "notice.unknown-value", value=f"{{{stranger}}}", known=told)
    if any(brace in _PLACE.sub("", text) for brace in "{}"):
        raise Refused(field, "notice.stray-brace", known=told)
    return text


def length(sms: str) -> Length:
    """Of Latin letters 160 are one message; with one letter of another alphabet, 70 are."""
    if all(sign in _GSM or sign in _GSM_TWICE for sign in sms):
        units, whole, part = sum(1 + (sign in _GSM_TWICE) for sign in sms), 160, 153
    else:
        units, whole, part = len(sms.encode("utf-16-le")) // 2, 70, 67
    return Length(units, 1 if units <= whole else -(-units // part))
