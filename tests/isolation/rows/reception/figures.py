"""The rows of reception: public figures."""

from google.protobuf.message import Message
from spilno.reception.v1 import figures_pb2

from tests.isolation.rows.declared import method, parent
from tests.world import OWN, World


@method("spilno.reception.v1.Figures.GetPublicFigures", "web", lambda answer: answer.year == 2026)
async def _(world: World) -> Message:
    return figures_pb2.GetPublicFiguresRequest(parent=parent(OWN), year=2026)
