"""The trail as an auditor has it: what came, who it was, the seals, and what happens when somebody tampers with it."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
import grpc
import pytest
import pytest_asyncio
from identity.hromadas import actions as hromadas
from identity.hromadas.model import Hromada as HromadaRow
from identity.hromadas.model import State
from identity.pseudonyms.model import PseudonymKey
from identity.service import service
from identity.testing import Clock, Identity, Office, a_katotth, as_whom, signed_in
from identity.trail import actions, rules
from identity.trail.command import audit
from identity.trail.model import Entry
from identity.trail.sealing import CALLER
from kit.call import Call, Hromada
from kit.clock import kyiv_date
from kit.rpc.client import Failure
from kit.servers.postgres import Postgres
from kit.testing.ground import PASSWORD
from kit.vault import Ring
from kit.vault.rotation import rotate
from spilno.identity.v1 import members_pb2, trail_pb2, trail_pb2_grpc
from sqlalchemy import delete, func
from sqlmodel import col, select
from uuid_utils.compat import uuid7

T = TypeVar("T")
ITS = "WHERE hromada_id = $1 AND service = 'reception' AND number"
NEWEST = "(SELECT max(number) FROM seal WHERE hromada_id = $1)"


@dataclass
class Trail:
    """An office's trail, and its head's way to it."""

    office: Office
    hromada: Hromada
    stub: "trail_pb2_grpc.TrailAsyncStub"
    postgres: Postgres

    async def entries(self, **asked: Any) -> list[trail_pb2.Entry]:
        with as_whom(await self.office.as_head()):
            listed = await self.stub.ListEntries(
                trail_pb2.ListEntriesRequest(parent=self.office.name, page_size=200, **asked)
            )
        return list(listed.entries)

    async def seals(self) -> trail_pb2.Seals:
        with as_whom(await self.office.as_head()):
            found: trail_pb2.Seals = await self.stub.GetSeals(trail_pb2.GetSealsRequest(parent=self.office.name))
        return found

    async def until(self, method: str, count: int = 1) -> list[trail_pb2.Entry]:
        """What came of a method, as soon as so much of it has come."""

        async def found() -> list[trail_pb2.Entry]:
            these = [each for each in await self.entries() if each.method.endswith(method)]
            return these if len(these) >= count else []

        return await eventually(found)

    async def sealed(self) -> trail_pb2.Seals:
        """The seals, once there is one."""

        async def found() -> trail_pb2.Seals | None:
            seals = await self.seals()
            return seals if seals.seals else None

        return await eventually(found)

    async def export(self) -> bytes:
        with as_whom(await self.office.as_head()):
            stream = self.stub.ExportTrail(trail_pb2.ExportTrailRequest(parent=self.office.name))
            return b"".join([part.lines async for part in stream])

    async def as_superuser(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.postgres.url(database="identity"))
        try:
            await connection.execute("SET session_replication_role = replica")  # no foreign key stands in the way
            for statement in statements:
                whole = statement.replace("{its}", ITS).replace("{newest}", NEWEST)
                await connection.execute(whole, self.hromada.id)
        finally:
            await connection.close()

    async def take(self, *numbers: int, seal: bool = True) -> None:
        """Entries of a service, as if they had come, and a seal upon them."""
        async with self.office.call() as call:
            await actions.keep(call, "reception", [row(number) for number in numbers])
        if seal:
            async with self.office.call() as call:
                assert await actions.seal(call) is not None

    async def faults(self) -> list[str]:
        async with self.office.call() as call:
            return [str(fault) for fault in (await actions.verify(call)).finish()]


def row(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "version": 1,
        "number": number,
        "at": datetime.now(UTC),
        "subject": "a pseudonym",
        "method": "spilno.reception.v1.Appeals.GetAppeal",
        "records": [f"hromadas/here/appeals/{uuid4()}"],
        "numbers": [f"{number}/2026"],
        "purpose": "",
        "outcome": "done",
        **changes,
    }


@pytest_asyncio.fixture
async def trail(identity: Identity, office: Office, postgres: Postgres) -> Trail:
    async with identity.call() as call:
        hromada = (await hromadas.find(call.db, office.slug)).as_called()
    return Trail(office, hromada, trail_pb2_grpc.TrailStub(identity.channel), postgres)


async def eventually(look: Callable[[], Awaitable[T | None]]) -> T:
    """What `look` finds, as soon as it finds something."""
    async with asyncio.timeout(60):
        while True:
            found = await look()
            if found:
                return found
            await asyncio.sleep(0.2)


async def test_what_the_office_does_comes_with_the_name_of_who_did_it(trail: Trail) -> None:
    await trail.office.member()
    (entry,) = await trail.until("Members.InviteMember")
    assert (entry.actor, entry.outcome, entry.service) == ("Керівник офісу", trail_pb2.OUTCOME_DONE, "identity")
    assert entry.records[0].name.startswith(f"{trail.office.name}/members/")


async def test_reading_the_trail_is_in_the_trail(trail: Trail) -> None:
    await trail.entries()
    assert await trail.until("Trail.ListEntries")


async def test_sign_ins_and_an_accepted_invitation_are_in_the_trail(trail: Trail) -> None:
    person, _ = await trail.office.member()
    await signed_in(trail.office, person)
    accepted = await trail.until("account.invitation-accepted", 2)
    sign_ins = await trail.until("account.sign-in", 2)
    assert {each.actor for each in (*accepted, *sign_ins)} == {"Керівник офісу", "Дільничний офіцер"}


async def test_the_trail_holds_no_name_and_no_address(trail: Trail) -> None:
    person, member = await trail.office.member()
    await trail.until("account.invitation-accepted", 2)
    connection = await asyncpg.connect(trail.postgres.url(database="identity"))
    kept = "".join(str(dict(each)) for each in await connection.fetch("SELECT * FROM entry"))
    await connection.close()
    assert person.email not in kept
    assert member.display_name not in kept


async def test_entries_are_found_by_day_by_person_and_by_record(trail: Trail, identity: Identity) -> None:
    _, member = await trail.office.member()
    await trail.until("account.invitation-accepted", 2)
    await trail.take(1, 2)
    today = kyiv_date(identity.kit.clock.now())
    assert len(await trail.entries(day=today.isoformat())) >= 4
    assert await trail.entries(day=(today - timedelta(days=1)).isoformat()) == []
    assert {each.actor for each in await trail.entries(member=member.name)} == {"Дільничний офіцер"}
    assert [each.records[0].number for each in await trail.entries(record="2/2026")] == ["2/2026"]


@pytest.mark.parametrize("asked", [{"day": "yesterday"}, {"day": "2026-02-30"}, {"member": "somebody"}])
async def test_what_cannot_be_asked_is_refused_by_its_field(trail: Trail, asked: dict[str, str]) -> None:
    with pytest.raises(Failure) as refused:
        await trail.entries(**asked)
    assert (refused.value.code, list(refused.value.fields)) == (grpc.StatusCode.INVALID_ARGUMENT, list(asked))


async def test_pages_follow_one_another(trail: Trail) -> None:
    await trail.take(*range(1, 8))
    token = ""
    seen: list[tuple[str, int]] = []
    with as_whom(await trail.office.as_head()):
        while token or not seen:
            page = await trail.stub.ListEntries(
                trail_pb2.ListEntriesRequest(parent=trail.office.name, page_size=3, page_token=token, record="")
            )
            seen += [(each.service, each.number) for each in page.entries]
            token = page.next_page_token
    assert len(seen) == len(set(seen)) >= 7


@pytest.mark.parametrize(
    ("role", "allowed"), [(members_pb2.ROLE_AUDITOR, True), (members_pb2.ROLE_COORDINATOR, False)], ids=str
)
async def test_only_head_and_auditor_read_it(
    trail: Trail, identity: Identity, role: "members_pb2.Role.ValueType", allowed: bool
) -> None:
    person, _ = await trail.office.member(role)
    token = (await identity.tokens(person, trail.office.slug))["access_token"]
    refused = nullcontext() if allowed else pytest.raises(Failure, match="PERMISSION_DENIED")
    with as_whom(token), refused:
        await trail.stub.GetSeals(trail_pb2.GetSealsRequest(parent=trail.office.name))


async def test_what_came_is_sealed_by_itself_and_verifies(trail: Trail, record_property: Any) -> None:
    started = time.monotonic()
    await trail.office.as_head()
    await trail.until("account.sign-in")
    found = await trail.sealed()
    record_property("figures", f"from a commit until it is under a seal: {time.monotonic() - started:.1f} s")
    assert (list(found.faults), found.checked_seals >= 1, found.checked_entries >= 1) == ([], True, True)


async def test_sealers_at_once_seal_each_entry_once(trail: Trail) -> None:
    await trail.take(*range(1, 50), seal=False)

    async def one() -> bool:
        async with trail.office.call() as call:
            return await actions.seal(call) is not None

    await asyncio.gather(*(one() for _ in range(4)))
    async with trail.office.call() as call:
        sealed = await call.db.all(select(Entry).where(col(Entry.service) == "reception", col(Entry.seal) == 1))
        assert len(sealed) == 49
    assert await trail.faults() == []


async def test_what_comes_twice_counts_once_and_two_of_a_number_are_refused(trail: Trail) -> None:
    one = row(1)
    async with trail.office.call() as call:
        await actions.keep(call, "reception", [one])
        await actions.keep(call, "reception", [one])
    with pytest.raises(ValueError, match="one number"):
        async with trail.office.call() as call:
            await actions.keep(call, "reception", [row(1)])


async def test_a_hole_waits_for_its_rows_and_is_shown_when_they_do_not_come(trail: Trail, clock: Clock) -> None:
    async def shown() -> bool:
        return await trail.faults() == ["reception: numbers 3-4 are missing"]

    async def whole() -> bool:
        return await trail.faults() == []

    await trail.take(1, 2, 5)
    assert await whole()
    clock.move(timedelta(minutes=2))
    await eventually(shown)
    await trail.take(3, 4, seal=False)
    await eventually(whole)


async def test_a_clock_that_was_ahead_and_is_set_right_holds_up_no_seal(trail: Trail) -> None:
    database = await asyncpg.connect(trail.postgres.url(database="identity"))
    hromada = trail.hromada.id
    ahead = "INSERT INTO unsealed VALUES ($1, now() + interval '1 day') ON CONFLICT (hromada_id) DO UPDATE SET "
    await database.execute(ahead + "since = excluded.since", hromada)

    async def taken() -> bool:
        return not await database.fetchval("SELECT 1 FROM unsealed WHERE hromada_id = $1 AND since > now()", hromada)

    await eventually(taken)
    await database.close()


TAMPERING = {
    "a row altered": (["UPDATE entry SET subject = 'another' {its} = 2"], "entry reception 2 was altered"),
    "a row removed": (["DELETE FROM entry {its} = 2"], "reception: numbers 2 are missing"),
    "a row inserted": (
        [
            "INSERT INTO entry SELECT hromada_id, gen_random_uuid(), version, service, 99, at, subject, method,"
            " records, numbers, purpose, outcome, came_at, seal FROM entry {its} = 2"
        ],
        "entry reception 99 was inserted",
    ),
    "a batch removed": (
        [
            "DELETE FROM seal WHERE hromada_id = $1 AND number = (SELECT seal FROM entry {its} = 4)",
            "DELETE FROM entry {its} IN (4, 5)",
        ],
        "reception: numbers 4-5 are missing",
    ),
    "a signature forged": (
        [
            "UPDATE seal SET content = jsonb_set(content, '{signature}', to_jsonb(repeat('00', 64)))"
            " WHERE hromada_id = $1 AND number = (SELECT seal FROM entry {its} = 4)"
        ],
        "has a signature that the key did not make",
    ),
    "a row put in another's place": (
        ["UPDATE entry SET number = 99 {its} = 2", "UPDATE entry SET number = 2 {its} = 3"],
        "entry reception 2 was altered",
    ),
}


@pytest.mark.parametrize("what", TAMPERING)
async def test_tampering_as_the_superuser_is_seen_and_named(trail: Trail, what: str) -> None:
    statements, told = TAMPERING[what]
    await trail.take(1, 2, 3)
    await trail.take(4, 5)
    await trail.take(6)
    assert await trail.faults() == []
    await trail.as_superuser(*statements)
    assert [fault for fault in await trail.faults() if told in fault]


async def test_the_last_batch_cut_off_is_seen_by_whom_its_hash_was_told(
    trail: Trail, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    await trail.take(1, 2)
    await trail.take(3)
    noted = (await trail.seals()).seals[0]
    last = noted.number
    await trail.as_superuser(
        "DELETE FROM entry WHERE hromada_id = $1 AND seal = {newest}",
        "DELETE FROM seal WHERE hromada_id = $1 AND number = {newest}",
    )
    slug = trail.office.slug
    assert await audit(service, ["verify", slug]) == 0
    assert await audit(service, ["verify", slug, "--head", f"{last}:{noted.hash}"]) == 1
    assert f"does not hold seal {last}" in capsys.readouterr().out
    await trail.take(4, seal=False)
    clock.move(timedelta(minutes=2))

    async def shown() -> bool:
        return "reception: numbers 3 are missing" in await trail.faults()

    await eventually(shown)


async def test_an_export_is_verified_with_the_public_key_alone(trail: Trail, tmp_path: Path) -> None:
    await trail.take(1, 2, 3)
    export, key = tmp_path / "trail.jsonl", tmp_path / "public.pem"
    export.write_bytes(await trail.export())
    key.write_text((await trail.seals()).public_key)
    assert await verified_apart(trail.office.slug, export, key) == (0, "")
    altered = export.read_bytes().replace(b"2/2026", b"7/2026")
    export.write_bytes(altered)
    code, told = await verified_apart(trail.office.slug, export, key)
    assert code == 1
    assert "entry reception 2 was altered" in told


async def verified_apart(slug: str, export: Path, key: Path) -> tuple[int, str]:
    """In a process that is told nothing of any database: (its code, the faults)."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "identity",
        "audit",
        "verify",
        slug,
        "--file",
        str(export),
        "--key",
        str(key),
        stdout=asyncio.subprocess.PIPE,
        env={},
    )
    said = (await process.communicate())[0].decode()
    return process.returncode or 0, "".join(line for line in said.splitlines(True) if line.startswith("FAULT"))


