"""The classifier's editions, and what an appeal is by them: pure functions over dated data."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import yaml
from kit.errors import Refused
from kit.law import Act, Certainty, by_law

_FORMS = {
    "post": "1.1",
    "email": "1.1",
    "portal": "1.1",
    "integration": "1.1",
    "phone": "1.1.1",
    "reception": "1.2",
    "in_person": "1.2",
    "authorised": "1.3",
    "authority": "1.4",
    "media": "1.5",
    "other_body": "1.6",
}
_SIGNS = {"first": "2.1", "repeated": "2.2", "duplicate": "2.3", "multiple": "2.4", "mass": "2.5"}
_KINDS = {"proposal": "3.1", "application": "3.2", "complaint": "3.3"}
_OUTCOMES = {
    "granted": "9.1",
    "refused": "9.2",
    "explained": "9.3",
    "returned": "9.4",
    "forwarded": "9.5",
    "not_considered": "9.6",
}
_ORAL = frozenset({"reception", "phone"})
_SUBJECTS = {"order": "12", "road": "3", "health": "8", "ecology": "11", "infrastructure": "9"}


@dataclass(frozen=True, slots=True)
class Edition:
    """The classifier as it is worded from a day on."""

    since: date
    author: Mapping[str, tuple[str, str]]
    """Code, and its name in Ukrainian and English."""
    subjects: Mapping[str, tuple[str, str]]


@cache
def editions() -> Sequence[Edition]:
    """Every edition, oldest first."""
    said = yaml.safe_load((files("reception.classifier") / "classifier.yaml").read_text(encoding="utf-8"))
    return sorted(
        (Edition(each["since"], _named(each["author"]), _named(each["subjects"])) for each in said),
        key=lambda each: each.since,
    )


def _named(said: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, str]]:
    return {code: (ukrainian, english) for code, (ukrainian, english) in said.items()}


def edition(day: date) -> Edition:
    """The edition of a day; before the first, the first."""
    begun = [each for each in editions() if each.since <= day]
    return begun[-1] if begun else editions()[0]


def check(codes: Collection[str], subjects: Collection[str], day: date) -> None:
    """Codes that the classifier of the day has, and of the sex and of the status one each.

    Raises:
        Refused: a code is none of them, or a person is two things at once.
    """
    known = edition(day)
    for code in codes:
        if code not in known.author:
            raise Refused("particulars.codes", "classifier.unknown-code", code=code)
    for part in ("4.", "8."):
        if sum(code.startswith(part) for code in codes) > 1:
            raise Refused("particulars.codes", "classifier.one-of-part", part=part.removesuffix("."))
    for subject in subjects:
        if subject not in known.subjects:
            raise Refused("particulars.subjects", "classifier.unknown-code", code=subject)


@by_law("L23", Act.CLASSIFIER, "", Certainty.PARTLY)
def codes_of(
    *, channel: str, repeat: str, kind: str, signatories: int, outcome: str | None, own: Sequence[str]
) -> list[str]:
    """What an appeal is by the classifier's first part; of the person only what they have named."""
    subject = "5.2" if signatories > 1 else "5.1"
    found = [_FORMS[channel], _SIGNS[repeat], _KINDS[kind], subject, "6.3" if channel in _ORAL else "6.2", *own]
    return [*found, _OUTCOMES[outcome]] if outcome else found


@by_law("L24", Act.CLASSIFIER, "", Certainty.RECALLED)
def subjects_of(area: str, said: Sequence[str]) -> list[str]:
    """The subject headings of an appeal: those that were chosen, else that of its area of safety."""
    return list(said) or [_SUBJECTS[area]]
