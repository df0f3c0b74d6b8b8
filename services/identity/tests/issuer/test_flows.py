"""The issuer as the portal's server meets it: codes, tokens, keys."""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from identity.testing import PORTAL, WEB, Asked, Clock, Identity, Office, Opened, answer_in, as_whom, claims_in
from joserfc import jwt
from joserfc.jwk import KeySet
from kit.auth.tokens import Verifier
from kit.clock import MovedClock
from kit.testing.ground import PASSWORD
from spilno.identity.v1 import hromadas_pb2, members_pb2


async def code_for(office: Office, asked: Asked) -> str:
    return answer_in(await office.identity.visitor().sign_in(asked, office.head))["code"]


def for_office(office: Office, **changes: str | None) -> Asked:
    return Asked(f"openid organization:{office.slug}", changes=dict(changes))


async def test_discovery_tells_where_everything_is(identity: Identity) -> None:
    async with httpx.AsyncClient(base_url=identity.issuer, trust_env=False) as client:
        said = (await client.get("/.well-known/openid-configuration")).json()
    assert said["issuer"] == identity.issuer
    assert said["code_challenge_methods_supported"] == ["S256"]


async def test_a_token_is_verified_by_the_published_keys(office: Office) -> None:
    tokens = await office.identity.tokens(office.head, office.slug)
    async with httpx.AsyncClient(base_url=office.identity.issuer, trust_env=False) as client:
        keys = KeySet.import_key_set((await client.get("/jwks")).json())
    token = jwt.decode(tokens["access_token"], keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    assert token.header["kid"] in {key.kid for key in keys.keys}


async def test_published_keys_hold_no_private_part(identity: Identity) -> None:
    async with httpx.AsyncClient(base_url=identity.issuer, trust_env=False) as client:
        keys = (await client.get("/jwks")).json()["keys"]
    assert keys
    assert all("d" not in key for key in keys)


async def test_the_kit_takes_the_token_as_the_persons_in_the_hromada(office: Office) -> None:
    verifier = Verifier(office.identity.issuer, MovedClock(office.identity.clock.file))
    bearer = await verifier.verify(await office.as_head())
    assert (bearer.hromada, bearer.service) == (office.slug, "")


async def test_the_kit_takes_a_services_token_as_the_services(identity: Identity) -> None:
    verifier = Verifier(identity.issuer, MovedClock(identity.clock.file))
    bearer = await verifier.verify(await identity.client_token("svc.reception", PASSWORD))
    assert (bearer.hromada, bearer.service) == ("", "reception")


async def test_an_access_token_says_who_where_and_for_how_long_but_not_what_they_may(office: Office) -> None:
    claims = claims_in(await office.as_head())
    assert claims["iss"] == office.identity.issuer
    assert claims["aud"] == ["api"]
    assert claims["azp"] == claims["client_id"] == "web"
    assert claims["exp"] - claims["iat"] == 300
    assert list(claims["organization"]) == [office.slug]
    assert set(claims) == {
        "iss", "sub", "aud", "azp", "client_id", "sid", "scope", "iat", "exp", "jti", "organization",
        "acr", "amr",
    }  # fmt: skip


async def test_an_id_token_holds_the_nonce_and_no_personal_data(office: Office) -> None:
    claims = claims_in((await office.identity.tokens(office.head, office.slug))["id_token"])
    assert (claims["aud"], claims["nonce"]) == ("web", "a nonce")
    assert set(claims) == {
        "iss",
        "sub",
        "aud",
        "azp",
        "iat",
        "exp",
        "auth_time",
        "acr",
        "amr",
        "nonce",
        "sid",
        "at_hash",
    }


async def test_an_operators_token_names_no_hromada(identity: Identity) -> None:
    assert "organization" not in claims_in(await identity.operator())


async def test_the_answer_names_the_issuer_and_returns_the_state(office: Office) -> None:
    answer = answer_in(await office.identity.visitor().sign_in(for_office(office), office.head))
    assert (answer["iss"], answer["state"]) == (office.identity.issuer, "a state")


async def test_whoever_is_signed_in_already_is_not_asked_again(office: Office) -> None:
    visitor = office.identity.visitor()
    await visitor.sign_in(for_office(office), office.head)
    assert "code" in answer_in(await visitor.ask(for_office(office)))


async def test_whoever_is_asked_to_prove_it_again_sees_the_sign_in_page(office: Office) -> None:
    visitor = office.identity.visitor()
    await visitor.sign_in(for_office(office), office.head)
    page = await visitor.ask(for_office(office, prompt="login"))
    assert page.url.path == "/sign-in"


async def test_after_proving_it_again_they_come_back(office: Office) -> None:
    visitor = office.identity.visitor()
    await visitor.sign_in(for_office(office), office.head)
    assert "code" in answer_in(await visitor.sign_in(for_office(office, prompt="login"), office.head))


async def test_without_a_page_a_stranger_is_sent_back_with_an_error(office: Office) -> None:
    answer = answer_in(await office.identity.visitor().ask(for_office(office, prompt="none")))
    assert (answer["error"], answer["iss"]) == ("login_required", office.identity.issuer)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "openid organization:one organization:two"}, "invalid_scope"),
        ({"scope": "openid profile"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
async def test_what_the_issuer_does_not_do_is_told_to_the_portal(
    identity: Identity, changes: dict[str, str | None], error: str
) -> None:
    assert answer_in(await identity.visitor().ask(Asked(changes=changes)))["error"] == error


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": f"{WEB}/callback/"},
        {"redirect_uri": f"{WEB}/callback?x=1"},
        {"redirect_uri": f"{WEB}.evil.example/callback"},
        {"redirect_uri": None},
        {"redirect_uri": 'http://localhost:8080/"callback'},
        {"client_id": "nobody"},
        {"client_id": "svc.web"},
        {"client_id": "int.tatarbunary.lighting"},
        {"client_id": None},
        {"client_id": "\0"},
        {"client_id": "ґ" * 10_000},
        {"response_type": "\ud7ff"},
    ],
)
async def test_who_cannot_be_answered_safely_gets_a_page_and_no_redirect(
    identity: Identity, changes: dict[str, str | None]
) -> None:
    page = await identity.visitor().ask(Asked(changes=changes))
    assert (page.status_code, page.headers.get("location")) == (400, None)


