"""A child protection bureau in fifty lines: it takes canonical referrals as openapi/agency.yaml says."""

import base64
import hashlib
import json
import secrets
import sys
import uuid

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

app, tokens, received = FastAPI(), set(), {}
CLIENT, SECRET = sys.argv[2:4] if len(sys.argv) > 3 else ("raabta", "an-invented-secret")


def no(status, code, **headers):
    """Refuse, without repeating a value."""
    problem = {"type": "about:blank", "title": "Refused", "status": status, "code": code}
    return JSONResponse(problem, status, headers, media_type="application/problem+json")


@app.post("/oauth/token")
async def token(request: Request):
    """Give the gateway a token."""
    wanted = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
    if not secrets.compare_digest(request.headers.get("authorization", ""), wanted):
        return JSONResponse({"error": "invalid_client"}, 401, {"WWW-Authenticate": "Basic"})
    tokens.add(fresh := secrets.token_urlsafe())
    return {"access_token": fresh, "token_type": "Bearer", "expires_in": 300}


@app.post("/cpcmrs/v1/referrals")
async def referral(request: Request):
    """Take a referral once; answer a repeated one as before."""
    if request.headers.get("authorization", "").removeprefix("Bearer ") not in tokens:
        return no(401, "SCOPE", **{"WWW-Authenticate": "Bearer"})
    if request.headers.get("content-type") != "application/json":
        return no(415, "MEDIA_TYPE")
    body = await request.body()
    if len(body) > 1_000_000 or body.count(b"[") > 500 or b"[" * 64 in body:
        return no(413, "TOO_LARGE")
    try:
        document = json.loads(body)
        key = str(uuid.UUID(document["message_id"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return no(422, "VALIDATION")
    digest = hashlib.sha256(body).hexdigest()
    first, receipt = received.setdefault(key, (digest, f"CP-{len(received):06}"))
    if first != digest:
        return no(409, "CONFLICT")
    print("received", key, document.get("child", {}).get("name", "a child without a name"), flush=True)
    return JSONResponse({"receipt_id": receipt, "message_id": key, "state": "RECEIVED"}, 202)


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
