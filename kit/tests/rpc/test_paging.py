"""Page tokens: ours, unaltered, and of the same query, or refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.errors import Refused
from kit.rpc import paging
from kit.testing.ground import Ground
from sample.contract import ListNotesRequest, ListScrapsRequest

START = ["2026-05-01T10:00:00+00:00", "01a204b5-b7a7-71ca-aefe-aca181b3de26"]
HERE = "hromadas/tatarbunary"


async def token(sample: Ground, start: list[str] | None = None, **query: Any) -> str:
    async with sample.call("tatarbunary") as call:
        return paging.token_for(call, ListNotesRequest(**{"parent": HERE, **query}), start or START)


async def start_of(sample: Ground, token: str, request: Any = None, **query: Any) -> list[str] | None:
    async with sample.call("tatarbunary") as call:
        return paging.start_of(call, request or ListNotesRequest(**{"parent": HERE, **query}), token)


async def is_refused(sample: Ground, token: str, request: Any = None, **query: Any) -> bool:
    with pytest.raises(Refused) as refusal:
        await start_of(sample, token, request, **query)
    return (refusal.value.field, refusal.value.reason) == ("page_token", "page-token.foreign")


@given(start=st.lists(st.text(max_size=20), max_size=4))
async def test_a_page_starts_where_its_token_says(sample: Ground, start: list[str]) -> None:
    assert await start_of(sample, await token(sample, start or START)) == (start or START)


async def test_the_first_page_has_no_token(sample: Ground) -> None:
    assert await start_of(sample, "") is None


async def test_the_page_size_may_change_on_the_way(sample: Ground) -> None:
    assert await start_of(sample, await token(sample, page_size=10), page_size=20) == START


async def test_the_token_of_the_page_before_is_no_part_of_the_query(sample: Ground) -> None:
    first = await token(sample)
    assert await start_of(sample, first, page_token=first) == START


async def test_a_token_of_another_hromada_is_refused(sample: Ground) -> None:
    assert await is_refused(sample, await token(sample, parent="hromadas/kamianets"))


async def test_a_token_of_another_list_is_refused(sample: Ground) -> None:
    assert await is_refused(sample, await token(sample), ListScrapsRequest(parent=HERE))


@pytest.mark.parametrize("made_up", ["x", "AAAA", "=", "я", "\x00", "a" * 512, "AAAA" * 10, "%", "."])
async def test_a_token_that_somebody_made_up_is_refused(sample: Ground, made_up: str) -> None:
    assert await is_refused(sample, made_up)


async def test_an_altered_token_is_refused(sample: Ground) -> None:
    ours = await token(sample)
    for place in range(0, len(ours.rstrip("=")), 7):
        other = "A" if ours[place] != "A" else "B"
        assert await is_refused(sample, ours[:place] + other + ours[place + 1 :])


async def test_a_token_hides_where_the_page_starts(sample: Ground) -> None:
    assert START[1] not in await token(sample)


async def test_a_token_fits_into_the_field_that_carries_it(sample: Ground) -> None:
    assert len(await token(sample)) <= 512
