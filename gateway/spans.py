"""Spans of OpenTelemetry: what was done when, and how long it took, with nothing about anybody.

Only the API is used: without an SDK in the process a span goes nowhere and costs next to nothing. Attributes are ids of
agencies, formats and deliveries, codes and counts, never a value of a document; an exception is noted as having
happened, never with its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry import context, trace
from opentelemetry.trace import Span, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TRACER = trace.get_tracer("raabta")
_W3C = TraceContextTextMapPropagator()


@contextmanager
def span(name: str, **said: str | int) -> Iterator[Span]:
    """Make the block a span `raabta.<name>`; attributes get the same prefix."""
    attributes = {f"raabta.{key}": value for key, value in said.items()}
    with _TRACER.start_as_current_span(
        f"raabta.{name}", attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except Exception:
            current.set_status(StatusCode.ERROR)
            raise


@contextmanager
def caused_by(headers: Mapping[str, str]) -> Iterator[None]:
    """Let the spans of the block belong to the caller's trace, if its request names one (W3C Trace Context).

    Only `traceparent` counts, which holds random numbers. A span that is under way already, such as a server's, goes
    first.
    """
    named = "traceparent" in headers and not trace.get_current_span().get_span_context().is_valid
    token = context.attach(_W3C.extract({"traceparent": headers["traceparent"]} if named else {}))
    try:
        yield
    finally:
        context.detach(token)
