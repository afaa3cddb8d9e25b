"""Spans of OpenTelemetry: what was done when, and how long it took, with nothing about anybody.

Only the API is used: while no provider is set in the process (or named in its environment) nothing is made at all, for
even a span that goes nowhere costs more than a look-up in the database. Attributes are ids of agencies, formats and
deliveries, codes and counts, never a value of a document; an exception is noted as having happened, never with its
text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache

from opentelemetry import context, trace
from opentelemetry.trace import Span, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_TRACER = trace.get_tracer("raabta")
_W3C = TraceContextTextMapPropagator()


_NOTHING = nullcontext(trace.INVALID_SPAN)
_UNMARKED = nullcontext()
_UNSAID = object()


@cache
def _look_once() -> None:
    """Let the API load the provider that the environment names, if it names one."""
    trace.get_tracer_provider()


def _listened_to() -> bool:
    """Tell whether anybody has set a provider, or asks for one in the environment.

    The API's own question looks into the environment each time, as dear as a look into the database; it is asked where
    its module does not say what was set.
    """
    _look_once()
    if getattr(trace, "_TRACER_PROVIDER", _UNSAID) is None:
        return False
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def span(name: str, **said: str | int) -> AbstractContextManager[Span]:
    """Make the block a span `raabta.<name>`; attributes get the same prefix."""
    return _span(name, said) if _listened_to() else _NOTHING


@contextmanager
def _span(name: str, said: Mapping[str, str | int]) -> Iterator[Span]:
    attributes = {f"raabta.{key}": value for key, value in said.items()}
    with _TRACER.start_as_current_span(
        f"raabta.{name}", attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except Exception:
            current.set_status(StatusCode.ERROR)
            raise


def caused_by(headers: Mapping[str, str]) -> AbstractContextManager[None]:
    """Let the spans of the block belong to the caller's trace, if its request names one (W3C Trace Context).

    Only `traceparent` counts, which holds random numbers. A span that is under way already, such as a server's, goes
    first.
    """
    return _caused_by(headers) if _listened_to() else _UNMARKED


@contextmanager
def _caused_by(headers: Mapping[str, str]) -> Iterator[None]:
    named = "traceparent" in headers and not trace.get_current_span().get_span_context().is_valid
    token = context.attach(_W3C.extract({"traceparent": headers["traceparent"]} if named else {}))
    try:
        yield
    finally:
        context.detach(token)
