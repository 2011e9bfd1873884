"""Books, computers, rooms and equipment (基础基522, 教基5176)."""

from __future__ import annotations

from models.returns.common import EQUIPMENT, FUNDING, SchoolReturn
from models.returns.contract import Contract, amount, count, not_above

_FORMS = {"基础基": "522", "教基": "5176"}


class Equipment(SchoolReturn):
    """One row per school; a school of several stages has one stock (split by models)."""

    books: int = count("图书册数", "Printed books", owner=EQUIPMENT, unit="册", forms=_FORMS)
    computers: int = count("计算机台数", "Computers", owner=EQUIPMENT, unit="台", forms=_FORMS, expected=False)
    teaching_computers: int = count(
        "教学用计算机台数", "Computers for teaching", owner=EQUIPMENT, unit="台", forms=_FORMS
    )
    classrooms: int = count("普通教室间数", "Classrooms", owner=EQUIPMENT, unit="间", forms=_FORMS, expected=False)
    multimedia_rooms: int = count(
        "网络多媒体教室间数", "Networked multimedia rooms", owner=EQUIPMENT, unit="间", forms=_FORMS
    )
    music_rooms: int = count("音乐教室间数", "Music rooms", owner=EQUIPMENT, unit="间", forms=_FORMS)
    art_rooms: int = count("美术教室间数", "Art rooms", owner=EQUIPMENT, unit="间", forms=_FORMS)
    equipment_value_yuan: float = amount(
        "教学仪器设备资产值",
        "Value of teaching equipment",
        owner=FUNDING,
        unit="元",
        forms=_FORMS,
        note="印刷表式以万元为单位 / the printed form is in 万元",
    )


CONTRACT = Contract(
    name="equipment",
    zh="图书、计算机、教室与设备情况",
    en="Books, computers, rooms and equipment",
    model=Equipment,
    grain=("school_year", "school_code"),
    forms=_FORMS,
    rules=(
        not_above(
            "teaching_computers_within_computers",
            "teaching_computers",
            "computers",
            zh="教学用计算机不大于计算机总台数",
            en="Teaching computers do not exceed all computers",
        ),
    ),
)
