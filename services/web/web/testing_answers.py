"""What those who stand in for services say in many answers: when, who, and no."""

from datetime import UTC, datetime
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from kit.rpc.client import Failure

NOW = datetime(2026, 11, 22, 16, 18, tzinfo=UTC)
OFFICER = "0198c0de-0000-7000-8000-000000000001"


class StandIn:
    """Part of the house that stands in for services, which writes down all that it is asked."""

    def _met(self, request: Any) -> None:
        raise NotImplementedError


def failure(code: grpc.StatusCode, reason: str = "", message: str = "", /, **fields: str) -> Failure:
    made = Failure(code, None)
    made.reason, made.message = reason, message
    made.fields = {name.replace("__", "."): text for name, text in fields.items()}
    return made


def at(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
