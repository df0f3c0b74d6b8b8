"""OpenTelemetry, exported by OTLP when OTEL_EXPORTER_OTLP_ENDPOINT is set, and one structured log line a request.

The stock gRPC interceptor costs a third of the throughput, so the spans around calls and events are the kit's own.
"""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from opentelemetry import context as otel_context
from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import Span, SpanKind
from structlog.typing import EventDict, WrappedLogger

_FOREIGN = '{"level":"%(levelname)s","logger":"%(name)s","event":"%(message)s"}'

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
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        from kit.telemetry_export import export

        export(service)
    else:
        trace.set_tracer_provider(TracerProvider(sampler=ALWAYS_OFF))  # nothing is recorded, but a trace has its id


@contextmanager
def span(name: str, parent: Context | None = None, kind: SpanKind = SpanKind.SERVER) -> Iterator[Span]:
    """A span that also carries the trace on to whatever is called inside."""
    token = otel_context.attach(parent) if parent is not None else None
    try:
        with tracer.start_as_current_span(name, kind=kind, record_exception=False) as current:
            yield current
    finally:
        if token is not None:
            otel_context.detach(token)


def _with_trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    current = trace.get_current_span().get_span_context()
    if current.is_valid:
        event["trace"] = f"{current.trace_id:032x}"
    return event
