"""How the API behaves whatever it is asked: ids mirrored, nothing cached, nothing echoed, limits kept."""

import gzip
import json
import re
import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.gateway.house import House, child, referral
from tests.gateway.manifests import HEALTH, WELFARE

CANARY = "Kanarienvogel-9137"
SAFE_ID = re.compile(r"^[0-9a-f-]{36}$")


def post(house: House, body: bytes, media_type: str = "application/json", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return house.call(WELFARE, "POST", "/v1/referrals", content=body, headers={"Content-Type": media_type, **named})


def test_the_callers_ids_are_mirrored(house: House) -> None:
    answer = house.http.get("/healthz", headers={"X-Request-Id": "req-1:a.b", "X-Correlation-Id": "case-7"})

    assert answer.headers["x-request-id"] == "req-1:a.b"
    assert answer.headers["x-correlation-id"] == "case-7"


def test_ids_are_made_where_there_are_none(house: House) -> None:
    first, second = house.http.get("/healthz"), house.http.get("/healthz")

    assert SAFE_ID.match(first.headers["x-request-id"])
    assert SAFE_ID.match(first.headers["x-correlation-id"])
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


@pytest.mark.parametrize("bad", ["a b", "x" * 129, "<script>", "a\tb", "ä".encode().decode("latin-1")])
def test_an_unfit_id_is_replaced_not_mirrored(house: House, bad: str) -> None:
    answer = house.http.get("/healthz", headers={"X-Request-Id": bad.encode("latin-1")})

    assert SAFE_ID.match(answer.headers["x-request-id"])


def test_a_problem_names_the_request_it_belongs_to(house: House) -> None:
    answer = post(house, b"{", X_Request_Id="req-77")

    assert answer.json()["request_id"] == "req-77"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/referrals"), ("GET", "/v1/referrals/nobody"), ("GET", "/v1/referrals/nobody/story"),
     ("POST", "/v1/referrals"), ("GET", "/nowhere"), ("DELETE", "/v1/referrals")],
)  # fmt: skip
def test_nothing_with_content_may_be_kept_by_a_cache(house: House, method: str, path: str) -> None:
    answer = house.call(WELFARE, method, path)

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_sandbox_says_in_every_answer_that_it_is_one(house: House) -> None:
    assert house.http.get("/healthz").headers["raabta-environment"] == "sandbox"


def test_a_body_over_the_limit_is_refused_by_what_it_says_of_itself(house: House) -> None:
    answer = post(house, b"x" * 20_001)

    assert answer.status_code == 413
    assert answer.json()["code"] == "TOO_LARGE"


def test_a_body_over_the_limit_is_refused_while_it_arrives(house: House) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 1_000

    headers = {"Content-Type": "application/json"}
    answer = house.call(WELFARE, "POST", "/v1/referrals", content=endless(), headers=headers)

    assert answer.status_code == 413


def test_a_compressed_body_is_not_unpacked(house: House) -> None:
    answer = post(house, gzip.compress(b"{}"), Content_Encoding="gzip")

    assert answer.status_code == 415


def test_identity_is_no_compression(house: House) -> None:
    answer = post(house, json.dumps(referral(HEALTH)).encode(), Content_Encoding="Identity")

    assert answer.status_code == 202


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "", "application/vnd.raabta.report+json"])
def test_a_language_nobody_here_reads_is_refused(house: House, media_type: str) -> None:
    answer = post(house, b"{}", media_type)

    assert answer.status_code == 415
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_media_type_may_have_parameters(house: House) -> None:
    answer = post(house, json.dumps(referral(HEALTH)).encode(), "Application/JSON; charset=utf-8")

    assert answer.status_code == 202


def test_a_fhir_caller_is_answered_with_an_operation_outcome(house: House) -> None:
    answer = post(house, b'{"resourceType": "Patient"}', "application/fhir+json", X_Request_Id="req-5")
    body = answer.json()

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/fhir+json")
    assert body["resourceType"] == "OperationOutcome"
    assert all(issue["severity"] == "error" and issue["diagnostics"] == "req-5" for issue in body["issue"])


def test_a_caller_who_only_accepts_fhir_is_refused_in_fhir(house: House) -> None:
    answer = house.call(WELFARE, "GET", "/v1/referrals/nobody", headers={"Accept": "application/fhir+json"})

    assert answer.status_code == 404
    assert answer.json()["issue"][0]["code"] == "not-found"


