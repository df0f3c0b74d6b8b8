"""What happens to the trail: entries come, are sealed, read, exported, verified."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from kit.audit import Act
from kit.call import Call
from kit.clock import KYIV
from kit.database import Session, table_of
from kit.keys import Keys
from spilno.identity.v1 import trail_pb2
from sqlalchemy import DateTime, delete, func, literal, or_, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from identity.integrators.model import Integrator
from identity.integrators.rules import ClientId
from identity.members.model import Invitation, Membership
from identity.pseudonyms import actions as pseudonyms
from identity.trail import rules
from identity.trail.model import Entry, FormerKey, Seal, Unsealed

MOST_IN_A_SEAL = 1000
PATIENCE = timedelta(minutes=1)
"""How long a hole in a service's numbers may be rows that are still on their way."""
_PURPOSE = "trail-seal"
_FORMER = "trail-former-key"
_PAGE = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for."""

    day: date | None = None
    subject: str | None = None
    record: str = ""


def signing_key(keys: Keys) -> Ed25519PrivateKey:
    """Made of identity's secret, so that the database alone cannot seal."""
    return Ed25519PrivateKey.from_private_bytes(keys.digest(_PURPOSE))


async def trust(call: Call, former: rules.Former) -> None:
    """Takes the seals of a key of another installation for good, up to its last one."""
    row = FormerKey(sealed=b"")
    said = json.dumps({"pem": rules.pem(former.key), "upto": former.upto}).encode()
    row.sealed = call.keys.seal(_FORMER, said, str(call.hromada.id), str(row.id))
    call.db.add(row)


async def former_keys(call: Call) -> dict[str, rules.Former]:
    """The keys that sealed the hromada's trail elsewhere, by their ids."""
    found = {}
    for row in await call.db.all(select(FormerKey)):
        said = json.loads(call.keys.open(_FORMER, row.sealed, str(call.hromada.id), str(row.id)))
        former = rules.Former(rules.public_key(said["pem"].encode()), said["upto"])
        found[rules.key_id(former.key)] = former
    return found


async def keep(call: Call, service: str, entries: Sequence[Mapping[str, Any]]) -> None:
    """Takes a service's entries, each once.

    Raises:
        ValueError: another entry has the number of one of these.
    """
    await _wait_for_seal(call.db, call.now)
    rows = [{**entry, "hromada_id": call.db.hromada, "service": service, "came_at": call.now} for entry in entries]
    await call.db.records(insert(table_of(Entry)).values(rows).on_conflict_do_nothing())
    ids = [entry["id"] for entry in entries]
    numbers = [entry["number"] for entry in entries]
    there = select(Entry).where(col(Entry.service) == service, col(Entry.number).in_(numbers), col(Entry.id).in_(ids))
    if len(await call.db.all(there)) != len(entries):
        raise ValueError("two entries of one number")


async def _wait_for_seal(db: Session, now: datetime) -> None:
    """Says that something waits, and holds the sealer off until it is there."""
    row = insert(table_of(Unsealed)).values(hromada_id=db.hromada, since=now)
    await db.records(
        row.on_conflict_do_update(index_elements=["hromada_id"], set_={"since": table_of(Unsealed).c.since})
    )


async def due(db: Session, now: datetime, waits: timedelta) -> list[UUID]:
    """Hromadas of which something has waited for so long, or since a time to come: the clock was set back."""
    is_due = or_(col(Unsealed.since) <= now - waits, col(Unsealed.since) > now)
    statement = select(Unsealed).where(is_due).order_by(col(Unsealed.since))
    return [row.hromada_id for row in await db.all(statement)]


async def seal(call: Call) -> Seal | None:
    """Seals what waits, up to a batch. In effect once, however many try: whoever takes the hromada's row does it."""
    taken = delete(Unsealed).where(col(Unsealed.hromada_id) == call.hromada.id).returning(col(Unsealed.hromada_id))
    if not await call.db.records(taken):
        return None
    unsealed = select(Entry).where(col(Entry.seal).is_(None))
    waiting = await call.db.all(unsealed.order_by(col(Entry.service), col(Entry.number)).limit(MOST_IN_A_SEAL + 1))
    previous = await newest(call.db)
    numbers: dict[str, list[int]] = {}
    for entry in waiting[:MOST_IN_A_SEAL]:
        numbers.setdefault(entry.service, []).append(entry.number)
    is_patient = all(abs(call.now - entry.came_at) < PATIENCE for entry in waiting)
    upto = rules.batch(numbers, previous.content["reached"] if previous else {}, patient=is_patient)
    batch = [entry for entry in waiting[:MOST_IN_A_SEAL] if entry.number <= upto.get(entry.service, 0)]
    if len(batch) < len(waiting):
        await _wait_for_seal(call.db, call.now)
    if not batch:
        return None
    content = rules.sealed(
        [entry.content for entry in batch],
        hromada=call.hromada.slug,
        previous=previous.content if previous else None,
        at=call.now.astimezone(UTC).isoformat(timespec="microseconds"),
        key=signing_key(call.keys),
    )
    made = Seal(number=content["number"], content=content, hash=rules.seal_hash(content), at=call.now)
    call.db.add(made)
    await call.db.flush()
    await call.db.records(
        update(Entry).where(col(Entry.id).in_([entry.id for entry in batch])).values(seal=made.number)
    )
    name = f"{call.hromada.name}/seals/{made.number}-{made.hash[:16]}"  # after a cut, another seal has the number
    call.emit(trail_pb2.TrailSealed(seal=trail_pb2.SealEvent(name=name, version=made.number, hash=made.hash)))
    return made


