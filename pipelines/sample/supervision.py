"""Supervision of the sample: government work, satisfaction, plan, recognition and rectification of a county, by year.

Belongs here: what a county declares. Does not belong here: the printed tables and the faults in them
(``supervisiontables``).

A county declares of its exchange what its own returns show. Planted cases (of counties and years that have them; those
that a rule should find are ``Supervision.cases``): county ``PADDED`` declares a share of training funds that its own
funding returns do not bear out (both shares lead to the same verdict); county ``DISCORDANT`` sends answers and totals
of one survey that differ; county ``CLOSED_TOO_SOON`` declares a problem closed that its figures go on showing; a
problem of county ``OVERDUE`` stays open after its deadline. Where funds grow too slowly (``funding.FALL_BEHIND``) the
full score is declared all the same. County ``FALLS_BACK`` is recognised while its schools are drawing together
(``levels.spread``) and is apart again five years later; every sixth county has never been recognised.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from models import rules
from pipelines.sample import funding
from pipelines.sample.names import County

PADDED, DISCORDANT, CLOSED_TOO_SOON, OVERDUE, FALLS_BACK = 4, 1, 2, 4, 3
#: Years after the first one in which a county is recognised, by its number in a row of six; the sixth is not.
_RECOGNISED_AFTER = {1: 5, 2: 5, FALLS_BACK: 4, 4: 5, 5: 6}
#: Questionnaires sent to each group in an ordinary county.
_SENT = {
    "congress_deputies": 32,
    "consultative_members": 30,
    "principals": 42,
    "teachers": 120,
    "parents": 270,
    "others": 46,
}
_QUESTIONS = 3
#: The group of which more satisfied are reported than answered so: parents.
_PADDED_GROUP = 4
_FIRST_OF_QUALITY = 2016
_PADDED_SHARE = 0.095
#: What a county declares of items that have a line: least and most.
_DECLARED = {
    "disabled_enrolment": (0.91, 0.99),
    "physical_fitness": (0.91, 0.97),
    "training_hours": (1.0, 1.0),
    "certificates": (1.0, 1.0),
    "nearby_primary": (1.0, 1.0),
    "nearby_junior": (0.955, 0.99),
    "good_high_school_share": (0.5, 0.62),
    "disabled_enrolment_quality": (0.95, 0.99),
    "monitoring_spread": (0.09, 0.14),
    "special_education_funds": (6000.0, 7600.0),
    "monitoring_level": (3.0, 3.0),
}
#: Lines of the exchange of teachers: exchanged of the eligible, backbone teachers of the exchanged.
_EXCHANGE_LINES = {"exchange_rate": 0.10, "exchange_backbone": 0.20}

#: Problems that every ledger closes: category, problem, measure, unit responsible.
_EVERY_YEAR = (
    ("funding", "个别学校公用经费拨付不及时", "按季度足额拨付", "基财科"),
    ("enrolment", "个别学生信息登记不全", "逐一核实补登", "普教科"),
    ("teachers", "个别学校教师学科结构不合理", "统筹调配", "人事科"),
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A row of a return that other returns do not bear out: the field that shows it, the rule that should find it."""

    rule: str
    form: str
    row: int
    field: str


@dataclass
class Supervision:
    """What a county files in a school year, by return; values as in the contracts. ``cases``: what is not borne out."""

    government_work: list[Row] = field(default_factory=list)
    satisfaction_group: list[Row] = field(default_factory=list)
    satisfaction_answer: list[Row] = field(default_factory=list)
    attainment_plan: list[Row] = field(default_factory=list)
    recognition: list[Row] = field(default_factory=list)
    rectification: list[Row] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)


def simulate(
    county: County, years: Sequence[int], seed: int, exchanged: Mapping[int, Mapping[str, float]]
) -> dict[int, Supervision]:
    """What a county files by year; the same arguments give the same, whatever other counties there are.

    Args:
        exchanged: by year the shares that its own exchange returns come to (``exchange.declared_rates``).
    """
    rng = np.random.default_rng([seed, county.number, 5])
    low = county.number % 5 == 0
    told = {}
    for index, year in enumerate(years):
        progress = index / max(len(years) - 1, 1)
        rate = (0.80 if low else 0.87) + 0.09 * progress + float(rng.uniform(-0.008, 0.008))
        groups = _groups(rate, rng)
        answered = county.number == DISCORDANT and index >= len(years) - 2
        answers = _answers(groups, rng) if answered else []
        if answered and index == len(years) - 2:
            groups[_PADDED_GROUP]["satisfied"] += 4
        told[year] = Supervision(
            _government(county, year, progress, rng, exchanged[year]),
            groups,
            answers,
            _plan(county, years, index),
            _recognition(county, years, index),
            _ledger(county, years, index),
        )
        told[year].cases = _cases(county, years, index, told[year])
    return told


