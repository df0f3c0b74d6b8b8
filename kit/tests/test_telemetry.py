"""A trace goes on from a call to what it calls, whether somebody collects it or nobody does."""

import pytest
from kit.telemetry import span, trace_in
from opentelemetry import propagate
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from kit import telemetry


@pytest.fixture(params=[False, True], ids=["nobody collects", "somebody collects"])
def collected(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_IS_COLLECTED", request.param)
    monkeypatch.setattr(telemetry, "tracer", provider.get_tracer("spilno"))
    return exporter


def traced() -> tuple[str, dict[str, str]]:
    """The trace of what runs here, and the headers that carry it on."""
    carried: dict[str, str] = {}
    propagate.inject(carried)
    return carried["traceparent"].split("-")[1], carried


@pytest.mark.usefixtures("collected")
def test_what_is_called_inside_belongs_to_the_same_trace() -> None:
    with span("outer"):
        outer, _ = traced()
        with span("inner"):
            inner, _ = traced()
    assert inner == outer


@pytest.mark.usefixtures("collected")
def test_what_is_called_in_another_process_belongs_to_the_same_trace() -> None:
    with span("here"):
        here, headers = traced()
    with span("there", trace_in(headers)):
        there, _ = traced()
    assert there == here


@pytest.mark.usefixtures("collected")
def test_two_calls_that_have_nothing_to_do_with_each_other_have_two_traces() -> None:
    with span("one"):
        one, _ = traced()
    with span("other", trace_in({})):
        other, _ = traced()
    assert other != one


def test_a_failure_is_told_by_its_kind_and_not_by_its_words(
    collected: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry, "_IS_COLLECTED", True)
    with pytest.raises(ValueError, match="Olena"), span("call"):
        raise ValueError("Olena's telephone")
    assert [one.status.description for one in collected.get_finished_spans()] == ["ValueError"]
