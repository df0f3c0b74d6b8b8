"""OpenTelemetry, exported by OTLP when OTEL_EXPORTER_OTLP_ENDPOINT is set, and one structured log line a request.

The stock gRPC interceptor costs a third of the throughput, so the spans around calls and events are the kit's own.
"""

import logging
import os
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from random import getrandbits
from types import TracebackType

import structlog
from opentelemetry import context as otel_context
from opentelemetry import metrics, propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode
from structlog.typing import EventDict, WrappedLogger

_FOREIGN = '{"level":"%(levelname)s","logger":"%(name)s","event":"%(message)s"}'

_IS_COLLECTED = bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"))
tracer = trace.get_tracer("spilno")
duration = metrics.get_meter("spilno").create_histogram("rpc.server.duration", "ms", "How long a call took")


def start(service: str, level: str) -> None:
    """Configures logs, and traces and metrics if someone collects them. Once a process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_trace,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format=_FOREIGN)
    logging.getLogger("nats").setLevel(logging.CRITICAL)
    if _IS_COLLECTED:
        from kit.telemetry_export import export

        export(service)


def span(name: str, parent: Context | None = None, kind: SpanKind = SpanKind.SERVER) -> AbstractContextManager[Span]:
    """A span that also carries the trace on to whatever is called inside."""
    return _Current(tracer.start_span(name, parent, kind) if _IS_COLLECTED else _unrecorded(parent), parent)


class _Current:
    """OpenTelemetry's own context managers, three in one another, cost more than all else that it does in a call."""

    __slots__ = ("_parent", "_span", "_token")

    def __init__(self, span: Span, parent: Context | None) -> None:
        self._span = span
        self._parent = parent

    def __enter__(self) -> Span:
        self._token = otel_context.attach(trace.set_span_in_context(self._span, self._parent))
        return self._span

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        otel_context.detach(self._token)
        if isinstance(error, Exception):
            self._span.set_status(Status(StatusCode.ERROR, type(error).__name__))
        self._span.end()


def _unrecorded(parent: Context | None) -> Span:
    """Nothing is recorded, but a trace has its id."""
    around = trace.get_current_span(parent).get_span_context()
    trace_id = around.trace_id if around.is_valid else getrandbits(128)
    return NonRecordingSpan(SpanContext(trace_id, getrandbits(64), is_remote=False))


def trace_in(headers: Mapping[str, str]) -> Context | None:
    """The trace that a message belongs to, by its headers; None if they name none."""
    return None if _fields().isdisjoint(headers) else propagate.extract(headers)


@cache
def _fields() -> frozenset[str]:
    return frozenset(propagate.get_global_textmap().fields)


def _with_trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    current = trace.get_current_span().get_span_context()
    if current.is_valid:
        event["trace"] = f"{current.trace_id:032x}"
    return event