async def test_an_export_without_a_key_is_not_believed(trail: Trail, tmp_path: Path) -> None:
    (tmp_path / "trail.jsonl").write_bytes(b"")
    assert await audit(service, ["verify", "here", "--file", str(tmp_path / "trail.jsonl")]) == 2


async def test_a_destroyed_key_makes_a_person_nobody_and_leaves_the_chain_whole(trail: Trail) -> None:
    _, member = await trail.office.member()
    await trail.until("account.invitation-accepted", 2)
    arguments = ["forget", trail.office.slug, member.name.rpartition("/")[2]]
    assert await audit(service, arguments) == 2, "who still works here is not forgotten"
    with as_whom(await trail.office.as_head()):
        listed = await trail.office.identity.members.ListMembers(
            members_pb2.ListMembersRequest(parent=trail.office.name)
        )
        now = next(each for each in listed.members if each.name == member.name)
        await trail.office.identity.members.RevokeMember(members_pb2.RevokeMemberRequest(name=now.name, etag=now.etag))
    assert await audit(service, arguments) == 0
    accepted = [each.actor for each in await trail.entries() if each.method == "account.invitation-accepted"]
    assert sorted(accepted) == ["", "Керівник офісу"]
    assert await trail.faults() == []


async def test_a_rotation_of_the_vault_leaves_everyone_their_pseudonym(trail: Trail, identity: Identity) -> None:
    person, member = await trail.office.member()
    before = (await trail.office.authorisation(person.email)).pseudonym
    kept = await sealed_keys(trail)
    url = trail.postgres.url("identity_migrator", PASSWORD, "identity")
    ring = Ring.of("", identity.kit.keys.of("vault"))
    done = await rotate(url, ring, service.sealed, datetime.now(UTC))
    assert done.sealed_anew >= len(kept)
    assert set(kept).isdisjoint(await sealed_keys(trail))
    assert (await trail.office.authorisation(person.email)).pseudonym == before
    await trail.until("account.invitation-accepted", 2)
    assert await trail.entries(member=member.name), "what was written before is still found by who did it"
    assert await trail.faults() == []


