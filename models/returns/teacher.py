"""Staff and full-time teachers (基础基422/423/424, 教基4153/4155/4156, 1102续 for backbone teachers)."""

from __future__ import annotations

from models.returns.common import PERSONNEL, StageReturn
from models.returns.contract import Contract, count, not_above, sum_identity

_STAFF = {"基础基": "411", "教基": "4149"}
_DEGREE = {"基础基": "423, 424", "教基": "4155, 4156"}
_TITLE = {"基础基": "422", "教基": "4153"}
_BACKBONE = {"基础基": "112", "教基": "1102续"}


class Teacher(StageReturn):
    """One row per school and stage. Degrees and titles are of full-time teachers."""

    staff: int = count("教职工数", "All staff", owner=PERSONNEL, forms=_STAFF, expected=False)
    teachers: int = count("专任教师数", "Full-time teachers", owner=PERSONNEL, forms=_DEGREE)
    female_teachers: int = count(
        "女专任教师数", "Women among full-time teachers", owner=PERSONNEL, forms=_DEGREE, expected=False
    )
    degree_postgraduate: int = count("研究生毕业", "Postgraduate degree", owner=PERSONNEL, forms=_DEGREE)
    degree_bachelor: int = count("本科毕业", "Bachelor's degree", owner=PERSONNEL, forms=_DEGREE)
    degree_associate: int = count("专科毕业", "Associate degree", owner=PERSONNEL, forms=_DEGREE)
    degree_secondary: int = count("高中阶段毕业", "Upper-secondary schooling", owner=PERSONNEL, forms=_DEGREE)
    degree_below: int = count("高中阶段以下毕业", "Less schooling", owner=PERSONNEL, forms=_DEGREE)
    title_full_senior: int = count("正高级", "Full senior title", owner=PERSONNEL, forms=_TITLE)
    title_associate_senior: int = count("副高级", "Associate senior title", owner=PERSONNEL, forms=_TITLE)
    title_intermediate: int = count("中级", "Intermediate title", owner=PERSONNEL, forms=_TITLE)
    title_assistant: int = count("助理级", "Assistant title", owner=PERSONNEL, forms=_TITLE)
    title_junior: int = count("员级", "Junior title", owner=PERSONNEL, forms=_TITLE)
    title_none: int = count("未定职级", "No title yet", owner=PERSONNEL, forms=_TITLE)
    backbone_teachers: int = count(
        "县级及以上骨干教师数", "Backbone teachers (county level and above)", owner=PERSONNEL, forms=_BACKBONE
    )
    pe_teachers: int = count("体育教师数", "Physical-education teachers", owner=PERSONNEL, forms=_DEGREE)
    music_teachers: int = count("音乐教师数", "Music teachers", owner=PERSONNEL, forms=_DEGREE)
    fine_art_teachers: int = count("美术教师数", "Fine-art teachers", owner=PERSONNEL, forms=_DEGREE)
    arts_teachers: int = count("艺术教师数", "Teachers of the subject 'arts'", owner=PERSONNEL, forms=_DEGREE)
    substitute_teachers: int = count(
        "代课教师数", "Substitute teachers (not full-time)", owner=PERSONNEL, forms=_STAFF, expected=False
    )
    part_time_teachers: int = count(
        "兼任教师数", "Part-time teachers (not full-time)", owner=PERSONNEL, forms=_STAFF, expected=False
    )


CONTRACT = Contract(
    name="teacher",
    zh="专任教师学历职称情况",
    en="Full-time teachers by degree and title",
    model=Teacher,
    grain=("school_year", "school_code", "stage"),
    forms={"基础基": "422, 423, 424", "教基": "4153, 4155, 4156"},
    rules=(
        sum_identity(
            "teachers_are_the_sum_of_degrees",
            "teachers",
            ("degree_postgraduate", "degree_bachelor", "degree_associate", "degree_secondary", "degree_below"),
            zh="专任教师数等于各学历之和",
            en="Full-time teachers equal the sum of the degrees",
        ),
        sum_identity(
            "teachers_are_the_sum_of_titles",
            "teachers",
            (
                "title_full_senior",
                "title_associate_senior",
                "title_intermediate",
                "title_assistant",
                "title_junior",
                "title_none",
            ),
            zh="专任教师数等于各职称之和",
            en="Full-time teachers equal the sum of the titles",
        ),
        not_above(
            "backbone_teachers_within_teachers",
            "backbone_teachers",
            "teachers",
            zh="骨干教师数不大于专任教师数",
            en="Backbone teachers do not exceed full-time teachers",
        ),
        not_above(
            "women_within_teachers",
            "female_teachers",
            "teachers",
            zh="女专任教师数不大于专任教师数",
            en="Women do not exceed full-time teachers",
        ),
        not_above(
            "teachers_within_staff",
            "teachers",
            "staff",
            severity="query",
            zh="专任教师数一般不大于教职工数",
            en="Full-time teachers do not normally exceed staff",
        ),
    ),
)
