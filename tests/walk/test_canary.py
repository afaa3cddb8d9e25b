"""Every value is recognisable: each agency saw exactly what it may know, and nothing stands where it must not."""

import base64
import json
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Template
from typing import Any

import pytest

from gateway.demo.callers import Agency
from gateway.demo.configure import PROFILES
from gateway.demo.processes import Stage
from mappings.engine.lineage import How
from mappings.engine.mapping import canonical
from mappings.library import library
from mappings.referral import Referral
from tests.walk import letters
from tests.walk.canaries import Canary, Mint, canaries, holds, planted, readable
from tests.walk.looking import AGENCY_IDS, database, rows, seen_by, until
from tests.walk.need_to_know import GRANTED, may_know
from tests.walk.scenes import CALM, DANGER, FIR
from tests.walk.searching import betrayed
from tests.walk.staging import gateway, own_stage, simulators

pytestmark = [pytest.mark.walk, pytest.mark.slow, pytest.mark.timeout(400)]

FOCAL = '{ role = "OFFICER", phone = "1121" }'
PLACE = (
    '{ requested = { enrolment = "KEEP_PLACE", target = { school_scheme = "pk-punjab-emis", '
    'school_code = "39999002" } }, '
    f'focal_point = {FOCAL}, consent = {{ basis = "BEST_INTEREST", expires_on = "2071-12-31" }} }}'
)
"""What a school is given where a referral is silent."""
ROUTES = Template("""
[[route]]
id = "to-the-register"
when = { sender_kind = ["SOCIAL_WELFARE", "HEALTH"] }
to = [
  { agency = "nadra-crms", purpose = "REGISTER_BIRTH", service = "CIVIL_REGISTRATION", action = "REGISTER" },
]

[[route]]
id = "to-everybody-else"
when = { sender_kind = ["SOCIAL_WELFARE", "HEALTH", "POLICE"] }
to = [
  { agency = "police-pb-psrms", purpose = "INVESTIGATE", service = "POLICE" },
  { agency = "health-lhr-dhq", purpose = "TREAT", service = "HEALTH_CARE", give = { focal_point = $focal } },
  { agency = "school-pb-sis", purpose = "ENROL", service = "EDUCATION", give = $place },
  { agency = "welfare-pb-cpb", purpose = "CASE_MANAGE", service = "CASE_MANAGEMENT" },
]
""")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Lend a stage whose agreements and routes are this test's own."""
    prepared = own_stage(tmp_path_factory.mktemp("canary"))
    for name in PROFILES:
        file = prepared.config.parent / "agencies" / f"{AGENCY_IDS[name]}.toml"
        granted = f"labels = {json.dumps(GRANTED[name].split())}"
        file.write_text(re.sub(r"(?m)^labels = .*$", granted, file.read_text("utf-8")), "utf-8")
    settings = prepared.config.read_text("utf-8").partition("# A first information report")[0]
    prepared.config.write_text(settings + ROUTES.substitute(focal=FOCAL, place=PLACE), "utf-8")
    with simulators(prepared), gateway(prepared):
        yield prepared


def sent_by_welfare(scene: dict[str, Any], mint: Mint) -> tuple[dict[str, Any], bytes, str]:
    """Return a referral with every leaf planted, as canonical JSON."""
    tree = planted(scene, mint)
    return tree, json.dumps(tree, ensure_ascii=False).encode(), letters.JSON


def sent_by_health(scene: dict[str, Any], mint: Mint) -> tuple[dict[str, Any], bytes, str]:
    """Return as much of a planted referral as FHIR holds, as FHIR says it."""
    tree = planted(scene, mint)
    tree.update(message_id=str(uuid.uuid4()), recipients=[{"agency": "welfare-pb-cpb", "kind": "SOCIAL_WELFARE"}])
    tree["requested"].update(service="CASE_MANAGEMENT", action="ASSESS")
    return written(tree, "health_fhir", letters.FHIR)


