"""Puts the miniature gateway, its agencies and a target for the checks together, all in this process."""

from __future__ import annotations

import time
from functools import cache

from joserfc.jwk import ECKey, KeySet

from conformance.reference.deliveries import SPOKEN, Deliveries
from conformance.reference.doors import SCOPES, Doors
from conformance.reference.evidence import verified
from conformance.reference.gateway import Gateway
from conformance.reference.peers import InsidePeer
from conformance.reference.routes import OPEN, ROUTES, answer
from conformance.reference.wire import Wire
from conformance.reference.writing import MEDIA
from conformance.sandbox.settings import ASSERTION, BASIC, Login
from conformance.target import Means, Target
from conformance.tokens import Issuer, new_issuer

URL = "http://reference.example"
IDS = {"nadra": "nadra-crms", "police": "police-pb-psrms", "health": "health-lhr-dhq", "school": "school-pb-sis",
       "welfare": "welfare-pb-cpb"}  # fmt: skip


@cache
def _keys() -> tuple[str, str, KeySet]:
    key = ECKey.generate_key("P-256", auto_kid=True)
    return key.as_pem(private=True).decode(), key.thumbprint(), KeySet([key])


@cache
def _issuer() -> tuple[Issuer, str]:
    return new_issuer("https://issuer.example", URL, "conf-welfare")


def logins() -> dict[str, Login]:
    """Make our clients: one logs in with a key, the others with a secret; the operator is among them."""
    pem, kid, _ = _keys()
    found = {name: Login(URL, f"client-{name}", BASIC, secret=f"secret-{name}") for name in (*IDS, "operator")}
    found["police"] = Login(
        URL, "client-police", ASSERTION, key=pem, alg="ES256", kid=kid, audience=f"{URL}/oauth/token"
    )
    return found


def gateway_target(flaws: frozenset[str]) -> Target:
    """Make a target that is the miniature gateway, broken in some ways."""
    issuer, public = _issuer()
    fetched: list[str] = []
    peers = {name: _peer(name) for name in IDS}

    def fetch_keys() -> str:
        fetched.append("keys")
        return public

    def fetch(_url: str) -> None:
        peers["nadra"].calls_at_trap += 1

    clients = {login.client_id: (name, login) for name, login in logins().items()}
    trusted = {"conf-welfare": "welfare"}
    doors = Doors(URL, clients, {"client-police": _keys()[2]}, issuer.url, trusted, fetch_keys, flaws)
    inside = Gateway(URL, doors, Deliveries(peers, flaws, time.time()), flaws, fetch, ROUTES, OPEN)
    for peer in peers.values():
        peer.answers = lambda who, message, decision, reply: answer(inside, who, message, decision, reply)
    known = logins()
    means = Means(
        operator=known.pop("operator"), issuer=issuer, key_requests=lambda: len(fetched), kill=inside.kill,
        logs=lambda: "\n".join(inside.log), lapsed=inside.lapsed,
        verify=lambda evidence, key: verified(evidence, key, flaws),
    )  # fmt: skip
    http = Wire(inside.handle)
    target = Target(
        url=URL, profile="gateway", http=http, logins=known, peers=dict(peers), means=means, hostile=True,
        wait=inside.wait, patience=12.0,
    )  # fmt: skip
    for name in (*known, "operator"):
        for scope in SCOPES:
            doors.tokens[f"{name}:{scope}"] = (name, frozenset({scope}))
            target.keep(name, scope, f"{name}:{scope}", 3_600)
    return target


def _peer(name: str) -> InsidePeer:
    return InsidePeer(name, IDS[name], MEDIA[SPOKEN[name]], lambda *_: 404)
