"""What the sample does later, and every day."""

from kit.call import Call
from kit.errors import Away

from sample.model import Note

stumbles: dict[str, list[Exception]] = {}
"""What a stumbling job is to fail with, each time; then it succeeds."""


async def note_later(call: Call, text: str) -> None:
    call.db.add(Note(text=text))


async def count_the_day(call: Call) -> None:
    call.db.add(Note(text=f"the day {call.today}"))


async def stumble(call: Call, text: str) -> None:
    """Writes its note, and then fails: what it wrote must be gone."""
    call.db.add(Note(text=text))
    await call.db.flush()
    if stumbles.get(text):
        raise stumbles[text].pop(0)


def away() -> Exception:
    return Away("dependency.away")
