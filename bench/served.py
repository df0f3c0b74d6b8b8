"""python -m bench.served: the kit's sample service, and beside it handlers that do the same without the kit.

The bare ones are what the kit is held against: the same gRPC library, the same PostgreSQL driver, the same messages;
one insert into a table without row-level security, no event, nobody asked who calls.
"""

import sys
from contextlib import AsyncExitStack
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import asyncpg
import grpc
import grpc.aio
import uvloop
from kit.settings import Settings
from sample.contract import BatchGetNotesRequest, BatchGetNotesResponse, NoteMessage, WriteNoteRequest
from sample.everybody import Everybody
from sample.service import service

from kit import telemetry

BARE = "spilno.bench.Bare"
_INSERT = "INSERT INTO plain_note (id, hromada_id, text) VALUES ($1, $2, $3)"


async def _bare(pool: Any) -> tuple[grpc.aio.Server, int]:
    async def write(body: bytes, context: Any) -> bytes:
        request = WriteNoteRequest.FromString(body)
        id = uuid4()
        await pool.execute(_INSERT, id, uuid5(NAMESPACE_URL, request.parent), request.text)
        return bytes(NoteMessage(name=f"{request.parent}/notes/{id}", text=request.text).SerializeToString())

    async def echo(body: bytes, context: Any) -> bytes:
        BatchGetNotesRequest.FromString(body)
        return bytes(BatchGetNotesResponse().SerializeToString())

    server = grpc.aio.server()
    handlers: dict[str, Any] = {
        name: grpc.unary_unary_rpc_method_handler(one) for name, one in (("Write", write), ("Echo", echo))
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(BARE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port


async def main() -> None:
    telemetry.start("kit", "warning")
    settings = Settings.from_environment()
    async with AsyncExitStack() as stack:
        kit = await service.kit(stack)
        kit.chain.authorities = Everybody()
        pool = await asyncpg.create_pool(settings.database_url.get_secret_value(), min_size=1, max_size=16)
        server, bare = await _bare(pool)
        running = await stack.enter_async_context(service.running(kit, "127.0.0.1:0"))
        sys.stdout.write(f"{running.port} {bare}\n")
        sys.stdout.flush()
        await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(main())
