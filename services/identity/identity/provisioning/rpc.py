"""Translates: where a hromada's provisioning stands, and which services are there."""

from datetime import datetime

from kit.call import Call
from kit.rpc import Servicer
from spilno.identity.v1 import provisioning_pb2 as pb

from identity.provisioning import actions
from identity.provisioning.actions import Progress
from identity.provisioning.model import Announcement, ProvisioningStep, Trouble

_TROUBLES = {
    Trouble.NONE: pb.PROVISIONING_TROUBLE_UNSPECIFIED,
    Trouble.NEVER_SEEN: pb.PROVISIONING_TROUBLE_NEVER_SEEN,
    Trouble.AWAY: pb.PROVISIONING_TROUBLE_AWAY,
    Trouble.TEMPLATE: pb.PROVISIONING_TROUBLE_TEMPLATE,
    Trouble.REFUSED: pb.PROVISIONING_TROUBLE_REFUSED,
    Trouble.OPEN_TABLES: pb.PROVISIONING_TROUBLE_OPEN_TABLES,
}


class Provisionings(Servicer, contract=pb.DESCRIPTOR.services_by_name["Provisionings"]):
    async def GetProvisioning(self, request: pb.GetProvisioningRequest, call: Call) -> pb.Provisioning:
        return _message(await actions.progress(call, request.name.split("/")[1]))

    async def Announce(self, request: pb.AnnounceRequest, call: Call) -> pb.AnnounceResponse:
        told = request.template
        await actions.announce(
            call,
            Announcement(
                service=told.service,
                address=request.address,
                name=told.name,
                edition=told.version,
                digest=told.digest,
                text=told.text,
                announced_at=call.now,
            ),
        )
        return pb.AnnounceResponse()


def _message(progress: Progress) -> pb.Provisioning:
    provisioning, template = progress.provisioning, progress.template
    began, ended = provisioning.started_at, provisioning.finished_at
    message = pb.Provisioning(
        name=f"{progress.hromada.name}/provisioning",
        template=template.resource if template else "",
        done=ended is not None and all(step.finished_at for step in progress.steps),
        steps=[
            _step(pb.PROVISIONING_STEP_KIND_HROMADA, began),
            _step(pb.PROVISIONING_STEP_KIND_HEAD, began),
            *map(_of_service, progress.steps),
            _step(pb.PROVISIONING_STEP_KIND_ISOLATION, provisioning.isolated_at),
            _step(pb.PROVISIONING_STEP_KIND_OPEN, ended),
        ],
        missing_services=[step.service for step in progress.steps if step.finished_at is None],
    )
    message.started_at.FromDatetime(began)
    if ended is not None:
        message.finished_at.FromDatetime(ended)
    return message


def _of_service(step: ProvisioningStep) -> pb.ProvisioningStep:
    message = _step(pb.PROVISIONING_STEP_KIND_TEMPLATE, step.finished_at)
    message.service, message.template, message.template_version = step.service, step.name, step.edition or 0
    message.trouble = _TROUBLES[step.trouble]
    return message


def _step(kind: "pb.ProvisioningStepKind.ValueType", finished_at: datetime | None) -> pb.ProvisioningStep:
    message = pb.ProvisioningStep(kind=kind)
    if finished_at is not None:
        message.finished_at.FromDatetime(finished_at)
    return message
