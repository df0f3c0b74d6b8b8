"""What a camera needs before it may be watched, and when it goes dark."""

from datetime import date, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from cctv_gateway.cameras import rules
from cctv_gateway.cameras.rules import Login, Owner, Recognition, Standing, State
from cctv_gateway.engine.addresses import Kind
from cctv_gateway.testing.papers import dossier
from kit.errors import Refused, WrongState
from kit.localisation import LOCALES, Catalogue

TODAY = date(2026, 11, 26)
CATALOGUE = Catalogue(["kit", "cctv_gateway"])


def lit(state: State = State.ACTIVE, *, today: date = TODAY, **changes: Any) -> bool:
    return rules.is_lit(state, dossier(**changes), has_source=True, today=today)


def test_a_whole_dossier_lacks_nothing() -> None:
    assert rules.missing(dossier()) == []
    assert rules.missing_to_start(dossier(), has_source=True, today=TODAY) == []


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("address", "", "lacks-address"),
        ("latitude", None, "lacks-place"),
        ("direction", None, "lacks-direction"),
        ("angle", None, "lacks-angle"),
        ("range", None, "lacks-range"),
        ("owner_name", "", "lacks-owner"),
        ("purpose", "для порядку", "lacks-purpose"),
        ("regulation_act", "", "lacks-regulation"),
        ("regulation_number", "", "lacks-regulation-number"),
        ("regulation_adopted_on", None, "lacks-regulation-day"),
        ("sign_posted_on", None, "lacks-sign"),
        ("retention_hours", None, "lacks-retention"),
        ("recognises", [Recognition.FACES], "lacks-recognition-ground"),
    ],
)
def test_what_is_missing_is_named_at_its_field_and_has_words(field: str, value: object, reason: str) -> None:
    lacks = rules.missing(dossier(**{field: value}))
    assert [each.reason for each in lacks] == [f"camera.{reason}"]
    assert all(CATALOGUE.has(each.reason, locale) for each in lacks for locale in LOCALES)


def test_a_camera_that_sees_all_around_needs_no_direction() -> None:
    assert rules.missing(dossier(direction=None, angle=360)) == []


def test_an_undocumented_camera_cannot_start() -> None:
    with pytest.raises(WrongState, match=r"camera\.not-documented"):
        rules.check_start(State.DRAFT, dossier(), has_source=True, today=TODAY)
    with pytest.raises(WrongState, match=r"camera\.something-missing"):
        rules.check_documented(State.DRAFT, dossier(purpose=""))


def test_a_camera_without_a_source_cannot_start() -> None:
    with pytest.raises(WrongState, match=r"camera\.something-missing"):
        rules.check_start(State.DOCUMENTED, dossier(), has_source=False, today=TODAY)


def test_a_private_camera_is_dark_until_its_agreement_is_in_force_and_from_the_day_it_ends() -> None:
    private: dict[str, Any] = {"owner": Owner.PRIVATE, "agreement_number": "7"}
    first, end = date(2026, 11, 1), date(2026, 12, 1)
    agreed = {**private, "agreement_from": first, "agreement_until": end}
    assert not lit(owner=Owner.PRIVATE)
    assert not lit(**agreed, today=first - timedelta(days=1))
    assert lit(**agreed, today=first)
    assert lit(**agreed, today=end - timedelta(days=1))
    assert not lit(**agreed, today=end)


def test_every_camera_goes_dark_with_its_council_s_regulation() -> None:
    assert lit(regulation_until=TODAY + timedelta(days=1))
    assert not lit(regulation_until=TODAY)


@pytest.mark.parametrize("state", [State.DRAFT, State.DOCUMENTED, State.SUSPENDED])
def test_only_an_active_camera_is_lit(state: State) -> None:
    assert lit()
    assert not lit(state)


