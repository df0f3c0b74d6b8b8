"""The verbs of wordings."""

from collections.abc import Sequence

from kit.call import Call
from kit.errors import Stale
from sqlmodel import select

from reception.wordings import rules
from reception.wordings.model import WordingSet
from reception.wordings.rules import Wording

NONE_YET = "0"
"""The etag of the set that an office has not written."""


async def find(call: Call) -> WordingSet | None:
    """The office's set; None while it has written none."""
    return await call.db.one_or_none(select(WordingSet))


async def write(call: Call, wordings: Sequence[Wording], etag: str) -> WordingSet:
    """Takes a set in the place of the one before.

    Raises:
        Refused: two have one title.
        Stale: somebody wrote another since.
        AlreadyThere: somebody wrote the first one at this moment.
    """
    said = rules.check(wordings)
    titles, texts = [each.title for each in said], [each.text for each in said]
    kept = await find(call)
    if kept is None:
        if etag != NONE_YET:
            raise Stale
        first = WordingSet(titles=titles, texts=texts)
        call.db.add(first)
        return first
    held = await call.db.lock(WordingSet, kept.id, etag)
    held.titles, held.texts = titles, texts
    return held
