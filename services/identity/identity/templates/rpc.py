"""Translates: templates, listed and published."""

from collections.abc import Sequence

import grpc
from kit.call import Call
from kit.errors import Refused
from kit.rpc import Servicer
from kit.rpc.client import Failure
from kit.rpc.errors import Invalid, Violation
from spilno.identity.v1 import provisioning_pb2 as pb
from spilno.tenancy.v1 import tenancy_pb2
from sqlmodel import col, select

from identity.provisioning.model import Announcement
from identity.provisioning.tenants import Tenants, tenants_for_a_while
from identity.templates import actions
from identity.templates.actions import Part
from identity.templates.model import Template


class Templates(Servicer, contract=pb.DESCRIPTOR.services_by_name["Templates"]):
    async def ListTemplates(self, request: pb.ListTemplatesRequest, call: Call) -> pb.ListTemplatesResponse:
        brought = await _brought(call)
        standard = pb.Template(parts=map(_part, brought))
        if brought:
            standard.title, standard.version = brought[0].name, max(part.edition for part in brought)
        templates = [await _message(call, one) for one in await actions.every(call.db)]
        return pb.ListTemplatesResponse(standard=standard, templates=templates)

    async def PublishTemplate(self, request: pb.PublishTemplateRequest, call: Call) -> pb.Template:
        addresses = {one.service: one.address for one in await call.db.all(select(Announcement))}
        read = []
        async with tenants_for_a_while(call.settings, call.locale) as tenants:
            for part in request.parts:
                if part.service not in addresses:
                    raise Refused(f"parts.{part.service}", "template.no-such-service")
                read.append(await _read(tenants, addresses[part.service], part))
        return await _message(call, await actions.publish(call, read, await _brought(call)))


async def _read(tenants: Tenants, address: str, part: pb.TemplatePart) -> Part:
    """The part as its service reads it.

    Raises:
        Invalid: each fault at its path.
    """
    try:
        said = await tenants.at(address).CheckTemplate(tenancy_pb2.CheckTemplateRequest(text=part.text), timeout=5)
    except Failure as failure:
        if failure.code is not grpc.StatusCode.INVALID_ARGUMENT:
            raise
        faults = {path.removeprefix("text"): text for path, text in failure.fields.items()}
        raise Invalid(
            [Violation(f"parts.{part.service}{path}", "template.faulty", text) for path, text in faults.items()]
        ) from None
    return Part(part.service, part.text, said.name, said.version, said.digest)


async def _brought(call: Call) -> Sequence[Part]:
    """What the services bring themselves."""
    announced = await call.db.all(select(Announcement).order_by(col(Announcement.service)))
    return [Part(one.service, one.text, one.name, one.edition, one.digest) for one in announced]


async def _message(call: Call, template: Template) -> pb.Template:
    kept = await actions.parts(call.db, template.id)
    parts = [Part(part.service, part.text, template.name, template.edition, part.digest) for part in kept]
    message = pb.Template(
        name=template.resource, title=template.name, version=template.edition, parts=map(_part, parts)
    )
    message.created_at.FromDatetime(template.created_at)
    return message


def _part(part: Part) -> pb.TemplatePart:
    return pb.TemplatePart(
        service=part.service, text=part.text, name=part.name, version=part.edition, digest=part.digest
    )