def sent_by_police(scene: dict[str, Any], mint: Mint) -> tuple[dict[str, Any], bytes, str]:
    """Return as much of a planted referral as a first information report holds, as one."""
    tree = planted({**scene, "incident": FIR, "authored_at": "2025-03-19T07:01:02Z"}, mint)
    tree.update(message_id=str(uuid.uuid4()))
    return written(tree, "police_fir", letters.FIR_XML)


def written(tree: dict[str, Any], format_id: str, media_type: str) -> tuple[dict[str, Any], bytes, str]:
    """Return what a language says of a referral, and the referral that is left."""
    mapping = library()[format_id]
    document = mapping.write(Referral.model_validate(tree)).value
    (reading,) = mapping.read(document)
    return canonical(reading.value), document, media_type


SENDERS = {
    "welfare in canonical JSON": ("welfare", sent_by_welfare, CALM),
    "welfare in canonical JSON, with people to fear": ("welfare", sent_by_welfare, DANGER),
    "health in FHIR": ("health", sent_by_health, CALM),
    "health in FHIR, with people to fear": ("health", sent_by_health, DANGER),
    "police as a FIR, with people to fear": ("police", sent_by_police, DANGER),
}
ASKED = {
    "nadra": ("CIVIL_REGISTRATION", "REGISTER"),
    "police": ("POLICE", "INVESTIGATE"),
    "health": ("HEALTH_CARE", "TREAT"),
    "school": ("EDUCATION", "ENROL"),
    "welfare": ("CASE_MANAGEMENT", "ASSESS"),
}  # fmt: skip
EVERY: list[Canary] = []
"""Every canary any test has sent, for the tests about what must hold none."""


@pytest.fixture(scope="module")
def mint() -> Mint:
    """Make values for all tests, so that no two referrals share one."""
    return Mint()


@pytest.mark.parametrize("which", SENDERS)
def test_each_agency_saw_exactly_what_it_may_know(stage: Stage, mint: Mint, which: str) -> None:
    sender, make, scene = SENDERS[which]
    tree, body, media_type = make(scene, mint)
    sown = [each for each in canaries(tree) if holds(readable(body.decode()), each)]
    EVERY.extend(sown)
    answer = letters.post(Agency(stage, sender), body, media_type, key := str(uuid.uuid4()))
    assert answer.status_code == 202, answer.text
    receivers = set(AGENCY_IDS) - {sender} - ({"nadra"} if sender == "police" else set())
    until(lambda: states(stage, key) and "OPEN" not in states(stage, key).values())
    assert states(stage, key) == {AGENCY_IDS[name]: "DONE" for name in receivers}, faults(stage, key)
    for name in sorted(receivers):
        text = readable(arrived(stage, key, name))
        must, may = expected(tree, sown, name)
        seen = {each.path for each in sown if holds(text, each)}
        assert (name, sorted(seen - may)) == (name, []), "it learned what it must not"
        assert (name, sorted(must - seen)) == (name, []), "it was not told what it should know"
        assert must, "a test of nothing"


def states(stage: Stage, key: str) -> dict[str, str]:
    """Return how each delivery of a referral stands."""
    found = "SELECT d.recipient, d.state FROM delivery d JOIN referral r ON r.id = d.referral WHERE r.idem = ?"
    return dict(rows(stage, f"{found} AND d.kind = 'REFERRAL'", key))


def faults(stage: Stage, key: str) -> list[Any]:
    """Return why deliveries of a referral did not end well."""
    found = (
        "SELECT d.recipient, d.state, d.last_error, d.last_status FROM delivery d JOIN referral r ON r.id = d.referral"
    )
    return rows(stage, f"{found} WHERE r.idem = ? AND d.state != 'DONE'", key)


