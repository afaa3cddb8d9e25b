"""Spans and counts of a referral's way: every station is told, and nothing about anybody."""

from collections.abc import Iterator

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan

from adapters.base import Envelope, Outcome, Unavailable
from gateway.delivery.measures import REGISTRY
from tests.gateway.house import House, child, referral
from tests.gateway.indoors import indoors
from tests.gateway.manifests import HEALTH, SCHOOL, STRANGER, WELFARE
from tests.recall.post import Door, Post
from tests.spans import collected

Exported = tuple[House, tuple[ReadableSpan, ...]]
CANARY = "Kanarienvogel"
PLACE = {"school_scheme": "pk-punjab-emis", "school_code": "39999002"}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def stumble(_: Envelope) -> Outcome:
    raise ValueError(f"{CANARY} stands in a message nobody foresaw")


def busy(_: Envelope) -> Outcome:
    return Unavailable(503, "HTTP_503", transport_fault=True)


def deliveries(recipient: str) -> float:
    """Return how many deliveries to an agency this process has timed so far, for whichever test."""
    return REGISTRY.get_sample_value("raabta_time_to_delivery_seconds_count", {"recipient": recipient}) or 0.0


@pytest.fixture(scope="module")
def arrived() -> float:
    """Count what other tests have delivered to the school that is busy here."""
    return deliveries(SCHOOL)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory, arrived: float) -> Iterator[Exported]:
    """Lend a house in which one referral has been delivered, one agency was busy, and one door fell apart."""
    with collected() as exporter, indoors(tmp_path_factory.mktemp("spans") / "gateway") as house:
        post = Post.of(house)
        post.doors[STRANGER] = Door(judge=stumble)
        post.doors[SCHOOL] = Door(judge=busy)
        document = referral(
            HEALTH, STRANGER, SCHOOL, case_ref=f"CASE-{CANARY}", child=child(name=CANARY),
            requested={"enrolment": "KEEP_PLACE", "target": PLACE},
        )  # fmt: skip
        headers = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
        assert house.call(WELFARE, "POST", "/v1/referrals", json=document, headers=headers).status_code == 202
        assert house.call(WELFARE, "GET", f"/v1/referrals?state={CANARY}").status_code == 422
        post.deliver()
        yield house, exporter.get_finished_spans()


def named(spans: tuple[ReadableSpan, ...], name: str) -> list[ReadableSpan]:
    return [each for each in spans if each.name == f"raabta.{name}"]


def test_every_station_of_a_referral_has_its_span(exported: Exported) -> None:
    _, spans = exported

    assert {each.name.removeprefix("raabta.") for each in spans} >= {
        "accept", "project", "translate", "deliver", "answer",
    }  # fmt: skip
    outcomes = {(each.attributes or {})["raabta.recipient"]: each for each in named(spans, "deliver")}
    assert (outcomes[HEALTH].attributes or {})["raabta.outcome"] == "DELIVERED"
    assert (outcomes[SCHOOL].attributes or {})["raabta.outcome"] == "UNAVAILABLE"
    assert outcomes[STRANGER].status.status_code is trace.StatusCode.ERROR


def test_acceptance_belongs_to_the_callers_trace(exported: Exported) -> None:
    (accepted,) = named(exported[1], "accept")

    assert accepted.context is not None
    assert trace.format_trace_id(accepted.context.trace_id) == TRACE


def test_no_span_holds_anything_of_a_person(exported: Exported) -> None:
    text = "".join(each.to_json() for each in exported[1]).lower()

    assert len(exported[1]) >= 8
    assert CANARY.lower() not in text
    assert "2016-03-07" not in text


def test_attempts_and_the_time_until_delivery_are_counted(exported: Exported, arrived: float) -> None:
    text = exported[0].http.get("/metrics").text

    assert f'raabta_attempts_total{{outcome="DELIVERED",recipient="{HEALTH}"}}' in text
    assert f'raabta_attempts_total{{outcome="UNAVAILABLE",recipient="{SCHOOL}"}}' in text
    assert f'raabta_time_to_delivery_seconds_count{{recipient="{HEALTH}"}}' in text
    assert deliveries(SCHOOL) == arrived, "it has only been tried"
