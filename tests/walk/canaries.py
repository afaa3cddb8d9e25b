"""A referral in which every leaf that can hold a value of its own holds a recognisable one, found nowhere else.

Words are invented letters, Urdu words invented letters too; every date has a year of its own, so that a date is
recognised even when only its year is left; numbers are numbers nobody else uses. Codes and yes-or-no leaves cannot be
unique and are left at what the scene needs.
"""

import html
import json
import re
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mappings import dates
from mappings.labels import Node, _bare, _item
from mappings.referral import Referral

LATIN = "bcdfghjklmnpqrstvwxz"
ARABIC = "بپتجچدرزسشفکگلمن"
FIRST_YEAR = 1905
"""Years from here on each mark one date; those around today mark none, because every document holds them."""
AROUND_TODAY = range(2020, 2035)


@dataclass
class Mint:
    """Makes values that stand nowhere else."""

    count: int = 0
    year: int = FIRST_YEAR - 1

    def next(self) -> int:
        """Count on."""
        self.count += 1
        return self.count

    def word(self) -> str:
        """Return an invented word of letters."""
        return f"Zq{_letters(self.next(), LATIN)}xw"

    def urdu(self) -> str:
        """Return an invented word in Urdu letters."""
        return f"ژذ{_letters(self.next(), ARABIC)}ضظ"

    def day(self) -> str:
        """Return a day in a year of its own."""
        self.year += 1
        if self.year in AROUND_TODAY:
            self.year = AROUND_TODAY.stop
        return f"{self.year}-{4 + self.year % 5:02d}-{11 + self.year % 7:02d}"

    def phone(self) -> str:
        """Return an invented telephone number."""
        return f"0399{7_300_000 + self.next() * 7}"

    def card(self) -> str:
        """Return an invented 13-digit number in the unassigned locality."""
        return f"39999{73_000 + self.next():07d}3"


def _letters(number: int, alphabet: str) -> str:
    digits = ""
    for _ in range(4):
        number, rest = divmod(number, len(alphabet))
        digits = alphabet[rest] + digits
    return digits


def planted(scene: dict[str, Any], mint: Mint) -> dict[str, Any]:
    """Return a referral whose free leaves are canaries; `scene` says the codes, and how many of what there are."""
    return _node(Referral, scene, "", mint)


def _node(model: type[Node], scene: dict[str, Any], prefix: str, mint: Mint) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        kind, repeated = _item(info.annotation)
        path = f"{prefix}{name}"
        if path in UNPLANTED or (name in scene and scene[name] is None):
            continue
        bare = _bare(kind)
        if isinstance(bare, type) and issubclass(bare, Node):
            given = scene.get(name, [{}] if repeated else {})
            tree[name] = (
                [_node(bare, each, f"{path}.", mint) for each in given]
                if repeated
                else _node(bare, given, f"{path}.", mint)
            )
        elif name in scene:
            tree[name] = scene[name]
        elif (value := _leaf(path, kind, mint)) is not None:
            tree[name] = [value] if repeated else value
    return {name: value for name, value in tree.items() if value not in ({}, [])}


UNPLANTED = frozenset({"type", "persons.count", "message_id", "received_at", "recipients"})
"""Leaves without room for a value of their own; those of the envelope are set by whoever sends."""
SHAPED = {
    "child.location.edition": lambda m: "cod-ab-2022-09-09",
    "incident.number": lambda m: f"{7_400 + m.next()}/26",
    "incident.serial": lambda m: 74_000 + m.next(),
    "incident.year": lambda m: int(m.day()[:4]),
    "incident.e_tag": lambda m: f"FT-15/03/2026-{7_400 + m.next()}",
    "incident.attachments.sha256": lambda m: f"{0xC0FFEE00 + m.next():064x}",
    "incident.attachments.media_type": lambda m: "image/jpeg",
    "incident.narrative_language": lambda m: "ur",
    "incident.delay_hours": lambda m: 7_400.5 + m.next(),
    "registration.crms_number": lambda m: f"B9999{m.next() % 100:02d}-16-{73_000 + m.next()}",
    "registration.barcode_number": lambda m: f"{7_399_000_000 + m.next()}",
    "registration.notification_number": lambda m: f"BN-{73_990_000 + m.next()}",
    "registration.applicant.id_value": lambda m: m.card(),
    "enrolment.school_scheme": lambda m: "pk-punjab-emis",
    "enrolment.school_code": lambda m: f"3{7_390_000 + m.next()}",
    "enrolment.grade": lambda m: "04",
    "enrolment.academic_year": lambda m: "2025-26",
    "requested.target.school_scheme": lambda m: "pk-punjab-emis",
    "requested.target.school_code": lambda m: f"3{7_390_000 + m.next()}",
    "child.nationality": lambda m: "PAK",
    "persons.nationality": lambda m: "PAK",
    "child.languages": lambda m: f"ur-x-{m.word().lower()[2:7]}",
    "child.age.value": lambda m: 9.0,
    "persons.age.value": lambda m: 41.0,
    "consent.expires_on": lambda m: "2071-12-31",
    "consent.revoked_at": lambda m: None,
    "incident.place.distance_km": lambda m: 473.25,
    "child.birth_date": lambda m: "2016-03-07",
    "registration.applied_on": lambda m: "2017-04-11",
    "registration.registered_on": lambda m: "2018-05-12",
    "registration.issued_on": lambda m: "2019-06-13",
    "persons.arrest_status": lambda m: "NOT_ARRESTED",
    "focal_point.role": lambda m: m.word().upper(),
    "requested.release_to.role": lambda m: m.word().upper(),
    "clinical.findings.measure.number": lambda m: 7_400.5 + m.next(),
    "clinical.findings.components.measure.number": lambda m: 7_400.5 + m.next(),
    "clinical.findings.measure.unit_system": lambda m: f"https://{m.word().lower()}.example.pk/units",
    "clinical.findings.components.measure.unit_system": lambda m: f"https://{m.word().lower()}.example.pk/units",
    "incident.station.name_language": lambda m: "ur",
    "incident.diary.information_time": lambda m: "07:13",
    "incident.diary.entry_time": lambda m: "07:31",
    "incident.offences.section": lambda m: "363",
    "incident.offences.clause": lambda m: "a",
    "incident.offences.act": lambda m: "PPC",
}  # fmt: skip
"""Leaves with a shape of their own; those whose shape leaves no room are the same for everybody."""


