"""Persons of the sample: invented names and numbers that nobody has.

Belongs here: who somebody is. Does not belong here: where they serve (``exchange``).

ID numbers begin with the code of a county of the sample, whose province code 99 is not assigned, and have a right check
character. Every tenth person has a staff number instead, as some counties report.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipelines.sample.names import MARK, County

_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章"
_GIVEN = "明芳伟娜静丽强磊军洋勇艳杰娟涛超霞平刚桂英华玉兰红梅文斌辉琴琳欣怡浩宇晨曦嘉雯佳思远志诚"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_STAFF_NUMBER_EVERY = 10


@dataclass(frozen=True)
class Person:
    """A person: the number and the name they are listed under, and the year of birth."""

    number: str
    name: str
    born: int


def id_number(area: str, born: date, serial: int) -> str:
    """An ID number of 18 characters: area (6 digits), date of birth, serial number (3 digits), check character."""
    digits = f"{area}{born:%Y%m%d}{serial:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + _CHECK[total % 11]


def newcomers(county: County, rng: np.random.Generator) -> Generator[Person, int | None, None]:
    """Persons without end, no two with the same number; ``send`` the year of birth wanted (``next`` starts)."""
    serial, wanted = 0, 1980
    given: set[str] = set()
    while True:
        drawn = rng.integers(0, (len(_SURNAMES), len(_GIVEN), len(_GIVEN), 365), (500, 4))
        for surname, first, second, day in drawn.tolist():
            serial += 1
            if serial % _STAFF_NUMBER_EVERY == 0:
                number = f"{county.code}T{serial:05d}"
            else:
                number = id_number(county.code, date(wanted, 1, 1) + timedelta(days=day), serial % 1000)
            if number in given:
                continue
            given.add(number)
            name = MARK + _SURNAMES[surname] + _GIVEN[first] + _GIVEN[second]
            wanted = (yield Person(number, name, wanted)) or wanted