async def sealed_keys(trail: Trail) -> list[bytes]:
    async with trail.office.call() as call:
        return [row.sealed for row in await call.db.all(select(PseudonymKey))]


async def test_a_key_of_a_pseudonym_opens_in_its_own_row_only(trail: Trail) -> None:
    await trail.office.member()
    async with trail.office.call() as call:
        one, other = await call.db.all(select(PseudonymKey).order_by(col(PseudonymKey.id)))
        with pytest.raises(ValueError, match="sealed under another key or context"):
            await call.vault.open(call, one.sealed, PseudonymKey, other.id)


OLD = datetime(2024, 6, 1, tzinfo=UTC)


@dataclass
class Past:
    """A hromada whose trail began years ago."""

    identity: Identity
    hromada: Hromada

    def call(self) -> AbstractAsyncContextManager[Call]:
        return self.identity.call(self.hromada, CALLER)

    async def sealed(self, moment: datetime, *numbers: int) -> None:
        async with self.call() as call:
            await actions.keep(call, "reception", [row(number, at=moment) for number in numbers])
            call.now = moment + timedelta(minutes=2)
            assert await actions.seal(call) is not None

    async def removed(self) -> int:
        async with self.call() as call:
            return await actions.remove_old(call)

    async def left(self) -> tuple[int, list[int]]:
        """Numbers: of the first seal, of reception's entries."""
        async with self.call() as call:
            first = (await actions.seals(call.db, 50))[-1].number
            of_reception = select(Entry).where(col(Entry.service) == "reception").order_by(col(Entry.number))
            return first, [each.number for each in await call.db.all(of_reception)]

    async def faults(self) -> list[str]:
        async with self.call() as call:
            return [str(fault) for fault in (await actions.verify(call)).finish()]