def _leaf(path: str, kind: Any, mint: Mint) -> Any:
    if path in SHAPED:
        return SHAPED[path](mint)
    bare = _bare(kind)
    code = isinstance(bare, type) and issubclass(bare, StrEnum)
    return None if code or bare is bool or typing.get_origin(bare) is typing.Literal else _text(path, kind, mint)


def _text(path: str, kind: Any, mint: Mint) -> str:
    checks = {getattr(each, "func", None) for each in typing.get_args(kind)}
    if dates.instant in checks:
        return f"{mint.day()}T07:{mint.next() % 60:02d}:13Z"
    if checks & {dates.partial_date, dates.full_date}:
        return mint.day()
    if path.endswith((".phone", ".mobile")):
        return mint.phone()
    if path.endswith((".codes.system", "_codes.system")):
        return f"https://{mint.word().lower()}.example.pk/codes"
    return mint.urdu() if path.endswith("_ur") else mint.word()


@dataclass(frozen=True)
class Canary:
    """One recognisable value and the forms in which a language may write it."""

    path: str
    value: Any
    forms: tuple[str, ...] = field(default=())
    """Any of these gives it away in a document."""

    def whole(self) -> tuple[str, ...]:
        """Return the forms long enough to be looked for among bytes."""
        return tuple(form for form in self.forms if len(form) >= 7)


def canaries(tree: Any, path: str = "") -> Iterator[Canary]:
    """Yield the recognisable values of a canonical tree with their paths, positions included."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from canaries(value, f"{path}.{name}" if path else name)
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from canaries(value, f"{path}[{index}]")
    elif forms := forms_of(tree):
        yield Canary(path, tree, forms)


def forms_of(value: Any) -> tuple[str, ...]:
    """Return how a recognisable value may be written; none for a value that is not recognisable."""
    if isinstance(value, str):
        return _numbered(value) if WORD.search(value) is None else (value,)
    if isinstance(value, bool) or value is None or value < 1_000 or value in AROUND_TODAY:
        return ()
    return (str(value).removesuffix(".0"),)


WORD = re.compile(r"zq[bcdfghjklmnpqrstvwxz]{4}xw|ژذ|^ur-x-", re.IGNORECASE)
"""What every minted word holds."""


def _numbered(text: str) -> tuple[str, ...]:
    if day := re.match(r"(\d{4})-(\d{2})-(\d{2})", text):
        forms = _dated(*day.groups())
        return () if day[1] == "2071" else forms[:-1] if int(day[1]) in AROUND_TODAY else forms
    digits = re.sub(r"\D", "", text)
    if digits.startswith("0399") and len(digits) == 11:
        return (digits[1:], f"{digits[:4]}-{digits[4:]}", f"{digits[:4]} {digits[4:]}")
    if re.fullmatch(r"39999\d{8}", digits):
        return (digits, f"{digits[:5]}-{digits[5:12]}-{digits[12:]}")
    return (text,) if re.search(r"7[3-9][0-9]{2}|c0ffee", text) else ()


def _dated(year: str, month: str, day: str) -> tuple[str, ...]:
    return (f"{year}-{month}-{day}", f"{day}-{month}-{year}", f"{day}/{month}/{year}", year)


def readable(body: str) -> str:
    """Return a document's text with every escape undone, so that a value is found however it was written."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        return html.unescape(html.unescape(body))


RANDOM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}", re.IGNORECASE)
"""Ids the gateway draws; now and then the four digits of a year stand in one by chance."""


def holds(text: str, canary: Canary) -> bool:
    """Tell whether a readable text gives a canary away in any form; a number counts only as a number of its own."""
    return any(_stands(form, RANDOM.sub("", text) if len(form) == 4 else text) for form in canary.forms)


def _stands(form: str, text: str) -> bool:
    bounded = rf"(?<!\d){re.escape(form)}(?!\d)" if form[0].isdigit() else re.escape(form)
    return re.search(bounded, text, re.IGNORECASE) is not None
