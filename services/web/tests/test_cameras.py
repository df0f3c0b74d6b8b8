"""The office's cameras: what they lack, who may watch, and that watching takes a reason."""

import html
import re
from hashlib import sha256

import grpc
import httpx
import pytest
from spilno.cctv.v1 import cameras_pb2, health_pb2, probes_pb2, recordings_pb2, views_pb2
from web.testing import EVERYTHING, House
from web.testing_answers import failure
from web.testing_cameras import SHOP, SQUARE, VIEW

CAMERAS = "/tatarbunary/office/cameras"
A_CAMERA = f"{CAMERAS}/{SQUARE.name.rpartition('/')[2]}"
A_SHOP = f"{CAMERAS}/{SHOP.name.rpartition('/')[2]}"
PROBE = f"{A_CAMERA}/probe"
MASKS = f"{A_CAMERA}/masks"
LIVE = f"{CAMERAS}/live/{VIEW.name.rpartition('/')[2]}"
READ, WATCH = ("cameras.read",), ("cameras.read", "cameras.view")
ALL = (*WATCH, "cameras.write", "cameras.activate", "views.read")


@pytest.fixture(autouse=True)
def _cameras(house: House) -> None:
    house.permissions = (*EVERYTHING, *ALL)


async def hidden(browser: httpx.AsyncClient, path: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', (await browser.get(path)).text))


@pytest.mark.parametrize(
    "path", [CAMERAS, A_CAMERA, A_SHOP, LIVE, f"{CAMERAS}/new", f"{A_CAMERA}/dossier", PROBE, f"{A_SHOP}/probe", MASKS]
)
async def test_a_page_is_there_in_both_languages(officer: httpx.AsyncClient, path: str) -> None:
    for language in ("uk", "en"):
        assert (await officer.get(f"{path}?lang={language}", follow_redirects=True)).status_code == 200


async def test_a_list_says_what_is_missing_in_words(officer: httpx.AsyncClient) -> None:
    page = (await officer.get(CAMERAS)).text
    assert "Немає письмової мети." in page
    assert "Бракує 1 речі" in page
    assert re.search(r"З\sвласником\sдомовляються", page)


async def test_what_is_wrong_with_a_camera_is_told_in_words_and_a_turn_on_purpose_is_accepted(
    officer: httpx.AsyncClient, house: House
) -> None:
    for path in (CAMERAS, A_SHOP):
        assert "Камера дивиться не туди, куди раніше." in (await officer.get(path)).text
    page = (await officer.get(A_CAMERA)).text
    assert re.search(r"1950\sкбіт/с", page)
    assert re.search(r"розходиться\sна\s-0,4\sс", page)
    proof = await hidden(officer, A_SHOP)
    assert (await officer.post(f"{A_SHOP}/accept-picture", data=proof)).status_code == 303
    assert any(isinstance(each, health_pb2.AcceptPictureRequest) for each in house.asked)


async def test_the_cameras_are_listed_though_nobody_knows_how_they_fare(
    officer: httpx.AsyncClient, house: House
) -> None:
    house.failing, house.failing_for = failure(grpc.StatusCode.UNAVAILABLE), health_pb2.ListHealthRequest
    assert SQUARE.dossier.title in (await officer.get(CAMERAS)).text


async def test_a_camera_is_recorded_as_was_chosen_and_for_an_hour_when_something_happens(
    officer: httpx.AsyncClient, house: House
) -> None:
    house.permissions = (*EVERYTHING, *ALL, "recordings.write")
    proof = await hidden(officer, A_CAMERA)
    assert proof["plan"] == "3"
    answer = await officer.post(f"{A_CAMERA}/record", data={**proof, "mode": "always", "stream": "main"})
    assert answer.status_code == 303
    assert (await officer.post(f"{A_CAMERA}/record-now", data=proof)).status_code == 303
    planned = next(each for each in house.asked if isinstance(each, recordings_pb2.SetRecordingPlanRequest))
    assert (planned.etag, planned.mode, planned.stream) == (
        "3",
        recordings_pb2.RECORDING_MODE_ALWAYS,
        recordings_pb2.RECORDED_STREAM_MAIN,
    )
    assert any(isinstance(each, recordings_pb2.RecordEventRequest) for each in house.asked)


async def test_a_camera_s_page_says_who_looked_and_why(officer: httpx.AsyncClient, house: House) -> None:
    page = (await officer.get(A_CAMERA)).text
    assert "Черговий волонтер" in page
    assert "147/2026" in page
    house.permissions = (*EVERYTHING, *WATCH)
    assert "147/2026" not in (await officer.get(A_CAMERA)).text


@pytest.mark.parametrize("path", [CAMERAS, A_CAMERA, LIVE, f"{LIVE}/passes", f"{CAMERAS}/new", PROBE, MASKS])
async def test_a_page_is_not_for_whoever_may_not(officer: httpx.AsyncClient, house: House, path: str) -> None:
    house.permissions = EVERYTHING
    assert (await officer.get(path)).status_code == 403


async def test_whoever_only_reads_gets_no_way_to_watch_or_switch(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, A_CAMERA)
    house.permissions = (*EVERYTHING, *READ)
    page = (await officer.get(A_CAMERA)).text
    assert "/watch" not in page
    assert "/switch" not in page
    for path in (f"{A_CAMERA}/watch", f"{CAMERAS}/watch", f"{A_CAMERA}/switch", f"{LIVE}/end"):
        assert (await officer.post(path, data={**proof, "to": "on"})).status_code == 403


async def test_a_dark_camera_offers_no_way_to_watch(officer: httpx.AsyncClient) -> None:
    assert "/watch" not in (await officer.get(A_SHOP)).text


async def test_to_watch_takes_a_reason_and_leads_to_the_live_page(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, A_CAMERA)
    answer = await officer.post(f"{A_CAMERA}/watch", data={**proof, "reason": "incident", "case_reference": "147/2026"})
    assert (answer.status_code, answer.headers["location"]) == (303, LIVE)
    asked = [each for each in house.asked if isinstance(each, views_pb2.StartViewRequest)]
    assert [(list(each.cameras), each.reason, each.case_reference) for each in asked] == [
        ([SQUARE.name], views_pb2.VIEW_REASON_INCIDENT, "147/2026")
    ]


async def test_without_a_reason_nobody_watches(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, A_CAMERA)
    answer = await officer.post(f"{A_CAMERA}/watch", data={**proof, "reason": ""})
    assert answer.status_code == 422
    assert "govuk-error-summary" in answer.text


async def test_a_wall_asks_for_every_camera_that_may_be_watched(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, CAMERAS)
    await officer.post(f"{CAMERAS}/watch", data={**proof, "reason": "duty"})
    asked = next(each for each in house.asked if isinstance(each, views_pb2.StartViewRequest))
    assert list(asked.cameras) == [SQUARE.name]


async def test_a_live_page_may_play_the_media_server_s_media_and_nothing_else(officer: httpx.AsyncClient) -> None:
    page = await officer.get(LIVE)
    policy = page.headers["content-security-policy"]
    assert "connect-src 'self' http://portal.test:8081 ws://portal.test:8081" in policy
    assert "media-src blob:" in policy
    assert "unsafe" not in policy
    assert "media-src" not in (await officer.get(CAMERAS)).headers["content-security-policy"]


async def test_the_viewer_s_name_lies_over_the_picture(officer: httpx.AsyncClient) -> None:
    page = (await officer.get(LIVE)).text
    assert re.search(r'class="live__mark"><span>[^<]+</span> <time', page)


async def test_passes_are_for_the_browser_that_is_given_the_cookie(officer: httpx.AsyncClient, house: House) -> None:
    page = await officer.get(LIVE)
    cookies = [each for each in page.headers.get_list("set-cookie") if each.startswith("spilno-viewer=")]
    assert len(cookies) == 1
    assert "HttpOnly" in cookies[0]
    assert "SameSite=Strict" in cookies[0]
    value = cookies[0].split(";")[0].partition("=")[2]
    asked = next(each for each in house.asked if isinstance(each, views_pb2.RenewViewRequest))
    assert asked.browser == sha256(value.encode()).hexdigest()


async def test_a_script_is_told_of_new_passes_or_that_the_view_has_ended(
    officer: httpx.AsyncClient, house: House
) -> None:
    renewed = await officer.get(f"{LIVE}/passes")
    assert renewed.json()["tiles"][0]["pass"] == "tatarbunary/abc"
    house.failing, house.failing_for = failure(grpc.StatusCode.FAILED_PRECONDITION), views_pb2.RenewViewRequest
    assert (await officer.get(f"{LIVE}/passes")).status_code == 410


async def test_a_view_ends_on_demand_even_if_it_has_ended(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, LIVE)
    for _ in range(2):
        answer = await officer.post(f"{LIVE}/end", data=proof)
        assert (answer.status_code, answer.headers["location"]) == (303, CAMERAS)
        house.failing, house.failing_for = failure(grpc.StatusCode.FAILED_PRECONDITION), views_pb2.EndViewRequest


async def test_a_camera_is_suspended_with_a_reason(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, A_CAMERA)
    refused = await officer.post(f"{A_CAMERA}/switch", data={**proof, "to": "off", "etag": "4"})
    assert refused.status_code == 422
    said = {**proof, "to": "off", "etag": "4", "suspended_because": "Ремонт опори"}
    assert (await officer.post(f"{A_CAMERA}/switch", data=said)).status_code == 303
    asked = [each for each in house.asked if isinstance(each, cameras_pb2.SuspendCameraRequest)]
    assert asked[-1].reason == "Ремонт опори"


async def test_a_camera_is_switched_on(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, A_CAMERA)
    assert (await officer.post(f"{A_CAMERA}/switch", data={**proof, "to": "on", "etag": "4"})).status_code == 303
    assert any(isinstance(each, cameras_pb2.ActivateCameraRequest) for each in house.asked)


async def test_a_duty_volunteer_begins_with_the_cameras(officer: httpx.AsyncClient, house: House) -> None:
    house.permissions = WATCH
    answer = await officer.get("/tatarbunary/office")
    assert (answer.status_code, answer.headers["location"]) == (303, CAMERAS)


TYPED = {
    "title": "Біля школи",
    "address": "вул. Зразкова, 1",
    "latitude": "45,84",
    "longitude": "29.61",
    "direction": "90",
    "angle": "80",
    "range": "40",
    "owner": "private",
    "owner_name": "Крамниця «Зразок»",
    "agreement_number": "7",
    "agreement_valid_from": "2026-01-01",
    "purpose": "Безпека дітей на переході біля школи",
    "regulation_act": "Положення",
    "regulation_number": "10",
    "regulation_adopted_on": "2019-10-01",
    "regulation_retention_limit_hours": "72",
    "retention_hours": "48",
    "sign_posted_on": "2019-11-07",
}


async def test_a_dossier_is_entered_as_it_was_typed(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, f"{CAMERAS}/new")
    answer = await officer.post(f"{CAMERAS}/new", data={**proof, **TYPED})
    assert answer.headers["location"] == f"{A_CAMERA}?saved=yes"
    asked = next(each for each in house.asked if isinstance(each, cameras_pb2.CreateCameraRequest))
    camera = asked.camera
    assert (camera.latitude, camera.longitude, camera.angle, camera.retention_hours) == (45.84, 29.61, 80, 48)
    assert (camera.owner, camera.agreement.number) == (cameras_pb2.CAMERA_OWNER_PRIVATE, "7")
    assert (camera.regulation.number, camera.regulation.retention_limit_hours) == ("10", 72)


async def test_what_nobody_has_typed_is_not_told_as_nought(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, f"{CAMERAS}/new")
    await officer.post(f"{CAMERAS}/new", data={**proof, "title": "Біля школи", "owner": "municipal"})
    camera = next(each for each in house.asked if isinstance(each, cameras_pb2.CreateCameraRequest)).camera
    assert not any(camera.HasField(name) for name in ("latitude", "direction", "angle", "range", "retention_hours"))


async def test_a_number_that_is_none_is_refused_at_its_field(officer: httpx.AsyncClient) -> None:
    proof = await hidden(officer, f"{CAMERAS}/new")
    answer = await officer.post(f"{CAMERAS}/new", data={**proof, **TYPED, "angle": "багато", "latitude": "північ"})
    assert answer.status_code == 422
    assert 'href="#angle"' in answer.text
    assert 'href="#latitude"' in answer.text
    assert "Безпека дітей" in answer.text


async def test_a_changed_dossier_leaves_what_is_not_on_the_form_as_it_was(
    officer: httpx.AsyncClient, house: House
) -> None:
    page = (await officer.get(f"{A_CAMERA}/dossier")).text
    assert 'value="Центральна площа"' in page
    assert 'value="80"' in page
    proof = await hidden(officer, f"{A_CAMERA}/dossier")
    assert (await officer.post(f"{A_CAMERA}/dossier", data={**proof, **TYPED})).status_code == 303
    asked = next(each for each in house.asked if isinstance(each, cameras_pb2.UpdateCameraRequest))
    assert asked.etag == "4"
    assert "masks" not in asked.update_mask.paths
    assert set(asked.update_mask.paths) <= set(cameras_pb2.CameraDraft.DESCRIPTOR.fields_by_name)


async def test_a_camera_is_connected_and_its_password_never_shown(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, A_CAMERA)
    said = {**proof, "etag": "4", "kind": "rtsp", "main_url": "rtsp://192.0.2.10/1", "password": "s3cret"}
    assert (await officer.post(f"{A_CAMERA}/connect", data=said)).status_code == 303
    asked = next(each for each in house.asked if isinstance(each, cameras_pb2.ConnectCameraRequest))
    assert (asked.kind, asked.password) == (cameras_pb2.SOURCE_KIND_RTSP, "s3cret")
    refused = failure(grpc.StatusCode.INVALID_ARGUMENT, main_url="Адреса лежить у закритій мережі")
    house.failing, house.failing_for = refused, cameras_pb2.ConnectCameraRequest
    answer = await officer.post(f"{A_CAMERA}/connect", data=said)
    assert answer.status_code == 422
    assert "закритій" in answer.text
    assert "s3cret" not in answer.text


async def test_a_camera_is_asked_and_its_streams_are_chosen(officer: httpx.AsyncClient, house: House) -> None:
    page = (await officer.get(PROBE)).text
    assert re.search(r"main: H264, 1920×1080, 20\sкадрів", page)
    assert re.search(r"спішить\sна\s90\sс", page)
    proof = await hidden(officer, PROBE)
    said = {"address": "10.20.0.5", "username": "admin", "password": "s3cret"}
    answer = await officer.post(PROBE, data={**proof, **said})
    assert (answer.status_code, answer.headers["location"]) == (303, PROBE)
    answer = await officer.post(f"{PROBE}/adopt", data={**proof, "main_profile": "main", "sub_profile": "sub"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{A_CAMERA}?saved=yes")
    asked = [each for each in house.asked if isinstance(each, probes_pb2.ProbeCameraRequest)]
    assert [(each.address, each.username, each.password) for each in asked] == [("10.20.0.5", "admin", "s3cret")]
    chosen = [each for each in house.asked if isinstance(each, probes_pb2.AdoptProfilesRequest)]
    assert [(each.etag, each.main_profile, each.sub_profile) for each in chosen] == [("4", "main", "sub")]


async def test_a_camera_that_was_found_is_entered_and_then_asked(officer: httpx.AsyncClient, house: House) -> None:
    new = f"{CAMERAS}/new"
    page = (await officer.post(f"{new}/discover", data=await hidden(officer, new))).text
    assert "Уже внесена" in page
    found = html.unescape(re.findall(r'href="([^"]*/new\?device=[^"]*)"', page)[0])
    assert "10.20.0.9" in found
    chosen = (await officer.get(found)).text
    assert "http://10.20.0.9:80/x?a=1" in chosen
    assert 'value="Z-3 &lt;b&gt;"' in chosen
    answer = await officer.post(new, data={**await hidden(officer, found), **TYPED})
    assert answer.status_code == 303
    assert 'value="http://10.20.0.9:80/x?a=1"' in (await officer.get(answer.headers["location"])).text
    house.failing = failure(grpc.StatusCode.FAILED_PRECONDITION, "", "Громаді не дозволено жодної мережі.")
    house.failing_for = probes_pb2.DiscoverCamerasRequest
    refused = await officer.post(f"{new}/discover", data=await hidden(officer, new))
    assert refused.status_code == 422
    assert "Громаді не дозволено жодної мережі." in refused.text


async def test_a_password_that_the_camera_refuses_is_not_shown_again(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, PROBE)
    refused = failure(grpc.StatusCode.INVALID_ARGUMENT, password="Не той пароль.")
    house.failing, house.failing_for = refused, probes_pb2.ProbeCameraRequest
    answer = await officer.post(PROBE, data={**proof, "address": "10.20.0.5", "password": "wrong-one"})
    assert answer.status_code == 422
    assert "Не той пароль." in answer.text
    assert "wrong-one" not in answer.text


async def test_masks_are_written_in_numbers_and_kept_as_polygons(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, MASKS)
    typed = "0 0, 25,5 40\n50 50, 100 50, 75 99.9"
    answer = await officer.post(MASKS, data={**proof, "masks": typed, "masks_itself": "yes"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{A_CAMERA}?saved=yes")
    asked = next(each for each in house.asked if isinstance(each, cameras_pb2.UpdateCameraRequest))
    assert sorted(asked.update_mask.paths) == ["masks", "masks_itself", "unmasked_ground"]
    assert [[(corner.x, corner.y) for corner in mask.corners] for mask in asked.camera.masks] == [
        [(0, 0), (255, 0), (255, 400), (0, 400)],
        [(500, 500), (1000, 500), (750, 999)],
    ]
    assert asked.camera.masks_itself


@pytest.mark.parametrize("typed", ["0 0", "0 0, 101 5", "0 0, x 5", "5"])
async def test_a_mask_that_is_none_is_refused_at_its_line(officer: httpx.AsyncClient, typed: str) -> None:
    proof = await hidden(officer, MASKS)
    answer = await officer.post(MASKS, data={**proof, "masks": f"0 0, 10 10\n{typed}"})
    assert answer.status_code == 422
    assert re.search(r"Рядок\s2", answer.text)


async def test_to_draw_over_the_picture_is_a_view(officer: httpx.AsyncClient, house: House) -> None:
    proof = await hidden(officer, MASKS)
    answer = await officer.post(f"{MASKS}/picture", data=proof)
    view = VIEW.name.rpartition("/")[2]
    assert (answer.status_code, answer.headers["location"]) == (303, f"{MASKS}?view={view}")
    asked = next(each for each in house.asked if isinstance(each, views_pb2.StartViewRequest))
    assert asked.reason == views_pb2.VIEW_REASON_CHECK
    page = await officer.get(f"{MASKS}?view={view}")
    assert "http://portal.test:8081/live/tatarbunary/abc/picture.jpg" in page.text
    assert any(each.startswith("spilno-viewer=") for each in page.headers.get_list("set-cookie"))


async def test_cameras_stand_on_the_map_with_what_they_see_and_are_exported_by_the_office_alone(
    officer: httpx.AsyncClient, house: House
) -> None:
    page = (await officer.get(f"{CAMERAS}/map")).text
    assert "Центральна площа" in page
    assert "Крамниця" in page  # it has no place, and is named beside
    answer = await officer.get(f"{CAMERAS}/dataset.csv")
    assert answer.content == b"inventoryNumber"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert (await officer.get(f"{CAMERAS}/dataset.exe")).status_code == 404
    house.permissions = (*EVERYTHING, *READ)
    assert (await officer.get(f"{CAMERAS}/dataset.csv")).status_code == 403
