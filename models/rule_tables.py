"""The files of the rulebook: the columns of each in their order, what they may hold, what identifies a row.

Belongs here: one entry a file of ``rulebook/``. Does not belong here: what one file says about another
(``rule_relations.py``), any number of a rule.
"""

from __future__ import annotations

import re

import polars as pl

from models.returns import CONTRACTS
from models.returns.class_size import BINS
from models.returns.common import STAGES
from models.returns.exchange import KINDS
from models.returns.funding import ITEMS, LEVELS
from models.returns.satisfaction_answer import ANSWERS
from models.returns.satisfaction_group import GROUPS
from models.returns.school import SCHOOL_TYPES, URBAN_RURAL
from models.rule_cells import (
    Column,
    Table,
    flag,
    matching,
    number,
    one_of,
    open_number,
    open_positive,
    open_whole,
    open_year,
    positive,
    text,
    whole,
    year,
)

_REGION = re.compile(r"|\d{2}|\d{4}|\d{6}")
_COUNTY = re.compile(r"\d{6}")
_KEY = re.compile(r"[a-z][a-z0-9_]*")

_KEY_COLUMN = matching(_KEY, "a key of lower-case letters, digits and _")
_TEXT = Column(pl.String, text)
_FLAG = Column(pl.Boolean, flag)
_FROM = Column(pl.Int64, year)
_HELD = {
    "region_code": matching(_REGION, "a region code (empty, 2, 4 or 6 digits)"),
    "from_year": _FROM,
    "to_year": Column(pl.Int64, open_year),
    "document": _TEXT,
    "source": _TEXT,
}
_TITLES = {"zh": _TEXT, "en": _TEXT}
_SCHOOL_TYPE = one_of(SCHOOL_TYPES)
_STANDARDS = ("basic_2012", "quality_2017")
_STANDARD = one_of(_STANDARDS)
_ROLES = ("school", "teaching_point", "special_education", "vocational", "senior_only")
_MEASURES = (
    "government_score",
    "satisfaction",
    "composite_coefficient",
    "indicator_coefficient",
    "school_indicator",
    "school_floor",
    "school_indicators_to_meet",
    "cohort_consolidation_rate",
    "annual_consolidation_rate",
    "class_size_limit",
    "large_class_from",
    "oversize_class_from",
    "school_size_limit",
    "combined_school_size_limit",
    "small_school_below",
    "classes_per_special_room",
    "exchange_rate",
    "exchange_backbone_share",
    "entry_recognised_years",
    "entry_coefficient_years",
    "entry_coefficient",
)
#: What a provincial school standard can measure, and per what (columns of trends.school_standard's facts).
STANDARD_NUMERATORS = (
    "pupils",
    "classes",
    "site_area",
    "teaching_area",
    "sports_area",
    "equipment_value",
    "computers",
    "books",
    "multimedia_rooms",
    "music_rooms",
    "art_rooms",
    "special_rooms",
    "teachers",
    "higher_degree_teachers",
    "mid_title_teachers",
    "backbone_teachers",
    "arts_sports_teachers",
)
STANDARD_DENOMINATORS = ("school", "pupils", "classes", "teachers")
#: What trends.government_measure computes for items of government work.
GOVERNMENT_MEASURES = (
    "three_increases",
    "training_of_public_use",
    "consolidation_rates",
    "junior_consolidation",
    "special_rooms",
    "school_size",
    "class_size",
    "teacher_exchange",
    "exchange_rate",
    "exchange_backbone_share",
    "migrants_in_public_schools",
)
#: Numerators that core.county_stage makes.
RESOURCES = (
    "teaching_area_basic",
    "teaching_area_quality",
    "sports_area",
    "equipment_value",
    "computers",
    "books",
    "multimedia_rooms",
    "teachers",
    "higher_degree_teachers",
    "mid_title_teachers",
    "backbone_teachers",
    "arts_sports_teachers",
)

