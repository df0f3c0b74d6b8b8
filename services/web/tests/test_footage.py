"""What was recorded of a camera: the hours of a day, looking at them for a case, and keeping them for one."""

import html
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import grpc
import httpx
import pytest
from spilno.cctv.v1 import recordings_pb2 as pb
from spilno.cctv.v1 import views_pb2
from web.testing import EVERYTHING, House
from web.testing_answers import failure
from web.testing_cameras import HOLD, PLAYBACK, SQUARE, VIEW

CAMERAS = "/tatarbunary/office/cameras"
A_CAMERA = f"{CAMERAS}/{SQUARE.name.rpartition('/')[2]}"
FOOTAGE = f"{A_CAMERA}/footage"
PLAY = f"{CAMERAS}/footage/{PLAYBACK.name.rpartition('/')[2]}"
RELEASE = f"{FOOTAGE}/holds/{HOLD.name.rpartition('/')[2]}/release"
RELEASED = f"released-{HOLD.name.rpartition('/')[2]}"
LOOKS = ("cameras.read", "cameras.view", "recordings.view")
KYIV = ZoneInfo("Europe/Kyiv")
A_DAY = "2026-03-07"


@pytest.fixture(autouse=True)
def _footage(house: House) -> None:
    house.permissions = (*EVERYTHING, *LOOKS, "recordings.hold")


async def proof(browser: httpx.AsyncClient) -> dict[str, str]:
    page = (await browser.get(f"{FOOTAGE}?day={A_DAY}")).text
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))


def at(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=KYIV).astimezone(UTC)


@pytest.mark.parametrize("path", [FOOTAGE, f"{FOOTAGE}?day={A_DAY}", f"{FOOTAGE}?day=завтра", PLAY])
async def test_a_page_is_there_in_both_languages(officer: httpx.AsyncClient, path: str) -> None:
    for language in ("uk", "en"):
        answer = await officer.get(f"{path}{'&' if '?' in path else '?'}lang={language}", follow_redirects=True)
        assert answer.status_code == 200


async def test_a_day_is_shown_as_the_wall_clock_has_it(officer: httpx.AsyncClient, house: House) -> None:
    page = html.unescape((await officer.get(f"{FOOTAGE}?day={A_DAY}")).text)
    asked = next(each for each in house.asked if isinstance(each, pb.ListFootageRequest))
    assert asked.start.ToDatetime(UTC) == at("2026-03-07T00:00")
    assert asked.end.ToDatetime(UTC) == at("2026-03-08T00:00")
    assert "01:00–01:30" in page
    assert re.search(r'footage__kept" x="41\.7" width="20\.8"', page)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
async def test_a_day_on_which_the_clocks_change_is_whole(
    officer: httpx.AsyncClient, house: House, day: str, hours: int
) -> None:
    await officer.get(f"{FOOTAGE}?day={day}")
    asked = next(each for each in house.asked if isinstance(each, pb.ListFootageRequest))
    assert asked.end.seconds - asked.start.seconds == hours * 3600


async def test_a_day_to_come_is_shown_as_today(officer: httpx.AsyncClient, house: House) -> None:
    page = (await officer.get(f"{FOOTAGE}?day=2999-01-01")).text
    today = datetime.now(KYIV).date().isoformat()
    assert f'value="{today}"' in page
    assert "День пізніше" not in page


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_a_day_at_the_end_of_all_days_is_no_trouble(officer: httpx.AsyncClient, day: str) -> None:
    assert (await officer.get(f"{FOOTAGE}?day={day}")).status_code == 200
    typed = {"day": "0001-01-01", "from": "00:00", "until": "00:01", "purpose": "Огляд", "case": "1"}
    assert (await officer.post(f"{FOOTAGE}/watch", data={**await proof(officer), **typed})).status_code == 422


async def test_looking_takes_a_purpose_and_a_case_and_leads_to_the_player(
    officer: httpx.AsyncClient, house: House
) -> None:
    typed = {"from": "18:30", "until": "18:40:30", "purpose": "Хто пошкодив лавку", "case": "147/2026"}
    answer = await officer.post(f"{FOOTAGE}/watch", data={**await proof(officer), **typed})
    assert (answer.status_code, answer.headers["location"]) == (303, PLAY)
    asked = next(each for each in house.asked if isinstance(each, views_pb2.StartPlaybackRequest))
    assert (asked.start.ToDatetime(UTC), asked.end.ToDatetime(UTC)) == (
        at("2026-03-07T18:30"),
        at("2026-03-07T18:40:30"),
    )
    assert (asked.parent, asked.purpose, asked.case_reference) == (SQUARE.name, "Хто пошкодив лавку", "147/2026")


