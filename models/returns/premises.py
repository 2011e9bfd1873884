"""Land and buildings (基础基512/522, 教基5170/5176)."""

from __future__ import annotations

from models.returns.common import FUNDING, SchoolReturn
from models.returns.contract import Contract, amount, not_above, sum_identity

_BUILDINGS = {"基础基": "512", "教基": "5170"}
_LAND = {"基础基": "522", "教基": "5176"}


class Premises(SchoolReturn):
    """One row per school; a school of several stages has one set of premises (split by models)."""

    site_area_m2: float = amount("占地面积", "Site area", owner=FUNDING, unit="㎡", forms=_LAND)
    sports_ground_m2: float = amount("运动场地面积", "Sports grounds", owner=FUNDING, unit="㎡", forms=_LAND)
    building_area_m2: float = amount("校舍建筑面积", "Building area", owner=FUNDING, unit="㎡", forms=_BUILDINGS)
    teaching_area_m2: float = amount(
        "教学及辅助用房面积", "Teaching and auxiliary rooms", owner=FUNDING, unit="㎡", forms=_BUILDINGS
    )
    gymnasium_m2: float = amount(
        "体育馆面积", "Gymnasium, of the teaching and auxiliary rooms", owner=FUNDING, unit="㎡", forms=_BUILDINGS
    )
    administrative_area_m2: float = amount(
        "行政办公用房面积", "Administrative rooms", owner=FUNDING, unit="㎡", forms=_BUILDINGS
    )
    living_area_m2: float = amount("生活用房面积", "Living rooms", owner=FUNDING, unit="㎡", forms=_BUILDINGS)
    other_area_m2: float = amount("其他用房面积", "Other rooms", owner=FUNDING, unit="㎡", forms=_BUILDINGS)
    dangerous_area_m2: float = amount(
        "危房面积", "Dangerous buildings, of the building area", owner=FUNDING, unit="㎡", forms=_BUILDINGS
    )


CONTRACT = Contract(
    name="premises",
    zh="占地与校舍情况",
    en="Land and buildings",
    model=Premises,
    grain=("school_year", "school_code"),
    forms={"基础基": "512, 522", "教基": "5170, 5176"},
    rules=(
        sum_identity(
            "building_area_is_the_sum_of_uses",
            "building_area_m2",
            ("teaching_area_m2", "administrative_area_m2", "living_area_m2", "other_area_m2"),
            zh="校舍建筑面积等于各类用房之和",
            en="Building area equals teaching, administrative, living and other rooms",
        ),
        not_above(
            "gymnasium_within_teaching_area",
            "gymnasium_m2",
            "teaching_area_m2",
            zh="体育馆面积不大于教学及辅助用房面积",
            en="The gymnasium does not exceed the teaching rooms",
        ),
        not_above(
            "dangerous_area_within_building_area",
            "dangerous_area_m2",
            "building_area_m2",
            zh="危房面积不大于校舍建筑面积",
            en="Dangerous buildings do not exceed all buildings",
        ),
    ),
)
