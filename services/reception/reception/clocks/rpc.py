"""Translates the contract's calendar, and the law's rules into the caller's language."""

from datetime import date

from kit.call import Call, Hromada
from kit.law import PROVISIONS, Provision
from kit.localisation import Catalogue
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import clocks_pb2 as pb

from reception.clocks import actions
from reception.clocks.calendar import Calendar, Week
from reception.clocks.model import OfficeCalendar
from reception.clocks.rules import Terms
from reception.receptions.rules import read_date

_TEXTS = Catalogue(["reception"])


class Clocks(Servicer, contract=pb.DESCRIPTOR.services_by_name["Clocks"]):
    async def GetCalendar(self, request: pb.GetCalendarRequest, call: Call) -> pb.Calendar:
        return _message(call.hromada, await actions.calendar_row(call))

    async def UpdateCalendar(self, request: pb.UpdateCalendarRequest, call: Call) -> pb.Calendar:
        row = await actions.update_calendar(call, request.etag, *_said(request.calendar))
        return _message(call.hromada, row)

    async def ListProvisions(self, request: pb.ListProvisionsRequest, call: Call) -> pb.ListProvisionsResponse:
        return pb.ListProvisionsResponse(provisions=[_told(each, call.locale) for each in PROVISIONS.values()])


def law_of(provision: Provision, locale: str) -> str:
    """Where a rule stands, such as "Law 393/96-ВР, art. 20"."""
    act = _TEXTS.text(f"act {provision.act}", locale)
    return _TEXTS.text("act and article", locale, act=act, article=provision.article) if provision.article else act


def _told(provision: Provision, locale: str) -> pb.Provision:
    return pb.Provision(
        number=provision.number,
        law=law_of(provision, locale),
        text=_TEXTS.text(provision.key, locale),
        certainty=to_contract(pb.Certainty, provision.certainty),
    )


def _said(draft: pb.CalendarDraft) -> tuple[Calendar, list[Terms]]:
    return (
        Calendar(
            weeks=tuple(
                (read_date(each.since, "calendar.weeks"), from_contract(Week, pb.WorkingWeek, each.week))
                for each in draft.weeks
            ),
            martial_law=tuple(
                (read_date(each.since, "calendar.martial_law"), _until(each.until)) for each in draft.martial_law
            ),
            moved=tuple((read_date(each.day, "calendar.moved"), each.working) for each in draft.moved),
        ),
        [
            Terms(
                since=read_date(each.since, "calendar.terms"),
                forward=each.forward,
                missing=each.missing,
                defect=each.defect,
                simple=each.simple,
                months=each.months,
                most=each.most,
            )
            for each in draft.terms
        ],
    )


def _until(said: str) -> date | None:
    return read_date(said, "calendar.martial_law") if said else None


def _message(hromada: Hromada, row: OfficeCalendar) -> pb.Calendar:
    clocks = actions.said(row)
    calendar = clocks.calendar
    return pb.Calendar(
        name=f"{hromada.name}/calendars/office",
        calendar=pb.CalendarDraft(
            weeks=[
                pb.WeekSince(since=since.isoformat(), week=to_contract(pb.WorkingWeek, week))
                for since, week in calendar.weeks
            ],
            martial_law=[
                pb.MartialLaw(since=since.isoformat(), until=until.isoformat() if until else "")
                for since, until in calendar.martial_law
            ],
            moved=[pb.MovedDay(day=day.isoformat(), working=working) for day, working in calendar.moved],
            terms=[
                pb.Terms(
                    since=each.since.isoformat(),
                    forward=each.forward,
                    missing=each.missing,
                    defect=each.defect,
                    simple=each.simple,
                    months=each.months,
                    most=each.most,
                )
                for each in clocks.terms
            ],
        ),
        etag=row.etag,
    )