def arrived(stage: Stage, key: str, name: str) -> str:
    """Return the document an agency received of a referral."""
    found = "SELECT d.message_id, d.peer_ref FROM delivery d JOIN referral r ON r.id = d.referral"
    ((message, _),) = rows(
        stage, f"{found} WHERE r.idem = ? AND d.recipient = ? AND d.kind = 'REFERRAL'", key, AGENCY_IDS[name]
    )
    effects = [each for each in Agency(stage, name).effects() if each["operation"] != "reply"]
    if name == "nadra":  # the register counts its own nineteen digits; nothing else was sent to it since
        return str(effects[-1]["body"])
    return next(str(each["body"]) for each in effects if each["message_id"] == message)


def expected(tree: dict[str, Any], sown: list[Canary], name: str) -> tuple[set[str], set[str]]:
    """Return the paths an agency must see, and those it may: the table, less what its language drops or coarsens."""
    ordered = tree.get("consent", {}).get("basis") == "COURT_ORDER"
    may = {each.path for each in sown if name in may_know(tree, each.path, ordered=ordered)}
    known = {each.path for each in canaries(tree)}
    left = pruned(tree, "", lambda path: path not in known or path in may)
    service, action = ASKED[name]
    left["requested"] = {**left.get("requested", {}), "service": service, "action": action}
    left["message_id"] = "9901000000000000018" if name == "nadra" else str(uuid.uuid4())
    left["ref"] = "rb-expected"
    for each in ("received_at", "supersedes", "recipients", "case_ref"):
        left.pop(each, None)
    translation = library()[PROFILES[name].format].write(Referral.model_validate(left), allow_partial=True)
    untold = {drop.path for drop in translation.dropped}
    untold |= {line.ours for line in translation.lines if line.how in {How.COARSENED, How.DERIVED}}
    values = {each.path: each.value for each in canaries(left)}
    gone = {value for path, value in values.items() if path in untold}
    must = {each.path for each in sown if each.path in may and each.value in set(values.values()) - gone}
    return must, may


WHOLE = ("value", "ref")
"""Leaves without which a number or a link is none."""


def pruned(node: Any, path: str, kept: Callable[[str], bool]) -> Any:
    """Return a copy of a tree without the leaves that are not kept, and without what is then empty."""
    if isinstance(node, dict):
        parts = {name: pruned(value, f"{path}.{name}" if path else name, kept) for name, value in node.items()}
        left = {name: value for name, value in parts.items() if value not in (None, {}, [])}
        return {} if path and any(name in node and name not in left for name in WHOLE) else left
    if isinstance(node, list):
        return [
            item for n, value in enumerate(node) if (item := pruned(value, f"{path}[{n}]", kept)) not in (None, {}, [])
        ]
    return node if kept(path) else None


def test_nothing_of_any_document_stands_in_the_database_as_anything_but_ciphertext(stage: Stage) -> None:
    assert len(EVERY) > 300, "the tests before this one sow the canaries"
    assert_ciphertext_only(stage)
    files = sorted(Path(database(stage)).parent.glob("raabta.sqlite*"))
    assert {"raabta.sqlite", "raabta.sqlite-shm", "raabta.sqlite-wal"} <= {file.name for file in files}
    for file in files:
        assert betrayed(file.read_bytes(), EVERY) == [], file.name


def assert_ciphertext_only(stage: Stage) -> None:
    """Make sure that there is something to look at: sealed documents, and columns that do hold text."""
    ((count, size),) = rows(stage, "SELECT count(*), sum(length(sealed)) FROM document")
    assert count > 2 * len(SENDERS)
    assert size > 20_000
    assert AGENCY_IDS["police"].encode() in b"".join(
        f.read_bytes() for f in Path(database(stage)).parent.glob("*.sqlite*")
    )


