"""The hazards of a hromada, as web sees them: part of the house that stands in for reception."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import grpc
from kit.rpc.client import Failure
from spilno.reception.v1 import hazards_pb2 as pb
from spilno.reception.v1.officers_pb2 import Point

from web.testing_answers import StandIn

_TOLD = datetime(2026, 11, 22, 16, 18, tzinfo=UTC)
CATEGORIES = [
    pb.HazardCategory(code=code, title=title, title_en=english, body=pb.HazardBody(title=body))
    for code, title, english, body in (
        ("street-light", "Не світить ліхтар", "Street light out", "Відділ житлово-комунального господарства"),
        ("road", "Небезпечна дорога", "Dangerous road", "Відділ житлово-комунального господарства"),
        ("pit", "Яма, відкритий люк", "Pothole, open manhole", "Комунальне підприємство"),
        ("derelict", "Занедбана будівля", "Derelict building", "Виконавчий комітет ради"),
        ("rubbish", "Сміття, довкілля", "Rubbish, environment", "Відділ екології ради"),
        ("animals", "Безпритульні тварини", "Stray animals", "Комунальне підприємство"),
        ("wires", "Дроти, дерева", "Wires, trees", "Оператор системи розподілу електроенергії"),
        ("order", "Тут страшно ходити", "Feels unsafe", "Дільничний офіцер поліції"),
        ("other", "Інше", "Something else", "Координаційний офіс безпеки"),
    )
]
_TEXTS = (
    "Не світить уже тиждень, від зупинки до школи темно",
    "Кущі закривають видимість на виїзді",
    "Провалився асфальт над трубою, машини об’їжджають тротуаром",
    "Двері покинутого будинку відчинені",
    "Палять листя й пластик за гаражами",
)

_STREETS = ("вул. Умовна", "вул. Прикладна, біля школи", "пров. Вигаданий", "вул. Зразкова", "сквер на вул. Макетній")
_STATES = (pb.HAZARD_STATE_REPORTED, pb.HAZARD_STATE_ACCEPTED, pb.HAZARD_STATE_WITH_BODY, pb.HAZARD_STATE_FIXED)


def hazard(number: int) -> pb.PublicHazard:
    """One of many, each somewhat different."""
    told = pb.PublicHazard(
        number=number,
        category=CATEGORIES[number % len(CATEGORIES)].code,
        state=_STATES[number % len(_STATES)],
        publication=pb.HAZARD_PUBLICATION_SHOWN,
        point=Point(latitude=45.83 + number * 0.000613 % 0.03, longitude=29.6 + number * 0.001371 % 0.02),
        address=f"{_STREETS[number % len(_STREETS)]}, {number * 7 % 43 + 1}",
        text=f"{_TEXTS[number % len(_TEXTS)]}. (Вигадане.)",
        body=CATEGORIES[number % len(CATEGORIES)].body.title,
        confirmations=number % 6,
    )
    told.photos.extend(str(UUID(int=place)) for place in range(number % 3 + 1))
    told.reported_at.FromDatetime(_TOLD - timedelta(hours=31 * number))
    for deed in (pb.HAZARD_DEED_REPORTED, pb.HAZARD_DEED_SHOWN, pb.HAZARD_DEED_HANDED_OVER):
        told.steps.add(deed=deed, state=told.state, date="2026-11-22", body=told.body).recorded_at.FromDatetime(_TOLD)
    return told


@dataclass
class Hazards(StandIn):
    hazards: Sequence[pb.PublicHazard] = field(default_factory=list)

    async def ListHazardCategories(self, request: pb.ListHazardCategoriesRequest) -> pb.ListHazardCategoriesResponse:
        self._met(request)
        return pb.ListHazardCategoriesResponse(categories=CATEGORIES)

    async def ListPublicHazards(self, request: pb.ListPublicHazardsRequest) -> pb.ListPublicHazardsResponse:
        self._met(request)
        found = self.hazards[: request.page_size]
        token = "more" if len(self.hazards) > len(found) else ""
        return pb.ListPublicHazardsResponse(hazards=found, next_page_token=token)

    async def GetPublicHazard(self, request: pb.GetPublicHazardRequest) -> pb.PublicHazard:
        self._met(request)
        found = next((each for each in self.hazards if each.number == request.number), None)
        if found is None:
            raise Failure(grpc.StatusCode.NOT_FOUND, None)
        return found

    async def FollowHazard(self, request: pb.FollowHazardRequest) -> pb.FollowedHazard:
        self._met(request)
        return pb.FollowedHazard(hazard=self.hazards[0], own=True, told=True)

    async def SuggestHazards(self, request: pb.SuggestHazardsRequest) -> pb.SuggestHazardsResponse:
        self._met(request)
        return pb.SuggestHazardsResponse(hazards=self.hazards[:3])