async def test_a_time_that_is_none_is_refused_at_its_field_and_nothing_is_lost(officer: httpx.AsyncClient) -> None:
    typed = {"from": "вранці", "until": "18:40", "purpose": "Хто пошкодив лавку", "case": "147/2026"}
    answer = await officer.post(f"{FOOTAGE}/watch", data={**await proof(officer), **typed})
    assert answer.status_code == 422
    assert 'href="#from"' in answer.text
    assert "Хто пошкодив лавку" in answer.text


async def test_what_the_gateway_refuses_stands_at_its_field(officer: httpx.AsyncClient, house: House) -> None:
    told = failure(grpc.StatusCode.INVALID_ARGUMENT, purpose="Скажіть навіщо.")
    house.failing, house.failing_for = told, views_pb2.StartPlaybackRequest
    typed = {"from": "18:30", "until": "18:40", "purpose": "", "case": "147/2026"}
    answer = await officer.post(f"{FOOTAGE}/watch", data={**await proof(officer), **typed})
    assert answer.status_code == 422
    assert 'href="#purpose"' in answer.text


async def test_the_player_may_play_the_media_server_s_media_and_says_who_looks_and_why(
    officer: httpx.AsyncClient,
) -> None:
    page = await officer.get(PLAY)
    assert "media-src blob:" in page.headers["content-security-policy"]
    assert any(each.startswith("spilno-viewer=") for each in page.headers.get_list("set-cookie"))
    assert 'data-path="/archive/tatarbunary/abc"' in page.text
    assert "Хто пошкодив лавку" in page.text


async def test_a_view_is_shown_by_the_page_that_plays_what_it_is_of(officer: httpx.AsyncClient) -> None:
    live = f"{CAMERAS}/live/{VIEW.name.rpartition('/')[2]}"
    for asked, shown in ((PLAY.replace("/footage/", "/live/"), PLAY), (live.replace("/live/", "/footage/"), live)):
        answer = await officer.get(asked)
        assert (answer.status_code, answer.headers["location"]) == (303, shown)


async def test_footage_is_kept_for_a_case_and_let_go_with_a_reason(officer: httpx.AsyncClient, house: House) -> None:
    sent = await proof(officer)
    typed = {"hold_from": "18:30", "hold_until": "18:40", "hold_case": "147/2026", "hold_reason": "Чекаємо на лист"}
    answer = await officer.post(f"{FOOTAGE}/hold", data={**sent, **typed})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{FOOTAGE}?day={A_DAY}&saved=yes")
    held = next(each for each in house.asked if isinstance(each, pb.HoldFootageRequest))
    assert (held.start.ToDatetime(UTC), held.case_reference) == (at("2026-03-07T18:30"), "147/2026")
    answer = await officer.post(RELEASE, data={**sent, RELEASED: "Справу закрито"})
    assert answer.status_code == 303
    released = next(each for each in house.asked if isinstance(each, pb.ReleaseHoldRequest))
    assert (released.name, released.etag, released.reason) == (HOLD.name, "2", "Справу закрито")


@pytest.mark.parametrize("field", ["hold_case", "hold_reason"])
async def test_what_is_missing_of_a_hold_stands_at_its_field(
    officer: httpx.AsyncClient, house: House, field: str
) -> None:
    name = {"hold_case": "case_reference", "hold_reason": "reason"}[field]
    house.failing = failure(grpc.StatusCode.INVALID_ARGUMENT, **{name: "Напишіть."})
    house.failing_for = pb.HoldFootageRequest
    answer = await officer.post(f"{FOOTAGE}/hold", data=await proof(officer))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text


async def test_a_hold_is_not_let_go_without_a_reason(officer: httpx.AsyncClient, house: House) -> None:
    house.failing = failure(grpc.StatusCode.INVALID_ARGUMENT, reason="Скажіть чому.")
    house.failing_for = pb.ReleaseHoldRequest
    answer = await officer.post(RELEASE, data=await proof(officer))
    assert answer.status_code == 422
    assert f'href="#{RELEASED}"' in answer.text


@pytest.mark.parametrize("path", [FOOTAGE, PLAY])
async def test_footage_is_not_for_whoever_may_watch_alone(officer: httpx.AsyncClient, house: House, path: str) -> None:
    house.permissions = (*EVERYTHING, "cameras.read", "cameras.view")
    assert (await officer.get(path)).status_code == 403
    assert "/footage" not in (await officer.get(A_CAMERA)).text


async def test_who_may_look_and_not_hold_gets_no_way_to(officer: httpx.AsyncClient, house: House) -> None:
    sent = await proof(officer)
    house.permissions = (*EVERYTHING, *LOOKS)
    page = (await officer.get(FOOTAGE)).text
    assert "/hold" not in page
    for path in (f"{FOOTAGE}/hold", RELEASE):
        assert (await officer.post(path, data=sent)).status_code == 403
