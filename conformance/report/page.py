"""report.html: one file, readable on a phone, that says what is wrong and how to mend it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jinja2

from conformance.report.results import as_json
from conformance.running import Run
from conformance.verdicts import CONFORMANT, INCOMPLETE, NOT_CONFORMANT

SAID_UR = {CONFORMANT: "معیار کے مطابق", INCOMPLETE: "نامکمل", NOT_CONFORMANT: "معیار کے مطابق نہیں"}
VERDICT_UR = {
    "pass": "درست", "warn": "تنبیہ", "skip": "جانچا نہیں گیا", "fail": "ناکام", "error": "جانچ میں خرابی",
    "omit": "لاگو نہیں",
}  # fmt: skip
AREAS = {
    "AUTH": "Who may come in", "REF": "Referrals", "W": "Documents written", "R": "Documents read",
    "NADRA": "Civil registry's language", "FIR": "Police's language", "FHIR": "Hospitals' language",
    "DCI": "Civil registry's second language",
    "EMIS": "Schools' language", "DEL": "Delivery", "AUD": "Record", "ERR": "Errors", "PRIV": "Need to know",
    "RCV": "Receiving", "SND": "Sending",
}  # fmt: skip
"""What the letters before the number of a requirement mean."""
_HERE = Path(__file__).parent


def page(run: Run) -> str:
    """Write the report of a run as HTML."""
    loader = jinja2.FileSystemLoader(_HERE)
    world = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    told = as_json(run)
    return world.get_template("page.html").render(
        told=told,
        title_en=run.profile.title,
        title_ur=run.profile.title_ur,
        said_ur=SAID_UR[run.conclusion],
        verdict_ur=VERDICT_UR,
        open_=[one for one in told["results"] if one["verdict"] not in {"pass", "omit"}],
        good=[one for one in told["results"] if one["verdict"] == "pass"],
        areas=_areas(told["results"]),
        area_said=AREAS,
    )


def _areas(results: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """Count by area: checks that passed, and all."""
    found: dict[str, tuple[int, int]] = {}
    for one in results:
        area = str(one["requirement"]).rpartition("-")[0]
        good, all_ = found.get(area, (0, 0))
        found[area] = (good + (one["verdict"] == "pass"), all_ + 1)
    return found