def test_nothing_of_any_document_stands_in_logs_ledger_stories_metrics_or_addresses(stage: Stage) -> None:
    agencies = [Agency(stage, name) for name in stage.agencies]
    until(lambda: {state for (state,) in rows(stage, "SELECT state FROM delivery WHERE kind = 'REPLY'")} == {"DONE"})
    told = {
        "gateway.log": (stage.folder / "gateway.log").read_bytes(),
        "sandbox.log": (stage.folder / "sandbox.log").read_bytes(),
        "ledger": json.dumps(rows(stage, "SELECT type, actor, referral, delivery, fields FROM entry")).encode(),
        "metrics": agencies[0].call("GET", "/metrics").content,
        "addresses": json.dumps([seen_by(agency) for agency in agencies]).encode(),
        "stories": b"".join(stories(stage)),
        "answers passed on": json.dumps(
            [each["body"] for agency in agencies for each in agency.effects() if each["operation"] == "reply"]
        ).encode(),
    }
    # An answer names the referral as its own sender did; nobody else hears that name.
    told["answers passed on"] = re.sub(rb"|".join(own_names()), b"", told["answers passed on"])
    assert [name for name, text in told.items() if len(text) <= 200 and name != "sandbox.log"] == []
    assert {name: found for name, text in told.items() if (found := betrayed(text, EVERY))} == {}


def own_names() -> list[bytes]:
    """Return how senders called their own referrals."""
    return [str(each.value).encode() for each in EVERY if each.path == "ref"]


def stories(stage: Stage) -> Iterator[bytes]:
    """Yield the story of every referral, as its sender and its receivers hear it."""
    names = {AGENCY_IDS[name]: name for name in AGENCY_IDS}
    for agency, ref in rows(stage, "SELECT agency, ref FROM party"):
        answer = Agency(stage, names[agency]).call("GET", f"/v1/referrals/{ref}/story")
        assert answer.status_code == 200
        yield answer.content


@pytest.mark.parametrize("which", SENDERS)
def test_no_refusal_repeats_anything_of_the_document(stage: Stage, which: str) -> None:
    sender, make, scene = SENDERS[which]
    tree, body, media_type = make(scene, Mint(count=20_000, year=1960))
    sown = [each for each in canaries(tree) if len(str(each.value)) >= 7]
    agency = Agency(stage, sender)
    broken = {
        "cut short": body[: len(body) // 2],
        "words for codes": spoil_codes(body),
        "texts for dates": re.sub(rb"19(\d\d)-(\d\d)-(\d\d)", rb"19\1-\2-\3-Zqbbbbxw", body),
        "something after the end": body + b" Zqbbbbxw",
    }
    for name, spoiled in broken.items():
        answer = letters.post(agency, spoiled, media_type, str(uuid.uuid4()))
        assert (name, answer.status_code in {400, 422}) == (name, True), answer.text
        assert (name, betrayed(answer.content + str(answer.headers).encode(), sown)) == (name, [])
        assert b"Zqbbbbxw" not in answer.content


def spoil_codes(body: bytes) -> bytes:
    """Return a document whose codes for the child's sex are words of their own."""
    return re.sub(rb"(?<=[\">])(FEMALE|female|F)(?=[\"<])", b"Zqbbbbxw", body)


def test_the_search_among_bytes_finds_a_canary_however_it_is_written() -> None:
    word = Canary("child.name", "Zqbbcdxw", ("Zqbbcdxw",))
    urdu = Canary("child.name_ur", "ژذببپزضظ", ("ژذببپزضظ",))
    for each in (word, urdu):
        text = str(each.value)
        for data in (
            text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), text.encode().hex().encode(),
            json.dumps(text).encode(), base64.b64encode(f"x {text} y".encode()), base64.b64encode(f"xy{text}".encode()),
            base64.urlsafe_b64encode(f"xyz {text}".encode()),
        ):  # fmt: skip
            assert betrayed(b"before " + data + b" after", [each]) == [each.path]
    assert betrayed(b"Zqbbcexw and nothing else", [word, urdu]) == []
