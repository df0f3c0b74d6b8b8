"""The verbs of an office's own letters."""

from dataclasses import dataclass

from kit.call import Call
from kit.errors import Missing, Stale
from sqlmodel import col, select

from reception.referrals import filling, letters
from reception.referrals.model import ReferralLetter

LANGUAGES = ("uk", "en")
NONE_YET = "0"
"""The etag of a letter that the office never changed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The letter of a language as it stands."""

    language: str
    row: ReferralLetter | None

    @property
    def content(self) -> bytes | None:
        """The office's own; None while the platform's is written."""
        return self.row.content if self.row is not None else None

    @property
    def etag(self) -> str:
        return self.row.etag if self.row is not None else NONE_YET


async def of(call: Call, language: str) -> Kept:
    """The letter of a language.

    Raises:
        Missing: there is none in that language.
    """
    if language not in LANGUAGES:
        raise Missing
    row = await call.db.one_or_none(select(ReferralLetter).where(col(ReferralLetter.language) == language))
    return Kept(language, row)


async def bring(call: Call, language: str, content: bytes, etag: str) -> Kept:
    """Takes a letter in the place of the one before.

    Raises:
        Missing: there is none in that language.
        Refused: it cannot be filled.
        Stale: somebody changed it since.
    """
    await of(call, language)
    await filling.judge(content, letters.FIELDS)
    return await _change(call, language, content, etag)


async def give_back(call: Call, language: str, etag: str) -> Kept:
    """The platform's letter is written again.

    Raises:
        Missing: there is none in that language.
        Stale: somebody changed it since.
    """
    return await _change(call, language, None, etag)


async def _change(call: Call, language: str, content: bytes | None, etag: str) -> Kept:
    kept = await of(call, language)
    if kept.row is None:
        if etag != NONE_YET:
            raise Stale
        row = ReferralLetter(language=language, changed_at=call.now, changed_by="", changed_by_name="")
        call.db.add(row)
    else:
        row = await call.db.lock(ReferralLetter, kept.row.id, etag)
    row.content, row.changed_at = content, call.now
    row.changed_by, row.changed_by_name = call.caller.subject, call.caller.display_name
    return Kept(language, row)