@pytest_asyncio.fixture
async def past(identity: Identity) -> Past:
    async with identity.call() as call:
        row = HromadaRow(
            slug=f"h-{uuid4().hex[:12]}",
            katotth=a_katotth(),
            state=State.ACTIVE,
            title="Давня громада",
            address="вул. Центральна, 1",
            phones=[],
            created_at=OLD,
            ready_at=OLD,
        )
        call.db.add(row)
        hromada = row.as_called()
    return Past(identity, hromada)


async def test_what_was_kept_long_enough_is_removed_and_the_rest_verifies_from_there(
    past: Past, tmp_path: Path
) -> None:
    await past.sealed(OLD, 1, 2)
    await past.sealed(OLD + timedelta(days=1), 3)
    await past.sealed(datetime.now(UTC), 4, 5)
    assert await past.removed() == 3
    assert await past.left() == (2, [4, 5])
    assert await past.faults() == []
    assert await past.removed() == 0
    export, key = tmp_path / "trail.jsonl", tmp_path / "public.pem"
    async with past.call() as call:
        batches = await actions.batches(call.db, 0)
        key.write_text(rules.pem(actions.signing_key(call.keys).public_key()))
    lines = [rules.lines([entry.content for entry in entries], seal.content) for seal, entries in batches]
    export.write_bytes(b"".join(lines))
    assert await verified_apart(past.hromada.slug, export, key) == (0, "")


