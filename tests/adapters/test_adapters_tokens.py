import asyncio
import base64
import logging

import pytest
from adapter_peer import DROP, HANG, HTML, Peer, Step, answer
from adapter_samples import MESSAGE_ID, SECRET
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from adapters.base import Delivered, Unavailable, Unknown
from adapters.registry import adapter_for, load_manifests

pytestmark = pytest.mark.anyio
RECEIPT = answer(202, {"receipt_id": "CP-000001", "message_id": MESSAGE_ID, "state": "RECEIVED"})
DELIVERED = "CP-000001"
NO_GRANT = Unavailable(200, "TOKEN_PROTOCOL", transport_fault=True)
REFUSED = answer(401, {}, WWW_Authenticate='Bearer error="invalid_token"')


def bearer(peer: Peer) -> list[str]:
    return [request.headers["authorization"] for request in peer.requests]


async def test_one_token_serves_many_messages(make, envelope):
    async with Peer(rest=RECEIPT) as peer:
        door = make("welfare", peer)
        for _ in range(3):
            assert (await door.send(envelope())).receipt_ref == DELIVERED
    assert bearer(peer) == ["Bearer token-1"] * 3
    assert len(peer.token_requests) == 1


async def test_one_fetch_serves_all_who_ask_at_once(make, envelope):
    async def slow_grant(request) -> Step:
        await asyncio.sleep(0.05)
        return peer.grant(request)

    async with Peer(rest=RECEIPT, token=slow_grant) as peer:
        door = make("welfare", peer)
        outcomes = await asyncio.gather(*(door.send(envelope()) for _ in range(12)))
    assert all(isinstance(one, Delivered) for one in outcomes)
    assert len(peer.token_requests) == 1


async def test_one_caller_that_gives_up_does_not_take_the_token_from_the_others(make, envelope):
    asked, go = asyncio.Event(), asyncio.Event()

    async def slow_grant(request) -> Step:
        asked.set()
        await go.wait()
        return peer.grant(request)

    async with Peer(rest=RECEIPT, token=slow_grant) as peer:
        door = make("welfare", peer)
        first, second = (asyncio.create_task(door.send(envelope())) for _ in range(2))
        await asked.wait()
        first.cancel()
        go.set()
        assert isinstance(await second, Delivered)
    assert len(peer.token_requests) == 1


async def test_a_refused_token_is_replaced_exactly_once_and_the_message_goes_through(make, envelope):
    async with Peer(REFUSED, rest=RECEIPT) as peer:
        assert isinstance(await make("welfare", peer).send(envelope()), Delivered)
    assert bearer(peer) == ["Bearer token-1", "Bearer token-2"]
    assert {request.headers["idempotency-key"] for request in peer.requests} == {MESSAGE_ID}
    assert len({request.headers["x-request-id"] for request in peer.requests}) == 2


async def test_a_token_refused_twice_pauses_the_endpoint(make, envelope):
    async with Peer(rest=REFUSED) as peer:
        outcome = await make("welfare", peer).send(envelope())
    assert outcome == Unavailable(401, "CREDENTIALS", pause=True)
    assert len(peer.requests) == len(peer.token_requests) == 2


async def test_a_plain_403_is_not_cured_by_a_new_token(make, envelope):
    async with Peer(rest=answer(403, {})) as peer:
        outcome = await make("welfare", peer).send(envelope())
    assert outcome == Unavailable(403, "CREDENTIALS", pause=True)
    assert len(peer.requests) == len(peer.token_requests) == 1


async def test_a_403_about_the_token_is_tried_with_a_new_one(make, envelope):
    scope = answer(403, {}, WWW_Authenticate='Bearer error="insufficient_scope"')
    async with Peer(scope, rest=RECEIPT) as peer:
        assert isinstance(await make("welfare", peer).send(envelope()), Delivered)


async def test_many_refusals_of_one_token_cause_one_fetch(make, envelope):
    def old_token_is_dead(request) -> Step:
        return REFUSED if request.headers["authorization"] == "Bearer token-1" else RECEIPT

    async with Peer(rest=old_token_is_dead) as peer:
        door = make("welfare", peer)
        outcomes = await asyncio.gather(*(door.send(envelope()) for _ in range(8)))
    assert all(isinstance(one, Delivered) for one in outcomes)
    assert len(peer.token_requests) == 2


async def test_a_late_refusal_of_an_old_token_does_not_throw_away_the_new_one(make, envelope):
    replaced = asyncio.Event()
    old = 0

    async def judge(request) -> Step:
        nonlocal old
        if request.headers["authorization"] != "Bearer token-1":
            replaced.set()
            return RECEIPT
        old += 1
        if old == 2:
            await replaced.wait()
        return REFUSED

    async with Peer(rest=judge) as peer:
        door = make("welfare", peer)
        outcomes = await asyncio.gather(*(door.send(envelope()) for _ in range(2)))
    assert all(isinstance(one, Delivered) for one in outcomes)
    assert old == 2
    assert len(peer.token_requests) == 2


async def test_an_attempt_gets_one_fresh_token_for_all_its_calls(make, envelope):
    async with Peer(REFUSED, DROP, REFUSED) as peer:
        outcome = await make("welfare", peer).send(envelope())
    assert outcome == Unknown("DISCONNECTED", transport_fault=True)
    assert [request.method for request in peer.requests] == ["POST", "POST", "GET"]
    assert len(peer.token_requests) == 2


