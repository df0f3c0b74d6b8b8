"""The methods of a service, each of its kind, as gRPC serves them."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import grpc
import grpc.aio
from google.protobuf.descriptor import MethodDescriptor

from kit.rpc.chain import LONGEST_SECONDS, Chain
from kit.rpc.errors import check
from kit.rpc.method import Method
from kit.rpc.servicer import Servicer
from kit.rpc.streams import Streamed
from kit.rpc.uploads import Upload

MAX_MESSAGE = 1024 * 1024


class Answered(Method):
    """One message for one message."""

    def handler(self) -> "grpc.RpcMethodHandler[Any, Any]":
        return grpc.unary_unary_rpc_method_handler(self._answer)

    async def _answer(self, body: bytes, context: "grpc.aio.ServicerContext[Any, Any]") -> bytes:
        return await self._in_time(self._served, body, context, LONGEST_SECONDS)

    async def _served(self, body: bytes, metadata: dict[str, str], locale: str, seconds: float, peer: str) -> bytes:
        request, caller, hromada = await self._admitted(body, metadata, peer)
        check(request, self._chain.catalogue, locale)
        opened = partial(self._chain.call, caller, hromada, locale, seconds)
        return await self._done_once(opened, request, metadata, self._verb)


def methods_of(chain: Chain, servicers: Iterable[Servicer]) -> list[grpc.GenericRpcHandler]:
    """gRPC handlers of every method of the servicers.

    Raises:
        TypeError: a method does not declare who may call it, or what the trail keeps of it.
    """
    return [
        grpc.method_handlers_generic_handler(
            servicer.contract.full_name,
            {
                name: _kind(method)(chain, method, getattr(servicer, name)).handler()
                for name, method in servicer.methods.items()
            },
        )
        for servicer in servicers
    ]


def _kind(method: MethodDescriptor) -> type[Answered] | type[Streamed] | type[Upload]:
    if method.server_streaming:
        return Streamed
    return Upload if method.client_streaming else Answered