def test_how_far_one_is_with_an_owner() -> None:
    def standing(*, is_connected: bool = False, **changes: Any) -> Standing | None:
        return rules.standing(dossier(**changes), is_connected=is_connected, today=TODAY)

    private: dict[str, Any] = {"owner": Owner.PRIVATE}
    agreed = {**private, "agreement_number": "7", "agreement_from": TODAY}
    assert standing() is None
    assert standing(**private) is Standing.UNDER_NEGOTIATION
    assert standing(**agreed) is Standing.AGREED
    assert standing(**agreed, is_connected=True) is Standing.CONNECTED
    assert standing(**agreed, agreement_until=TODAY, is_connected=True) is Standing.ENDED


def test_a_change_makes_a_documented_camera_a_draft_and_is_refused_to_an_active_one() -> None:
    assert rules.after_change(State.DOCUMENTED, dossier(purpose="")) is State.DRAFT
    assert rules.after_change(State.ACTIVE, dossier(range=50)) is State.ACTIVE
    with pytest.raises(WrongState, match=r"camera\.suspend-first"):
        rules.after_change(State.ACTIVE, dossier(purpose=""))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"retention_hours": 73}, "camera.retention_hours"),
        ({"sign_posted_on": TODAY + timedelta(days=1)}, "camera.sign_posted_on"),
        ({"installed_on": TODAY + timedelta(days=1)}, "camera.installed_on"),
        ({"regulation_adopted_on": TODAY + timedelta(days=1)}, "camera.regulation.adopted_on"),
        ({"regulation_until": date(2019, 2, 13)}, "camera.regulation.valid_until"),
        ({"agreement_from": TODAY, "agreement_until": TODAY}, "camera.agreement.valid_until"),
        ({"longitude": None}, "camera.longitude"),
        ({"latitude": None}, "camera.latitude"),
    ],
)
def test_what_contradicts_itself_is_refused_at_its_field(changes: dict[str, object], field: str) -> None:
    rules.check(dossier(), TODAY)
    with pytest.raises(Refused) as refused:
        rules.check(dossier(**changes), TODAY)
    assert refused.value.field == field


def test_a_regulation_that_says_nothing_of_retention_limits_nothing() -> None:
    rules.check(dossier(retention_limit_hours=0, retention_hours=2000), TODAY)


def test_name_and_password_are_taken_out_of_an_address() -> None:
    nobody = Login("", "")
    moved = rules.without_login("rtsp://admin:p%40ss@10.0.0.5:554/1", nobody, "main_url")
    assert moved == ("rtsp://10.0.0.5:554/1", Login("admin", "p@ss"))
    same = rules.without_login("rtsp://admin:p%40ss@10.0.0.5/1", Login("admin", "p@ss"), "main_url")
    assert same[1] == Login("admin", "p@ss")
    assert rules.without_login("rtsp://10.0.0.5/1", Login("a", "b"), "main_url")[1] == Login("a", "b")
    with pytest.raises(Refused, match=r"camera\.two-logins"):
        rules.without_login("rtsp://admin:x@10.0.0.5/1", Login("admin", "y"), "main_url")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "camera.url-scheme"),
        ("http://cam.example.org/", "camera.url-scheme"),
        ("rtsp://127.0.0.1/", "camera.url-network"),
        ("rtsp://169.254.169.254/latest", "camera.url-network"),
        ("rtsp://10.21.0.1/", "camera.url-network"),
        ("rtsp:///1", "camera.url-host"),
        ("rtsp://cam.example.org/a b", "camera.url-unreadable"),
    ],
)
def test_an_address_that_leads_where_it_must_not_is_refused_with_a_reason(url: str, reason: str) -> None:
    networks = [ip_network("10.20.0.0/16")]
    assert rules.check_address("rtsp://10.20.0.1/1", Kind.RTSP, networks, "main_url").host == "10.20.0.1"
    with pytest.raises(Refused) as refused:
        rules.check_address(url, Kind.RTSP, networks, "main_url")
    assert (refused.value.reason, refused.value.field) == (reason, "main_url")
