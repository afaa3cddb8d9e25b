"""Looking leaves nothing of a child behind: every way to look is gone, then every line of the log is searched."""

import json
import logging
from itertools import chain

from typer.testing import CliRunner

from gateway.cli import program
from gateway.operators import CLIENT_ID, SCOPES, SECRET_FILE
from gateway.sessions import Role
from tests.console.stage import CANARY, HEALTH, POLICE, SCHOOL, WELFARE, Stage, staged
from tests.console.test_pages import post
from tests.ledger.bundles import unpacked
from tests.logbook import logbook

TYPED = "Kanariwajah"
"""What people type: a reason, or a child's name where a reference is asked for."""
OF_A_CHILD = (*CANARY.split(), "2016-03-07", "03990000001", TYPED)
CONSOLE = (
    "/console/", f"/console/?ref={TYPED}&agency={TYPED}&from={TYPED}", f"/console/?before={TYPED}",
    f"/console/referrals/{TYPED}", "/console/referrals/{story}", "/console/referrals/{story}/evidence",
    "/console/deliveries", f"/console/deliveries/{TYPED}", "/console/deliveries/{dead}",
    "/console/deliveries/{sent}/lineage", "/console/agencies", "/console/agreements", "/console/ledger",
    "/console/ledger/evidence", f"/console/{TYPED}",
)  # fmt: skip
CALLS = (
    "/v1/referrals/{name}/story", "/v1/referrals/{name}/evidence", "/v1/ledger/key", "/v1/ledger/checkpoint",
    "/v1/ledger/entries", "/v1/ledger/proofs/1", f"/v1/ledger/proofs/{TYPED}", "/v1/ledger/consistency?from=1",
    f"/v1/ledger/consistency?from={TYPED}", "/v1/ledger/evidence", f"/v1/referrals/{TYPED}/story",
    f"/v1/referrals/{TYPED}/evidence",
)  # fmt: skip


def browsed(stage: Stage) -> str:
    """Open every page, look at values and decide, and return what the pages said that may hold nothing of a child."""
    places = {"story": stage.story, "dead": stage.delivery(SCHOOL), "sent": stage.delivery(HEALTH)}
    known = {**stage.signed_in(*Role), "Accept": "text/html"}
    said = [stage.house.http.get(path.format(**places), headers=known) for path in CONSOLE]
    values = post(stage, f"/console/deliveries/{places['sent']}/lineage", Role.AUDITOR, reason=f"Farzi {TYPED}")
    assert CANARY in values.text
    said += [
        post(stage, "/console/ledger", Role.AUDITOR),
        post(stage, f"/console/deliveries/{places['dead']}/skip", Role.OPERATOR, reason=f"Farzi {TYPED}"),
        post(stage, f"/console/deliveries/{places['sent']}/lineage", Role.AUDITOR, reason="x", csrf="farzi"),
    ]
    return " ".join(f"{each.headers}" for each in (*said, values))


def called(stage: Stage) -> str:
    """Call every route of the trace, as agencies and as the operator, and return all answers."""
    house = stage.house
    form = {"grant_type": "client_credentials", "scope": SCOPES}
    secret = (house.folder / "keys" / SECRET_FILE).read_text("utf-8").strip()
    token = house.http.post("/oauth/token", data=form, auth=(CLIENT_ID, secret)).json()["access_token"]
    theirs = {"name": house.ref_of(WELFARE, POLICE, stage.sender_ref)}
    said = [house.http.post("/v1/ledger/looks", json={"what": TYPED}, headers={"Authorization": f"Bearer {token}"})]
    for path in CALLS:
        for accept in ("application/json", "application/fhir+json"):
            said.append(house.call(POLICE, "GET", path.format(name=stage.sender_ref), headers={"Accept": accept}))
            said.append(house.call(WELFARE, "GET", path.format(**theirs), headers={"Accept": accept}))
        asked = path.format(name=stage.story)
        said.append(house.http.get(asked, headers={"Authorization": f"Bearer {token}"}))
    files = [unpacked(each.content).values() for each in said if each.headers["content-type"] == "application/zip"]
    assert len(files) > 3
    return " ".join([*(f"{each.headers} {each.text}" for each in said), *(x.decode() for x in chain(*files))])


def commanded(stage: Stage, folder: str) -> str:
    """Give every command that looks, and return what they said."""
    sent, config = stage.delivery(HEALTH), ["--config", str(stage.house.folder / "raabta.toml")]
    values = CliRunner().invoke(program(), ["explain", sent, "--values", "--json", *config])
    assert CANARY in values.stdout
    said = [values.stderr]
    for words in (
        ["story", stage.story], ["story", stage.story, "--urdu"], ["story", stage.story, "--json"],
        ["story", stage.story, "--fhir"], ["story", TYPED], ["explain", sent], ["explain", TYPED],
        ["evidence", stage.story, "--out", f"{folder}/one.zip"], ["evidence", TYPED, "--out", f"{folder}/none.zip"],
        ["ledger", "export", "--out", f"{folder}/all.zip"], ["ledger", "verify"], ["ledger", "key"],
    ):  # fmt: skip
        ended = CliRunner().invoke(program(), [*words, *config])
        assert ended.exit_code == (1 if TYPED in words else 0), ended.output
        said.append(ended.output)
    return " ".join(said)


def test_no_line_of_any_log_and_no_trace_of_a_look_holds_anything_of_a_child(tmp_path):
    with logbook() as log, staged(tmp_path / "gateway") as stage:
        said = {"console": browsed(stage), "calls": called(stage), "command": commanded(stage, str(tmp_path))}
        said["ledger"] = json.dumps(stage.house.entries())
        said["metrics"] = stage.house.http.get("/metrics").text
        assert "command.values" in said["ledger"]
        logging.getLogger("gateway").warning("An invented line")
        said["log"] = log.getvalue()

    found = {place: [word for word in OF_A_CHILD if word in text] for place, text in said.items()}
    assert {place: words for place, words in found.items() if words} == {}
    assert "An invented line" in said["log"], "nothing would have been heard"
