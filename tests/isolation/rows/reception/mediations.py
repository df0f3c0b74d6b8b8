"""The rows of reception: mediations."""

from typing import Any
from uuid import uuid4

from google.protobuf.message import Message
from spilno.reception.v1 import mediations_pb2

from tests.isolation.rows.declared import HEAD, OFFICER, method, parent
from tests.isolation.rows.reception.cases import colleague
from tests.isolation.rows.reception.proceedings import far_day
from tests.world import MARKER, OWN, World, as_whom


async def _mediation(world: World, **changes: Any) -> mediations_pb2.Mediation:
    """A case of the officer's, with a party who has consented."""
    with as_whom(world.tokens[OFFICER]):
        made: mediations_pb2.Mediation = await world.mediations.OpenMediation(
            mediations_pb2.OpenMediationRequest(
                parent=parent(OWN), matter=MARKER, neutral=True, request_id=str(uuid4())
            )
        )
        for name in ("Іваненко Петро", "Сидоренко Ганна")[: changes.get("parties", 0)]:
            made = await world.mediations.AddParty(
                mediations_pb2.AddPartyRequest(name=made.name, etag=made.etag, display_name=name)
            )
        for party in list(made.parties):
            made = await world.mediations.RecordConsent(
                mediations_pb2.RecordConsentRequest(name=made.name, etag=made.etag, party=party.id, **_CONSENT)
            )
        if changes.get("agreement"):
            made = await world.mediations.WriteAgreement(
                mediations_pb2.WriteAgreementRequest(name=made.name, etag=made.etag, agreement=MARKER)
            )
    return made


_CONSENT: dict[str, Any] = {
    "consent": mediations_pb2.CONSENT_GIVEN,
    "consent_on": "2026-01-12",
    "consent_form": mediations_pb2.CONSENT_FORM_WRITTEN,
}


def _is_marked(answer: Any) -> bool:
    return bool(answer.matter == MARKER)


@method("spilno.reception.v1.Mediations.OpenMediation", OFFICER, _is_marked)
async def _(world: World) -> Message:
    return mediations_pb2.OpenMediationRequest(parent=parent(OWN), matter=MARKER, neutral=True, request_id=str(uuid4()))


@method("spilno.reception.v1.Mediations.ListMediations", OFFICER, lambda answer: bool(answer.mediations))
async def _(world: World) -> Message:
    await _mediation(world)
    return mediations_pb2.ListMediationsRequest(parent=parent(OWN))


@method("spilno.reception.v1.Mediations.GetMediation", OFFICER, _is_marked)
async def _(world: World) -> Message:
    purpose = mediations_pb2.MEDIATION_PURPOSE_MEETING
    return mediations_pb2.GetMediationRequest(name=(await _mediation(world)).name, purpose=purpose)


@method("spilno.reception.v1.Mediations.NameMediationStaff", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world)
    return mediations_pb2.NameMediationStaffRequest(name=made.name, etag=made.etag)


@method("spilno.reception.v1.Mediations.AssignMediator", HEAD, lambda answer: bool(answer.number))
async def _(world: World) -> Message:
    number = (await _mediation(world)).number
    return mediations_pb2.AssignMediatorRequest(
        parent=parent(OWN), number=number, mediator=colleague(world), neutral=True, request_id=str(uuid4())
    )


@method("spilno.reception.v1.Mediations.AddParty", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world)
    return mediations_pb2.AddPartyRequest(name=made.name, etag=made.etag, display_name="Сусід")


@method("spilno.reception.v1.Mediations.RecordConsent", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world, parties=1)
    return mediations_pb2.RecordConsentRequest(name=made.name, etag=made.etag, party=made.parties[0].id, **_CONSENT)


@method("spilno.reception.v1.Mediations.SaveMeeting", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world, parties=2)
    return mediations_pb2.SaveMeetingRequest(name=made.name, etag=made.etag, planned_on=far_day(3))


@method("spilno.reception.v1.Mediations.WriteAgreement", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world, parties=2)
    return mediations_pb2.WriteAgreementRequest(name=made.name, etag=made.etag, agreement=MARKER)


@method("spilno.reception.v1.Mediations.SignAgreement", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world, parties=2, agreement=True)
    return mediations_pb2.SignAgreementRequest(
        name=made.name, etag=made.etag, party=made.parties[0].id, signed_on="2026-01-12"
    )


@method("spilno.reception.v1.Mediations.SaveFollowUp", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world)
    return mediations_pb2.SaveFollowUpRequest(name=made.name, etag=made.etag, due_on=far_day(30))


@method("spilno.reception.v1.Mediations.CloseMediation", OFFICER, _is_marked)
async def _(world: World) -> Message:
    made = await _mediation(world)
    outcome = mediations_pb2.MEDIATION_OUTCOME_REFERRED
    return mediations_pb2.CloseMediationRequest(name=made.name, etag=made.etag, outcome=outcome)


@method("spilno.reception.v1.Mediations.GetMediationFigures", HEAD, lambda answer: answer.HasField("total"))
async def _(world: World) -> Message:
    return mediations_pb2.GetMediationFiguresRequest(parent=parent(OWN), from_day=far_day(-30), to_day=far_day(0))
