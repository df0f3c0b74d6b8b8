"""What a subject may do, by identity's word: asked once, believed for two seconds, never guessed."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from types import SimpleNamespace
from uuid import UUID

import grpc
import grpc.aio
import pytest
from kit.auth import authority
from kit.auth.authority import Authorisation, Kin, Mailboxes, Remembered, RemoteAuthorities
from kit.errors import Away, Missing, Refusal
from kit.rpc import client
from kit.rpc.client import dial
from kit.servers.process import free_port
from spilno.identity.v1 import authority_pb2 as pb
from uuid_utils.compat import uuid7

TATARBUNARY = uuid7()


class Source:
    """Identity, as slow and as fickle as a test wants it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.deadlines: list[float | None] = []
        self.trouble: Exception | None = None
        self.answering = asyncio.Event()
        self.answering.set()

    async def of(self, hromada: str, subject: str) -> Authorisation:
        self.asked.append((hromada, subject))
        self.deadlines.append(client.deadline.get())
        await self.answering.wait()
        if self.trouble is not None:
            raise self.trouble
        return Authorisation(TATARBUNARY, display_name=f"{subject} {len(self.asked)}")

    async def mailboxes(self, hromada: str, subjects: Collection[str], permission: str) -> Mailboxes:
        self.asked.append((hromada, permission))
        return Mailboxes({each: f"{each}@example.org" for each in subjects})

    async def kin(self, hromada: str, organisation: UUID) -> Kin:
        return Kin(organisation)

    async def partner(self, hromada: str, organisation: UUID, on: date) -> str:
        self.asked.append((hromada, str(organisation)))
        return f"party on {on}"


@pytest.fixture
def source() -> Source:
    return Source()


