"""Access tokens: what is believed, what is not, and when the issuer is asked for its keys."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from kit.auth import tokens
from kit.auth.tokens import Verifier
from kit.clock import SystemClock
from kit.errors import Away, Unknown
from kit.servers.process import free_port
from kit.testing.issuer import Issuer, issuing


class Moved:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.by = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


class Passing:
    """The monotonic time that the verifier sees, made to pass by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.by = 0.0
        monkeypatch.setattr(tokens, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + self.by))


@pytest_asyncio.fixture(scope="module")
async def verifier(issuer: Issuer) -> Verifier:
    """A verifier that knows the issuer's keys."""
    return Verifier(issuer.url, SystemClock())


@pytest_asyncio.fixture(scope="module")
async def changing() -> AsyncIterator[Issuer]:
    async with issuing() as issuer:
        yield issuer


@pytest.fixture
def own(changing: Issuer) -> Issuer:
    """An issuer whose keys a test may change."""
    rotate(changing, "test")
    changing.asked, changing.is_away, changing.nonsense = 0, False, ""
    return changing


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Passing:
    return Passing(monkeypatch)


def rotate(issuer: Issuer, kid: str) -> None:
    issuer.key = ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": "ES256"})


def signed(issuer: Issuer, kid: str = "test", **claims: Any) -> str:
    """A token under the issuer's present key, naming any key."""
    said = {"iss": issuer.url, "aud": "api", "sub": "someone", "exp": int(time.time()) + 300, **claims}
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": kid}, said, issuer.key)


def part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def claims(issuer: Issuer, **changes: Any) -> dict[str, Any]:
    return {"iss": issuer.url, "aud": ["api"], "sub": "someone", "exp": int(time.time()) + 300, **changes}


async def unknown(verifier: Verifier, token: str) -> str:
    with pytest.raises(Unknown) as refusal:
        await verifier.verify(token)
    return refusal.value.reason


class TestWhatIsBelieved:
    async def test_a_persons_token_tells_the_subject_and_the_hromada(self, verifier: Verifier, issuer: Issuer) -> None:
        bearer = await verifier.verify(issuer.person("olena", "tatarbunary"))
        assert (bearer.subject, bearer.hromada, bearer.service) == ("olena", "tatarbunary", "")

    async def test_an_integrators_token_tells_its_hromada(self, verifier: Verifier, issuer: Issuer) -> None:
        bearer = await verifier.verify(issuer.integrator("tatarbunary", "lighting"))
        assert (bearer.subject, bearer.hromada) == ("int.tatarbunary.lighting", "tatarbunary")

    async def test_a_services_token_tells_the_service(self, verifier: Verifier, issuer: Issuer) -> None:
        assert (await verifier.verify(issuer.service("web"))).service == "web"

    async def test_a_person_who_is_called_like_a_service_is_none(self, verifier: Verifier, issuer: Issuer) -> None:
        assert (await verifier.verify(issuer.token("svc.web", client_id="web"))).service == ""

    @pytest.mark.parametrize(
        ("said", "hromada"),
        [
            ({"organization": {"a": {}}}, "a"),
            ({"organization": ["a"]}, "a"),
            ({"organization": ["a", "a"]}, "a"),
            ({"tid": "a"}, "a"),
            ({"organization": {"a": {}, "b": {}}}, ""),
            ({"organization": ["a", "b"]}, ""),
            ({"organization": {"a": {}}, "tid": "b"}, ""),
            ({"organization": {"a": {}}, "tid": "a"}, ""),
            ({"organization": {}}, ""),
            ({"organization": {}, "tid": "a"}, "a"),
            ({"organization": "a"}, ""),
            ({"organization": 7, "tid": 7}, ""),
            ({"organization": [{"a": {}}]}, ""),
            ({}, ""),
        ],
    )
    async def test_the_hromada_of_a_token_is_the_only_one_it_names(
        self, verifier: Verifier, issuer: Issuer, said: dict[str, Any], hromada: str
    ) -> None:
        assert (await verifier.verify(issuer.token("someone", **said))).hromada == hromada

    @pytest.mark.parametrize("audience", ["api", ["api"], ["web", "api"]])
    async def test_an_audience_is_one_or_several(self, verifier: Verifier, issuer: Issuer, audience: object) -> None:
        assert await verifier.verify(issuer.token("someone", aud=audience))

    @pytest.mark.parametrize("configured", ["", "/"])
    @pytest.mark.parametrize("said", ["", "/"])
    async def test_an_issuer_is_the_same_with_a_slash_at_its_end(
        self, issuer: Issuer, configured: str, said: str
    ) -> None:
        verifier = Verifier(issuer.url + configured, SystemClock())
        assert await verifier.verify(issuer.token("someone", iss=issuer.url + said))

    @pytest.mark.parametrize("kind", ["at+jwt", "AT+JWT", "application/at+jwt", "JWT"])
    async def test_the_type_of_a_token_is_that_of_an_access_token(
        self, verifier: Verifier, issuer: Issuer, kind: str
    ) -> None:
        header = {"alg": "ES256", "typ": kind, "kid": "test"}
        assert await verifier.verify(jwt.encode(header, claims(issuer), issuer.key))

    async def test_a_clock_that_is_a_little_behind_the_issuers_is_forgiven(
        self, verifier: Verifier, issuer: Issuer
    ) -> None:
        assert await verifier.verify(issuer.token("someone", nbf=int(time.time()) + 30))


