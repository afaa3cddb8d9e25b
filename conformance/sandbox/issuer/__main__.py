"""`python -m conformance.sandbox.issuer`: run the provider for one client, until it is stopped."""

import argparse

import uvicorn

from conformance.sandbox.issuer.app import Issuer, Registration, build
from conformance.sandbox.serve import HOST

parser = argparse.ArgumentParser(prog="python -m conformance.sandbox.issuer")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--client-id", required=True)
parser.add_argument("--redirect-uri", required=True)
wanted = parser.parse_args()
issuer = Issuer(f"http://{HOST}:{wanted.port}", Registration(wanted.client_id, wanted.redirect_uri))
uvicorn.run(
    build(issuer), host=HOST, port=wanted.port, log_level="warning", access_log=False, proxy_headers=False,
    server_header=False,
)  # fmt: skip
