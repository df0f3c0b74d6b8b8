"""What is done with visits every day, on a real database."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from kit.testing.ground import Ground
from reception.receptions import actions, rules
from reception.receptions.model import Visit
from reception.service import service

Opened = Callable[[], Awaitable[str]]


async def test_a_visitor_is_forgotten_thirty_days_after_the_visit_and_not_before(
    reception: Ground, opened: Opened
) -> None:
    slug = await opened()
    async with reception.call(slug) as call:
        came = await actions.add_walk_in(call, "Пані Марія", "+380971234567", "Шум уночі")
        moment = call.now

    async def known(after: timedelta) -> Visit:
        async with reception.call(slug, now=moment + after) as call:
            await actions.forget_visitors(call)
        async with reception.call(slug) as call:
            return await actions.get(call, came.id)

    kept = await known(rules.FORGOTTEN_AFTER)
    assert (kept.visitor, kept.phone, kept.topic) == ("Пані Марія", "+380971234567", "Шум уночі")
    forgotten = await known(rules.FORGOTTEN_AFTER + timedelta(seconds=1))
    assert (forgotten.visitor, forgotten.phone, forgotten.topic) == ("", "", "")
    assert (forgotten.state, forgotten.starts_at) == (came.state, came.starts_at)


def test_forgetting_is_done_every_day() -> None:
    assert actions.forget_visitors in [job.verb for job in service.jobs]