@pytest.mark.parametrize("life", [0, 29, 30, None, -5, "300", True, 1e400])
async def test_a_token_is_not_kept_for_longer_than_the_agency_says(make, envelope, life):
    async with Peer(rest=RECEIPT) as peer:
        peer.expires_in = life
        door = make("welfare", peer)
        for _ in range(2):
            await door.send(envelope())
    assert len(peer.token_requests) == 2


@pytest.mark.parametrize(
    ("grant", "outcome"),
    [
        (answer(401, {"error": "invalid_client"}), Unavailable(401, "CREDENTIALS", pause=True)),
        (answer(400, {"error": "invalid_scope"}), Unavailable(400, "CREDENTIALS", pause=True)),
        (answer(403, {}), Unavailable(403, "CREDENTIALS", pause=True)),
        (answer(503, {}, Retry_After="9"), Unavailable(503, "UPSTREAM_DOWN", 9.0, transport_fault=True)),
        (answer(429, {}, Retry_After="9"), Unavailable(429, "BUSY", 9.0)),
        (answer(302, {}, Location="/x"), Unavailable(302, "REDIRECTED", transport_fault=True)),
        (answer(404, {}), Unavailable(404, "TOKEN_PROTOCOL", transport_fault=True)),
        (HTML, NO_GRANT),
        (answer(200, []), NO_GRANT),
        (answer(200, {"access_token": "x"}), NO_GRANT),
        (answer(200, {"access_token": "x", "token_type": "mac"}), NO_GRANT),
        (answer(200, {"access_token": "x\r\nX-Evil: 1", "token_type": "Bearer"}), NO_GRANT),
        (answer(200, {"access_token": 5, "token_type": "Bearer"}), NO_GRANT),
        (DROP, Unavailable(None, "TOKEN_DISCONNECTED", transport_fault=True)),
        (HANG, Unavailable(None, "TOKEN_TIMEOUT", transport_fault=True)),
    ],
)  # fmt: skip
async def test_without_a_token_nothing_is_sent(make, envelope, grant, outcome):
    async with Peer(token=lambda _request: grant) as peer:
        door = make("welfare", peer, top="[limits]\ntotal_seconds = 0.3\n")
        assert await door.send(envelope()) == outcome
    assert peer.requests == []


async def test_a_secret_goes_into_the_basic_header_form_encoded(make, envelope, monkeypatch):
    async with Peer(rest=answer(500)) as peer:
        door = make("school", peer)
        monkeypatch.setenv("RAABTA_TEST_SECRET", "a:b c+ü")
        await door.send(envelope())
    request = peer.token_requests[0]
    scheme, _, encoded = request.headers["authorization"].partition(" ")
    assert (scheme, base64.b64decode(encoded)) == ("Basic", b"raabta:a%3Ab+c%2B%C3%BC")
    assert request.body == b"grant_type=client_credentials"


async def test_a_secret_that_went_missing_pauses_the_endpoint(make, envelope, monkeypatch):
    async with Peer() as peer:
        door = make("school", peer)
        monkeypatch.delenv("RAABTA_TEST_SECRET")
        assert await door.send(envelope()) == Unavailable(None, "CREDENTIALS", pause=True)
    assert peer.token_requests == []


@pytest.mark.parametrize(
    ("alg", "key"),
    [
        ("ES256", ECKey.generate_key("P-256")), ("ES384", ECKey.generate_key("P-384")),
        ("RS384", RSAKey.generate_key(2048)), ("EdDSA", OKPKey.generate_key("Ed25519")),
    ],
)  # fmt: skip
async def test_an_assertion_proves_who_we_are(manifest_text, tmp_path, envelope, alg, key):
    async with Peer(rest=RECEIPT) as peer:
        auth = f'method = "private_key_jwt"\nkey_file = "k.pem"\nkid = "k9"\nalg = "{alg}"\nscope = "a.b c.d"\n'
        (tmp_path / "one.toml").write_text(manifest_text("welfare", peer.url, auth=auth))
        (tmp_path / "k.pem").write_bytes(key.as_pem(private=True))
        peer.expires_in = 0
        door = adapter_for(load_manifests(tmp_path)["welfare-pb-namuna"])
        outcomes = [await door.send(envelope()) for _ in range(2)]
        await door.close()
    assert all(isinstance(one, Delivered) for one in outcomes)
    forms = [dict(part.split("=", 1) for part in one.body.decode().split("&")) for one in peer.token_requests]
    tokens = [jwt.decode(form["client_assertion"], key, algorithms=[alg]) for form in forms]
    claims = tokens[0].claims
    assert tokens[0].header["kid"] == "k9"
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("raabta", "raabta", f"{peer.url}/oauth/token")
    assert claims["exp"] - claims["iat"] == 60
    assert len({token.claims["jti"] for token in tokens}) == 2
    assert forms[0]["scope"] == "a.b+c.d"
    assert forms[0]["client_assertion_type"].endswith("client-assertion-type%3Ajwt-bearer")


async def test_neither_token_nor_secret_is_ever_shown(make, envelope, caplog):
    caplog.set_level(logging.DEBUG)
    async with Peer(answer(401, {}), DROP, rest=HTML) as peer:
        door = make("school", peer)
        shown = [repr(await door.send(envelope()))]
        tokens = door._channel.tokens
        shown += [repr(tokens), repr(await tokens.token()), repr(door._options), repr(vars(tokens)["_auth"])]
    everything = "\n".join([*shown, caplog.text])
    assert SECRET not in everything
    assert "token-" not in everything