async def test_a_parameter_said_twice_gets_a_page_and_no_redirect(identity: Identity) -> None:
    asked = urlencode([*Asked().query.items(), ("redirect_uri", "https://evil.example")])
    page = await identity.visitor().client.get(f"/authorize?{asked}")
    assert page.status_code == 400


async def test_invalid_utf8_in_the_address_gets_a_page(identity: Identity) -> None:
    page = await identity.visitor().client.get("/authorize?client_id=%ff%fe")
    assert page.status_code == 400


async def test_a_code_is_good_for_a_minute(office: Office, clock: Clock) -> None:
    asked = for_office(office)
    code = await code_for(office, asked)
    clock.move(timedelta(seconds=61))
    answer = await office.identity.exchange(code, asked.verifier)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_a_code_is_good_only_with_its_verifier(office: Office) -> None:
    asked = for_office(office)
    answer = await office.identity.exchange(await code_for(office, asked), "x" * 43)
    assert answer.json()["error"] == "invalid_grant"


async def test_a_code_is_good_only_with_its_redirect_uri(office: Office) -> None:
    asked = for_office(office)
    answer = await office.identity.exchange(await code_for(office, asked), asked.verifier, redirect_uri=WEB)
    assert answer.json()["error"] == "invalid_grant"


async def test_a_replayed_code_is_refused(office: Office) -> None:
    asked = for_office(office)
    code = await code_for(office, asked)
    await office.identity.exchange(code, asked.verifier)
    assert (await office.identity.exchange(code, asked.verifier)).json()["error"] == "invalid_grant"