def _cases(county: County, years: Sequence[int], index: int, filed: Supervision) -> list[Case]:
    """What the rules across returns should find in what a county files."""
    cases = []
    year = years[index]
    if county.number == funding.FALL_BEHIND and len(years) > 1:
        last = funding.planted_year(years) + funding.RUN - 1
        row = next(i for i, each in enumerate(filed.government_work) if each["item"] == "funding_three_increases")
        if funding.planted_year(years) <= year <= last:
            cases.append(Case("government_score_is_the_computed", "government_work", row, "score"))
    if filed.satisfaction_answer and index == len(years) - 2:
        cases.append(Case("satisfaction_totals_are_the_answers", "satisfaction_group", _PADDED_GROUP, "satisfied"))
    for row, problem in enumerate(filed.rectification):
        if "indicator" in problem and index + 1 < len(years):
            cases.append(Case("closed_problem_does_not_come_back", "rectification", row, "closed"))
    return cases


def _rulebook() -> tuple[list[Row], dict[str, float]]:
    """Items in force in the sample province, and the points of those that carry any."""
    with (rules.FOLDER / "government_item_line.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    with (rules.FOLDER / "government_item.csv").open(encoding="utf-8", newline="") as file:
        items = [dict(row) for row in csv.DictReader(file)]
    points = {
        row["item"]: float(row["points"]) for row in lines if row["points"] and "99".startswith(row["region_code"])
    }
    return items, points


def _government(
    county: County, year: int, progress: float, rng: np.random.Generator, exchanged: Mapping[str, float]
) -> list[Row]:
    items, points = _rulebook()
    whole = {item["part_of"] for item in items}  # met where its parts are
    enough = all(exchanged.get(item, line) >= line for item, line in _EXCHANGE_LINES.items())
    rows = []
    for number, item in enumerate(items, start=1):
        key = item["item"]
        if item["standard"] == "quality_2017" and year < _FIRST_OF_QUALITY:
            continue
        row: Row = {"item": key, "evidence": f"卷{number:02d}-{year}"}
        draw = float(rng.uniform())
        if key in points:
            lost = 0.0 if item["computed_from"] != "declared" else 0.5 * int(draw * 3 * (1 - 0.6 * progress))
            row["score"] = points[key] - lost if key != "regular_exchange" or enough else 0.0
        if key in _DECLARED:
            least, most = _DECLARED[key]
            value = least + (most - least) * float(rng.uniform())
            row |= {"rate": round(value, 3)} if item["unit"] == "share" else {"value": float(round(value))}
        elif key in exchanged:
            row["rate"] = math.floor(exchanged[key] * 10_000) / 10_000  # never rounded up to the line
        elif item["standard"] == "quality_2017" and item["unit"] == "none" and item["computed_from"] == "declared":
            row["met"] = int(enough) if key == "exchange" else int(key in whole or draw > 0.06 * (1 - progress))
        elif item["standard"] == "quality_2017" and item["computed_from"] == "training_of_public_use":
            if county.number != PADDED:
                continue
            row |= {"rate": _PADDED_SHARE, "note": "含校本培训投入"}
        elif item["standard"] == "quality_2017":
            continue
        rows.append(row)
    return rows


def _groups(rate: float, rng: np.random.Generator) -> list[Row]:
    rows = []
    for group, usual in _SENT.items():
        sent = usual + int(rng.integers(0, 8))
        returned = sent - int(rng.integers(0, 3))
        valid = returned - int(rng.integers(0, 3))
        satisfied = min(valid, round(valid * min(rate + float(rng.uniform(-0.02, 0.02)), 1)))
        rows.append({"group": group, "sent": sent, "returned": returned, "valid": valid, "satisfied": satisfied})
    return rows


def _answers(groups: list[Row], rng: np.random.Generator) -> list[Row]:
    """Questionnaires that add up to the totals: the satisfied, the others, and those not valid (not filled in)."""
    rows = []
    serial = 0
    for group in groups:
        for place in range(group["returned"]):
            serial += 1
            satisfied, valid = place < group["satisfied"], place < group["valid"]
            for question in range(_QUESTIONS):
                likely = satisfied if question == 0 else bool(rng.random() < (0.95 if satisfied else 0.3))
                words = (
                    ("very_satisfied", "satisfied", "fairly_satisfied")
                    if likely
                    else ("dissatisfied", "very_dissatisfied")
                )
                answer = words[int(rng.integers(0, len(words)))]
                rows.append({
                    "respondent": f"{serial:05d}", "group": group["group"], "question": str(question),
                    "answer": answer if valid or question else None,
                })  # fmt: skip
    return rows


def _plan(county: County, years: Sequence[int], index: int) -> list[Row]:
    """The county's own targets; quality balance is put off by two years half-way."""
    later = 2 if index >= len(years) // 2 else 0
    basic = {"target_code": county.code, "target_name": county.name, "standard": "basic_2012", "stage": "all"}
    quality = {"target_code": county.code, "target_name": county.name, "standard": "quality_2017", "stage": "all"}
    return [
        {**basic, "target_year": years[0] + 1 + county.number % 3},
        {**quality, "target_year": max(years[0], _FIRST_OF_QUALITY) + 4 + county.number % 3 + later},
    ]


def _recognition(county: County, years: Sequence[int], index: int) -> list[Row]:
    """Basic balance, from the school year of its recognition on."""
    after = _RECOGNISED_AFTER.get(county.number % 6)
    if after is None or index < after:
        return []
    year = years[after]
    return [
        {
            "standard": "basic_2012", "recognised_year": year, "recognised_on": date(year + 1, 3, 27),
            "document": f"国教督办〔{year + 1}〕示例{county.number:02d}号",
        }
    ]  # fmt: skip


def _ledger(county: County, years: Sequence[int], index: int) -> list[Row]:
    """Problems open in the year or closed in it; dates lie in the school year of the ledger or before."""
    year, start = years[index], f"ZG-{county.code[-2:]}"
    rows = [
        {
            "problem_id": f"{start}-{year}-1", "category": "quality", "problem": "个别学校音体美课程未开足",
            "measure": "调配走教教师，补足课时", "responsible": "教研室", "found_on": date(year, 10, 20),
            "deadline": date(year + 1, 4, 30), "evidence": f"整改{year}-1", "recheck_on": date(year + 1, 4, 22),
            "recheck_result": "passed", "closed": 1,
        },
        {
            "problem_id": f"{start}-{year}-2", "category": "resources", "problem": "部分学校图书更新不及时",
            "measure": "列入年度采购", "responsible": "基财科", "found_on": date(year, 11, 3),
            "deadline": date(year + 2, 3, 31), "closed": 0,
        },
    ]  # fmt: skip
    rows += [
        {
            "problem_id": f"{start}-{year}-{number}",
            "category": category,
            "problem": problem,
            "measure": measure,
            "responsible": responsible,
            "found_on": date(year, 11, 10 + number),
            "deadline": date(year + 1, 5, 31),
            "evidence": f"整改{year}-{number}",
            "recheck_on": date(year + 1, 5, 10 + number),
            "recheck_result": "passed",
            "closed": 1,
        }
        for number, (category, problem, measure, responsible) in enumerate(_EVERY_YEAR, start=3)
    ]
    if index:
        before = year - 1
        rows.append({
            "problem_id": f"{start}-{before}-2", "category": "resources", "problem": "部分学校图书更新不及时",
            "measure": "列入年度采购", "responsible": "基财科", "found_on": date(before, 11, 3),
            "deadline": date(before + 2, 3, 31), "evidence": f"整改{before}-2", "recheck_on": date(year + 1, 3, 12),
            "recheck_result": "passed", "closed": 1,
        })  # fmt: skip
    if county.number == OVERDUE and index >= len(years) // 3:
        found = years[len(years) // 3]
        rows.append({
            "problem_id": f"{start}-{found}-9", "category": "teachers", "problem": "教师交流比例不足",
            "measure": "制定交流方案", "responsible": "人事科", "found_on": date(found, 9, 28),
            "deadline": date(found + 1, 6, 30), "closed": 0,
        })  # fmt: skip
    if county.number == CLOSED_TOO_SOON and year >= _FIRST_OF_QUALITY and index == len(years) // 2:
        rows.append({
            "problem_id": f"{start}-{year}-8", "category": "resources", "problem": "部分小学优质均衡资源配置未达标",
            "standard": "quality_2017", "stage": "primary", "indicator": "school_attainment",
            "measure": "补充教师与功能教室", "responsible": "督导室", "found_on": date(year, 10, 8),
            "deadline": date(year + 1, 5, 31), "evidence": f"整改{year}-8", "recheck_on": date(year + 1, 5, 18),
            "recheck_result": "passed", "closed": 1,
        })  # fmt: skip
    return rows
