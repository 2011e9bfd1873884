"""Classes by size (基础基212/213, 教基2106/2107)."""

from __future__ import annotations

from models.returns.common import GENERAL, StageReturn
from models.returns.contract import Contract, count, sum_identity

_FORMS = {"基础基": "212, 213", "教基": "2106, 2107"}

#: Bins of the form: field → (title, fewest pupils, most pupils); the last bin is open.
BINS: dict[str, tuple[str, int, int | None]] = {
    "classes_upto_25": ("25人及以下", 0, 25),
    "classes_26_30": ("26-30人", 26, 30),
    "classes_31_35": ("31-35人", 31, 35),
    "classes_36_40": ("36-40人", 36, 40),
    "classes_41_45": ("41-45人", 41, 45),
    "classes_46_50": ("46-50人", 46, 50),
    "classes_51_55": ("51-55人", 51, 55),
    "classes_56_60": ("56-60人", 56, 60),
    "classes_61_65": ("61-65人", 61, 65),
    "classes_from_66": ("66人及以上", 66, None),
}


class ClassSize(StageReturn):
    """One row per school and stage."""

    classes: int = count("班数", "Classes", owner=GENERAL, unit="个", forms=_FORMS)
    classes_upto_25: int = count("25人及以下", "Classes of up to 25", owner=GENERAL, unit="个", forms=_FORMS)
    classes_26_30: int = count("26-30人", "Classes of 26–30", owner=GENERAL, unit="个", forms=_FORMS)
    classes_31_35: int = count("31-35人", "Classes of 31–35", owner=GENERAL, unit="个", forms=_FORMS)
    classes_36_40: int = count("36-40人", "Classes of 36–40", owner=GENERAL, unit="个", forms=_FORMS)
    classes_41_45: int = count("41-45人", "Classes of 41–45", owner=GENERAL, unit="个", forms=_FORMS)
    classes_46_50: int = count("46-50人", "Classes of 46–50", owner=GENERAL, unit="个", forms=_FORMS)
    classes_51_55: int = count("51-55人", "Classes of 51–55", owner=GENERAL, unit="个", forms=_FORMS)
    classes_56_60: int = count("56-60人", "Classes of 56–60", owner=GENERAL, unit="个", forms=_FORMS)
    classes_61_65: int = count("61-65人", "Classes of 61–65", owner=GENERAL, unit="个", forms=_FORMS)
    classes_from_66: int = count("66人及以上", "Classes of 66 and more", owner=GENERAL, unit="个", forms=_FORMS)


CONTRACT = Contract(
    name="class_size",
    zh="分班额班数",
    en="Classes by size",
    model=ClassSize,
    grain=("school_year", "school_code", "stage"),
    forms=_FORMS,
    rules=(
        sum_identity(
            "classes_are_the_sum_of_the_sizes",
            "classes",
            tuple(BINS),
            zh="班数等于各班额班数之和",
            en="Classes equal the sum over the sizes",
        ),
    ),
)
