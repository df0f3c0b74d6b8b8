"""What happens to agreements: concluded, changed, joined, left; and who was a party on which day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from kit.call import Call
from kit.days import written
from kit.errors import Missing, Refused, WrongState
from spilno.identity.v1 import events_pb2 as events
from sqlmodel import col, select

from identity.agreements import rules
from identity.agreements.model import Agreement, Signatory
from identity.agreements.rules import Kind, Term
from identity.organisations import actions as organisations
from identity.organisations.model import Organisation


@dataclass(frozen=True, slots=True)
class Draft:
    """An agreement as it is to be."""

    title: str
    kind: Kind
    number: str
    concluded_on: date
    valid_until: date | None
    decision_number: str
    decided_on: date | None
    basis: str
    subject: str
    personal_data_clause: str
    accession: str
    note: str


@dataclass(frozen=True, slots=True)
class Party:
    """A signatory with its organisation."""

    signatory: Signatory
    organisation: Organisation

    def is_one(self, agreement: Agreement, on: date) -> bool:
        existence = Term(self.organisation.existed_from, self.organisation.existed_until)
        return rules.is_party(on, agreement.term, existence, self.signatory.term)


@dataclass(frozen=True, slots=True)
class Counted:
    """An agreement with the count of its parties on a day."""

    agreement: Agreement
    on: date
    count: int


async def conclude(call: Call, draft: Draft) -> Counted:
    """Enters an agreement, which nobody is a party to yet.

    Raises:
        Refused: it is concluded in the future, or ends before it is.
    """
    rules.check_agreement(draft.concluded_on, draft.valid_until, [], call.today)
    agreement = Agreement(**_values(draft), created_at=call.now)
    call.db.add(agreement)
    await call.db.flush()
    call.emit(events.AgreementConcluded(agreement=_event(call, agreement)))
    return Counted(agreement, call.today, 0)


async def hold(call: Call, id: UUID, etag: str) -> Agreement:
    """The agreement, held to be changed.

    Raises:
        Missing: there is none.
        Stale: it changed since the caller read it.
    """
    return await call.db.lock(Agreement, id, etag)


async def change(call: Call, agreement: Agreement, draft: Draft) -> Counted:
    """Makes a held agreement what the draft says.

    Raises:
        Refused: as `conclude`; also if somebody had joined by then.
    """
    parties = (await _parties(call, [agreement.id]))[agreement.id]
    joined = [each.signatory.joined_on for each in parties]
    rules.check_agreement(draft.concluded_on, draft.valid_until, joined, call.today)
    for name, value in _values(draft).items():
        setattr(agreement, name, value)
    await call.db.flush()
    call.emit(events.AgreementChanged(agreement=_event(call, agreement)))
    return _counted(agreement, call.today, parties)


async def find(call: Call, id: UUID, on: date) -> Counted:
    """The agreement, counted on a day.

    Raises:
        Missing: there is none.
    """
    agreement = await call.db.get(Agreement, id)
    return _counted(agreement, on, (await _parties(call, [id]))[id])


async def page(call: Call, on: date, after: UUID | None, size: int) -> list[Counted]:
    """The agreements concluded by a day, counted on it, in the order in which they were entered."""
    found = select(Agreement).where(col(Agreement.concluded_on) <= on)
    if after is not None:
        found = found.where(col(Agreement.id) > after)
    agreements = await call.db.all(found.order_by(col(Agreement.id)).limit(size))
    parties = await _parties(call, [each.id for each in agreements])
    return [_counted(each, on, parties[each.id]) for each in agreements]


async def parties(call: Call, id: UUID, on: date | None) -> list[Party]:
    """The parties on a day, or all who ever were, in the order in which they joined.

    Raises:
        Missing: there is no such agreement.
    """
    agreement = await call.db.get(Agreement, id)
    return [each for each in (await _parties(call, [id]))[id] if on is None or each.is_one(agreement, on)]


async def partner(call: Call, organisation: UUID, on: date) -> str:
    """The title of an organisation that is a party to a memorandum in force on a day.

    Raises:
        Missing: it is none.
    """
    its = select(col(Signatory.agreement_id)).where(col(Signatory.organisation_id) == organisation)
    memoranda = select(Agreement).where(col(Agreement.kind) == Kind.MEMORANDUM, col(Agreement.id).in_(its))
    concluded = {each.id: each for each in await call.db.all(memoranda)}
    for agreement, everyone in (await _parties(call, concluded)).items():
        for each in everyone:
            if each.organisation.id == organisation and each.is_one(concluded[agreement], on):
                return each.organisation.title
    raise Missing


async def join(
    call: Call,
    agreement_id: UUID,
    organisation_id: UUID,
    joined_on: date,
    left_on: date | None,
    post: str,
    authority: str,
) -> Party:
    """Makes an organisation a party. Whoever joins at the same moment waits, so that nobody joins twice.

    Raises:
        Missing: there is no such agreement.
        Refused: there is no such organisation, or it cannot be a party in those days.
    """
    agreement = await call.db.lock(Agreement, agreement_id)
    organisation = (await organisations.by_id(call.db, [organisation_id])).get(organisation_id)
    if organisation is None:
        raise Refused("organisation", "signatory.no-such-organisation")
    everyone = (await _parties(call, [agreement_id]))[agreement_id]
    if len(everyone) >= rules.MOST_SIGNATORIES:
        raise WrongState("agreement.full", most=rules.MOST_SIGNATORIES)
    earlier = [each.signatory.term for each in everyone if each.organisation.id == organisation_id]
    existence = Term(organisation.existed_from, organisation.existed_until)
    rules.check_joining(agreement.term, existence, joined_on, left_on, earlier)
    signatory = Signatory(
        agreement_id=agreement_id,
        organisation_id=organisation_id,
        joined_on=joined_on,
        left_on=left_on,
        post=post,
        authority=authority,
        created_at=call.now,
    )
    call.db.add(signatory)
    await call.db.flush()
    call.emit(events.SignatoryJoined(signatory=_signatory_event(call, signatory)))
    return Party(signatory, organisation)


async def leave(call: Call, agreement_id: UUID, id: UUID, etag: str, left_on: date) -> Party:
    """Ends an organisation's time as a party.

    Raises:
        Missing: there is no such signatory of that agreement.
        Stale: it changed since the caller read it.
        WrongState: it has left already.
        Refused: it would leave before it joined.
    """
    signatory = await call.db.lock(Signatory, id, etag)
    if signatory.agreement_id != agreement_id:
        raise Missing
    if signatory.left_on is not None:
        raise WrongState("signatory.has-left-already")
    rules.check_leaving(signatory.joined_on, left_on)
    signatory.left_on = left_on
    await call.db.flush()
    call.emit(events.SignatoryLeft(signatory=_signatory_event(call, signatory)))
    return Party(signatory, await organisations.find(call, signatory.organisation_id))


async def _parties(call: Call, agreements: Collection[UUID]) -> dict[UUID, list[Party]]:
    """Everyone who ever was a party, in the order in which they joined, by the agreement."""
    found: dict[UUID, list[Party]] = {each: [] for each in agreements}
    if not found:
        return found
    statement = select(Signatory).where(col(Signatory.agreement_id).in_(set(agreements)))
    signatories = await call.db.all(statement.order_by(col(Signatory.joined_on), col(Signatory.id)))
    known = await organisations.by_id(call.db, {each.organisation_id for each in signatories})
    for each in signatories:
        found[each.agreement_id].append(Party(each, known[each.organisation_id]))
    return found


def _counted(agreement: Agreement, on: date, parties: Sequence[Party]) -> Counted:
    return Counted(agreement, on, sum(each.is_one(agreement, on) for each in parties))


def _values(draft: Draft) -> dict[str, Any]:
    return {each.name: getattr(draft, each.name) for each in fields(draft)}


def _event(call: Call, agreement: Agreement) -> events.AgreementEvent:
    return events.AgreementEvent(name=f"{call.hromada.name}/agreements/{agreement.id}", version=agreement.version)


def _signatory_event(call: Call, signatory: Signatory) -> events.SignatoryEvent:
    return events.SignatoryEvent(
        name=f"{call.hromada.name}/agreements/{signatory.agreement_id}/signatories/{signatory.id}",
        organisation=f"{call.hromada.name}/organisations/{signatory.organisation_id}",
        joined_on=written(signatory.joined_on),
        left_on=written(signatory.left_on),
        version=signatory.version,
    )