class TestRemembered:
    async def test_asks_once_for_all_who_wait(self, source: Source) -> None:
        remembered = Remembered(source)
        answers = await asyncio.gather(*(remembered.of("tatarbunary", "olena") for _ in range(20)))
        assert (len(source.asked), len(set(answers))) == (1, 1)

    async def test_mailboxes_are_asked_for_each_time(self, source: Source) -> None:
        remembered = Remembered(source)
        for _ in range(2):
            found = await remembered.mailboxes("tatarbunary", ["olena"], "appeals.decide")
        assert (found.of, len(source.asked)) == ({"olena": "olena@example.org"}, 2)

    async def test_does_not_ask_again_within_two_seconds(self, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
        remembered = Remembered(source)
        await remembered.of("tatarbunary", "olena")
        monkeypatch.setattr(authority, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + 1.5))
        await remembered.of("tatarbunary", "olena")
        assert len(source.asked) == 1

    async def test_asks_again_after_two_seconds(self, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
        remembered = Remembered(source)
        await remembered.of("tatarbunary", "olena")
        monkeypatch.setattr(authority, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + 2.1))
        assert (await remembered.of("tatarbunary", "olena")).display_name == "olena 2"

    async def test_asks_again_of_whom_it_was_told_to_forget(self, source: Source) -> None:
        remembered = Remembered(source)
        for subject in ("olena", "petro"):
            await remembered.of("tatarbunary", subject)
        remembered.forget("tatarbunary", "olena")
        for subject in ("olena", "petro"):
            await remembered.of("tatarbunary", subject)
        assert [subject for _, subject in source.asked] == ["olena", "petro", "olena"]

    async def test_forgets_everyone_of_a_hromada_and_nobody_of_another(self, source: Source) -> None:
        remembered = Remembered(source)
        places = ("tatarbunary", "kamianets-podilskyi")
        for hromada in places:
            await remembered.of(hromada, "olena")
        remembered.forget("tatarbunary", "")
        for hromada in places:
            await remembered.of(hromada, "olena")
        assert [hromada for hromada, _ in source.asked] == [*places, "tatarbunary"]

    async def test_does_not_keep_an_answer_that_was_on_its_way_when_it_ceased_to_be_so(self, source: Source) -> None:
        remembered = Remembered(source)
        source.answering.clear()
        waiting = asyncio.create_task(remembered.of("tatarbunary", "olena"))
        await asyncio.sleep(0.01)
        remembered.forget("tatarbunary", "olena")
        source.answering.set()
        await waiting
        assert (await remembered.of("tatarbunary", "olena")).display_name == "olena 2"

    async def test_counts_the_two_seconds_from_the_question_not_from_the_answer(
        self, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        remembered = Remembered(source)
        source.answering.clear()
        waiting = asyncio.create_task(remembered.of("tatarbunary", "olena"))
        await asyncio.sleep(0.01)
        monkeypatch.setattr(authority, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + 2.1))
        source.answering.set()
        await waiting
        await remembered.of("tatarbunary", "olena")
        assert len(source.asked) == 2

    async def test_keeps_subjects_and_hromadas_apart(self, source: Source) -> None:
        remembered = Remembered(source)
        keys = [("tatarbunary", "olena"), ("tatarbunary", "ivan"), ("kamianets", "olena"), ("", "olena")]
        names = [(await remembered.of(*key)).display_name for key in keys]
        assert names == ["olena 1", "ivan 2", "olena 3", "olena 4"]

    @pytest.mark.parametrize("trouble", [Away("identity.away"), Missing()], ids=str)
    async def test_does_not_keep_a_failure(self, source: Source, trouble: Refusal) -> None:
        remembered = Remembered(source)
        source.trouble = trouble
        with pytest.raises(type(trouble)):
            await remembered.of("tatarbunary", "olena")
        source.trouble = None
        assert await remembered.of("tatarbunary", "olena")

    async def test_does_not_fall_back_on_what_it_knew_when_identity_is_away(
        self, source: Source, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        remembered = Remembered(source)
        await remembered.of("tatarbunary", "olena")
        source.trouble = Away("identity.away")
        monkeypatch.setattr(authority, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + 2.1))
        with pytest.raises(Away):
            await remembered.of("tatarbunary", "olena")

    async def test_one_who_gives_up_takes_the_answer_from_nobody(self, source: Source) -> None:
        remembered = Remembered(source)
        source.answering.clear()
        first = asyncio.create_task(remembered.of("tatarbunary", "olena"))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(remembered.of("tatarbunary", "olena"))
        await asyncio.sleep(0.01)
        first.cancel()
        source.answering.set()
        assert (await second).display_name == "olena 1"

    async def test_one_in_a_hurry_hurries_nobody_else(self, source: Source) -> None:
        async def in_a_hurry() -> None:
            client.deadline.set(time.monotonic() + 0.001)
            await Remembered(source).of("tatarbunary", "olena")

        await asyncio.create_task(in_a_hurry())
        assert source.deadlines == [None]

    async def test_remembers_only_so_many(self, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(authority, "_MOST", 3)
        remembered = Remembered(source)
        for number in range(5):
            await remembered.of("tatarbunary", f"person-{number}")
        assert len(remembered._kept) == 3


@asynccontextmanager
async def identity(
    answer: pb.Authorisation | None, code: grpc.StatusCode = grpc.StatusCode.OK
) -> AsyncIterator[RemoteAuthorities]:
    """Identity over gRPC that always says the same."""

    async def say(_: pb.GetAuthorityRequest, context: "grpc.aio.ServicerContext[bytes, bytes]") -> pb.Authorisation:
        if answer is None:
            await context.abort(code, "")
        assert answer is not None
        return answer

    server = grpc.aio.server()
    handler = grpc.unary_unary_rpc_method_handler(
        say, pb.GetAuthorityRequest.FromString, pb.Authorisation.SerializeToString
    )
    methods = {"GetAuthority": handler}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("spilno.identity.v1.Authority", methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with dial(f"127.0.0.1:{port}", None) as channel:
        yield RemoteAuthorities(channel)
    await server.stop(0)


class TestIdentitysWord:
    async def test_says_what_a_subject_may_do(self) -> None:
        said = pb.Authorisation(
            hromada_id=str(TATARBUNARY), suspended=True, display_name="Олена", permissions=["a", "b"], integrator=True
        )
        said.until.FromDatetime(datetime(2026, 5, 1, tzinfo=UTC))
        async with identity(said) as authorities:
            assert await authorities.of("tatarbunary", "olena") == Authorisation(
                hromada_id=UUID(str(TATARBUNARY)),
                suspended=True,
                display_name="Олена",
                permissions=frozenset({"a", "b"}),
                until=datetime(2026, 5, 1, tzinfo=UTC),
                integrator=True,
            )

    async def test_says_nothing_of_a_hromada_for_the_platform(self) -> None:
        async with identity(pb.Authorisation()) as authorities:
            assert await authorities.of("", "operator") == Authorisation(None)

    async def test_that_there_is_no_such_hromada_is_missing(self) -> None:
        async with identity(None, grpc.StatusCode.NOT_FOUND) as authorities:
            with pytest.raises(Missing):
                await authorities.of("nowhere", "olena")

    @pytest.mark.parametrize(
        "code",
        [
            grpc.StatusCode.UNAVAILABLE,
            grpc.StatusCode.DEADLINE_EXCEEDED,
            grpc.StatusCode.UNAUTHENTICATED,
            grpc.StatusCode.PERMISSION_DENIED,
            grpc.StatusCode.INTERNAL,
        ],
    )
    async def test_any_other_answer_denies_access_meanwhile(self, code: grpc.StatusCode) -> None:
        async with identity(None, code) as authorities:
            with pytest.raises(Away):
                await authorities.of("tatarbunary", "olena")

    async def test_no_answer_denies_access_meanwhile(self) -> None:
        async with dial(f"127.0.0.1:{free_port()}", None) as channel:
            with pytest.raises(Away):
                await RemoteAuthorities(channel).of("tatarbunary", "olena")
