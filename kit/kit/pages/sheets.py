"""A sheet without what no page names: of a library of components an application uses a few."""

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import tinycss2
from tinycss2.ast import AtRule, Node, QualifiedRule

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACES = re.compile(r"\s+")
_NESTS = {"media", "supports"}


def named_in(folders: Iterable[Path], prefix: str) -> frozenset[str]:
    """The classes of a prefix that templates and scripts of these folders name."""
    pattern = re.compile(rf"{prefix}[\w-]+")
    files = (path for folder in folders for path in folder.rglob("*") if path.suffix in {".html", ".js"})
    return frozenset(name for path in files for name in pattern.findall(path.read_text()))


@lru_cache(8)
def without_unnamed(sheet: str, prefix: str, named: frozenset[str]) -> str:
    """The sheet without selectors that need a class of the prefix which nobody names, and rules that have none left."""
    classes = re.compile(rf"\.({prefix}[\w-]+)")

    def is_needed(selector: str) -> bool:
        return all(name in named for name in classes.findall(selector))

    def kept(rules: list[Node]) -> str:
        return "".join(map(one, rules))

    def one(rule: Node) -> str:
        if isinstance(rule, QualifiedRule):
            selectors = [each for each in tinycss2.serialize(rule.prelude).split(",") if is_needed(each)]
            return f"{','.join(selectors)}{{{tinycss2.serialize(rule.content)}}}" if selectors else ""
        if isinstance(rule, AtRule) and rule.lower_at_keyword in _NESTS and rule.content is not None:
            inside = kept(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True))
            return f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inside}}}" if inside else ""
        return str(rule.serialize())

    return kept(tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True))


def tightened(sheet: str) -> str:
    """The sheet without comments, and with one space where there were more."""
    return _SPACES.sub(" ", _COMMENT.sub("", sheet)).strip()
