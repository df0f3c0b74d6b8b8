"""Texts in the person's language: Babel catalogues (`locale/uk.po`, `en.po`), compiled in memory at the start."""

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LOCALES = ("uk", "en")
"""Ukrainian first: it is the language of whoever names no other."""

_LIKED = re.compile(rf"\s*({'|'.join(LOCALES)})(?:-[a-z0-9-]+)?\s*(?:;\s*q=([01](?:\.[0-9]{{0,3}})?)\s*)?")


class Catalogue:
    """Texts by key, gathered from the `locale` folders of several packages."""

    def __init__(self, packages: Iterable[str]) -> None:
        self._texts = {locale: Translations() for locale in LOCALES}
        for package in packages:
            for locale in LOCALES:
                self._texts[locale].merge(compiled((files(package) / "locale" / f"{locale}.po").read_bytes(), locale))

    def has(self, key: str, locale: str) -> bool:
        return self._texts[locale].gettext(key) != key

    def text(self, key: str, locale: str, **values: object) -> str:
        """The text of a key. A key without a text is returned as it is: a test finds those."""
        text: str = self._texts[locale].gettext(key)
        return text % values if values and "%(" in text else text


def compiled(source: bytes, locale: str) -> Translations:
    """The texts of one catalogue."""
    return Translations(BytesIO(_packed(source, locale)), domain="messages")


@lru_cache(16)
def _packed(source: bytes, locale: str) -> bytes:
    """As gettext reads it: the kit's own texts are in every catalogue of a process."""
    packed = BytesIO()
    write_mo(packed, read_po(BytesIO(source), locale=locale))
    return packed.getvalue()


@lru_cache(maxsize=64)
def best_locale(asked: str) -> str:
    """The locale that serves an Accept-Language value best, such as "en-GB,en;q=0.9,uk;q=0.5"."""
    liked = [(float(match[2] or 1), match[1]) for part in asked.lower().split(",") if (match := _LIKED.fullmatch(part))]
    most, locale = max(liked, key=lambda one: one[0], default=(0.0, LOCALES[0]))
    return locale if most > 0 else LOCALES[0]