@pytest.mark.parametrize(
    "body",
    [
        f'{{"{CANARY}": 1}}',
        f'{{"type": "{CANARY}"}}',
        f'{{"child": {{"sex": "{CANARY}"}}}}',
        f'{{"child": {{"name": "{CANARY}", "birth_date": "{CANARY}"}}}}',
        f'{{"child": {{"name": "{CANARY}"}}, "child": {{}}}}',
        f'{{"message_id": "{CANARY}", "recipients": [{{"agency": "{CANARY}"}}]}}',
        f'{{"consent": {{"basis": ["{CANARY}"]}}}}',
        f'{CANARY}',
        f'{{"a": {CANARY}}}',
    ],
)  # fmt: skip
def test_a_problem_never_repeats_what_was_sent(house: House, body: str) -> None:
    answer = post(house, body.encode())

    assert 400 <= answer.status_code < 500
    assert CANARY not in answer.text
    assert CANARY not in str(answer.headers)


@pytest.mark.parametrize("path", [f"/v1/referrals/{CANARY}", f"/v1/{CANARY}", f"/v1/referrals?cursor={CANARY}",
                                  f"/v1/referrals?state={CANARY}", f"/v1/referrals?updated_since={CANARY}",
                                  f"/v1/referrals?limit={CANARY}"])  # fmt: skip
def test_a_problem_never_repeats_a_path_or_a_query(house: House, path: str) -> None:
    answer = house.call(WELFARE, "GET", path)

    assert 400 <= answer.status_code < 500
    assert CANARY not in answer.text


def test_a_problem_has_the_form_of_rfc_9457(house: House) -> None:
    body = referral(HEALTH, child=child(sex="GIRL"))
    answer = post(house, json.dumps(body).encode())
    problem = answer.json()

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "code", "request_id", "errors"}
    assert problem["status"] == 422
    assert problem["errors"][0]["pointer"] == "/child/sex"
    assert problem["errors"][0]["code"] == "UNKNOWN_CODE"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "MALFORMED"),
        (b'{"a":1,"a":2}', 400, "DUPLICATE_KEY"),
        (b'{"child": NaN}', 400, "BAD_NUMBER"),
        (b"\xff\xfe", 400, "NOT_UTF8"),
        (b"[]", 422, "UNKNOWN_DOCUMENT"),
        (b'{"child": null}', 422, "WRONG_TYPE"),
        (b"[" * 65 + b"]" * 65, 422, "TOO_DEEP"),
    ],
)  # fmt: skip
def test_bad_json_is_refused_with_its_code(house: House, body: bytes, status: int, code: str) -> None:
    answer = post(house, body)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE FIRDocument SYSTEM "http://127.0.0.1:1/x"><FIRDocument xmlns="urn:raabta:police-fir:1"/>',
    ],
)  # fmt: skip
def test_hostile_xml_is_refused(house: House, body: bytes) -> None:
    answer = post(house, body, "application/vnd.raabta.fir+xml")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] in {"DOCTYPE", "POL-E01"}


@pytest.mark.parametrize("key", ["a b", "", "x" * 129, "naïve"])
def test_an_idempotency_key_is_a_printable_token(house: House, key: str) -> None:
    headers = {"Content-Type": "application/json", "Idempotency-Key": key.encode("latin-1")}
    body = json.dumps(referral(HEALTH)).encode()
    answer = house.call(WELFARE, "POST", "/v1/referrals", content=body, headers=headers)

    assert answer.status_code == 422


def test_a_method_that_is_not_offered_says_which_are(house: House) -> None:
    answer = house.call(WELFARE, "DELETE", "/v1/referrals")

    assert answer.status_code == 405
    assert answer.json()["code"] == "METHOD_NOT_ALLOWED"
    assert "allow" in answer.headers


def test_what_was_refused_is_entered_without_its_content(house: House) -> None:
    body = referral(HEALTH, child=child(name=CANARY, sex=CANARY))
    post(house, json.dumps(body).encode())

    assert house.entries()[-1][0] == "referral.refused"
    assert all(CANARY not in fields for _, fields in house.entries())


def test_metrics_hold_counts_and_no_names_of_cases(house: House) -> None:
    name = house.submit(WELFARE, referral(HEALTH, case_ref=CANARY))["id"]
    text = house.http.get("/metrics").text

    assert f'raabta_deliveries{{recipient="{HEALTH}",state="OPEN"}}' in text
    assert name not in text
    assert CANARY not in text


def test_a_ready_gateway_says_so(house: House) -> None:
    assert house.http.get("/readyz").json() == {"status": "ready"}


def test_the_documentation_page_is_served(house: House) -> None:
    assert house.http.get("/docs").status_code == 200
    assert house.http.get("/openapi.json").json()["info"]["title"] == "Raabta"


def test_a_token_is_asked_for_with_a_form(house: House) -> None:
    answer = house.http.post("/oauth/token", json={"grant_type": "client_credentials"})

    assert answer.status_code == 415


def test_a_request_id_of_one_request_is_not_that_of_another(house: House) -> None:
    given = str(uuid.uuid4())
    house.http.get("/healthz", headers={"X-Request-Id": given})

    assert house.http.get("/healthz").headers["x-request-id"] != given
