"""Translates the contract's receptions."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call, Hromada
from kit.errors import Refused
from kit.names import uid
from kit.notices.rules import Channel
from kit.rpc import Servicer
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import receptions_pb2 as pb

from reception.receptions import actions, moving, rules, schedules, slots
from reception.receptions.actions import Draft
from reception.receptions.events import name_of
from reception.receptions.model import ReceptionSchedule, Visit
from reception.receptions.rules import Hours, Outcome, Reminder, Schedule

_DAYS = 4


class Receptions(Servicer, contract=pb.DESCRIPTOR.services_by_name["Receptions"]):
    async def GetSchedule(self, request: pb.GetScheduleRequest, call: Call) -> pb.Schedule:
        return _schedule(call.hromada, await schedules.schedule_row(call))

    async def UpdateSchedule(self, request: pb.UpdateScheduleRequest, call: Call) -> pb.Schedule:
        row = await schedules.update_schedule(call, request.etag, _said(request.schedule))
        return _schedule(call.hromada, row)

    async def ListSlots(self, request: pb.ListSlotsRequest, call: Call) -> pb.ListSlotsResponse:
        days = await slots.days(call, request.days or _DAYS)
        return pb.ListSlotsResponse(
            days=[
                pb.ReceptionDay(
                    date=day.date.isoformat(),
                    slots=[pb.Slot(start_time=_time(start), free=is_free) for start, is_free in day.slots],
                )
                for day in days
            ],
            reminder_channels=[to_contract(pb.ReminderChannel, channel) for channel in actions.reminder_channels(call)],
        )

    async def BookVisit(self, request: pb.BookVisitRequest, call: Call) -> pb.VisitReceipt:
        visit, code = await actions.book(call, _draft(request.visit), for_caller=False)
        return pb.VisitReceipt(start_time=_time(visit.starts_at), code=code)

    async def CancelVisit(self, request: pb.CancelVisitRequest, call: Call) -> pb.CancelledVisit:
        visit = await actions.cancel_by_code(call, request.code)
        return pb.CancelledVisit(start_time=_time(visit.starts_at))

    async def MoveVisit(self, request: pb.MoveVisitRequest, call: Call) -> pb.MovedVisit:
        visit, before = await moving.move_by_code(call, request.code, _start(request.start_time, "start_time"))
        return pb.MovedVisit(start_time=_time(visit.starts_at), moved_from=_time(before))

    async def BookVisitForCaller(
        self, request: pb.BookVisitForCallerRequest, call: Call
    ) -> pb.BookVisitForCallerResponse:
        visit, code = await actions.book(call, _draft(request.visit), for_caller=True)
        return pb.BookVisitForCallerResponse(visit=_message(call.hromada, visit), code=code)

    async def CancelVisitForCaller(self, request: pb.CancelVisitForCallerRequest, call: Call) -> pb.Visit:
        return _message(call.hromada, await actions.cancel(call, uid(request.name), request.etag))

    async def MoveVisitForCaller(self, request: pb.MoveVisitForCallerRequest, call: Call) -> pb.Visit:
        start = _start(request.start_time, "start_time")
        return _message(call.hromada, await moving.move(call, uid(request.name), request.etag, start))

    async def GetVisit(self, request: pb.GetVisitRequest, call: Call) -> pb.Visit:
        visit = await actions.get(call, uid(request.name))
        return _message(call.hromada, visit, outside=await actions.is_outside(call, visit))

    async def ListVisits(self, request: pb.ListVisitsRequest, call: Call) -> pb.ListVisitsResponse:
        if request.outside_schedule:
            found = await actions.outside_schedule(call)
            return pb.ListVisitsResponse(visits=[_message(call.hromada, visit, outside=True) for visit in found])
        day = rules.read_date(request.date, "date") if request.date else call.today
        return pb.ListVisitsResponse(
            visits=[
                _message(call.hromada, visit, outside=outside) for visit, outside in await actions.of_day(call, day)
            ],
            date=day.isoformat(),
        )

    async def AddWalkIn(self, request: pb.AddWalkInRequest, call: Call) -> pb.Visit:
        visit = await actions.add_walk_in(call, request.visitor, request.phone, request.topic)
        return _message(call.hromada, visit)

    async def CheckIn(self, request: pb.CheckInRequest, call: Call) -> pb.Visit:
        return _message(call.hromada, await actions.check_in(call, uid(request.name), request.etag))

    async def RecordVisit(self, request: pb.RecordVisitRequest, call: Call) -> pb.Visit:
        outcome = from_contract(Outcome, pb.VisitOutcome, request.outcome)
        visit = await actions.record(call, uid(request.name), request.etag, list(request.hosts), outcome, request.note)
        return _message(call.hromada, visit)


def _said(draft: pb.ScheduleDraft) -> Schedule:
    return Schedule(
        week=tuple((each.weekday, _hours(each.hours, "schedule.week")) for each in draft.week),
        slot_minutes=draft.slot_minutes,
        hosts=tuple(draft.hosts),
        exceptions=tuple(
            (
                rules.read_date(each.date, "schedule.exceptions"),
                tuple(_hours(hours, "schedule.exceptions") for hours in each.hours),
                each.note,
            )
            for each in draft.exceptions
        ),
        holidays_are_working=draft.holidays_are_working,
    )


def _hours(hours: pb.Hours, field: str) -> Hours:
    return rules.read_hours(hours.opens, hours.closes, field)


def _draft(visit: pb.VisitDraft) -> Draft:
    return Draft(
        start=_start(visit.start_time, "visit.start_time"),
        visitor=visit.visitor,
        phone=visit.phone,
        topic=visit.topic,
        reminder=_asked(visit.reminder) if visit.HasField("reminder") else None,
    )


def _start(stamp: Timestamp, field: str) -> datetime:
    try:
        return stamp.ToDatetime(UTC)
    except ValueError:
        raise Refused(field, "slot.none") from None


def _asked(reminder: pb.ReminderDraft) -> Reminder:
    channel = from_contract(Channel, pb.ReminderChannel, reminder.channel)
    return Reminder(channel, reminder.email, reminder.language)


def _schedule(hromada: Hromada, row: ReceptionSchedule) -> pb.Schedule:
    schedule = schedules.said(row)
    return pb.Schedule(
        name=f"{hromada.name}/schedules/reception",
        schedule=pb.ScheduleDraft(
            week=[pb.WeeklyHours(weekday=weekday, hours=_written(hours)) for weekday, hours in schedule.week],
            slot_minutes=schedule.slot_minutes,
            hosts=schedule.hosts,
            exceptions=[
                pb.ScheduleException(date=day.isoformat(), hours=[_written(one) for one in hours], note=note)
                for day, hours, note in schedule.exceptions
            ],
            holidays_are_working=schedule.holidays_are_working,
        ),
        etag=row.etag,
    )


def _written(hours: Hours) -> pb.Hours:
    return pb.Hours(opens=f"{hours.opens:%H:%M}", closes=f"{hours.closes:%H:%M}")


def _message(hromada: Hromada, visit: Visit, *, outside: bool = False) -> pb.Visit:
    return pb.Visit(
        name=name_of(hromada, visit.id),
        state=to_contract(pb.VisitState, visit.state),
        start_time=_time(visit.starts_at),
        visitor=visit.visitor,
        phone=visit.phone,
        topic=visit.topic,
        outside_schedule=outside,
        arrived_at=_time(visit.arrived_at) if visit.arrived_at else None,
        hosts=visit.hosts,
        outcome=to_contract(pb.VisitOutcome, visit.outcome) if visit.outcome else pb.VISIT_OUTCOME_UNSPECIFIED,
        note=visit.note,
        appeal=f"{hromada.name}/appeals/{visit.appeal_id}" if visit.appeal_id else "",
        booked_by_staff=bool(visit.booked_by) and not visit.walk_in,
        walk_in=visit.walk_in,
        reminder=_reminder(visit),
        etag=visit.etag,
    )


def _reminder(visit: Visit) -> pb.Reminder | None:
    if visit.reminder_channel is None or visit.reminder_agreed_at is None:
        return None
    return pb.Reminder(
        channel=to_contract(pb.ReminderChannel, visit.reminder_channel),
        email=visit.reminder_email or "",
        language=visit.reminder_language or "",
        agreed_at=_time(visit.reminder_agreed_at),
    )


def _time(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
