"""How each route is asked something it would do: the thing it is about, and a body it takes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
from sqlalchemy import Connection, select

from gateway import languages, registry
from gateway.clock import instant
from gateway.delivery.lanes import claim
from gateway.delivery.settlement import bury
from gateway.errors import IllegalMove
from gateway.store.tables import delivery
from gateway.store.tables import referral as sent
from mappings.health_fhir import systems
from mappings.library import library
from tests.access.permissions import Row
from tests.api.fhir_calls import bundle
from tests.api.forgery import key, public
from tests.api.test_fhir_manners import abort
from tests.api.test_soap import TYPES, document, wrapped
from tests.gateway.house import House, child, referral
from tests.gateway.manifests import HEALTH, NADRA, SCHOOL, WELFARE

FHIR = {"Content-Type": "application/fhir+json"}
JSON = {"Content-Type": "application/json"}
WHY = {"note": "Farzi wajah"}
Options = dict[str, Any]
WHOLE: Options = {
    "ref": "R-1",
    "child": child(identifiers=[{"scheme": "pk-crms", "value": "B999901-16-00017"}]),
    "concern": {"types": ["NEGLECT"], "primary": "NEGLECT", "verification": "SUSPECTED", "caregiver_is_accused": False},
    "consent": {"basis": "CONSENT", "giver": "CHILD", "expires_on": "2099-12-31"},
}  # fmt: skip
"""What a referral says that every language can hold."""
CARE = {"service": "CASE_MANAGEMENT", "reply_by": "2099-12-02T12:24:05+05:00"}
REGISTER = {**CARE, "service": "CIVIL_REGISTRATION", "action": "LOOK_UP"}
"""A register is asked about an entry; it does nothing else with a referral."""
QUIET, KEYED = "welfare-ak-cpu", "welfare-gb-cpu"
"""Two agencies that call nobody, so that no test of an operator disturbs another: by secret and by key."""


@dataclass(frozen=True)
class Thing:
    """A referral between two agencies, as one who asks would know it."""

    house: House
    real: str
    sender: str
    receiver: str
    ref: str
    """What the asking agency calls it; who is no party uses the sender's name, which it could only have stolen."""
    theirs: str
    """What the receiver calls it."""

    def delivery(self) -> str:
        """Return the delivery's id, dead, so that every verb for it is possible."""
        with self.house.reading() as connection:
            found = select(delivery.c.id).where(delivery.c.referral == self.real, delivery.c.recipient == self.receiver)
            identity = str(connection.execute(found).scalar_one())

        def kill(connection: Connection) -> None:
            for head in claim(connection, "a-test", self.house.gateway.room.clock.now(), limit=1_000):
                if head.referral == self.real and head.recipient == self.receiver:
                    assert bury(connection, head, "HTTP_422", 0.0)

        self.house.write(kill)
        return identity

    def glass(self) -> str:
        """Return the id of an override of the receiver's officer."""
        body = {"officer": "duty-17", "reason": "DANGER_TO_LIFE", "note": "Farzi hangami wajah"}
        answer = self.house.call(self.receiver, "POST", f"/v1/referrals/{self.theirs}/break-glass", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


def between(house: House, sender: str, receiver: str, asking: str) -> Thing:
    """Send a referral, and return it as the one who asks knows it."""
    wanted = REGISTER if receiver == NADRA else CARE
    said = {**WHOLE, "case_ref": f"C-{uuid.uuid4()}", "requested": wanted}
    name = house.submit(sender, referral(receiver, **said))["id"]
    theirs = house.ref_of(receiver, sender, name)
    return Thing(house, house.id_of(sender, name), sender, receiver, theirs if asking == receiver else name, theirs)


def identity(row: Row, thing: Thing) -> str:
    """Return the ``{id}`` of a route for a thing."""
    if "/deliveries" in row.path:
        return thing.delivery()
    if "/break-glass" in row.path and "/referrals" not in row.path:
        return thing.glass()
    if "/agencies" in row.path:
        return KEYED if row.path.endswith("/keys") else QUIET
    return thing.ref


def _reply(_: Thing) -> Options:
    said = {"type": "reply", "message_id": str(uuid.uuid4()), "kind": "ACCEPT", "state": "ACCEPTED"}
    return {"content": json.dumps(said).encode(), "headers": JSON}


def _message(thing: Thing) -> Options:
    said = {"type": "reply", "message_id": str(uuid.uuid4()), "ref": thing.ref, "kind": "ACCEPT", "state": "ACCEPTED",
            "at": "2026-03-15T22:05:00+05:00", "sender": {"agency": WELFARE}}  # fmt: skip
    (reading,) = languages.ours().read(json.dumps(said).encode())
    return {"content": library()["health_fhir"].write(reading.value).value, "headers": FHIR}


def _version(thing: Thing) -> str:
    with thing.house.reading() as connection:
        found = connection.exec_driver_sql("SELECT version FROM referral WHERE id = ?", (thing.real,))
        return f'W/"{found.scalar_one()}"'


def _patch(thing: Thing) -> Options:
    operation = [{"op": "replace", "path": "/status", "value": "accepted"}]
    headers = {"Content-Type": "application/json-patch+json", "If-Match": _version(thing)}
    return {"content": json.dumps(operation).encode(), "headers": headers}


def _put(thing: Thing) -> Options:
    state = {"coding": [{"system": systems.STATE, "code": "accepted"}]}
    task = {"resourceType": "Task", "id": thing.ref, "status": "accepted", "businessStatus": state}
    return {"content": json.dumps(task).encode(), "headers": {**FHIR, "If-Match": _version(thing)}}


def _soap(_: Thing) -> Options:
    return {"content": wrapped("plain", document(f"99010039{uuid.uuid4().int % 10**11:011}")),
            "headers": {"Content-Type": TYPES["plain"]}}  # fmt: skip


def _standing(*, barred: bool) -> Callable[[Thing], Options]:
    """Make sure that there is somebody to suspend, or to resume."""

    def ready(thing: Thing) -> Options:
        room = thing.house.gateway.room
        turn = (
            partial(registry.suspend, reason="OPERATOR", actor="operator-local")
            if barred
            else partial(registry.resume, actor="operator-local")
        )
        with suppress(IllegalMove):
            thing.house.write(lambda connection: turn(room, connection, QUIET))
        return {"json": {}}

    return ready


def _lately(thing: Thing) -> str:
    """Return the moment the thing was sent, so that a list is short."""
    with thing.house.reading() as connection:
        return instant(connection.execute(select(sent.c.created).where(sent.c.id == thing.real)).scalar_one() - 0.001)


def _signed(thing: Thing) -> Options:
    """Sign the ledger as it stands, so that there is something to prove against."""
    thing.house.gateway.sign(None)
    return {"params": {"from": 0}}


OPTIONS: dict[str, Callable[[Thing], Options]] = {
    "POST /v1/referrals": lambda _: {"content": json.dumps(referral(SCHOOL)).encode(), "headers": JSON},
    "POST /v1/referrals/{id}/replies": _reply,
    "POST /v1/referrals/{id}/withdrawal": lambda _: {"json": {}},
    "POST /v1/referrals/{id}/consent/revocation": lambda _: {"json": {}},
    "POST /v1/referrals/{id}/break-glass": lambda _: {
        "json": {"officer": "duty-17", "reason": "DANGER_TO_LIFE", "note": "Farzi hangami wajah"}
    },
    "POST /v1/break-glass/{id}/review": lambda _: {"json": {"verdict": "JUSTIFIED"}},
    "POST /v1/referrals/{id}/erasure": lambda _: {"json": {}},
    "POST /v1/deliveries/{id}/redelivery": lambda _: {"json": WHY},
    "POST /v1/deliveries/{id}/discard": lambda _: {"json": WHY},
    "POST /v1/deliveries/{id}/redirection": lambda t: {
        "json": {**WHY, "to": next(name for name in (SCHOOL, HEALTH, NADRA) if name not in (t.sender, t.receiver))}
    },
    "POST /v1/translations": lambda _: {"content": json.dumps(referral(WELFARE)).encode(), "headers": JSON},
    "POST /fhir/r4": lambda _: {"content": bundle(WELFARE), "headers": FHIR},
    "POST /fhir/r4/$process-message": _message,
    "POST /fhir/r4/Task": lambda t: {"content": json.dumps(abort(t.ref)).encode(), "headers": FHIR},
    "PATCH /fhir/r4/Task/{id}": _patch,
    "PUT /fhir/r4/Task/{id}": _put,
    "POST /soap/nadra": _soap,
    "GET /soap/nadra": lambda _: {"params": {"wsdl": ""}},
    "GET /v1/referrals": lambda t: {"params": {"updated_since": _lately(t), "limit": 100}},
    "GET /fhir/r4/Task": lambda t: {"params": {"_lastUpdated": f"gt{_lately(t)}", "_count": 50}},
    "GET /fhir/r4/AuditEvent": lambda t: {"params": {"patient": f"Patient/{t.ref}"}},
    "POST /v1/ledger/looks": lambda _: {"json": {"what": "command.story"}},
    "POST /v1/agencies/{id}/suspension": _standing(barred=False),
    "POST /v1/agencies/{id}/resume": _standing(barred=True),
    "POST /v1/agencies/{id}/keys": lambda _: {"json": {"keys": [public(key("ES256", "another"))]}},
    **{
        f"GET /v1/{path}": _signed
        for path in (
            "referrals/{id}/evidence",
            "ledger/evidence",
            "ledger/checkpoint",
            "ledger/proofs/{seq}",
            "ledger/consistency",
        )
    },
    **{
        f"POST /oauth/{name}": lambda _: {"data": {"grant_type": "farzi"}} for name in ("token", "introspect", "revoke")
    },
}
"""What is sent with a request to a route; a route that is not here is asked bare."""


def ask(row: Row, thing: Thing, token: str | None) -> httpx.Response:
    """Ask a route about a thing, with a token or none."""
    options = OPTIONS.get(row.name, lambda _: {})(thing)
    path = row.path.replace("{id}", identity(row, thing)).replace("{seq}", "0")
    headers = {**options.pop("headers", {}), **({"Authorization": f"Bearer {token}"} if token else {})}
    return thing.house.http.request(row.method, path, headers=headers, **options)


def answered(row: Row, thing: Thing, token: str | None, cell: str) -> str:
    """Return the answer as the table writes it: a status, or whether a list holds the thing."""
    if cell not in ("listed", "absent"):
        return str(ask(row, thing, token).status_code)
    name = {"/v1/deliveries": thing.delivery, "/v1/break-glass": thing.glass}.get(row.path, lambda: thing.ref)()
    answer = ask(row, thing, token)
    seen = name in answer.text
    while answer.status_code == 200 and not seen and (following := answer.json().get("next")):
        headers = {"Authorization": f"Bearer {token}"}
        answer = thing.house.http.get(row.path, params={"cursor": following, "limit": 100}, headers=headers)
        seen = name in answer.text
    return ("listed" if seen else "absent") if answer.status_code == 200 else str(answer.status_code)