class TestWhatIsNot:
    @pytest.mark.parametrize(
        "changes",
        [
            {"iss": "https://elsewhere.example"},
            {"iss": None},
            {"iss": ["api"]},
            {"aud": "web"},
            {"aud": ["web"]},
            {"aud": None},
            {"aud": []},
            {"aud": {"api": True}},
            {"sub": None},
            {"sub": ""},
            {"sub": 7},
            {"sub": "x'; DROP TABLE note; --"},
            {"sub": "олена"},
            {"sub": "x" * 129},
            {"exp": None},
            {"exp": "tomorrow"},
            {"nbf": 9_999_999_999},
        ],
        ids=str,
    )
    async def test_a_token_that_says_otherwise(
        self, verifier: Verifier, issuer: Issuer, changes: dict[str, Any]
    ) -> None:
        assert await unknown(verifier, issuer.token("someone", **changes)) == "access.token"

    @pytest.mark.parametrize("expires", [0, 1, time.time() - 1], ids=["epoch", "long ago", "just now"])
    async def test_an_expired_one(self, verifier: Verifier, issuer: Issuer, expires: float) -> None:
        assert await unknown(verifier, issuer.token("someone", exp=expires)) == "access.expired"

    async def test_one_signed_by_another_under_the_same_key_id(self, verifier: Verifier, issuer: Issuer) -> None:
        forger = ECKey.generate_key("P-256", {"kid": "test"})
        header = {"alg": "ES256", "typ": "at+jwt", "kid": "test"}
        assert await unknown(verifier, jwt.encode(header, claims(issuer), forger)) == "access.token"

    async def test_one_without_a_signature(self, verifier: Verifier, issuer: Issuer) -> None:
        token = f"{part({'alg': 'none', 'typ': 'at+jwt', 'kid': 'test'})}.{part(claims(issuer))}."
        assert await unknown(verifier, token) == "access.token"

    async def test_one_whose_secret_is_the_issuers_public_key(self, verifier: Verifier, issuer: Issuer) -> None:
        public = OctKey.import_key(json.dumps(issuer.key.as_dict(private=False)))
        token = jwt.encode({"alg": "HS256", "typ": "at+jwt", "kid": "test"}, claims(issuer), public)
        assert await unknown(verifier, token) == "access.token"

    async def test_one_that_brings_its_own_key(self, verifier: Verifier, issuer: Issuer) -> None:
        forger = RSAKey.generate_key(2048, {"kid": "mine"})
        header = {"alg": "RS256", "typ": "at+jwt", "kid": "mine", "jwk": forger.as_dict(private=False)}
        token = jwt.encode(header, claims(issuer), forger)
        assert await unknown(verifier, token) == "access.token"

    async def test_one_whose_claims_were_changed(self, verifier: Verifier, issuer: Issuer) -> None:
        header, _, signature = issuer.token("someone").split(".")
        assert await unknown(verifier, f"{header}.{part(claims(issuer, sub='head'))}.{signature}") == "access.token"

    @pytest.mark.parametrize("kind", ["id+jwt", "logout+jwt", "dpop+jwt", ""])
    async def test_one_of_another_type(self, verifier: Verifier, issuer: Issuer, kind: str) -> None:
        header = {"alg": "ES256", "typ": kind, "kid": "test"}
        assert await unknown(verifier, jwt.encode(header, claims(issuer), issuer.key)) == "access.token"

    @pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "a.b.c.d.e", "." * 1000, "a" * 10_000, "é.é.é"])
    async def test_what_is_no_token_at_all(self, verifier: Verifier, token: str) -> None:
        assert await unknown(verifier, token) == "access.token"

    @settings(max_examples=50)
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["alg", "kid", "crit", "b64", "typ", "jwk", "x5c"]), inner, max_size=5
                )
            ),
            max_leaves=6,
        )
    )
    async def test_any_header_that_somebody_makes_up(self, issuer: Issuer, header: object) -> None:
        verifier = Verifier(issuer.url, SystemClock())
        verifier._keys, verifier._fetched, verifier._asked = KeySet([issuer.key]), time.monotonic(), time.monotonic()
        signature = issuer.token("someone").rpartition(".")[2]
        await unknown(verifier, f"{part(header)}.{part(claims(issuer))}.{signature}")

    async def test_a_header_nested_ten_thousand_times(self, verifier: Verifier) -> None:
        deep = base64.urlsafe_b64encode(b"[" * 10_000 + b"]" * 10_000).decode()
        assert await unknown(verifier, f"{deep}.e30.AA") == "access.token"


