"""Reads what an operator says of the target, and connects to it.

For a gateway, `--credentials` names a file like this one (`raabta demo --folder DIR` writes it as `conformance.toml`):

    sandbox = "sandbox/sandbox.toml"       # the simulated agencies it is connected to, and their clients there
    lapsed = "school-lapsed"               # optional: id of an agency whose agreement has ended
    logs = ["gateway.log"]                 # optional: everything the gateway logs
    kill = ["./kill-the-gateway"]          # optional: a command that ends it; something else starts it again
    verify = ["./verify", "{evidence}", "{key}"]   # optional: a command that verifies evidence of the ledger, files put
                                           # in for the words: 0 it holds; 1 it does not, and the output names entries
    [operator]                             # optional
    client_id = "operator-local"
    secret_file = "gateway/keys/operator.secret"
    [issuer]                               # optional: an issuer the gateway trusts, whose keys `agency` publishes
    url = "https://issuer.conformance.example"
    key_file = "sandbox/keys/issuer.pem"
    kid = "..."
    client_id = "conformance-welfare"
    agency = "welfare"

For an agency it names the gateway's side of the pair: the `gateway.toml` that `raabta-conformance agencies --init`
writes, or one like it, with a table for the agency:

    [police.outbound]                      # our login at the agency, where documents are sent to it
    client_id = "raabta"
    method = "private_key_jwt"             # with key_file, alg, kid; or client_secret_basic with secret_file
    [police.client]                        # with --listen: its login at its gateway, which is us
    client_id = "fir-pb-01"
    method = "private_key_jwt"             # with jwks_file; or client_secret_basic with secret_file
    [police.sends]                         # with --listen: what makes it send a new referral; without it, a person does
    url = "http://127.0.0.1:9102/_sandbox/send"   # an address that is posted to; or
    command = ["./send-a-referral"]               # a command
"""

import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from pydantic import ValidationError

from conformance.evidence import Opinion, Verifier
from conformance.findings import UnusableError
from conformance.listening import Heard, Listener, Said, listening
from conformance.peers import Peer, SandboxPeer
from conformance.profiles.catalogue import profiles
from conformance.sandbox.settings import (
    AGENCIES,
    ASSERTION,
    BASIC,
    Caller,
    InboundTable,
    Login,
    SettingsError,
    caller,
    load,
)
from conformance.target import Means, Target
from conformance.tokens import Issuer

TIMEOUT = 30.0
PERSON = 600.0
"""Seconds a person may take to let a system send something."""


def client() -> httpx.Client:
    """Make a client for one run: no proxies, no redirections, patience for a loaded machine."""
    return httpx.Client(timeout=TIMEOUT, trust_env=False, follow_redirects=False)


def gateway(url: str, credentials: Path) -> Target:
    """Connect to a gateway; raises `UnusableError` for a file that cannot be used."""
    told, home = _told(credentials), credentials.resolve().parent
    if "sandbox" not in told:
        raise UnusableError(f"{credentials.name} names no sandbox")
    http, control = client(), client()
    logins, peers = {}, dict[str, Peer]()
    for name in AGENCIES:
        try:
            settings = load(home / told["sandbox"], name)
        except SettingsError as error:
            raise UnusableError(str(error)) from None
        table = tomllib.loads((home / told["sandbox"]).read_text("utf-8"))[name]
        logins[name] = _at(settings.login, url)
        peers[name] = SandboxPeer(settings.url, table["outbound"]["agency_id"], control)
    means = Means(
        operator=_operator(told.get("operator"), home, url),
        issuer=_issuer(told.get("issuer"), home, url),
        key_requests=_counter(told.get("issuer"), peers),
        kill=_killer(told.get("kill"), home),
        logs=_reader(told.get("logs"), home),
        lapsed=str(told.get("lapsed", "")),
        verify=_verifier(told.get("verify"), home),
    )
    return Target(url=url, profile="gateway", http=http, logins=logins, peers=peers, means=means)


def agency(url: str, profile: str, credentials: Path, http: httpx.Client | None = None) -> Target:
    """Connect to an agency as its gateway would, by a client of its own or a given one; raises `UnusableError`."""
    told, home = _told(credentials), credentials.resolve().parent
    if profile not in told:
        raise UnusableError(f"{credentials.name} has no table {profile}")
    login = _login(told[profile]["outbound"], home, url, told[profile].get("token_url"))
    user = told.get("nadra", {}).get("user", {})
    pair = (user.get("username", ""), _secret(home, user["password_file"]) if user else "")
    return Target(url=url, profile=profile, http=http or client(), logins={"gateway": login}, user=pair)


def sender(profile: str, credentials: Path) -> Caller:
    """Read who the agency is at its gateway; raises `UnusableError`."""
    told, home = _told(credentials), credentials.resolve().parent
    if "client" not in told.get(profile, {}):
        raise UnusableError(f"--listen needs the login of the agency at its gateway, [{profile}.client]")
    try:
        return caller(InboundTable.model_validate(told[profile]["client"]), home, f"{profile}.client")
    except (SettingsError, ValidationError):
        raise UnusableError(f"[{profile}.client] is wrong or names a file that cannot be read") from None


def _trigger(row: dict[str, Any], home: Path) -> Callable[[], None]:
    """Tell how the agency is made to send a new referral; without a way, a person is asked."""

    def post() -> None:
        try:
            client().post(row["url"]).raise_for_status()
        except httpx.HTTPError as error:
            raise UnusableError(f"the address that makes the agency send failed ({type(error).__name__})") from None

    if "url" in row:
        return post
    if "command" in row:
        return lambda: _run(row["command"], home, "the command that makes the agency send failed")
    return lambda: print("Now let the system send a NEW referral to its gateway.", file=sys.stderr)  # noqa: T201 - it is for a person