TABLES: dict[str, Table] = {
    "standard": Table(
        {"standard": _STANDARD, **_TITLES, "document": _TEXT, "from_year": _FROM, "source": _TEXT}, ("standard",)
    ),
    "indicator": Table(
        {
            "standard": _STANDARD,
            "indicator": _KEY_COLUMN,
            "position": Column(pl.Int64, whole),
            "resource": one_of(RESOURCES),
            **_TITLES,
            "unit_zh": _TEXT,
            "unit_en": _TEXT,
            "per": Column(pl.Float64, positive),
        },
        ("standard", "indicator"),
    ),
    "setting": Table(
        {
            "setting": _KEY_COLUMN,
            "kind": one_of(("choice", "number", "share")),
            "by_standard": _FLAG,
            "choices": matching(re.compile(r"[a-z_|]*"), "a list of keys, divided by |"),
            **_TITLES,
        },
        ("setting",),
    ),
    "choice": Table(
        {"setting": _KEY_COLUMN, "standard": one_of(("", *_STANDARDS)), "value": _TEXT, **_HELD},
        ("setting", "standard", "region_code"),
    ),
    "threshold": Table(
        {
            "standard": _STANDARD,
            "measure": one_of(_MEASURES),
            "indicator": matching(re.compile(r"[a-z0-9_]*"), "an indicator or empty"),
            "stage": one_of(("primary", "junior", "compulsory")),
            "value": Column(pl.Float64, positive),
            "binding": _FLAG,
            **_HELD,
        },
        ("standard", "measure", "indicator", "stage", "region_code"),
    ),
    "class_size_bin": Table(
        {
            "bin": one_of(BINS),
            "position": Column(pl.Int64, whole),
            **_TITLES,
            "fewest": Column(pl.Int64, whole),
            "most": Column(pl.Int64, open_whole),
        },
        ("bin",),
    ),
    "school_standard": Table(
        {
            "school_standard": _KEY_COLUMN,
            "indicator": _KEY_COLUMN,
            "position": Column(pl.Int64, whole),
            **_TITLES,
            "unit_zh": _TEXT,
            "unit_en": _TEXT,
            "numerator": one_of(STANDARD_NUMERATORS),
            "denominator": one_of(STANDARD_DENOMINATORS),
            "per": Column(pl.Float64, positive),
            "direction": one_of(("at_least", "at_most")),
        },
        ("school_standard", "indicator"),
    ),
    "school_standard_line": Table(
        {
            "school_standard": _KEY_COLUMN,
            "indicator": _KEY_COLUMN,
            "stage": one_of(("primary", "junior")),
            "value": Column(pl.Float64, positive),
            **_HELD,
        },
        ("school_standard", "indicator", "stage", "region_code"),
    ),
    "school_type": Table(
        {
            "school_type": _SCHOOL_TYPE,
            **_TITLES,
            "role": one_of(_ROLES),
            "has_primary": _FLAG,
            "has_junior": _FLAG,
            "has_senior": _FLAG,
        },
        ("school_type",),
    ),
    "stage_weight": Table(
        {"school_type": _SCHOOL_TYPE, "stage": one_of(STAGES), "weight": Column(pl.Float64, positive), **_HELD},
        ("school_type", "stage", "region_code"),
    ),
    "school_code_kind": Table(
        {
            "kind": matching(re.compile(r"\d{2}"), "two digits"),
            **_TITLES,
            "has_primary": _FLAG,
            "has_junior": _FLAG,
            "source": _TEXT,
        },
        ("kind",),
    ),
    "operator": Table(
        {"operator": matching(re.compile(r"\d{3}"), "three digits"), **_TITLES, "is_private": _FLAG}, ("operator",)
    ),
    "urban_rural": Table(
        {"urban_rural": one_of(URBAN_RURAL), **_TITLES, "area": one_of(("urban", "town", "rural"))},
        ("urban_rural",),
    ),
    "funding_test": Table(
        {
            "test": _KEY_COLUMN,
            "family": one_of(("three_increases", "two_only_increase", "shares")),
            "position": Column(pl.Int64, whole),
            "item": one_of(ITEMS),
            "against": one_of(("", *ITEMS)),
            "comparison": one_of(("above", "at_least")),
            "declared": _FLAG,
            **_TITLES,
        },
        ("test",),
    ),
    "funding_line": Table(
        {
            "test": _KEY_COLUMN,
            "stage": one_of(LEVELS),
            "value": Column(pl.Float64, number),
            "binding": _FLAG,
            **_HELD,
        },
        ("test", "stage", "region_code"),
    ),
    "exchange_kind": Table(
        {"exchange_kind": one_of(KINDS), **_TITLES, "counts": _FLAG, **_HELD}, ("exchange_kind", "region_code")
    ),
    "government_block": Table(
        {
            "standard": _STANDARD,
            "block": _KEY_COLUMN,
            "position": Column(pl.Int64, whole),
            **_TITLES,
            "points": Column(pl.Float64, open_positive),
            **_HELD,
        },
        ("standard", "block", "region_code"),
    ),
    "government_item": Table(
        {
            "standard": _STANDARD,
            "block": _KEY_COLUMN,
            "item": _KEY_COLUMN,
            "part_of": matching(re.compile(r"[a-z0-9_]*"), "an item or empty"),
            "position": Column(pl.Int64, whole),
            **_TITLES,
            "unit": one_of(("none", "share", "number")),
            "comparison": one_of(("at_least", "at_most", "above", "below")),
            "computed_from": one_of(("declared", *GOVERNMENT_MEASURES)),
        },
        ("item",),
    ),
    "government_item_line": Table(
        {
            "item": _KEY_COLUMN,
            "points": Column(pl.Float64, open_positive),
            "line": Column(pl.Float64, open_number),
            "scoring": one_of(("declared", "all_or_nothing", "proportional")),
            "counts": _FLAG,
            **_HELD,
        },
        ("item", "region_code"),
    ),
    "satisfaction_group": Table({"group": one_of(GROUPS), "position": Column(pl.Int64, whole), **_TITLES}, ("group",)),
    "satisfaction_weight": Table(
        {"group": one_of(GROUPS), "weight": Column(pl.Float64, positive), **_HELD}, ("group", "region_code")
    ),
    "satisfaction_scale": Table(
        {
            "answer": one_of(ANSWERS),
            "position": Column(pl.Int64, whole),
            **_TITLES,
            "satisfied": _FLAG,
            "counts": _FLAG,
            **_HELD,
        },
        ("answer", "region_code"),
    ),
    "rule_parameter": Table(
        {
            "rule": _KEY_COLUMN,
            "parameter": _KEY_COLUMN,
            "value": Column(pl.Float64, number),
            **_TITLES,
            "document": _TEXT,
            "source": _TEXT,
        },
        ("rule", "parameter"),
    ),
    "expected_return": Table(
        {
            "form": one_of(CONTRACTS),
            "owed": _FLAG,
            "owner": _KEY_COLUMN,
            "due_month": Column(pl.Int64, whole),
            "due_day": Column(pl.Int64, whole),
            "due_years_after": Column(pl.Int64, whole),
            **_HELD,
        },
        ("form", "region_code"),
    ),
    "county_roster": Table(
        {
            "county_code": matching(_COUNTY, "a county code (six digits)"),
            "county_name": _TEXT,
            "from_year": _FROM,
            "to_year": Column(pl.Int64, open_year),
            "source": _TEXT,
        },
        ("county_code",),
    ),
    "department": Table({"department": _KEY_COLUMN, **_TITLES}, ("department",)),
    "county_succession": Table(
        {
            "county_code": matching(_COUNTY, "a county code (six digits)"),
            "successor_code": matching(_COUNTY, "a county code (six digits)"),
            "from_year": _FROM,
            "name": _TEXT,
            "source": _TEXT,
        },
        ("county_code",),
    ),
}
