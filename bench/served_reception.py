"""python -m bench.served_reception: reception, and beside it what its RegisterAppeal is held against.

For each line on its input it tells how often a second it runs the same handler bare: called in this process, in a
transaction of its own, with its number, history, event and trail, without gRPC, a token, access, validation,
`request_id` or a line of the log.

`Bare.RegisterAppeal` is the same method in the same server and chain: it is asked who calls, whether they may and what
is valid. Its handler makes one insert of what was said into a table with a key and no policy, and that is all.
"""

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

import asyncpg
import uvloop
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import Message
from kit.auth.authority import Authorisation
from kit.call import Call, Caller, Hromada
from kit.rpc import Servicer
from kit.settings import Settings
from reception.appeals.rpc import Appeals
from reception.service import service
from reception.settings import Settings as ReceptionSettings
from reception.template import apply, template
from sample.everybody import Everybody
from spilno.contract.v1 import contract_pb2
from spilno.reception.v1 import appeals_pb2 as pb

from bench.measuring import a_second
from bench.registering import AT_ONCE, SLUG, asked
from kit import telemetry

_PACKAGE = "spilno.bench.reception.v1"
_INSERT = "INSERT INTO plain_appeal VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"


def _contract() -> ServiceDescriptor:
    """Reception's RegisterAppeal without `request_id`, and without a trail."""
    file = FileDescriptorProto(name="bench_reception.proto", package=_PACKAGE, syntax="proto3")
    file.dependency.extend([pb.DESCRIPTOR.name, *(each.name for each in pb.DESCRIPTOR.dependencies)])
    request = file.message_type.add()
    pb.RegisterAppealRequest.DESCRIPTOR.CopyToProto(request)
    kept = [field for field in request.field if field.name != "request_id"]
    del request.field[:]
    request.field.extend(kept)
    answer = f".{pb.RegisterAppealResponse.DESCRIPTOR.full_name}"
    method = file.service.add(name="Bare").method.add(name="RegisterAppeal", output_type=answer)
    method.input_type = f".{_PACKAGE}.{request.name}"
    method.options.Extensions[contract_pb2.access].permission = "appeals.register"
    method.options.Extensions[contract_pb2.audit] = contract_pb2.AUDIT_NONE
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
    return descriptor_pool.Default().FindServiceByName(f"{_PACKAGE}.Bare")


class Bare(Servicer, contract=_contract()):
    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def RegisterAppeal(self, request: Any, call: Call) -> Message:
        id, said = uuid4(), request.appeal
        who = said.applicant
        values = (said.kind, said.area, request.channel, who.name, who.residence, who.phone, who.email, said.text)
        await self._pool.execute(_INSERT, call.hromada.id, id, *values)
        appeal = pb.Appeal(name=f"{call.hromada.name}/appeals/{id}", text=said.text, applicant=who, etag="1")
        answer: Message = pb.RegisterAppealResponse(appeal=appeal, code="123456789012")
        return answer


class Registrars(Everybody):
    """In place of identity: everybody may register."""

    async def of(self, hromada: str, subject: str) -> Authorisation:
        return Authorisation(
            _id(hromada), display_name=subject, permissions=frozenset({"appeals.register"}), pseudonym=f"p-{subject}"
        )


def _id(slug: str) -> UUID:
    return uuid5(NAMESPACE_URL, slug)


async def main() -> None:
    telemetry.start("reception", Settings.from_environment().log_level)
    settings = ReceptionSettings.from_environment()
    async with AsyncExitStack() as stack:
        pool = await asyncpg.create_pool(settings.database_url.get_secret_value(), min_size=16, max_size=16)
        measured = replace(service, servicers=[*service.servicers, Bare(pool)])
        kit = await measured.kit(stack)
        kit.chain.authorities = Registrars()
        async with kit.call(Caller("job.bench"), Hromada(SLUG, _id(SLUG))) as call:
            await apply(call, template.own)
        running = await stack.enter_async_context(measured.running(kit, "127.0.0.1:0"))
        say(running.port)
        appeals, lines = Appeals(), asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)

        async def bare() -> None:
            request: Any = pb.RegisterAppealRequest.FromString(asked())
            async with kit.call(Caller("registrar", display_name="registrar"), Hromada(SLUG, _id(SLUG))) as call:
                await appeals.RegisterAppeal(request, call)

        while await lines.readline():
            say(await a_second(bare, at_once=AT_ONCE))


def say(what: Any) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main())
