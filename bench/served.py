"""python -m bench.served: the kit's sample service, and beside it what it is held against.

`Bare.WriteNote` is `Notes.WriteNote` in the same server and the same chain: it is asked who calls, whether they may and
what is valid. Its handler makes one insert into a table without row-level security, and that is all: no transaction, no
`request_id`, no event, no row of the trail. The echo has the same gRPC library and messages, and nothing of the kit.
"""

import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any
from uuid import uuid4

import asyncpg
import grpc
import grpc.aio
import uvloop
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import Message
from kit.call import Call
from kit.rpc import Servicer
from kit.settings import Settings
from sample.contract import BatchGetNotesRequest, BatchGetNotesResponse, NoteMessage, WriteNoteRequest
from sample.everybody import Everybody
from sample.service import service
from spilno.contract.v1 import contract_pb2

from kit import telemetry

PACKAGE = "spilno.bench.v1"
_INSERT = "INSERT INTO plain_note (id, hromada_id, text) VALUES ($1, $2, $3)"


def _contract() -> ServiceDescriptor:
    """The sample's WriteNote without `request_id`, and without a trail."""
    file = FileDescriptorProto(name="bench.proto", package=PACKAGE, syntax="proto3")
    file.dependency.extend(["sample.proto", "spilno/contract/v1/contract.proto", "buf/validate/validate.proto"])
    request = file.message_type.add()
    WriteNoteRequest.DESCRIPTOR.CopyToProto(request)
    kept = [field for field in request.field if field.name != "request_id"]
    del request.field[:]
    request.field.extend(kept)
    answer = f".{NoteMessage.DESCRIPTOR.full_name}"
    method = file.service.add(name="Bare").method.add(name="WriteNote", output_type=answer)
    method.input_type = f".{PACKAGE}.{request.name}"
    method.options.Extensions[contract_pb2.access].permission = "notes.write"
    method.options.Extensions[contract_pb2.audit] = contract_pb2.AUDIT_NONE
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
    return descriptor_pool.Default().FindServiceByName(f"{PACKAGE}.Bare")


class Bare(Servicer, contract=_contract()):
    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def WriteNote(self, request: Any, call: Call) -> Message:
        id = uuid4()
        await self._pool.execute(_INSERT, id, call.hromada.id, request.text)
        answer: Message = NoteMessage(name=f"{call.hromada.name}/notes/{id}", text=request.text, etag="1")
        return answer


async def _echo(body: bytes, context: Any) -> bytes:
    BatchGetNotesRequest.FromString(body)
    return bytes(BatchGetNotesResponse().SerializeToString())


async def _echoing() -> tuple[grpc.aio.Server, int]:
    server = grpc.aio.server()
    handlers: dict[str, Any] = {"Echo": grpc.unary_unary_rpc_method_handler(_echo)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(f"{PACKAGE}.Echoing", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port


async def main() -> None:
    telemetry.start("kit", Settings.from_environment().log_level)
    settings = Settings.from_environment()
    async with AsyncExitStack() as stack:
        pool = await asyncpg.create_pool(settings.database_url.get_secret_value(), min_size=16, max_size=16)
        measured = replace(service, servicers=[*service.servicers, Bare(pool)])
        kit = await measured.kit(stack)
        kit.chain.authorities = Everybody()
        server, echo = await _echoing()
        running = await stack.enter_async_context(measured.running(kit, "127.0.0.1:0"))
        sys.stdout.write(f"{running.port} {echo}\n")
        sys.stdout.flush()
        await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(main())