def _run(command: list[str], home: Path, failure: str) -> None:
    done = subprocess.run(command, cwd=home, check=False, capture_output=True)  # noqa: S603 - the operator's own command
    if done.returncode:
        raise UnusableError(failure)


def _at(login: Login, url: str) -> Login:
    """Let a login ask the token endpoint of the target, whatever address the simulator itself uses."""
    return Login(url, login.client_id, login.method, login.secret, login.key, login.alg, login.kid, login.audience)


def _told(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise UnusableError(f"{file.name} is not a readable TOML file") from None


def _login(row: dict[str, Any], home: Path, url: str, token_url: str | None = None) -> Login:
    base = token_url.removesuffix("/oauth/token") if token_url and token_url.startswith(url) else url
    if "secret_file" in row:
        return Login(base, row["client_id"], BASIC, secret=_secret(home, row["secret_file"]))
    if "key_file" not in row:
        raise UnusableError("a login needs a secret_file or a key_file")
    key = _secret(home, row["key_file"])
    audience = row.get("audience", f"{base}/oauth/token")
    return Login(base, row["client_id"], ASSERTION, key=key, alg=row["alg"], kid=row["kid"], audience=audience)


def _secret(home: Path, name: str) -> str:
    try:
        return (home / name).read_text(encoding="utf-8").strip()
    except OSError:
        raise UnusableError("a file that the credentials name cannot be read") from None


def _operator(row: dict[str, Any] | None, home: Path, url: str) -> Login | None:
    return None if row is None else _login(row, home, url)


def _issuer(row: dict[str, Any] | None, home: Path, url: str) -> Issuer | None:
    if row is None:
        return None
    key = _secret(home, row["key_file"])
    return Issuer(row["url"], key, row["kid"], row.get("audience", url), row["client_id"])


def _counter(row: dict[str, Any] | None, peers: dict[str, Peer]) -> Callable[[], int] | None:
    publisher = peers.get(str((row or {}).get("agency")))
    return publisher.key_requests if isinstance(publisher, SandboxPeer) else None


def _killer(command: list[str] | None, home: Path) -> Callable[[], None] | None:
    if not command:
        return None

    return lambda: _run(command, home, "the command that ends the target failed")


def _verifier(command: list[str] | None, home: Path) -> Verifier | None:
    if not command:
        return None

    def verify(evidence: bytes, key: str) -> Opinion:
        with TemporaryDirectory() as folder:
            files = {"{evidence}": Path(folder) / "evidence.zip", "{key}": Path(folder) / "ledger.key"}
            files["{evidence}"].write_bytes(evidence)
            files["{key}"].write_text(key, encoding="utf-8")
            words = [str(files.get(word, word)) for word in command]
            done = subprocess.run(words, cwd=home, check=False, capture_output=True)  # noqa: S603 - the operator's own command
        if done.returncode not in {0, 1}:
            raise UnusableError("the command that verifies evidence failed")
        return Opinion(holds=not done.returncode, words=(done.stdout + done.stderr).decode("utf-8", "replace"))

    return verify


def _reader(files: list[str] | None, home: Path) -> Callable[[], str] | None:
    if not files:
        return None
    return lambda: "\n".join((home / name).read_text("utf-8", "replace") for name in files)


def connect(url: str, profile: str, credentials: Path | None) -> Target:
    """Connect to a gateway or an agency; raises `UnusableError`."""
    if profile not in profiles():
        raise UnusableError(f"there is no profile {profile}: {', '.join(profiles())}")
    if credentials is None:
        raise UnusableError("a run needs --credentials")
    base = url.rstrip("/")
    return gateway(base, credentials) if profile == "gateway" else agency(base, profile, credentials)


@contextmanager
def connected(url: str, profile: str, credentials: Path, listen: str) -> Iterator[Target]:
    """Connect for one run, and listen as a gateway at `[HOST:]PORT` where that is wanted; closes all afterwards."""
    target = connect(url, profile, credentials)
    if listen and profile == "gateway":
        raise UnusableError("--listen inspects an agency that sends; a gateway is inspected without it")
    with target.http, ExitStack() as open_:
        if listen:
            _listen(target, credentials, listen, open_)
        yield target


def _listen(target: Target, credentials: Path, place: str, open_: ExitStack) -> None:
    """Begin to be the gateway that an agency sends to."""
    host, _, port = place.rpartition(":")
    if not port.isdigit():
        raise UnusableError("--listen needs a port, or a host and a port")
    told, home = _told(credentials), credentials.resolve().parent
    row = told[target.profile].get("sends", {})
    ear = Listener(str(told.get("gateway", f"http://127.0.0.1:{port}")), sender(target.profile, credentials))
    target.ear, target.trigger = ear, _trigger(row, home)
    ear.note = partial(_noted, target)
    if not row:
        target.patience = PERSON
    try:
        open_.enter_context(listening(ear, host or "127.0.0.1", int(port)))
    except OSError:
        raise UnusableError(f"nobody can listen at {place}") from None


def _noted(target: Target, heard: Heard, said: Said) -> None:
    """Keep what an agency sent to us in the transcript."""
    url = f"{target.ear.url if target.ear else ''}{heard.address}"
    request = httpx.Request(heard.method, url, headers=dict(heard.headers), content=heard.body)
    answer = httpx.Response(said.status, headers=dict(said.headers), content=said.body) if said.status else None
    target.transcript.add(request, answer)
