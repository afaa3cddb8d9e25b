"""Generated calls over the whole gateway, inside this process: no undocumented answer, and no 5xx."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance
from starlette.testclient import TestClient

from gateway.api.scopes import SCOPES
from gateway.app import make_app, open_gateway
from gateway.settings import read_settings
from tests.gateway.house import furnish
from tests.gateway.manifests import SECRET, WELFARE

EXAMPLES = 6
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
FAULTS = {"/soap/nadra"}
"""SOAP 1.1 answers 500 where an envelope cannot be read (section 6.2)."""
QUICK = settings(
    max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    """Lend the gateway's application and an agency's token."""
    config = furnish(Path(tmp_path_factory.mktemp("generated")) / "gateway", 8400)
    gateway = open_gateway(read_settings(config))
    app = make_app(gateway, deliver=False)
    with TestClient(app, base_url="http://127.0.0.1:8400") as client:
        form = {"grant_type": "client_credentials", "scope": " ".join(SCOPES)}
        token = client.post("/oauth/token", data=form, auth=(WELFARE, SECRET)).json()["access_token"]
        yield _begun(app), token


def _begun(app: Any) -> Any:
    """Return an application whose lifespan is held elsewhere: each generated call would end it otherwise."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for word in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{word}.complete"})

    return serve


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_generated_call_gets_an_undocumented_answer(served: tuple[Any, str]) -> None:
    app, token = served
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    wrong: dict[str, str] = {}
    seen: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        if operation.path not in FAULTS:
            wrong |= judged(operation, token, seen)

    assert wrong == {}
    assert seen[200] > 20
    assert (seen[500], seen[503]) == (0, 0)


def judged(operation: Any, token: str, seen: Counter[int]) -> dict[str, str]:
    """Call one operation a few times with generated values; gives what was wrong with the answers."""
    wrong: dict[str, str] = {}

    @QUICK
    @given(case=operation.as_strategy())
    def call(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        seen[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failure:
            wrong[f"{operation.method.upper()} {operation.path} {answer.status_code}"] = str(failure)[:200]

    call()
    return wrong
