"""What reception costs an appeal that is registered: against the same handler in the same chain with a bare insert."""

import asyncio
import os
import sys
from subprocess import DEVNULL, PIPE
from typing import Any
from uuid import uuid4

import asyncpg
import grpc.aio
from kit.database.migrations import migrate
from kit.servers.postgres import provision
from kit.testing.ground import PASSWORD, PASSWORDS, environment
from spilno.reception.v1 import appeals_pb2 as pb

from bench.calling import method_of
from bench.ground import Ground
from bench.measuring import Limit, Result, a_second, compared
from kit import processes

SLUG = "tatarbunary"
_TABLE = """
CREATE TABLE plain_appeal (hromada_id uuid NOT NULL, id uuid NOT NULL, kind integer NOT NULL, area integer NOT NULL,
  channel integer NOT NULL, applicant_name text NOT NULL, residence text NOT NULL, phone text NOT NULL,
  email text NOT NULL, text text NOT NULL, PRIMARY KEY (hromada_id, id));
GRANT SELECT, INSERT ON plain_appeal TO reception_app;
"""
_AT_ONCE = 8


async def register(ground: Ground) -> list[Result]:
    """RegisterAppeal as staff of a hromada send it, beside one that inserts the same appeal into a table with a key
    alone."""
    await provision(ground.postgres, "reception", PASSWORDS)
    await migrate("reception", ground.postgres.url("reception_migrator", PASSWORD, "reception"))
    connection = await asyncpg.connect(ground.postgres.url(database="reception"))
    await connection.execute(_TABLE)
    await connection.close()
    told = environment("reception", ground.postgres, ground.nats, ground.issuer.url)
    metadata = (("authorization", f"Bearer {ground.issuer.person(str(uuid4()), SLUG)}"),)
    command = [sys.executable, "-m", "bench.served_reception"]
    async with processes.running(command, env={**os.environ, **told}, stdout=PIPE, stderr=DEVNULL) as child:
        if child.stdout is None:
            raise RuntimeError("the served process says nothing")
        port = int(await asyncio.wait_for(asyncio.to_thread(child.stdout.readline), 60))
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            ours = method_of(channel, "/spilno.reception.v1.Appeals/RegisterAppeal")
            bare = method_of(channel, "/spilno.bench.reception.v1.Bare/RegisterAppeal")
            await ours(_request(), metadata=metadata)
            result = await compared(
                "register an appeal",
                lambda: a_second(lambda: ours(_request(), metadata=metadata), at_once=_AT_ONCE),
                lambda: a_second(lambda: bare(_request(), metadata=metadata), at_once=_AT_ONCE),
                unit="calls/s",
                than="the same handler in the same chain with a bare insert: no number, history, event or trail",
                limit=Limit(at_least=0.80),
            )
    return [result]


def _request() -> bytes:
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
