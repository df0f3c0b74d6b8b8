"""Ukrainian first, English second: catalogues, dates and numbers as people read them."""

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

from kit.clock import KYIV
from kit.localisation import LOCALES, best_locale, compiled

FOREVER = 365 * 24 * 3600

_NBSP = "\u00a0"
_SHORT_WORDS = re.compile(r"(?<![\w’'])((?:в|у|з|і|й|о|на|до|за|по|та|із|зі|об|не|чи|№|а|№) )(?=\S)", re.IGNORECASE)
_NUMBER_AND_WORD = re.compile(r"(?<=\d) (?=[^\W\d_%]|%)")


@lru_cache(maxsize=4096)
def bind(text: str) -> str:
    """Keeps short words with the word that follows, and numbers with what they count."""
    bound = _SHORT_WORDS.sub(lambda found: found[1].replace(" ", _NBSP), text)
    return _NUMBER_AND_WORD.sub(_NBSP, bound)


@dataclass(frozen=True)
class Language:
    """One language of the pages: `gettext` for words, the rest for dates (Kyiv time) and numbers."""

    code: str
    translations: NullTranslations = field(default_factory=NullTranslations, repr=False)

    @property
    def other(self) -> str:
        return "en" if self.code == "uk" else "uk"

    def gettext(self, message: str) -> str:
        return self.bound(self.translations.gettext(message))

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.bound(self.translations.ngettext(one, many, count))

    def bound(self, text: str) -> str:
        """The text with its spaces as this language's typography has them."""
        return bind(text) if self.code == "uk" else text

    def day(self, when: datetime.date) -> str:
        """26 листопада"""
        return self._format(when, "d MMMM")

    def date(self, when: datetime.date) -> str:
        """26 листопада 2026 року"""
        return self._format(when, "d MMMM y 'року'" if self.code == "uk" else "d MMMM y")

    def weekday(self, when: datetime.date) -> str:
        """четвер"""
        return self._format(when, "EEEE")

    def short(self, when: datetime.date) -> str:
        """26.11: for tables"""
        return self._format(when, "dd.MM")

    def time(self, when: datetime.datetime) -> str:
        """10:18"""
        return format_time(when, "HH:mm", tzinfo=KYIV, locale=self.code)

    def moment(self, when: datetime.datetime) -> str:
        """26 листопада, 10:18"""
        return f"{self.day(when)}, {self.time(when)}"

    def stamp(self, when: datetime.datetime) -> str:
        """26.11.2026, 10:18: for registers"""
        return f"{self._format(when, 'dd.MM.y')}, {self.time(when)}"

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self.code)

    def _format(self, when: datetime.date, pattern: str) -> str:
        day = when.astimezone(KYIV).date() if isinstance(when, datetime.datetime) else when
        return format_date(day, pattern, locale=self.code).replace(" ", _NBSP)


UKRAINIAN = Language("uk")


def load(folders: Sequence[Path]) -> dict[str, Language]:
    """Compiles the catalogues in memory; a later folder's word wins."""
    return {code: Language(code, _catalogue(folders, code)) for code in LOCALES}


def _catalogue(folders: Sequence[Path], code: str) -> NullTranslations:
    merged: Translations | None = None
    for path in (folder / f"{code}.po" for folder in folders):
        if path.exists():
            read = compiled(path.read_bytes(), code)
            merged = merged.merge(read) if merged else read
    return merged or NullTranslations()


def choose(cookie: str, accepted: str) -> str:
    """The person's own choice, else the browser's, else Ukrainian."""
    return cookie if cookie in LOCALES else best_locale(accepted)