async def test_the_newest_seal_stays_when_everything_is_old_and_the_next_one_holds_on_to_it(past: Past) -> None:
    await past.sealed(OLD, 1)
    assert await past.removed() == 1
    await past.sealed(datetime.now(UTC), 2)
    assert await past.left() == (1, [2])
    assert await past.faults() == []


async def test_an_old_seal_after_a_younger_one_is_not_removed_before_it(past: Past) -> None:
    await past.sealed(datetime.now(UTC), 1)
    await past.sealed(OLD, 2)
    assert await past.removed() == 0
    assert await past.left() == (1, [1, 2])


async def test_of_what_must_be_kept_the_beginning_cut_off_is_seen(past: Past, trail: Trail) -> None:
    await past.sealed(datetime.now(UTC), 1)
    await past.sealed(datetime.now(UTC), 2)
    cut = Trail(trail.office, past.hromada, trail.stub, trail.postgres)
    await cut.as_superuser("DELETE FROM entry {its} = 1")
    assert [fault for fault in await past.faults() if "was removed" in fault]


async def test_the_services_login_removes_nothing_younger_than_a_year_and_nothing_of_another_hromada(
    past: Past, trail: Trail
) -> None:
    await past.sealed(OLD, 1)
    young = datetime.now(UTC) - timedelta(days=364)
    async with trail.office.call() as call:
        await call.db.records(select(func.remove_sealed(young)))
    await past.sealed(young, 2)
    async with past.call() as call:
        await call.db.records(select(func.remove_sealed(datetime.now(UTC) + timedelta(days=9))))
    assert await past.left() == (1, [2])
    with pytest.raises(Exception, match="permission denied"):
        async with past.call() as call:
            await call.db.records(delete(Entry))