async def test_a_replayed_code_ends_the_tokens_that_came_of_it(office: Office) -> None:
    asked = for_office(office)
    code = await code_for(office, asked)
    tokens = (await office.identity.exchange(code, asked.verifier)).json()
    await office.identity.exchange(code, asked.verifier)
    assert (await office.identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_of_two_exchanges_at_once_one_succeeds(office: Office) -> None:
    asked = for_office(office)
    code = await code_for(office, asked)
    answers = await asyncio.gather(*(office.identity.exchange(code, asked.verifier) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 400]


async def test_a_service_does_not_exchange_the_portals_code(office: Office) -> None:
    asked = for_office(office)
    said = {
        "grant_type": "authorization_code",
        "code": await code_for(office, asked),
        "redirect_uri": f"{WEB}/callback",
        "code_verifier": asked.verifier,
    }
    answer = await office.identity.post("/token", said, ("svc.web", PASSWORD))
    assert answer.json()["error"] == "unauthorized_client"


async def test_a_refresh_token_is_followed_by_another(office: Office) -> None:
    first = await office.identity.tokens(office.head, office.slug)
    second = (await office.identity.refresh(first["refresh_token"])).json()
    third = (await office.identity.refresh(second["refresh_token"])).json()
    assert len({each["refresh_token"] for each in (first, second, third)}) == 3
    assert claims_in(third["access_token"])["organization"] == claims_in(first["access_token"])["organization"]


async def test_a_used_refresh_token_ends_its_family(office: Office) -> None:
    first = await office.identity.tokens(office.head, office.slug)
    second = (await office.identity.refresh(first["refresh_token"])).json()
    replayed = await office.identity.refresh(first["refresh_token"])
    after = await office.identity.refresh(second["refresh_token"])
    assert [replayed.json()["error"], after.json()["error"]] == ["invalid_grant", "invalid_grant"]


async def test_of_eight_refreshes_at_once_one_succeeds_and_the_family_ends(office: Office) -> None:
    first = await office.identity.tokens(office.head, office.slug)
    answers = await asyncio.gather(*(office.identity.refresh(first["refresh_token"]) for _ in range(8)))
    succeeded = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(succeeded) == 1
    assert (await office.identity.refresh(succeeded[0]["refresh_token"])).status_code == 400


async def test_eight_hours_of_silence_end_a_family(office: Office, clock: Clock) -> None:
    tokens = await office.identity.tokens(office.head, office.slug)
    clock.move(timedelta(hours=8, minutes=1))
    assert (await office.identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_twelve_hours_after_the_password_everything_ends(office: Office, clock: Clock) -> None:
    tokens = await office.identity.tokens(office.head, office.slug)
    clock.move(timedelta(hours=7))
    tokens = (await office.identity.refresh(tokens["refresh_token"])).json()
    clock.move(timedelta(hours=12, minutes=1))
    assert (await office.identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_refresh_does_not_widen_the_scope(office: Office) -> None:
    tokens = await office.identity.tokens(office.head)
    said = {
        "grant_type": "refresh_token",
        "refresh_token": tokens["refresh_token"],
        "scope": f"openid organization:{office.slug}",
    }
    assert (await office.identity.post("/token", said)).json()["error"] == "invalid_scope"


async def test_a_revoked_member_gets_no_new_tokens(office: Office) -> None:
    person, member = await office.member()
    tokens = await office.identity.tokens(person, office.slug)
    with as_whom(await office.as_head()):
        listed = await office.identity.members.ListMembers(members_pb2.ListMembersRequest(parent=office.name))
        etag = next(each.etag for each in listed.members if each.name == member.name)
        await office.identity.members.RevokeMember(members_pb2.RevokeMemberRequest(name=member.name, etag=etag))
    assert (await office.identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_code_is_not_exchanged_after_the_revocation(office: Office) -> None:
    person, member = await office.member()
    asked = for_office(office)
    code = answer_in(await office.identity.visitor().sign_in(asked, person))["code"]
    with as_whom(await office.as_head()):
        listed = await office.identity.members.ListMembers(members_pb2.ListMembersRequest(parent=office.name))
        etag = next(each.etag for each in listed.members if each.name == member.name)
        await office.identity.members.RevokeMember(members_pb2.RevokeMemberRequest(name=member.name, etag=etag))
    assert (await office.identity.exchange(code, asked.verifier)).json()["error"] == "invalid_grant"


async def test_in_a_suspended_hromada_nobody_gets_new_tokens(office: Office) -> None:
    tokens = await office.identity.tokens(office.head, office.slug)
    await suspend(office)
    assert (await office.identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_in_a_suspended_hromada_nobody_signs_in(office: Office) -> None:
    await suspend(office)
    page = await office.identity.visitor().sign_in(for_office(office), office.head)
    assert page.status_code == 403


@pytest.mark.parametrize(
    ("data", "auth"),
    [
        ({"grant_type": "client_credentials"}, ("svc.web", "wrong")),
        ({"grant_type": "client_credentials"}, ("nobody", PASSWORD)),
        ({"grant_type": "client_credentials"}, ("int.nowhere.lighting", PASSWORD)),
        ({"grant_type": "client_credentials"}, ("int.\0.lighting", PASSWORD)),
        ({"grant_type": "client_credentials"}, None),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, None),
    ],
)
async def test_an_unknown_client_gets_nothing(
    identity: Identity, data: dict[str, str], auth: tuple[str, str] | None
) -> None:
    answer = await identity.post("/token", data, auth)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_the_portals_client_has_no_credentials_of_its_own(identity: Identity) -> None:
    answer = await identity.post("/token", {"grant_type": "client_credentials"}, PORTAL)
    assert answer.json()["error"] == "unauthorized_client"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"grant_type": "password"},
        {"grant_type": "authorization_code"},
        {"grant_type": "authorization_code", "code": "\0"},
        {"grant_type": "authorization_code", "code": "ґ"},
        {"grant_type": "authorization_code", "code": "x" * 10_000},
        {"grant_type": "authorization_code", "code": "x"},
        {"grant_type": "refresh_token"},
        {"grant_type": "refresh_token", "refresh_token": "x.y"},
        {"grant_type": "refresh_token", "refresh_token": "0" * 32 + ".y"},
    ],
)
async def test_a_bad_request_for_tokens_gets_a_clear_error(identity: Identity, data: dict[str, str]) -> None:
    answer = await identity.post("/token", data)
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_request", "invalid_grant", "unsupported_grant_type"}


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"grant_type=%ff", {}),
        (b"\xff\xfe", {}),
        (b"grant_type=client_credentials", {"content-type": "application/json"}),
        (b"grant_type=a&grant_type=b", {}),
    ],
)
async def test_a_body_that_is_no_form_gets_a_clear_error(
    identity: Identity, content: bytes, headers: dict[str, str]
) -> None:
    sent = {"content-type": "application/x-www-form-urlencoded", **headers}
    async with httpx.AsyncClient(base_url=identity.issuer, trust_env=False) as client:
        answer = await client.post("/token", content=content, headers=sent)
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic //79", "Bearer x", "Basic Og==", "Basic " + "A" * 9000]
)
async def test_a_broken_authorization_header_is_an_unknown_client(identity: Identity, header: str) -> None:
    async with httpx.AsyncClient(base_url=identity.issuer, trust_env=False) as client:
        answer = await client.post(
            "/token", data={"grant_type": "client_credentials"}, headers={"authorization": header}
        )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def signed_out(office: Office, tokens: dict[str, Any], **more: str) -> httpx.Response:
    said = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": f"{WEB}/signed-out", "state": "s", **more}
    return await office.identity.visitor().client.get("/end-session", params=said)


