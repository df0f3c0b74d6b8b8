"""What it costs to register an appeal: gRPC and its chain beside the handler bare, and all of it beside an insert."""

import sys
from typing import Any
from uuid import uuid4

import asyncpg
import grpc.aio
from kit.bus import streams
from kit.bus.handlers import handlers_in
from kit.database.migrations import migrate
from kit.servers.postgres import provision
from kit.testing.ground import PASSWORD, PASSWORDS, environment
from reception.service import service
from spilno.reception.v1 import appeals_pb2 as pb

from bench.calling import method_of
from bench.conversing import conversing, said, tell
from bench.ground import Ground
from bench.measuring import Limit, Result, a_second, compared

SLUG = "tatarbunary"
_TABLE = """
CREATE TABLE plain_appeal (hromada_id uuid NOT NULL, id uuid NOT NULL, kind integer NOT NULL, area integer NOT NULL,
  channel integer NOT NULL, applicant_name text NOT NULL, residence text NOT NULL, phone text NOT NULL,
  email text NOT NULL, text text NOT NULL, PRIMARY KEY (hromada_id, id));
GRANT SELECT, INSERT ON plain_appeal TO reception_app;
"""
AT_ONCE = 8


async def register(ground: Ground) -> list[Result]:
    """RegisterAppeal as staff of a hromada send it, beside one that inserts the same appeal into a table with a key
    alone."""
    await provision(ground.postgres, "reception", PASSWORDS)
    await migrate("reception", ground.postgres.url("reception_migrator", PASSWORD, "reception"))
    connection = await asyncpg.connect(ground.postgres.url(database="reception"))
    await connection.execute(_TABLE)
    await connection.close()
    await streams.ensure(ground.nats.url(), "reception", [one.message for one in handlers_in(service.handlers)])
    told = environment("reception", ground.postgres, ground.nats, ground.issuer.url)
    metadata = (("authorization", f"Bearer {ground.issuer.person(str(uuid4()), SLUG)}"),)
    async with conversing([sys.executable, "-m", "bench.served_reception"], told) as served:
        port = await said(served)
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            ours = method_of(channel, "/spilno.reception.v1.Appeals/RegisterAppeal")
            inserting = method_of(channel, "/spilno.bench.reception.v1.Bare/RegisterAppeal")

            async def over_grpc() -> float:
                return await a_second(lambda: ours(asked(), metadata=metadata), at_once=AT_ONCE)

            async def bare() -> float:
                tell(served)
                return float(await said(served))

            await over_grpc()
            return [
                await compared(
                    "register an appeal",
                    over_grpc,
                    bare,
                    unit="calls/s",
                    than="the same handler bare: called in its process, with all it writes, without gRPC and chain",
                    limit=Limit(at_least=0.80),
                ),
                await compared(
                    "register an appeal, beside an insert",
                    over_grpc,
                    lambda: a_second(lambda: inserting(asked(), metadata=metadata), at_once=AT_ONCE),
                    unit="calls/s",
                    than="a bare insert over the same gRPC and chain: no number, history, event or trail",
                    limit=None,
                ),
            ]


def asked() -> bytes:
    """A request as staff send it."""
    draft = pb.AppealDraft(
        kind=pb.APPEAL_KIND_APPLICATION,
        area=pb.SAFETY_AREA_ROAD,
        applicant=pb.Applicant(name="Мешканець Іван", residence="вул. Шевченка, 12", phone="+380971234567"),
        text="На перехресті немає світлофора, діти бояться переходити дорогу.",
    )
    asked: Any = pb.RegisterAppealRequest(
        parent=f"hromadas/{SLUG}", appeal=draft, channel=pb.APPEAL_CHANNEL_PHONE, request_id=str(uuid4())
    )
    return bytes(asked.SerializeToString())
