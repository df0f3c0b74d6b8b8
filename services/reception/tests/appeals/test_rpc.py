"""Appeals over gRPC, as a caller meets them: what comes back for good requests and for bad ones."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import grpc
import grpc.aio
import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import ECKey
from kit.rpc.client import SERVICE, Acting, Failure, acting
from kit.testing.ground import Ground
from spilno.feed.v1 import feed_pb2, feed_pb2_grpc
from spilno.reception.v1 import appeals_pb2 as pb
from spilno.reception.v1 import events_pb2, particulars_pb2
from spilno.reception.v1.appeals_pb2_grpc import AppealsStub

Opened = Callable[[], Awaitable[str]]

GRANTED = particulars_pb2.APPEAL_OUTCOME_GRANTED
METHOD = "/spilno.reception.v1.Appeals/RegisterAppeal"
EVERYTHING = ("appeals.register", "appeals.read", "appeals.take", "appeals.answer", "feed.watch")


@contextmanager
def as_whom(token: str | None, locale: str = "uk") -> Any:
    before = acting.set(Acting(token, locale))
    try:
        yield
    finally:
        acting.reset(before)


def draft(**changes: Any) -> pb.AppealDraft:
    said = pb.AppealDraft(
        kind=pb.APPEAL_KIND_APPLICATION,
        area=pb.SAFETY_AREA_ROAD,
        applicant=pb.Applicant(name="Мешканець Іван", residence="вул. Шевченка, 12/3-А", phone="+380971234567"),
        text="На перехресті немає світлофора, діти бояться переходити.",
    )
    said.MergeFrom(pb.AppealDraft(**changes))
    return said


def request(slug: str, **changes: Any) -> pb.RegisterAppealRequest:
    return pb.RegisterAppealRequest(
        **{
            "parent": f"hromadas/{slug}",
            "appeal": draft(),
            "channel": pb.APPEAL_CHANNEL_PHONE,
            "request_id": str(uuid4()),
            **changes,
        }
    )


@pytest_asyncio.fixture
async def slug(opened: Opened) -> str:
    return await opened()


@pytest_asyncio.fixture
async def channel(reception: Ground) -> AsyncIterator[grpc.aio.Channel]:
    async with reception.channel() as channel:
        yield channel


@pytest.fixture
def appeals(channel: grpc.aio.Channel) -> Any:
    return AppealsStub(channel)


@pytest.fixture
def officer(reception: Ground, slug: str) -> str:
    return reception.staff(slug, *EVERYTHING)[1]


async def refused(call: Any) -> Failure:
    with pytest.raises(Failure) as failure:
        await call
    return failure.value


async def raw(
    channel: grpc.aio.Channel, body: bytes, *metadata: tuple[str, str], method: str = METHOD
) -> grpc.StatusCode:
    """The code that bytes of any kind are answered with."""
    anything: Any = channel.unary_unary(method)
    with pytest.raises(Failure) as failure:
        await anything(body, metadata=metadata)
    return failure.value.code


class TestFields:
    """Limits stand in the contract and come back with the field's name, in the caller's language."""

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"applicant": pb.Applicant(name="я" * 10_000)}, "appeal.applicant.name"),
            ({"applicant": pb.Applicant(phone="0971234567")}, "appeal.applicant.phone"),
            ({"applicant": pb.Applicant(email="не пошта")}, "appeal.applicant.email"),
            ({"text": "я" * 5001}, "appeal.text"),
            ({"kind": 77}, "appeal.kind"),
        ],
    )
    async def test_a_field_past_its_limit_is_named(
        self, appeals: Any, slug: str, officer: str, change: dict[str, Any], field: str
    ) -> None:
        with as_whom(officer):
            failure = await refused(appeals.RegisterAppeal(request(slug, appeal=draft(**change))))
        assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
        assert list(failure.fields) == [field]

    async def test_the_name_of_the_field_is_in_ukrainian_by_default(
        self, appeals: Any, slug: str, officer: str
    ) -> None:
        with as_whom(officer):
            failure = await refused(
                appeals.ListAppeals(pb.ListAppealsRequest(parent=f"hromadas/{slug}", page_size=101))
            )
        assert failure.fields["page_size"].startswith("Розмір сторінки")

    async def test_the_name_of_the_field_is_in_english_for_who_asks_in_english(
        self, appeals: Any, slug: str, officer: str
    ) -> None:
        with as_whom(officer, "en"):
            failure = await refused(
                appeals.ListAppeals(pb.ListAppealsRequest(parent=f"hromadas/{slug}", page_size=101))
            )
        assert failure.fields["page_size"].startswith("Page size")

    async def test_a_nul_byte_is_named_at_its_field(self, appeals: Any, slug: str, officer: str) -> None:
        with as_whom(officer):
            failure = await refused(
                appeals.RegisterAppeal(request(slug, appeal=draft(text="світлофор\x00 на перехресті")))
            )
        assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
        assert "appeal.text" in failure.fields

    async def test_a_text_of_spaces_is_named_at_its_field(self, appeals: Any, slug: str, officer: str) -> None:
        said = draft()
        said.text = " " * 40
        with as_whom(officer):
            failure = await refused(appeals.RegisterAppeal(request(slug, appeal=said)))
        assert list(failure.fields) == ["appeal.text"]

    @pytest.mark.parametrize("name", ["appeals/1", "hromadas/{}/appeals/not-a-uuid", "hromadas/{}/visits/1", "../etc"])
    async def test_a_malformed_name_is_refused_at_its_field(
        self, appeals: Any, slug: str, officer: str, name: str
    ) -> None:
        with as_whom(officer):
            failure = await refused(appeals.GetAppeal(pb.GetAppealRequest(name=name.format(slug))))
        assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
        assert list(failure.fields) == ["name"]

    async def test_a_page_token_of_another_query_is_refused(self, appeals: Any, slug: str, officer: str) -> None:
        parent = f"hromadas/{slug}"
        with as_whom(officer):
            for _ in range(2):
                await appeals.RegisterAppeal(request(slug))
            page = await appeals.ListAppeals(pb.ListAppealsRequest(parent=parent, page_size=1))
            failure = await refused(
                appeals.ListAppeals(pb.ListAppealsRequest(parent=parent, mine=True, page_token=page.next_page_token))
            )
        assert list(failure.fields) == ["page_token"]

    async def test_a_staff_entry_says_how_the_appeal_came(self, appeals: Any, slug: str, officer: str) -> None:
        with as_whom(officer):
            failure = await refused(appeals.RegisterAppeal(request(slug, channel=pb.APPEAL_CHANNEL_UNSPECIFIED)))
        assert list(failure.fields) == ["channel"]


class TestBytes:
    """What is no request at all."""

    async def test_invalid_utf_8_is_an_invalid_argument(self, channel: Any, slug: str, officer: str) -> None:
        body = request(slug, appeal=draft(text="X" * 20)).SerializeToString().replace(b"X" * 20, b"\xff" * 20)
        assert await raw(channel, body, ("authorization", f"Bearer {officer}")) is grpc.StatusCode.INVALID_ARGUMENT

    async def test_bytes_that_are_no_message_are_an_invalid_argument(self, channel: Any, officer: str) -> None:
        code = await raw(channel, b"\x0a\xff\xff\xff\xff\x0f", ("authorization", f"Bearer {officer}"))
        assert code is grpc.StatusCode.INVALID_ARGUMENT

    async def test_ten_megabytes_are_more_than_a_call_may_carry(self, channel: Any, officer: str) -> None:
        code = await raw(channel, b"\x22" * 10_000_000, ("authorization", f"Bearer {officer}"))
        assert code is grpc.StatusCode.RESOURCE_EXHAUSTED

    async def test_an_unknown_method_is_unimplemented(self, channel: Any, officer: str) -> None:
        method = "/spilno.reception.v1.Appeals/EraseEverything"
        code = await raw(channel, b"", ("authorization", f"Bearer {officer}"), method=method)
        assert code is grpc.StatusCode.UNIMPLEMENTED


class TestTokens:
    """Whoever calls is known by a token of the issuer, or not at all."""

    async def code(self, channel: Any, slug: str, *metadata: tuple[str, str]) -> grpc.StatusCode:
        return await raw(channel, request(slug).SerializeToString(), *metadata)

    async def test_no_token(self, channel: Any, slug: str) -> None:
        assert await self.code(channel, slug) is grpc.StatusCode.UNAUTHENTICATED

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic abc", "Bearer a.b.c", "Bearer " + "я" * 3])
    async def test_what_is_no_token(self, channel: Any, slug: str, header: str) -> None:
        value = header.encode().decode("latin-1") if header.isascii() else "Bearer ???"
        assert await self.code(channel, slug, ("authorization", value)) is grpc.StatusCode.UNAUTHENTICATED

    async def test_an_expired_token(self, channel: Any, reception: Ground, slug: str) -> None:
        who, _ = reception.staff(slug, *EVERYTHING)
        token = reception.issuer.person(who, slug, exp=1)
        assert await self.code(channel, slug, ("authorization", f"Bearer {token}")) is grpc.StatusCode.UNAUTHENTICATED

    async def test_a_token_for_another_audience(self, channel: Any, reception: Ground, slug: str) -> None:
        who, _ = reception.staff(slug, *EVERYTHING)
        token = reception.issuer.person(who, slug, aud=["bank"])
        assert await self.code(channel, slug, ("authorization", f"Bearer {token}")) is grpc.StatusCode.UNAUTHENTICATED

    async def test_a_token_of_another_issuer(self, channel: Any, reception: Ground, slug: str) -> None:
        who, _ = reception.staff(slug, *EVERYTHING)
        token = reception.issuer.person(who, slug, iss="https://elsewhere.example")
        assert await self.code(channel, slug, ("authorization", f"Bearer {token}")) is grpc.StatusCode.UNAUTHENTICATED

    async def test_a_token_signed_with_another_key(self, channel: Any, reception: Ground, slug: str) -> None:
        who, _ = reception.staff(slug, *EVERYTHING)
        forger = ECKey.generate_key("P-256", {"kid": "test"})
        claims = {"iss": reception.issuer.url, "aud": ["api"], "sub": who, "exp": 9e9, "organization": {slug: {}}}
        token = jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "test"}, claims, forger)
        assert await self.code(channel, slug, ("authorization", f"Bearer {token}")) is grpc.StatusCode.UNAUTHENTICATED

    async def test_a_token_without_a_signature(self, channel: Any, reception: Ground, slug: str, officer: str) -> None:
        _, payload, _ = officer.split(".")
        token = f"eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{payload}."
        assert await self.code(channel, slug, ("authorization", f"Bearer {token}")) is grpc.StatusCode.UNAUTHENTICATED

    async def test_an_id_token_is_no_access_token(self, channel: Any, reception: Ground, slug: str) -> None:
        who, _ = reception.staff(slug, *EVERYTHING)
        token = reception.issuer.person(who, slug, aud=["web"])
        assert await self.code(channel, slug, ("authorization", f"Bearer {token}")) is grpc.StatusCode.UNAUTHENTICATED

    async def test_a_person_is_no_service(self, channel: Any, reception: Ground, slug: str, officer: str) -> None:
        body = pb.SubmitAppealRequest(parent=f"hromadas/{slug}", appeal=draft(), request_id=str(uuid4()))
        method = "/spilno.reception.v1.Appeals/SubmitAppeal"
        code = await raw(channel, body.SerializeToString(), (SERVICE, f"Bearer {officer}"), method=method)
        assert code is grpc.StatusCode.UNAUTHENTICATED


class TestRepetition:
    """A request may be repeated; what it did is done once."""

    async def test_the_same_request_returns_the_same_appeal_and_code(
        self, appeals: Any, slug: str, officer: str
    ) -> None:
        once = request(slug)
        with as_whom(officer):
            first, second = await appeals.RegisterAppeal(once), await appeals.RegisterAppeal(once)
            listed = await appeals.ListAppeals(pb.ListAppealsRequest(parent=f"hromadas/{slug}"))
        assert first == second
        assert len(listed.appeals) == 1

    async def test_eight_at_once_are_one(self, appeals: Any, slug: str, officer: str) -> None:
        once = request(slug)
        with as_whom(officer):
            answers = await asyncio.gather(*(appeals.RegisterAppeal(once) for _ in range(8)))
        assert len({answer.appeal.name for answer in answers}) == 1

    async def test_another_payload_under_the_same_id_is_refused(self, appeals: Any, slug: str, officer: str) -> None:
        once = request(slug)
        other = request(slug, request_id=once.request_id, appeal=draft(text="Зовсім інше звернення, про сміття."))
        with as_whom(officer):
            await appeals.RegisterAppeal(once)
            failure = await refused(appeals.RegisterAppeal(other))
        assert list(failure.fields) == ["request_id"]

    async def test_an_id_of_another_caller_is_not_in_the_way(
        self, appeals: Any, reception: Ground, slug: str, officer: str
    ) -> None:
        once = request(slug)
        _, colleague = reception.staff(slug, *EVERYTHING)
        with as_whom(officer):
            first = await appeals.RegisterAppeal(once)
        with as_whom(colleague):
            second = await appeals.RegisterAppeal(once)
        assert first.appeal.name != second.appeal.name

    async def test_a_stale_etag_is_aborted(self, appeals: Any, slug: str, officer: str) -> None:
        with as_whom(officer):
            registered = (await appeals.RegisterAppeal(request(slug))).appeal
            await appeals.TakeAppeal(pb.TakeAppealRequest(name=registered.name, etag=registered.etag))
            failure = await refused(
                appeals.AnswerAppeal(
                    pb.AnswerAppealRequest(
                        name=registered.name, etag=registered.etag, answer="Світлофор поставлять.", outcome=GRANTED
                    )
                )
            )
        assert failure.code is grpc.StatusCode.ABORTED


class TestFeed:
    """What happens is told, to those whom it concerns."""

    async def test_each_change_arrives_once_and_in_order(
        self, channel: Any, appeals: Any, slug: str, officer: str
    ) -> None:
        feed = feed_pb2_grpc.FeedStub(channel)
        with as_whom(officer):
            first = (await appeals.RegisterAppeal(request(slug))).appeal
            cursor = await cursor_of_next(feed, appeals, slug)
            taken = await appeals.TakeAppeal(pb.TakeAppealRequest(name=first.name, etag=first.etag))
            await appeals.AnswerAppeal(
                pb.AnswerAppealRequest(
                    name=first.name, etag=taken.etag, answer="Світлофор поставлять у травні.", outcome=GRANTED
                )
            )
            events = await first_of(feed.Watch(feed_pb2.WatchRequest(parent=f"hromadas/{slug}", cursor=cursor)), 2)
        assert [event.body.TypeName() for event in events] == [
            "spilno.reception.v1.AppealTaken",
            "spilno.reception.v1.AppealAnswered",
        ]

    async def test_backfill_tells_the_same_events_as_the_bus(
        self, channel: Any, appeals: Any, slug: str, officer: str
    ) -> None:
        feed = feed_pb2_grpc.FeedStub(channel)
        with as_whom(officer):
            watching = asyncio.create_task(first_of(feed.Watch(feed_pb2.WatchRequest(parent=f"hromadas/{slug}")), 2))
            await asyncio.sleep(0.5)
            first = (await appeals.RegisterAppeal(request(slug))).appeal
            await appeals.TakeAppeal(pb.TakeAppealRequest(name=first.name, etag=first.etag))
            live = await asyncio.wait_for(watching, 60)
            again = [event async for event in feed.Backfill(feed_pb2.BackfillRequest(parent=f"hromadas/{slug}"))]
        assert [(event.id, event.body) for event in live] == [(event.id, event.body) for event in again]

    async def test_another_hromadas_events_never_arrive(
        self,
        channel: Any,
        appeals: Any,
        reception: Ground,
        slug: str,
        officer: str,
        opened: Opened,
    ) -> None:
        other = await opened()
        _, neighbour = reception.staff(other, *EVERYTHING)
        feed = feed_pb2_grpc.FeedStub(channel)
        with as_whom(neighbour):
            watching = asyncio.create_task(first_of(feed.Watch(feed_pb2.WatchRequest(parent=f"hromadas/{other}")), 1))
            await asyncio.sleep(0.5)
        with as_whom(officer):
            await appeals.RegisterAppeal(request(slug))
        with as_whom(neighbour):
            own = (await appeals.RegisterAppeal(request(other))).appeal
        events = await asyncio.wait_for(watching, 60)
        assert [event.subject for event in events] == [own.name]

    async def test_an_event_holds_no_word_of_the_appeal(
        self, channel: Any, appeals: Any, slug: str, officer: str
    ) -> None:
        feed = feed_pb2_grpc.FeedStub(channel)
        with as_whom(officer):
            await appeals.RegisterAppeal(request(slug))
            events = [event async for event in feed.Backfill(feed_pb2.BackfillRequest(parent=f"hromadas/{slug}"))]
        told = events_pb2.AppealRegistered.FromString(events[0].body.value)
        assert "Іван" not in str(told)
        assert "Шевченка" not in str(told)

    @pytest.mark.parametrize(
        ("cursor", "code"),
        [
            ("somewhere", grpc.StatusCode.INVALID_ARGUMENT),
            ("1-1", grpc.StatusCode.OUT_OF_RANGE),
        ],
    )
    async def test_a_cursor_that_leads_nowhere(
        self, channel: Any, slug: str, officer: str, cursor: str, code: grpc.StatusCode
    ) -> None:
        feed = feed_pb2_grpc.FeedStub(channel)
        with as_whom(officer):
            failure = await refused(
                first_of(feed.Watch(feed_pb2.WatchRequest(parent=f"hromadas/{slug}", cursor=cursor)), 1)
            )
        assert failure.code is code

    async def test_a_revoked_watcher_is_cut_off(self, channel: Any, reception: Ground, slug: str) -> None:
        who, token = reception.staff(slug, "feed.watch")
        feed = feed_pb2_grpc.FeedStub(channel)
        with as_whom(token):
            watching = asyncio.create_task(first_of(feed.Watch(feed_pb2.WatchRequest(parent=f"hromadas/{slug}")), 1))
            await asyncio.sleep(0.3)
            reception.register.people.pop((slug, who))
            failure = await refused(asyncio.wait_for(watching, 60))
        assert failure.code is grpc.StatusCode.PERMISSION_DENIED


async def first_of(stream: Any, count: int) -> list[feed_pb2.Event]:
    events = []
    async for event in stream:
        events.append(event)
        if len(events) == count:
            break
    return events


async def cursor_of_next(feed: Any, appeals: Any, slug: str) -> str:
    """A cursor from which the feed can be followed: that of an event made for it."""
    watching = asyncio.create_task(_last_before_silence(feed, slug))
    await asyncio.sleep(0.5)
    await appeals.RegisterAppeal(request(slug))
    return await watching


async def _last_before_silence(feed: Any, slug: str) -> str:
    """The cursor of the last of the events that come before there is a second's silence."""
    cursor = ""
    stream = aiter(feed.Watch(feed_pb2.WatchRequest(parent=f"hromadas/{slug}")))
    while True:
        upcoming = asyncio.ensure_future(anext(stream))
        await asyncio.wait([upcoming], timeout=2 if cursor else 15)
        if not upcoming.done():
            upcoming.cancel()
            return cursor
        cursor = upcoming.result().cursor
