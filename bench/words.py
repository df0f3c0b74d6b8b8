"""A vocabulary as people have it: thousands of word forms that share stems, few said often, most of them seldom.

Put together of Ukrainian stems, prefixes and endings, the same each time; not each of them is in a dictionary.
"""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import yaml

_PARTS: dict[str, list[str]] = {
    name: text.split() for name, text in yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text()).items()
}


def said(many: int = 6_000) -> list[str]:
    """Words of texts, the commonest first."""
    prefixes = ["", *_PARTS["prefixes"]]
    forms = (before + stem + end for before in prefixes for stem in _PARTS["stems"] for end in _PARTS["endings"])
    return _ranked([*_PARTS["small"], *_PARTS["common"]], forms, many)


def small() -> list[str]:
    """The words that every text is held together by: nobody searches for them."""
    return _PARTS["small"]


def families(many: int = 1_200) -> list[str]:
    """Surnames, the commonest first."""
    return _ranked(_PARTS["common_families"], _with("family_endings"), many)


def streets(many: int = 300) -> list[str]:
    """Streets, those with most people first."""
    return _ranked(_PARTS["common_streets"], _with("street_endings"), many)


def names() -> list[str]:
    return _PARTS["names"]


def _with(endings: str) -> Iterable[str]:
    return (root + end for root in _PARTS["roots"] for end in _PARTS[endings])


def _ranked(common: Iterable[str], others: Iterable[str], many: int) -> list[str]:
    """Those that all say first; the others in an order that is any order, but always the same."""
    shuffled = sorted(others, key=lambda word: sha256(word.encode()).digest())
    return list(dict.fromkeys((*common, *shuffled)))[:many]
