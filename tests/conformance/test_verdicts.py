"""How results add up, what is allowed to fail, and what a badge proves."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey

from conformance import plugin
from conformance.allowed import Allowance, read, tolerated
from conformance.checking import CHECKS, Result
from conformance.findings import UnusableError
from conformance.profiles.catalogue import profiles
from conformance.reference.stage import gateway_target
from conformance.report import badge, page, results
from conformance.requirements import TableError, table
from conformance.requirements import read as read_table
from conformance.running import Run, refuse_production
from conformance.transcript import HIDDEN
from conformance.verdicts import Verdict, conclusion, worst

CHOSEN = frozenset({"ERR-01", "AUTH-08", "REF-04", "R-01/school_sis"})


def made(tmp_path: Path, *flaws: str, only: frozenset[str] = CHOSEN) -> Run:
    """Run some checks against the miniature gateway, as the command does."""
    run = Run(gateway_target(frozenset(flaws)), profiles()["gateway"], "Namuna", only=only)
    plugin.execute(run, tmp_path / "junit.xml")
    return run


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([("MUST", Verdict.PASS), ("SHOULD", Verdict.WARN)], "conformant"),
        ([("MUST", Verdict.PASS), ("SHOULD", Verdict.SKIP)], "conformant"),
        ([("MUST", Verdict.PASS), ("MUST", Verdict.SKIP)], "incomplete"),
        ([("MUST", Verdict.SKIP), ("MUST", Verdict.FAIL)], "not conformant"),
        ([("SHOULD", Verdict.ERROR)], "not conformant"),
        ([("MUST", Verdict.OMIT)], "incomplete"),
        ([], "incomplete"),
    ],
)
def test_a_skipped_must_is_never_a_pass(found: list[tuple[str, Verdict]], said: str) -> None:
    assert conclusion(found) == said


def test_the_worst_verdict_wins() -> None:
    order = [Verdict.OMIT, Verdict.PASS, Verdict.WARN, Verdict.SKIP, Verdict.FAIL, Verdict.ERROR]
    assert sorted(order) == order
    assert worst(order) is Verdict.ERROR
    assert worst([]) is Verdict.OMIT


def test_an_id_stands_once_and_needs_its_text() -> None:
    row = '[[requirement]]\nid = "X-01"\nlevel = "MUST"\nactor = "gateway"\ntext = "t"\nsource = "s"\nmend = "m"\n'
    assert list(read_table(row)) == ["X-01"]
    for broken in (row + row, row.replace("MUST", "MAY"), row.replace('"t"', '""'), row.replace("gateway", "nobody")):
        with pytest.raises(TableError):
            read_table(broken)


def result(verdict: Verdict) -> Result:
    return Result("REF-04", table()["REF-04"], verdict, "seen")


def test_an_allowed_failure_warns_until_its_day_and_must_really_fail() -> None:
    listed = {"REF-04": Allowance("REF-04", "next release", date(2026, 12, 31))}
    before, after = date(2026, 12, 31), date(2027, 1, 1)
    assert tolerated(result(Verdict.FAIL), listed, before).verdict is Verdict.WARN
    assert tolerated(result(Verdict.FAIL), listed, after).verdict is Verdict.FAIL
    assert tolerated(result(Verdict.PASS), listed, before).verdict is Verdict.FAIL
    assert tolerated(result(Verdict.SKIP), listed, before).verdict is Verdict.SKIP
    assert tolerated(replace(result(Verdict.FAIL), key="REF-05"), listed, before).verdict is Verdict.FAIL


def test_a_list_of_allowed_failures_names_checks_reasons_and_days(tmp_path: Path) -> None:
    file = tmp_path / "allow.toml"
    file.write_text('[[allow]]\ncheck = "REF-04"\nreason = "r"\nuntil = 2026-12-31\n', "utf-8")
    assert read(file)["REF-04"].until == date(2026, 12, 31)
    for broken in ('check = "NO-01"', 'check = "REF-04"\nuntil = "soon"', ""):
        file.write_text(f'[[allow]]\n{broken}\nreason = "r"\n', "utf-8")
        with pytest.raises(UnusableError):
            read(file)


def test_a_run_writes_reports_that_say_what_is_wrong_and_tell_no_secret(tmp_path: Path) -> None:
    run = made(tmp_path, "takes-other-bodies")
    assert {one.key: one.verdict for one in run.results}["REF-04"] is Verdict.FAIL
    assert run.conclusion == "not conformant"
    told = json.loads(results.write(run))
    failed = next(one for one in told["results"] if one["check"] == "REF-04")
    assert failed["mend"]
    assert failed["exchanges"]
    html, junit = page.page(run), (tmp_path / "junit.xml").read_text("utf-8")
    assert table()["REF-04"].mend in html
    assert 'lang="ur" dir="rtl"' in html
    assert "معیار کے مطابق نہیں" in html
    assert 'name="verdict" value="fail"' in junit
    assert 'value="REF-04"' in junit
    for text in (html, junit, results.write(run)):
        assert "welfare:referral" not in text
        assert "secret-" not in text
    assert HIDDEN in results.write(run)


def test_a_run_of_chosen_checks_is_at_best_incomplete(tmp_path: Path) -> None:
    run = made(tmp_path)
    assert {one.verdict for one in run.results} == {Verdict.PASS}
    assert len(run.results) == len(CHOSEN)
    assert run.counts[Verdict.OMIT] == len(CHECKS) - len(CHOSEN)
    assert run.conclusion == "incomplete"


def test_a_capability_that_is_missing_skips_and_leaves_the_run_incomplete(tmp_path: Path) -> None:
    run = Run(
        gateway_target(frozenset()), profiles()["gateway"], "Namuna", only=frozenset({"AUTH-02", "R-05/school_sis"})
    )
    run.target.means = replace(run.target.means, issuer=None)
    run.target.hostile = False
    plugin.execute(run, tmp_path / "junit.xml")
    assert [(one.key, one.verdict) for one in run.results] == [
        ("AUTH-02", Verdict.SKIP),
        ("R-05/school_sis", Verdict.SKIP),
    ]
    assert run.conclusion == "incomplete"


def test_a_badge_can_be_checked_offline_and_not_be_changed(tmp_path: Path) -> None:
    run, key = made(tmp_path), badge.signing_key(tmp_path / "key.pem")
    written = results.write(run)
    text = badge.signed(run, written, key)
    said = badge.verified(text, written, key)
    assert (said["profile"], said["conclusion"]) == ("gateway", "incomplete")
    assert badge.signing_key(tmp_path / "key.pem").thumbprint() == key.thumbprint()
    assert "incomplete" in badge.picture(run)
    changed = text.replace("incomplete", "conformant")
    for broken, results_, public in (
        (changed, None, None), (text, written + " ", None), ("{}", None, None),
        (text, None, OKPKey.generate_key("Ed25519")),
    ):  # fmt: skip
        with pytest.raises(UnusableError):
            badge.verified(broken, results_, public)


def test_a_target_in_production_is_refused() -> None:
    target = gateway_target(frozenset())
    refuse_production(target)
    served = target.http.send

    def in_production(request: object, **options: object) -> object:
        answer = served(request, **options)  # type: ignore[arg-type]
        answer.headers["Raabta-Environment"] = "production"
        return answer

    target.http.send = in_production  # type: ignore[method-assign,assignment]
    with pytest.raises(UnusableError, match="production"):
        refuse_production(target)


def test_every_area_of_the_table_has_a_name_in_the_report() -> None:
    assert {one.area for one in table().values()} == set(page.AREAS)


def test_a_report_begins_with_what_is_wrong_and_does_not_say_so_where_nothing_is(tmp_path: Path) -> None:
    wrong, right = page.page(made(tmp_path, "takes-other-bodies")), page.page(made(tmp_path))
    assert wrong.index("What is not as it must be") < wrong.index("By area")
    assert "نیچے درج ہے" in wrong
    assert "نیچے درج ہے" not in right
    assert "وہ سب درست ہے" in right