class TestRemembering:
    async def test_a_token_seen_before_still_expires(self, issuer: Issuer) -> None:
        clock = Moved()
        verifier, token = Verifier(issuer.url, clock), issuer.token("someone")
        await verifier.verify(token)
        clock.by = timedelta(minutes=6)
        assert await unknown(verifier, token) == "access.expired"

    async def test_a_token_seen_before_needs_no_keys(self, own: Issuer, passing: Passing) -> None:
        verifier, token = Verifier(own.url, SystemClock()), own.token("someone")
        await verifier.verify(token)
        rotate(own, "next")
        passing.by = 3600
        assert (await verifier.verify(token)).subject == "someone"

    async def test_a_refused_token_is_not_remembered_as_good(self, verifier: Verifier, issuer: Issuer) -> None:
        token = issuer.token("someone", aud="web")
        assert [await unknown(verifier, token), await unknown(verifier, token)] == ["access.token"] * 2

    async def test_only_so_many_are_remembered(self, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tokens, "_KEPT", 3)
        verifier = Verifier(issuer.url, SystemClock())
        for number in range(5):
            await verifier.verify(issuer.token(f"someone-{number}"))
        assert len(verifier._seen) == 3


class TestKeys:
    async def test_are_fetched_once_for_many(self, own: Issuer) -> None:
        verifier = Verifier(own.url, SystemClock())
        await asyncio.gather(*(verifier.verify(own.token(f"someone-{number}")) for number in range(20)))
        assert own.asked == 1

    async def test_are_fetched_anew_when_a_token_names_an_unknown_one(self, own: Issuer, passing: Passing) -> None:
        verifier = Verifier(own.url, SystemClock())
        await verifier.verify(signed(own))
        rotate(own, "next")
        passing.by = 31
        assert await verifier.verify(signed(own, "next"))

    async def test_are_fetched_anew_at_most_every_thirty_seconds(self, own: Issuer, passing: Passing) -> None:
        verifier = Verifier(own.url, SystemClock())
        for passing.by in (0, 1, 10, 20, 29, 31, 32, 60):
            await unknown(verifier, signed(own, f"unknown-{passing.by}"))
        assert own.asked == 2

    async def test_are_fetched_anew_once_for_many_who_name_the_same_unknown_one(
        self, own: Issuer, passing: Passing
    ) -> None:
        verifier = Verifier(own.url, SystemClock())
        await verifier.verify(signed(own))
        rotate(own, "next")
        passing.by = 31
        await asyncio.gather(*(verifier.verify(signed(own, "next", sub=f"someone-{n}")) for n in range(10)))
        assert own.asked == 2

    async def test_a_key_that_the_issuer_took_back_is_believed_for_ten_minutes_at_most(
        self, own: Issuer, passing: Passing
    ) -> None:
        verifier, late = Verifier(own.url, SystemClock()), signed(own, sub="late")
        await verifier.verify(signed(own))
        rotate(own, "next")
        passing.by = 601
        assert await unknown(verifier, late) == "access.token"

    async def test_known_ones_do_while_the_issuer_is_away(self, own: Issuer, passing: Passing) -> None:
        verifier = Verifier(own.url, SystemClock())
        await verifier.verify(signed(own))
        own.is_away = True
        passing.by = 3600
        assert await verifier.verify(signed(own, sub="another"))

    async def test_known_ones_do_for_a_day_at_most(self, own: Issuer, passing: Passing) -> None:
        verifier = Verifier(own.url, SystemClock())
        await verifier.verify(signed(own))
        own.is_away = True
        passing.by = 25 * 3600
        with pytest.raises(Away):
            await verifier.verify(signed(own, sub="another"))

    async def test_a_forged_token_is_unknown_while_the_issuer_is_away(self, own: Issuer, passing: Passing) -> None:
        verifier = Verifier(own.url, SystemClock())
        await verifier.verify(signed(own))
        own.is_away = True
        passing.by = 31
        assert await unknown(verifier, "a.b.c") == "access.token"

    async def test_without_any_the_issuer_is_away(self) -> None:
        verifier = Verifier(f"http://127.0.0.1:{free_port()}", SystemClock())
        with pytest.raises(Away):
            await verifier.verify("a.b.c")

    async def test_are_found_as_soon_as_the_issuer_answers(self, own: Issuer) -> None:
        verifier = Verifier(own.url, SystemClock())
        own.is_away = True
        with pytest.raises(Away):
            await verifier.verify(signed(own))
        own.is_away = False
        assert await verifier.verify(signed(own))

    @pytest.mark.parametrize("answer", ["{}", "[]", "null", '{"keys": []}', '{"keys": [7]}', '{"keys": {}}', "<html>"])
    async def test_an_issuer_that_answers_nonsense_is_away(self, own: Issuer, answer: str) -> None:
        verifier = Verifier(own.url, SystemClock())
        own.nonsense = answer
        with pytest.raises(Away):
            await verifier.verify(signed(own))
