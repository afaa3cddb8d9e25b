"""Children and schools made from a seed: the same number makes the same ones, on every machine and in every agency.

The registry of births, the school's roll and the letters that agencies start by themselves are about these children,
so that what one agency says of a child can be looked up at another. Nobody is real: names mean *sample* or *imagined*,
numbers are of a locality that does not exist (39999).
"""

from __future__ import annotations

import random
import tomllib
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from conformance.children import FIRST, URDU

USUAL = 1
"""The seed of a sandbox that is told none."""
CHILDREN, SCHOOLS = 24, 4
EARLIEST, DAYS = date(2014, 6, 1), 1_200
"""Births lie in the days after this one, so that these children are of school age in 2026."""
INCIDENT = date(2026, 3, 14)
"""The day of which a police report tells, for the age it gives."""
DISTRICTS = ("PK617", "PK711")


@dataclass(frozen=True, slots=True)
class School:
    """One invented school, as the simulated school system lists it."""

    scheme: str
    code: str
    name: str
    gender: str
    admin2_pcode: str


@dataclass(frozen=True, slots=True)
class Child:
    """One invented child. Numbers are thirteen digits without dashes; `born` is a day, `sex` FEMALE or MALE."""

    n: int
    name: str
    name_ur: str
    sex: str
    born: date
    bform: str
    crms: str
    student: str
    school: str
    father: str
    father_ur: str
    father_cnic: str
    mother: str
    mother_ur: str
    mother_cnic: str

    def words(self) -> dict[str, object]:
        """Give every word that a `letter.toml` may name in braces."""
        years = INCIDENT.year - self.born.year - ((INCIDENT.month, INCIDENT.day) < (self.born.month, self.born.day))
        girl = self.sex == "FEMALE"
        return asdict(self) | {
            "bform_dashed": dashed(self.bform), "father_cnic_dashed": dashed(self.father_cnic), "age": years,
            "born_day_first": f"{self.born.day}-{self.born.month}-{self.born.year}", "sex_lower": self.sex.lower(),
            "sex_letter": self.sex[0], "parentage": "DO" if girl else "SO",
            "registered": self.born + timedelta(days=30), "ten": self.born.replace(year=self.born.year + 10, day=1),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody a seed makes."""

    seed: int
    schools: tuple[School, ...]
    children: tuple[Child, ...]


def dashed(number: str) -> str:
    """Write thirteen digits as the authority prints them."""
    return f"{number[:5]}-{number[5:12]}-{number[12]}"


@cache
def population(seed: int) -> Population:
    """Make the children and schools of a seed."""
    chance = random.Random(seed)  # noqa: S311 - it has to be repeatable, and nobody is real
    codes = chance.sample(range(100, 1_000), SCHOOLS)
    schools = tuple(_school(place, code) for place, code in enumerate(codes))
    numbers = chance.sample(range(1_000_000, 9_999_998), CHILDREN)
    return Population(seed, schools, tuple(_child(n, number, chance, schools) for n, number in enumerate(numbers, 1)))


def _school(place: int, code: int) -> School:
    word, gender = FIRST[place], ("Girls", "Boys", "Mixed")[place % 3]
    district = DISTRICTS[place % len(DISTRICTS)]
    return School("pk-punjab-emis", f"39999{code}", f"GPS {word} Chak {code}", gender, district)


def _child(n: int, number: int, chance: random.Random, schools: tuple[School, ...]) -> Child:
    sex = chance.choice(("FEMALE", "MALE"))
    born = EARLIEST + timedelta(days=chance.randrange(DAYS))
    own, family, fathers, mothers = chance.sample(range(len(FIRST)), 4)
    taken = {"Mixed", "Girls" if sex == "FEMALE" else "Boys"}
    school = chance.choice([one for one in schools if one.gender in taken]).code
    return Child(
        n=n,
        name=f"{FIRST[own]} {FIRST[family]}",
        name_ur=f"{URDU[own]} {URDU[family]}",
        sex=sex,
        born=born,
        bform=f"39999{number:07d}{2 if sex == 'FEMALE' else 1}",
        crms=f"B999902-{born:%y}-{number % 100_000:05d}",
        student=f"SIS-{school}-{n:04d}",
        school=school,
        father=f"{FIRST[fathers]} {FIRST[family]}",
        father_ur=f"{URDU[fathers]} {URDU[family]}",
        father_cnic=f"39999{number + 1:07d}3",
        mother=f"{FIRST[mothers]} {FIRST[family]}",
        mother_ur=f"{URDU[mothers]} {URDU[family]}",
        mother_cnic=f"39999{number + 1:07d}4",
    )


def letter(folder: Path, child: Child) -> tuple[str, bytes]:
    """Write an agency's own letter about a child, as `folder/letter.toml` says; gives the sample's name and the letter.

    Raises `ValueError` when a text that is to be replaced is not in the sample.
    """
    told = tomllib.loads((folder / "letter.toml").read_text(encoding="utf-8"))
    text, words = (folder / "samples" / told["sample"]).read_text(encoding="utf-8"), child.words()
    for old, new in told["replace"]:
        if old not in text:
            raise ValueError(f"{told['sample']} has changed: a text of letter.toml is not in it")
        text = text.replace(old, new.format(**words))
    return told["sample"], text.encode()
