"""Every route names its scope, and admits nobody without it."""

import importlib
import pkgutil

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

import gateway.api
from auth.scopes import covers, parse_scope
from gateway.api.caller import OPEN
from gateway.api.scopes import OPERATORS_OWN, SCOPES
from gateway.api.sessions import ANYBODY
from gateway.sessions import Role
from tests.gateway.house import House
from tests.gateway.manifests import WELFARE

OPEN_PATHS = {
    "/oauth/token", "/oauth/introspect", "/oauth/revoke", "/oauth/jwks", "/.well-known/oauth-authorization-server",
    "/healthz", "/readyz", "/metrics", "/fhir/r4/metadata", "/fhir/r4/.well-known/smart-configuration",
    "/soap/nadra",
}  # fmt: skip
POSTED = {"/oauth/token", "/oauth/introspect", "/oauth/revoke"}
KNOWN = tuple(parse_scope(scope) for scope in SCOPES)
NOTHING = APIRouter()
ROUTES = [
    route
    for found in pkgutil.iter_modules(gateway.api.__path__)
    for route in getattr(importlib.import_module(f"gateway.api.{found.name}"), "router", NOTHING).routes
    if isinstance(route, APIRoute)
]
PAGES = [route for route in ROUTES if not route.include_in_schema]
ROUTES = [route for route in ROUTES if route not in PAGES]


def scope_of(route: APIRoute) -> str:
    return str((route.openapi_extra or {})["x-scope"])


SCOPED = [pytest.param(r, id=f"{min(r.methods)} {r.path}") for r in ROUTES if scope_of(r) != OPEN]


def ask(house: House, route: APIRoute, token: str | None) -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return house.http.request(min(route.methods), route.path.replace("{id}", "nobody"), headers=headers).status_code


def test_every_route_of_the_application_is_one_of_these(house: House) -> None:
    served = {(path, method.upper()) for path, item in house.app.openapi()["paths"].items() for method in item}

    assert served == {(route.path, method) for route in ROUTES for method in route.methods}


@pytest.mark.parametrize("route", [pytest.param(r, id=f"{min(r.methods)} {r.path}") for r in ROUTES])
def test_every_route_names_a_known_scope_or_says_that_it_is_open(route: APIRoute) -> None:
    needed = scope_of(route).split()

    assert (needed == [OPEN] and route.path in OPEN_PATHS) or all(covers(KNOWN, parse_scope(each)) for each in needed)


@pytest.mark.parametrize("route", SCOPED)
def test_a_scoped_route_refuses_a_caller_without_a_token(house: House, route: APIRoute) -> None:
    assert ask(house, route, None) == 401


@pytest.mark.parametrize("route", SCOPED)
def test_a_scoped_route_refuses_a_token_that_does_not_hold(house: House, route: APIRoute) -> None:
    good = house.token(WELFARE)

    assert ask(house, route, good[:-4] + "AAAA") == 401


@pytest.mark.parametrize("route", SCOPED)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_scoped_route_admits_its_own_scope_and_no_other(house: House, route: APIRoute, scope: str) -> None:
    """A caller who is admitted is refused later, for what it asks; 403 is only ever about the scope."""
    answered = ask(house, route, house.token(WELFARE, scope))

    enough = all(covers([parse_scope(scope)], parse_scope(each)) for each in scope_of(route).split())
    assert (answered != 403) == (enough and scope not in OPERATORS_OWN)
    assert answered != 401


def test_every_page_names_its_roles_or_says_that_it_is_for_anybody() -> None:
    said = {route.path: (route.openapi_extra or {})["x-role"].split() for route in PAGES}

    assert {path for path, roles in said.items() if roles == [ANYBODY]} == {"/console/login", "/console/callback"}
    assert all(set(roles) <= set(Role) for roles in said.values() if roles != [ANYBODY])


@pytest.mark.parametrize("path", sorted((OPEN_PATHS - POSTED - {"/soap/nadra"}) | {"/soap/nadra?wsdl"}))
def test_an_open_route_answers_anybody(house: House, path: str) -> None:
    assert house.http.get(path).status_code == 200


def test_a_refusal_for_want_of_scope_says_which_one_is_needed(house: House) -> None:
    answer = house.http.get("/v1/referrals", headers={"Authorization": f"Bearer {house.token(WELFARE, 'trace.read')}"})

    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert 'scope="referral.read"' in answer.headers["www-authenticate"]


def test_a_caller_who_sent_no_token_is_told_no_error(house: House) -> None:
    answer = house.http.get("/v1/referrals")

    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "error" not in answer.headers["www-authenticate"]


def test_a_scope_the_client_was_not_given_is_not_granted(house: House) -> None:
    answer = house.http.post(
        "/oauth/token", data={"grant_type": "client_credentials", "scope": "ledger.read"}, auth=(WELFARE, "x")
    )

    assert answer.status_code in {400, 401}
    assert "access_token" not in answer.text