async def newest(db: Session) -> Seal | None:
    return await db.one_or_none(select(Seal).order_by(col(Seal.number).desc()).limit(1))


async def seals(db: Session, size: int) -> list[Seal]:
    """The newest seals, newest first."""
    return await db.all(select(Seal).order_by(col(Seal.number).desc()).limit(size))


async def waiting(db: Session) -> int:
    """How many entries wait for a seal."""
    found = await db.records(select(func.count().label("count")).where(col(Entry.seal).is_(None)))
    return int(found[0]["count"])


async def page(call: Call, wanted: Wanted, after: tuple[datetime, UUID] | None, size: int) -> list[Entry]:
    """Entries, newest first, after one."""
    found = select(Entry)
    if wanted.day is not None:
        start = datetime.combine(wanted.day, time(), KYIV)
        end = datetime.combine(wanted.day + timedelta(days=1), time(), KYIV)
        found = found.where(col(Entry.at) >= start, col(Entry.at) < end)
    if wanted.subject is not None:
        found = found.where(col(Entry.subject) == wanted.subject)
    if wanted.record:
        by_name, by_number = table_of(Entry).c.records, table_of(Entry).c.numbers
        found = found.where(by_name.contains([wanted.record]) | by_number.contains([wanted.record]))
    if after is not None:
        found = found.where(tuple_(col(Entry.at), col(Entry.id)) < after)
    return await call.db.all(found.order_by(col(Entry.at).desc(), col(Entry.id).desc()).limit(size))


async def people(call: Call) -> dict[str, Membership]:
    """Who stands behind each pseudonym: the newest membership."""
    memberships = await call.db.all(select(Membership).order_by(col(Membership.created_at)))
    by_person = {each.person_id: each for each in memberships}
    known = await pseudonyms.people(call)
    return {pseudonym: by_person[person] for pseudonym, person in known.items() if person in by_person}


async def actors(call: Call, members: Mapping[str, Membership]) -> dict[str, str]:
    """Who stands behind each subject of the trail, as the hromada knows them now."""
    named = {pseudonym: each.display_name for pseudonym, each in members.items()}
    for each in await call.db.all(select(Integrator)):
        named[str(ClientId(call.hromada.slug, each.slug))] = each.display_name
    return named


async def subject_of_member(call: Call, membership_id: UUID) -> str:
    """The pseudonym of a member.

    Raises:
        Missing: no such member.
    """
    membership = await call.db.get(Membership, membership_id)
    return await pseudonyms.find(call, membership.person_id)


async def batches(db: Session, after: int) -> list[tuple[Seal, list[Entry]]]:
    """The next few seals after one, with the entries under them."""
    some = await db.all(select(Seal).where(col(Seal.number) > after).order_by(col(Seal.number)).limit(_PAGE))
    return [(one, await _under(db, one)) for one in some]


async def _under(db: Session, one: Seal) -> list[Entry]:
    under = select(Entry).where(col(Entry.seal) == one.number)
    return await db.all(under.order_by(col(Entry.service), col(Entry.number)))


async def verify(call: Call, *, after: int = 0) -> rules.Verification:
    """Holds the trail in the database against its chain.

    Args:
        call: in the hromada.
        after: begin after this seal, which is taken as it stands.
    """
    before = await call.db.one_or_none(select(Seal).where(col(Seal.number) == after))
    verification = rules.Verification(
        signing_key(call.keys).public_key(),
        before.content if before else None,
        rules.kept_since(call.now),
        await former_keys(call),
    )
    while some := await batches(call.db, after):
        for one, entries in some:
            verification.take(one.content, [entry.content for entry in entries])
        after = some[-1][0].number
    return verification


async def remove_old(call: Call) -> int:
    """Removes what has been kept for as long as it must be, by whole seals. Of these the last stays, without its
    entries: the next one holds on to it.

    Returns:
        how many entries are gone.
    """
    before = literal(rules.kept_since(call.now), DateTime(timezone=True))
    gone = int((await call.db.records(select(func.remove_sealed(before).label("entries"))))[0]["entries"])
    if gone:
        call.keep("identity.trail.removed")
    return gone


async def note(call: Call, person: UUID, method: str) -> None:
    """Keeps what a person did with their own account, in the trail of every hromada that they were let into.

    The account belongs to no hromada, but what becomes of it opens each of them. From here on the transaction is in
    one of theirs.
    """
    await call.db.flush()
    accepted = select(Invitation).where(col(Invitation.person_id) == person, col(Invitation.used_at).is_not(None))
    for hromada in sorted({each.hromada_id for each in await call.db.all(accepted)}):
        await call.db.enter(hromada)
        subject = await pseudonyms.of(call, person)
        call.db.add(Act.done(hromada, call.now, subject, method))
        await call.db.flush()
