"""The verbs of templates: found, published."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kit.call import Call
from kit.database import Session
from kit.errors import AlreadyThere, Refused
from kit.names import last
from sqlmodel import col, select

from identity.templates import rules
from identity.templates.model import Template, TemplatePart


@dataclass(frozen=True, slots=True)
class Part:
    """A part as its service read it."""

    service: str
    text: str
    name: str
    edition: int
    digest: str


async def named(call: Call, resource: str) -> Template:
    """The template of a resource name.

    Raises:
        Refused: there is none; names the field.
    """
    for template in await call.db.all(select(Template)):
        if last(template.resource) == last(resource):
            return template
    raise Refused("template", "template.unknown")


async def parts(db: Session, template_id: UUID) -> list[TemplatePart]:
    of_it = select(TemplatePart).where(col(TemplatePart.template_id) == template_id)
    return await db.all(of_it.order_by(col(TemplatePart.service)))


async def every(db: Session) -> list[Template]:
    """The newest first."""
    return await db.all(select(Template).order_by(col(Template.id).desc()))


async def publish(call: Call, read: Sequence[Part], standard: Sequence[Part]) -> Template:
    """Keeps a template that each part's service has read.

    Raises:
        Refused: two parts of one service, or parts of two templates.
        AlreadyThere: there is a template of that name and edition.
    """
    name, edition = rules.one_template([(part.service, part.name, part.edition) for part in read])
    field = f"parts.{read[0].service}.version"
    taken = select(Template).where(col(Template.name) == name, col(Template.edition) == edition)
    is_brought = (name, edition) in {(each.name, each.edition) for each in standard}
    if is_brought or await call.db.one_or_none(taken) is not None:
        raise AlreadyThere("template.version-taken", field=field, name=name, version=edition)
    template = Template(name=name, edition=edition, created_at=call.now)
    call.db.add(template)
    for part in read:
        call.db.add(TemplatePart(template_id=template.id, service=part.service, digest=part.digest, text=part.text))
    await call.db.flush()
    return template
