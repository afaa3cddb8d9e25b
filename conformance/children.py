"""Synthetic children: names from a fixed list, numbers of a locality that does not exist, ids that begin CONF-."""

import secrets
from dataclasses import dataclass, field

FIRST = (
    "Namuna", "Misali", "Farzi", "Azmaishi", "Khayali", "Tajriba", "Naqli", "Mashqi", "Qiyasi", "Tamsili", "Mafruza",
    "Ikhtirai", "Tasawwuri", "Afsanvi", "Nazri", "Imtihani", "Tarbiyati", "Dastani", "Riwayati", "Kahani",
)  # fmt: skip
"""All mean something like *sample*, *imagined* or *exercise*: nobody is called that."""
URDU = (
    "نمونہ", "مثالی", "فرضی", "آزمائشی", "خیالی", "تجربہ", "نقلی", "مشقی", "قیاسی", "تمثیلی", "مفروضہ", "اختراعی",
    "تصوراتی", "افسانوی", "نظری", "امتحانی", "تربیتی", "داستانی", "روایتی", "کہانی",
)  # fmt: skip
LETTERS = "ABDEFGHIJKLMNPQRSTUVWZ"


@dataclass(frozen=True, slots=True)
class Child:
    """An invented child. `tag` is a word that stands nowhere else, so that it can be looked for."""

    tag: str
    name: str
    name_ur: str
    bform: str
    mother_cnic: str
    father_cnic: str


@dataclass
class Children:
    """Makes children, each different from all others of this and any other run."""

    _count: int = field(default_factory=lambda: secrets.randbelow(7_000_000))

    def new(self) -> Child:
        """Invent one child."""
        self._count += 1
        n = self._count
        tag = "Conf" + "".join(secrets.choice(LETTERS).lower() for _ in range(9))
        place = n % len(FIRST)
        number = f"{n % 9_000_000 + 1_000_000:07d}"
        return Child(
            tag,
            f"{tag} {FIRST[place]}",
            f"کانف {URDU[place]}",
            f"39999{number}{n % 9 + 1}",
            f"39999{int(number) - 1:07d}2",
            f"39999{int(number) - 1:07d}1",
        )
