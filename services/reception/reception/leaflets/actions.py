"""Leaflets from what stands in the directory and in the schedule now."""

from uuid import UUID

from kit.call import Call
from kit.errors import Missing

from reception.beats import actions as beats
from reception.beats.actions import Served
from reception.duties import actions as duties
from reception.duties.rules import Kind
from reception.leaflets import rules, writing
from reception.leaflets.rules import Beat, Office
from reception.officers.model import Officer
from reception.prints.actions import Printed
from reception.prints.writing import Format
from reception.receptions import schedules


async def booklet(call: Call, office: Office) -> Printed:
    """ "Твій дільничний"."""
    schedule = schedules.said(await schedules.schedule_row(call))
    found = await _beats(call, await beats.directory(call))
    said = rules.booklet(office, found, schedule, call.today, call.locale)
    said["qr"], said["qr_alt"] = writing.of_link(said["link"]), said["link_title"]
    return Printed("officers.pdf", Format.PDF, await writing.pdf(said))


async def cards(call: Call, officer_id: UUID, office: Office) -> Printed:
    """Business cards of an officer.

    Raises:
        Missing: there is no such card, or residents may not see it.
    """
    officer = await call.db.get(Officer, officer_id)
    if not officer.public:
        raise Missing
    own = [each for each in await beats.directory(call) if each.beat.officer_id == officer.id]
    said = rules.cards(office, _officer(officer), await _beats(call, own), call.locale)
    said["qr"] = writing.of_contact(officer.display_name, officer.phone, officer.email, said["link"])
    return Printed("cards.pdf", Format.PDF, await writing.pdf(said))


async def poster(call: Call, office: Office) -> Printed:
    """The hours of the reception."""
    schedule = schedules.said(await schedules.schedule_row(call))
    said = rules.poster(office, schedule, call.today, call.locale)
    said["qr"] = writing.of_link(said["link"])
    return Printed("reception.pdf", Format.PDF, await writing.pdf(said))


async def _beats(call: Call, found: list[Served]) -> list[Beat]:
    known = await duties.known(call, [each.beat for each in found])
    return [
        Beat(
            each.beat.number,
            each.beat.title,
            tuple(each.beat.settlements),
            tuple(each.beat.streets),
            _officer(each.officer) if each.officer else None,
            known.get((each.beat.id, Kind.REPORT), (None, None))[0],
        )
        for each in found
    ]


def _officer(officer: Officer) -> rules.Officer:
    return rules.Officer(officer.display_name, officer.kind, officer.phone, officer.email, officer.text)
