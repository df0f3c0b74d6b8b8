"""The demo's hazards: two months of a town's life, told, handed over and mended. All of it is invented, and says so."""

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import grpc
from spilno.reception.v1 import hazards_pb2 as pb
from spilno.reception.v1.hazards_pb2_grpc import HazardsStub
from spilno.reception.v1.officers_pb2 import Point

SLUG = "tatarbunary"
_DEMO = uuid.UUID("3f9a3f0e-7d0c-4d6c-9a8e-51c0a1f0de30")
_MARK = "(Демонстраційне, вигадане.)"
_DEEDS = {
    "a": pb.HAZARD_DEED_ACCEPTED,
    "h": pb.HAZARD_DEED_HANDED_OVER,
    "f": pb.HAZARD_DEED_FIXED,
    "r": pb.HAZARD_DEED_REJECTED,
    "m": pb.HAZARD_DEED_MERGED,
    "o": pb.HAZARD_DEED_REOPENED,
}
_NOTES = {
    "f": "Перевірено на місці: усунуто.",
    "r": "На місці небезпеки не виявили.",
    "o": "Мешканці кажуть, що знову так само.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What was told so many days ago, and what became of it: a letter and how many days later."""

    days_ago: int
    category: str
    latitude: float
    longitude: float
    address: str
    text: str
    way: str = ""
    same_as: int = 0
    """The place in this list, from one, of what it is the same as."""


TOLD = (
    Told(61, "street-light", 45.8412, 29.6050, "вул. Умовна, 3", "Не світить ліхтар біля зупинки", "a1 h2 f9"),
    Told(60, "pit", 45.8443, 29.6081, "вул. Прикладна, 14", "Яма на всю смугу, машини об’їжджають тротуаром", "h1 f20"),
    Told(58, "rubbish", 45.8330, 29.6070, "вул. Пробна, за гаражами", "Стихійне звалище росте", "a1 h3"),
    Told(57, "road", 45.8392, 29.6155, "вул. Навчальна, біля школи", "Стерлася розмітка переходу", "h2 f12"),
    Told(55, "derelict", 45.8290, 29.6055, "вул. Показова, 9", "Двері покинутого будинку відчинені", "a2 h5 f30 o8"),
    Told(54, "animals", 45.8461, 29.6170, "вул. Макетна", "Зграя собак зранку", "h1 f7"),
    Told(51, "street-light", 45.8362, 29.6040, "вул. Пробна, 21", "Темно від рогу до рогу", "h1 f6"),
    Told(49, "wires", 45.8480, 29.6005, "вул. Зразкова, 30", "Гілка лежить на дротах", "h0 f2"),
    Told(47, "order", 45.8401, 29.6098, "сквер на вул. Умовній", "Уночі шумно, страшно йти повз", "a1 h1"),
    Told(45, "pit", 45.8441, 29.6084, "вул. Прикладна, 14", "Знову про яму", "m1", same_as=2),
    Told(43, "road", 45.8350, 29.6125, "виїзд на трасу", "Кущі закривають видимість", "h3 f10"),
    Told(40, "rubbish", 45.8512, 29.5995, "вул. Зразкова, кінець", "Палять листя й пластик", "a1 r4"),
    Told(38, "pit", 45.8380, 29.6170, "вул. Навчальна, 2", "Люк хитається", "h1 f5"),
    Told(35, "street-light", 45.8550, 29.6035, "пров. Вигаданий, 4", "Ліхтар блимає", "h2 f8"),
    Told(32, "animals", 45.8300, 29.6080, "вул. Показова, 2", "Поранений пес біля дороги", "h0 f1"),
    Told(29, "derelict", 45.8466, 29.6190, "вул. Макетна, 18", "Стіна нахилилася на тротуар", "a1 h2"),
    Told(26, "road", 45.8418, 29.6072, "перехрестя Умовної та Прикладної", "Зник знак «Дати дорогу»", "h1 f3"),
    Told(23, "wires", 45.8339, 29.6019, "вул. Пробна, 5", "Стовп похилився", "h1"),
    Told(20, "street-light", 45.8296, 29.6030, "вул. Показова, 17", "Не світить уже тиждень", "h2 f9"),
    Told(17, "order", 45.8372, 29.6142, "зупинка на вул. Навчальній", "Чіпляються до школярів", "a0 h1"),
    Told(14, "pit", 45.8496, 29.6012, "вул. Зразкова, 22", "Провалився асфальт над трубою", "h1"),
    Told(11, "rubbish", 45.8405, 29.6192, "берег за вул. Навчальною", "Будівельне сміття", "a2"),
    Told(8, "street-light", 45.8410, 29.6055, "вул. Умовна, 5", "Ліхтар знову не світить", "h1"),
    Told(5, "road", 45.8452, 29.6101, "вул. Прикладна", "Ганяють уночі", "a1"),
    Told(3, "pit", 45.8358, 29.6048, "вул. Пробна, 19", "Відкритий люк у траві"),
    Told(1, "other", 45.8425, 29.6133, "парк, головна алея", "Зламана гойдалка"),
)
WAITING = 2
"""The newest ones that nobody has looked through yet."""


async def enter(channel: grpc.aio.Channel, metadata: tuple[tuple[str, str], ...], today: date) -> None:
    """Writes down what was told, on its days. What is there is not told again; what has moved already is left."""
    hazards: Any = HazardsStub(channel)
    numbers = list[int]()
    listing = pb.ListHazardsRequest(parent=f"hromadas/{SLUG}", page_size=100)
    names = {each.text: each.name for each in (await hazards.ListHazards(listing, metadata=metadata)).hazards}
    for place, told in enumerate(TOLD):
        asked = _request(place, told, today)
        name = names.get(asked.hazard.text)
        if name is None:
            name = (await hazards.RegisterHazard(asked, metadata=metadata)).hazard.name
        hazard = await hazards.GetHazard(pb.GetHazardRequest(name=name), metadata=metadata)
        numbers.append(hazard.hazard.number)
        if place >= len(TOLD) - WAITING or hazard.hazard.publication == pb.HAZARD_PUBLICATION_SHOWN:
            continue
        day = today - timedelta(days=told.days_ago)
        done = sum(step.deed in _DEEDS.values() for step in hazard.hazard.steps)
        for at, step in enumerate(told.way.split()):
            day += timedelta(days=int(step[1:]))
            if at < done:
                continue
            moving = pb.MoveHazardRequest(
                name=hazard.name,
                etag=hazard.etag,
                deed=_DEEDS[step[0]],
                note=_NOTES.get(step[0], ""),
                date=min(day, today).isoformat(),
                duplicate_of=numbers[told.same_as - 1] if told.same_as else 0,
            )
            hazard = await hazards.MoveHazard(moving, metadata=metadata)
        showing = pb.ModerateHazardRequest(
            name=hazard.name, etag=hazard.etag, shown=True, text=hazard.text, address=told.address
        )
        await hazards.ModerateHazard(showing, metadata=metadata)


def _request(place: int, told: Told, today: date) -> pb.RegisterHazardRequest:
    return pb.RegisterHazardRequest(
        parent=f"hromadas/{SLUG}",
        hazard=pb.HazardDraft(
            category=told.category,
            point=Point(latitude=told.latitude, longitude=told.longitude),
            address=told.address,
            text=f"{told.text}. {_MARK}",
        ),
        channel=pb.HAZARD_CHANNEL_PHONE,
        date=(today - timedelta(days=told.days_ago)).isoformat(),
        request_id=str(uuid.uuid5(_DEMO, f"{SLUG}/hazard-{place}")),
    )
