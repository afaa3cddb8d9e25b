"""A spent assertion stays spent after the gateway has been closed and opened again over the same database."""

from __future__ import annotations

from pathlib import Path

import httpx

from gateway.app import make_app, open_gateway
from gateway.settings import read_settings
from tests.api.forgery import ASSERTION_TYPE, assertion, hang_locks
from tests.gateway.indoors import Indoors, indoors


def shown(http: Indoors | httpx.Client, text: str) -> int:
    form = {
        "grant_type": "client_credentials", "scope": "referral.read", "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": text,
    }  # fmt: skip
    return http.post("/oauth/token", data=form).status_code


def test_a_restart_forgets_no_spent_assertion(tmp_path: Path) -> None:
    with indoors(tmp_path / "gateway", amend=hang_locks) as house:
        spent, kept = assertion(house), assertion(house)
        assert [shown(house.http, spent), shown(house.http, spent)] == [200, 401]

    again = open_gateway(read_settings(tmp_path / "gateway" / "raabta.toml"))
    http = Indoors(make_app(again, deliver=False), again.settings.gateway.base_url)
    try:
        assert [shown(http, spent), shown(http, kept)] == [401, 200]
    finally:
        http.close()
        again.close()