async def test_the_portals_sign_out_leads_back_with_its_state(office: Office) -> None:
    back = await signed_out(office, await office.identity.tokens(office.head, office.slug))
    assert back.headers["location"] == f"{WEB}/signed-out?state=s"


async def test_the_portals_sign_out_ends_the_tokens(office: Office) -> None:
    tokens = await office.identity.tokens(office.head, office.slug)
    await signed_out(office, tokens)
    assert (await office.identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_the_portals_sign_out_ends_the_sign_in(office: Office) -> None:
    visitor = office.identity.visitor()
    tokens = await office.identity.tokens(office.head, office.slug, visitor)
    await signed_out(office, tokens)
    assert (await visitor.ask(for_office(office))).url.path == "/sign-in"


async def test_a_sign_out_leads_nowhere_but_to_the_portal(office: Office) -> None:
    tokens = await office.identity.tokens(office.head, office.slug)
    gone = await signed_out(office, tokens, post_logout_redirect_uri="https://evil.example/")
    assert gone.headers["location"] == "/signed-out"


@pytest.mark.parametrize("hint", ["x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzaWQiOiJ4In0.", "e30.e30.e30"])
async def test_a_forged_hint_signs_nobody_out(office: Office, hint: str) -> None:
    assert (await signed_out(office, {"id_token": hint})).status_code == 400


async def test_without_a_hint_the_person_is_asked(identity: Identity) -> None:
    page = await identity.visitor().client.get("/end-session", follow_redirects=True)
    assert (page.status_code, page.url.path) == (200, "/sign-out")


async def test_whoever_signs_out_on_the_page_is_signed_out(office: Office) -> None:
    visitor = office.identity.visitor()
    await visitor.sign_in(for_office(office), office.head)
    await visitor.fill(await visitor.client.get("/sign-out"))
    assert (await visitor.ask(for_office(office))).url.path == "/sign-in"


async def suspend(office: Office) -> None:
    with as_whom(await office.identity.operator()):
        await office.identity.hromadas.SuspendHromada(
            hromadas_pb2.SuspendHromadaRequest(name=office.name, etag=office.etag, reason="договір завершено")
        )


async def test_somebody_of_another_office_is_told_so_on_a_page(office: Office, opened: Opened) -> None:
    other = await opened()
    page = await office.identity.visitor().sign_in(for_office(other), office.head)
    assert page.status_code == 403
    assert "You do not work in this office" in page.text


async def test_an_office_that_does_not_exist_looks_like_one_of_others(office: Office) -> None:
    page = await office.identity.visitor().sign_in(Asked("openid organization:nowhere"), office.head)
    assert page.status_code == 403
    assert "You do not work in this office" in page.text


async def test_without_a_page_somebody_of_another_office_is_sent_back_with_an_error(
    office: Office, opened: Opened
) -> None:
    visitor = office.identity.visitor()
    await visitor.sign_in(for_office(office), office.head)
    answer = answer_in(await visitor.ask(for_office(await opened(), prompt="none")))
    assert (answer["error"], answer["iss"]) == ("access_denied", office.identity.issuer)
