"""The rows of reception: sensitive cases."""

import asyncio

from google.protobuf.message import Message
from spilno.identity.v1 import members_pb2
from spilno.reception.v1 import appeals_pb2, cases_pb2, particulars_pb2

from tests.isolation.minting import claims_of
from tests.isolation.rows.declared import HEAD, OFFICER, method, parent
from tests.world import MARKER, OWN, World, as_whom, revoke


def colleague(world: World, whose: str = HEAD) -> appeals_pb2.Actor:
    """Somebody of the office, as they are named."""
    return appeals_pb2.Actor(id=claims_of(world.tokens[whose])["sub"], display_name=MARKER)


async def _sensitive(world: World, *named: appeals_pb2.Actor, by: str | None = None) -> cases_pb2.CaseAccess:
    """A case that the officer has marked."""
    appeal = (await world.appeal(OWN)).appeal
    mark = appeals_pb2.CaseMark(
        sensitivity=particulars_pb2.SENSITIVITY_CHILDREN, staff=named, reason="Ідеться про дитину."
    )
    with as_whom(by or world.tokens[OFFICER]):
        marked: cases_pb2.CaseAccess = await world.cases.MarkSensitive(
            cases_pb2.MarkSensitiveRequest(name=appeal.name, etag=appeal.etag, mark=mark)
        )
    return marked


async def abandoned(world: World) -> cases_pb2.AbandonedCase:
    """A case whose only named has left the office, and reception knows."""
    member, token = await world.invite(OWN, "Колишня юристка", members_pb2.ROLE_COORDINATOR)
    case = await _sensitive(world, by=token)
    await revoke(world, member)
    async with asyncio.timeout(30):
        while True:
            with as_whom(world.tokens[HEAD]):
                listed = await world.cases.ListAbandonedCases(cases_pb2.ListAbandonedCasesRequest(parent=parent(OWN)))
            for each in listed.cases:
                if each.name == case.name:
                    return cases_pb2.AbandonedCase(name=each.name, number=each.number, etag=each.etag)
            await asyncio.sleep(0.1)


@method("spilno.reception.v1.Cases.MarkSensitive", OFFICER, lambda answer: bool(answer.named))
async def _(world: World) -> Message:
    appeal = (await world.appeal(OWN)).appeal
    mark = appeals_pb2.CaseMark(sensitivity=particulars_pb2.SENSITIVITY_CHILDREN, reason="Ідеться про дитину.")
    return cases_pb2.MarkSensitiveRequest(name=appeal.name, etag=appeal.etag, mark=mark)


@method("spilno.reception.v1.Cases.NameStaff", OFFICER, lambda answer: len(answer.named) == 2)
async def _(world: World) -> Message:
    case = await _sensitive(world)
    return cases_pb2.NameStaffRequest(name=case.name, etag=case.etag, staff=colleague(world), reason="Потрібна порада.")


@method("spilno.reception.v1.Cases.RemoveStaff", OFFICER, lambda answer: len(answer.named) == 1)
async def _(world: World) -> Message:
    case = await _sensitive(world, colleague(world))
    return cases_pb2.RemoveStaffRequest(name=case.name, etag=case.etag, staff=case.named[1].id, reason="Пораду надано.")


@method("spilno.reception.v1.Cases.EndSensitivity", OFFICER, lambda answer: not answer.named)
async def _(world: World) -> Message:
    case = await _sensitive(world)
    return cases_pb2.EndSensitivityRequest(name=case.name, etag=case.etag, reason="Помилкова позначка.")


@method("spilno.reception.v1.Cases.GetCaseAccess", OFFICER, lambda answer: bool(answer.named))
async def _(world: World) -> Message:
    return cases_pb2.GetCaseAccessRequest(name=(await _sensitive(world)).name, purpose="case-work")


@method("spilno.reception.v1.Cases.ListSensitiveCases", OFFICER, lambda answer: bool(answer.cases))
async def _(world: World) -> Message:
    await _sensitive(world)
    return cases_pb2.ListSensitiveCasesRequest(parent=parent(OWN))


@method("spilno.reception.v1.Cases.ListAbandonedCases", HEAD, lambda answer: bool(answer.cases))
async def _(world: World) -> Message:
    await abandoned(world)
    return cases_pb2.ListAbandonedCasesRequest(parent=parent(OWN))


@method("spilno.reception.v1.Cases.RecoverCase", HEAD, lambda answer: len(answer.named) == 1)
async def _(world: World) -> Message:
    case = await abandoned(world)
    return cases_pb2.RecoverCaseRequest(
        name=case.name, etag=case.etag, purpose="supervision", reason="Юристка звільнилася."
    )
