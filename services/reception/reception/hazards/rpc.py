"""Translates the contract's hazards."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from kit.call import Call
from kit.errors import Refused
from kit.names import uid
from kit.notices.rules import Channel as NoticeChannel
from kit.rpc import Servicer, paging
from kit.rpc.enums import from_contract, to_contract
from spilno.reception.v1 import appeals_pb2, officers_pb2, receptions_pb2
from spilno.reception.v1 import hazards_pb2 as pb

from reception.appeals.rules import Wish
from reception.hazards import actions, followers, keys, lists, reports, rules
from reception.hazards import settings as hazard_settings
from reception.hazards.events import name_of
from reception.hazards.lists import Filter
from reception.hazards.model import Hazard, HazardSettings, ReportKey, Step
from reception.hazards.rules import Body, Category, Channel, Contact, Deed, Draft, Place, Publication, Settings
from reception.hazards.steps import history
from reception.photos import actions as photos
from reception.photos.rpc import message as photo_message
from reception.photos.rules import State as PhotoState
from reception.receptions.rules import read_date


class Hazards(Servicer, contract=pb.DESCRIPTOR.services_by_name["Hazards"]):
    async def ListHazardCategories(
        self, request: pb.ListHazardCategoriesRequest, call: Call
    ) -> pb.ListHazardCategoriesResponse:
        settings = hazard_settings.said(await hazard_settings.settings_row(call))
        return pb.ListHazardCategoriesResponse(
            categories=[_category(call, each) for each in settings.categories], anyone_reopens=settings.anyone_reopens
        )

    async def SuggestHazards(self, request: pb.SuggestHazardsRequest, call: Call) -> pb.SuggestHazardsResponse:
        found = await reports.alike(call, _draft(request.hazard), public_only=True)
        return pb.SuggestHazardsResponse(hazards=await _publics(call, found))

    async def ReportHazard(self, request: pb.ReportHazardRequest, call: Call) -> pb.HazardReceipt:
        key = await keys.known(call, request.key) if request.key else None
        channel = Channel.INTEGRATION if key or call.caller.integrator else Channel.PORTAL
        hazard, code = await reports.report(call, _draft(request.hazard), channel, key=key, media_url=request.media_url)
        return pb.HazardReceipt(
            number=hazard.number,
            code=code,
            reported_at=_time(hazard.reported_at),
            publication=to_contract(pb.HazardPublication, hazard.publication),
            body=hazard.body_title,
        )

    async def FollowHazard(self, request: pb.FollowHazardRequest, call: Call) -> pb.FollowedHazard:
        return await _followed(call, await followers.follow(call, request.code))

    async def StopHazardNotices(self, request: pb.StopHazardNoticesRequest, call: Call) -> pb.FollowedHazard:
        return await _followed(call, await followers.stop_notices(call, request.code))

    async def ListPublicHazards(self, request: pb.ListPublicHazardsRequest, call: Call) -> pb.ListPublicHazardsResponse:
        size = request.page_size or paging.DEFAULT_SIZE
        which = Filter(
            categories=tuple(request.categories),
            is_open=_is_open(request.status),
            publications=(Publication.SHOWN,),
            since=_moment(request.since, "since") if request.HasField("since") else None,
            until=_moment(request.until, "until") if request.HasField("until") else None,
            numbers=tuple(request.numbers),
        )
        found = await lists.page(call, which, _after(call, request), size + 1)
        return pb.ListPublicHazardsResponse(
            hazards=await _publics(call, found[:size]), next_page_token=_next(call, request, found, size)
        )

    async def GetPublicHazard(self, request: pb.GetPublicHazardRequest, call: Call) -> pb.PublicHazard:
        key = await keys.known(call, request.key) if request.key else None
        return await _one_public(call, await lists.public(call, request.number, key))

    async def ConfirmHazard(self, request: pb.ConfirmHazardRequest, call: Call) -> pb.ConfirmHazardResponse:
        wish = _wish(request.notices) if request.HasField("notices") else None
        contact = _contact(request.contact)
        hazard, is_new, code = await followers.confirm(call, request.number, request.visitor, contact, wish)
        return pb.ConfirmHazardResponse(confirmations=hazard.confirmations, again=not is_new, code=code)

    async def ReopenHazard(self, request: pb.ReopenHazardRequest, call: Call) -> pb.PublicHazard:
        return await _one_public(call, await followers.reopen(call, request.number, request.reason, request.code))

    async def RegisterHazard(self, request: pb.RegisterHazardRequest, call: Call) -> pb.RegisterHazardResponse:
        channel = from_contract(Channel, pb.HazardChannel, request.channel)
        told_on = read_date(request.date, "date") if request.date else None
        hazard, code = await reports.report(call, _draft(request.hazard), channel, told_on=told_on)
        await call.db.flush()
        return pb.RegisterHazardResponse(hazard=await _whole(call, hazard), code=code)

    async def GetHazard(self, request: pb.GetHazardRequest, call: Call) -> pb.Hazard:
        return await _whole(call, await call.db.get(Hazard, uid(request.name)))

    async def ListHazards(self, request: pb.ListHazardsRequest, call: Call) -> pb.ListHazardsResponse:
        size = request.page_size or paging.DEFAULT_SIZE
        which = Filter(
            categories=tuple(request.categories),
            is_open=_is_open(request.status),
            publications=[from_contract(Publication, pb.HazardPublication, each) for each in request.publications],
            numbers=(request.number,) if request.number else (),
        )
        found = await lists.page(call, which, _after(call, request), size + 1)
        waiting, is_open, closed = await lists.counts(call)
        publics = await _publics(call, found[:size])
        return pb.ListHazardsResponse(
            hazards=[_row(call, each, told) for each, told in zip(found, publics, strict=False)],
            next_page_token=_next(call, request, found, size),
            waiting=waiting,
            open=is_open,
            closed=closed,
        )

    async def ModerateHazard(self, request: pb.ModerateHazardRequest, call: Call) -> pb.Hazard:
        hazard = await actions.moderate(
            call,
            uid(request.name),
            request.etag,
            shown=request.shown,
            text=request.text,
            address=request.address,
            with_photos={UUID(each) for each in request.photos},
        )
        return await _whole(call, hazard)

    async def AddHazardPhotos(self, request: pb.AddHazardPhotosRequest, call: Call) -> pb.Hazard:
        hazard = await actions.add_photos(call, uid(request.name), request.etag, request.photos)
        await call.db.flush()
        return await _whole(call, hazard)

    async def MoveHazard(self, request: pb.MoveHazardRequest, call: Call) -> pb.Hazard:
        hazard = await actions.change(
            call,
            uid(request.name),
            request.etag,
            from_contract(Deed, pb.HazardDeed, request.deed),
            note=request.note,
            body=_body(request.body, call, "body") if request.HasField("body") else None,
            duplicate_of=request.duplicate_of,
            on=read_date(request.date, "date") if request.date else None,
        )
        return await _whole(call, hazard)

    async def ExportHazards(self, request: pb.ExportHazardsRequest, call: Call) -> pb.HazardSheet:
        return pb.HazardSheet(csv=await lists.sheet(call))

    async def GetHazardSettings(self, request: pb.GetHazardSettingsRequest, call: Call) -> pb.HazardSettings:
        return _settings(call, await hazard_settings.settings_row(call))

    async def UpdateHazardSettings(self, request: pb.UpdateHazardSettingsRequest, call: Call) -> pb.HazardSettings:
        settings = Settings(
            tuple(
                Category(
                    code=each.code,
                    title=each.title,
                    title_en=each.title_en,
                    description=each.description,
                    area=appeals_pb2.SafetyArea.Name(each.area).removeprefix("SAFETY_AREA_").lower(),
                    body=_body(each.body, call, f"settings.categories[{place}].body"),
                    shown_at_once=each.shown_at_once,
                    closed=each.closed,
                )
                for place, each in enumerate(request.settings.categories)
            ),
            request.settings.anyone_reopens,
            request.settings.kept_days,
        )
        return _settings(call, await hazard_settings.update_settings(call, request.etag, settings))

    async def CreateReportKey(self, request: pb.CreateReportKeyRequest, call: Call) -> pb.CreateReportKeyResponse:
        key, secret = await keys.create(call, request.title)
        return pb.CreateReportKeyResponse(key=_key(call, key), secret=secret)

    async def ListReportKeys(self, request: pb.ListReportKeysRequest, call: Call) -> pb.ListReportKeysResponse:
        return pb.ListReportKeysResponse(keys=[_key(call, each) for each in await keys.all_of(call)])

    async def RevokeReportKey(self, request: pb.RevokeReportKeyRequest, call: Call) -> pb.ReportKey:
        return _key(call, await keys.revoke(call, uid(request.name), request.etag))


def _draft(said: pb.HazardDraft) -> Draft:
    return Draft(
        category=said.category,
        place=Place(said.point.latitude, said.point.longitude) if said.HasField("point") else None,
        address=said.address,
        text=said.text,
        contact=_contact(said.contact),
        wish=_wish(said.notices) if said.HasField("notices") else None,
        photos=tuple(said.photos),
    )


def _contact(said: pb.HazardContact) -> Contact:
    return Contact(said.name, said.phone, said.email)


def _wish(said: appeals_pb2.NoticeWish) -> Wish:
    return Wish(from_contract(NoticeChannel, receptions_pb2.ReminderChannel, said.channel), said.language)


def _body(said: pb.HazardBody, call: Call, field: str) -> Body:
    """Who is in charge.

    Raises:
        Refused: it is an organisation of another hromada; names the field.
    """
    if not said.organisation:
        return Body(None, said.title)
    if not said.organisation.startswith(f"{call.hromada.name}/organisations/"):
        raise Refused(f"{field}.organisation", "appeal.organisation-unknown")
    return Body(uid(said.organisation, f"{field}.organisation"), said.title)


def _told_body(call: Call, id: UUID | None, title: str) -> pb.HazardBody:
    return pb.HazardBody(organisation=f"{call.hromada.name}/organisations/{id}" if id else "", title=title)


def _is_open(status: pb.HazardStatus.ValueType) -> bool | None:
    return {pb.HAZARD_STATUS_OPEN: True, pb.HAZARD_STATUS_CLOSED: False}.get(status)


def _moment(stamp: Timestamp, field: str) -> datetime:
    """A moment of a request.

    Raises:
        Refused: no calendar has it; names the field.
    """
    try:
        return stamp.ToDatetime(UTC)
    except (ValueError, OverflowError):
        raise Refused(field, "hazard.moment-unknown") from None


def _after(call: Call, request: pb.ListHazardsRequest | pb.ListPublicHazardsRequest) -> tuple[datetime, UUID] | None:
    start = paging.start_of(call, request, request.page_token)
    return (datetime.fromisoformat(start[0]), UUID(start[1])) if start else None


def _next(
    call: Call, request: pb.ListHazardsRequest | pb.ListPublicHazardsRequest, found: Sequence[Hazard], size: int
) -> str:
    if len(found) <= size:
        return ""
    last = found[size - 1]
    return paging.token_for(call, request, [last.reported_at.isoformat(), str(last.id)])


async def _one_public(call: Call, hazard: Hazard) -> pb.PublicHazard:
    return (await _publics(call, [hazard]))[0]


async def _publics(call: Call, hazards: Iterable[Hazard]) -> list[pb.PublicHazard]:
    """Hazards as everybody may see them, each with its way."""
    listed = list(hazards)
    await call.db.flush()
    steps = await history(call, listed)
    pictures = await photos.of_hazards(call, [each.id for each in listed])
    numbers = await lists.numbers_of(call, [each.duplicate_of for each in listed if each.duplicate_of])
    return [
        pb.PublicHazard(
            number=each.number,
            category=each.category,
            state=to_contract(pb.HazardState, each.state),
            publication=to_contract(pb.HazardPublication, each.publication),
            point=_point(each.place),
            address=each.public_address,
            text=each.public_text,
            body=each.body_title,
            confirmations=each.confirmations,
            reported_at=_time(each.reported_at),
            updated_at=_time(each.updated_at),
            note=each.note,
            duplicate_of=numbers.get(each.duplicate_of, 0) if each.duplicate_of else 0,
            steps=[_step(step, is_staff=False) for step in steps[each.id]],
            closed_on=each.closed_on.isoformat() if each.closed_on else "",
            photos=[str(one.id) for one in pictures[each.id] if one.state is PhotoState.SHOWN],
        )
        for each in listed
    ]


async def _followed(call: Call, found: followers.Followed) -> pb.FollowedHazard:
    """Whoever told it reads what they wrote; another follower what everybody reads."""
    hazard = await _one_public(call, found.hazard)
    if found.follower.is_reporter:
        hazard.text, hazard.address = found.hazard.text, found.hazard.address
    return pb.FollowedHazard(hazard=hazard, own=found.follower.is_reporter, told=found.follower.channel is not None)


async def _whole(call: Call, hazard: Hazard) -> pb.Hazard:
    told = _row(call, hazard, await _one_public(call, hazard))
    steps = (await history(call, [hazard]))[hazard.id]
    del told.hazard.steps[:]
    told.hazard.steps.extend(_step(step, is_staff=True) for step in steps)
    pictures = (await photos.of_hazards(call, [hazard.id]))[hazard.id]
    told.photos.extend(photo_message(call.hromada, each) for each in pictures)
    told.similar.extend(await _publics(call, await reports.similar(call, hazard)))
    return told


def _row(call: Call, hazard: Hazard, public: pb.PublicHazard) -> pb.Hazard:
    """A hazard as staff see it."""
    doubts = rules.doubts(f"{hazard.address}\n{hazard.text}")
    return pb.Hazard(
        name=name_of(call.hromada, hazard),
        hazard=public,
        text=hazard.text,
        channel=to_contract(pb.HazardChannel, hazard.channel),
        contact=pb.HazardContact(name=hazard.contact_name, phone=hazard.contact_phone, email=hazard.contact_email),
        body=_told_body(call, hazard.body_id, hazard.body_title),
        doubts=[pb.HazardDoubt(kind=to_contract(pb.HazardDoubtKind, each.kind), words=each.words) for each in doubts],
        registered_by=appeals_pb2.Actor(id=hazard.registered_by, display_name=hazard.registered_by_name),
        etag=hazard.etag,
    )


def _step(step: Step, *, is_staff: bool) -> pb.HazardStep:
    return pb.HazardStep(
        deed=to_contract(pb.HazardDeed, step.deed),
        state=to_contract(pb.HazardState, step.state),
        date=step.happened_on.isoformat(),
        note=step.note if step.is_of_office or is_staff else "",
        body=step.body_title,
        recorded_at=_time(step.at),
    )


def _settings(call: Call, row: HazardSettings) -> pb.HazardSettings:
    settings = hazard_settings.said(row)
    return pb.HazardSettings(
        categories=[_category(call, each) for each in settings.categories],
        anyone_reopens=settings.anyone_reopens,
        kept_days=settings.kept_days,
        etag=row.etag,
    )


def _category(call: Call, category: Category) -> pb.HazardCategory:
    return pb.HazardCategory(
        code=category.code,
        title=category.title,
        title_en=category.title_en,
        description=category.description,
        area=appeals_pb2.SafetyArea.Value(f"SAFETY_AREA_{category.area.upper()}"),
        body=_told_body(call, category.body.id, category.body.title),
        shown_at_once=category.shown_at_once,
        closed=category.closed,
    )


def _key(call: Call, key: ReportKey) -> pb.ReportKey:
    return pb.ReportKey(
        name=f"{call.hromada.name}/reportKeys/{key.id}",
        title=key.title,
        created_at=_time(key.created_at),
        created_by=key.created_by_name,
        revoked_at=_time(key.revoked_at) if key.revoked_at else None,
        used_on=key.used_on.isoformat() if key.used_on else "",
        etag=key.etag,
    )


def _point(place: Place | None) -> officers_pb2.Point | None:
    return officers_pb2.Point(latitude=place.latitude, longitude=place.longitude) if place else None


def _time(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
