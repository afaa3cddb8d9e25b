"""Calls to /fhir/r4 as a hospital's client makes them, and the documents they carry."""

import json
import uuid
from typing import Any

import httpx

from gateway import languages
from mappings.library import library
from tests.gateway.house import House, referral
from tests.gateway.manifests import HEALTH, WELFARE

FHIR = "application/fhir+json"
PATCH = "application/json-patch+json"
CANARY = "Kanarienvogel-4471"


def bundle(*recipients: str, **said: Any) -> bytes:
    """Return a transaction Bundle, written by the mapping itself."""
    needed = {
        "ref": f"RF-{uuid.uuid4()}", "case_ref": f"CS-{uuid.uuid4()}",
        "sender": {"agency": HEALTH, "kind": "HEALTH", "name": "Namuna"},
        "requested": {"service": "CASE_MANAGEMENT", "reply_by": "2099-12-02T12:24:05+05:00"},
    }  # fmt: skip
    document = referral(*recipients, **{**needed, **said})
    document["recipients"] = [{"agency": name, "kind": "SOCIAL_WELFARE", "name": "Namuna"} for name in recipients]
    (reading,) = languages.ours().read(json.dumps(document).encode())
    written: bytes = library()["health_fhir"].write(reading.value).value
    return written


def token(house: House, agency: str, scope: str) -> str:
    return house.token(agency, scope)


def call(house: House, agency: str, method: str, path: str, **options: Any) -> httpx.Response:
    return house.call(agency, method, f"/fhir/r4{path}", **options)


def post(house: House, agency: str, body: bytes, path: str = "", **headers: str) -> httpx.Response:
    named = {"Content-Type": FHIR, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return call(house, agency, "POST", path, content=body, headers=named)


def sent(house: House, **said: Any) -> str:
    """Send a referral from the hospital to the bureau and return the name the hospital knows it by."""
    answer = post(house, HEALTH, bundle(WELFARE, **said))
    assert answer.status_code == 200, answer.text
    return answer.headers["location"].rpartition("/")[2]


def received(house: House, **said: Any) -> str:
    return house.ref_of(WELFARE, HEALTH, sent(house, **said))


def patch(house: House, name: str, match: str | None, *operations: dict[str, Any], agency: str = WELFARE) -> Any:
    headers = {"Content-Type": PATCH, **({"If-Match": match} if match else {})}
    return call(house, agency, "PATCH", f"/Task/{name}", content=json.dumps(operations).encode(), headers=headers)


def etag(house: House, name: str, agency: str = WELFARE) -> str:
    return str(call(house, agency, "GET", f"/Task/{name}").headers["etag"])


def stated(status: str) -> dict[str, Any]:
    return {"op": "replace", "path": "/status", "value": status}
