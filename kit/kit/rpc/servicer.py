"""A servicer translates: message in, action, message out. What it must implement is the contract's to say."""

from collections.abc import Mapping
from typing import Any, ClassVar

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor


class Servicer:
    """Serves one service of the contract.

    `class Appeals(Servicer, contract=appeals_pb2.DESCRIPTOR.services_by_name["Appeals"])` with one coroutine a method,
    `(self, request, call) -> response`; an async generator for a method that answers in a stream, an async context
    manager for one that takes a stream in (`StreamCall` says what each is given). A missing one stops the start.
    """

    contract: ClassVar[ServiceDescriptor]

    def __init_subclass__(cls, contract: ServiceDescriptor, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.contract = contract
        missing = [method.name for method in contract.methods if not hasattr(cls, method.name)]
        if missing:
            raise TypeError(f"{cls.__name__} does not implement {', '.join(missing)} of {contract.full_name}")

    @property
    def methods(self) -> Mapping[str, MethodDescriptor]:
        return dict(self.contract.methods_by_name)
