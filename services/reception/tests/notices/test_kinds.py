"""The texts with which a hromada begins."""

from collections.abc import Awaitable, Callable

import pytest
from kit.localisation import LOCALES
from kit.notices import Channel
from kit.notices.delivery import deliver
from kit.notices.texts import OFFICE, check, length
from kit.testing.ground import Ground
from reception.notices.kinds import notices
from reception.proceedings.alarms import tell_staff
from reception.receptions.actions import remind
from reception.service import service


async def test_every_text_could_be_kept_and_its_sms_is_short(
    reception: Ground, opened: Callable[[], Awaitable[str]]
) -> None:
    async with reception.call(await opened()) as call:
        texts = await notices.all_in_force(call)
    assert len(texts) == len(notices.kinds) * len(LOCALES)
    for one in texts:
        assert check(one.kind, one.text) == one.text, one
        filled = one.text.filled({OFFICE: "Офіс безпеки громади", **one.kind.values})
        assert "notice." not in filled.subject + filled.body + filled.sms
        assert length(filled.sms).segments <= 3, filled.sms


@pytest.mark.parametrize("kind", ["visit-booked", "visit-cancelled", "visit-tomorrow"])
def test_nothing_that_a_visitor_typed_can_stand_in_a_letter(kind: str) -> None:
    assert set(notices.kinds[kind].values) == {"when", "link"}


@pytest.mark.parametrize("kind", sorted(set(notices.kinds) - {"signature"}))
def test_neither_code_nor_answer_nor_reason_can_stand_in_a_letter(kind: str) -> None:
    assert set(notices.kinds[kind].values) <= {"number", "link", "when", "until", "body"}


def test_what_is_put_off_is_declared() -> None:
    assert {deliver, remind, tell_staff} <= {job.verb for job in service.jobs}


def test_the_channels_are_those_that_the_contract_has() -> None:
    assert [channel.name for channel in Channel] == ["SMS", "EMAIL"]
