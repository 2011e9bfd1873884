"""Which table a sheet is, and which of its columns is which field."""

from __future__ import annotations

from fractions import Fraction

import pytest

from models.returns import CONTRACTS
from models.returns.layout import load_layouts
from pipelines.intake.bind import Binding, bind, match, numbered_tables
from pipelines.intake.header import flatten
from tests.intake.books import ENROLMENT_PATHS, enrolment, headers, printed_headers, rules, stage_files, xlsx

LAYOUTS = load_layouts()
AUTOMATIC = [layout for layout in LAYOUTS.values() if layout.automatic]


def bound(
    paths: list[str], table: str, *, layout: str = "jichuji", year: int = 2020, unit: str | None = None
) -> Binding:
    drawn = headers(paths)
    rows = [tuple(row) for row in drawn.rows]
    from pipelines.intake.grid import Merge

    header = flatten(rows, 0, len(rows) - 1, [Merge(*merge) for merge in drawn.merges])
    found = next(entry for entry in LAYOUTS[layout].tables if entry.name == table)
    return bind(match(LAYOUTS[layout], found, header, year), header, year, unit)


def columns(binding: Binding, block: int = 0) -> dict[str, list[int]]:
    return {field.field: [part.column for part in field.parts] for field in binding.blocks[block].fields}


def factors(binding: Binding) -> dict[str, Fraction]:
    return {field.field: field.parts[0].factor for field in binding.blocks[0].fields if field.parts}


EVERY = [
    (layout.name, table.name, year)
    for layout in LAYOUTS.values()
    for table in layout.tables
    for year in sorted({max(layout.from_year, 2012), min(layout.to_year, 2024)})
    if len([line for line in table.columns if line.header and line.holds_in(year)]) > 1
]


@pytest.mark.parametrize(("layout", "table", "year"), EVERY)
def test_every_table_of_every_layout_binds_to_all_its_columns(layout: str, table: str, year: int) -> None:
    paths = printed_headers(layout, table, year)
    binding = bound(paths, table, layout=layout, year=year)
    assert binding.unmapped == ()
    assert binding.ambiguous == ()
    assert binding.misfits == ()
    for block in binding.blocks:
        expected = {name for name, info in CONTRACTS[block.form].fields.items() if info.required}
        given = {field.field for field in block.fields}
        assert expected - given - {"school_year", "fiscal_year", "county_code"} == set()


@pytest.mark.parametrize(
    "text",
    [
        "基础基312",
        "表　号：基础基 312",
        "基础基312 2020学年",
        "（基础基312表）",
        "小学分年级学生数\n基础基312",
        "基 础 基 312",
    ],
)
def test_table_numbers(text: str) -> None:
    assert [table.name for _, table in numbered_tables(AUTOMATIC, text)] == ["基础基312"]


@pytest.mark.parametrize("text", ["基础基3121", "基础基31", "基础基31 2", "基础 312", "基础基312A"])
def test_other_numbers(text: str) -> None:
    assert numbered_tables(AUTOMATIC, text) == []


def test_order_of_columns_does_not_matter() -> None:
    binding = bound(ENROLMENT_PATHS[::-1], "基础基312")
    assert columns(binding)["pupils"] == [ENROLMENT_PATHS[::-1].index("在校生数/合计")]
    assert binding.unmapped == ()


def test_a_header_may_have_more_levels_above() -> None:
    paths = [f"小学/{path}" for path in ENROLMENT_PATHS]
    assert columns(bound(paths, "基础基312")) == columns(bound(ENROLMENT_PATHS, "基础基312"))


def test_an_ending_that_fits_two_columns_fits_none() -> None:
    paths = [*ENROLMENT_PATHS[:4], "男/在校生数/合计", "女/在校生数/合计", *ENROLMENT_PATHS[5:]]
    binding = bound(paths, "基础基312")
    assert "pupils" not in columns(binding)
    assert "pupils" in binding.blocks[0].missing
    assert binding.unmapped == (4, 5)


def test_a_header_printed_twice_is_ambiguous_not_guessed() -> None:
    paths = [*ENROLMENT_PATHS, "在校生数 /合计"]
    binding = bound([*ENROLMENT_PATHS, "备注", "在校生数/合计"], "基础基312")
    assert paths
    assert "pupils" not in columns(binding)
    assert binding.ambiguous == (4, len(ENROLMENT_PATHS) + 1)
    assert "pupils" in binding.blocks[0].missing


def test_a_name_merged_over_two_columns_is_the_first_of_them() -> None:
    binding = bound([*ENROLMENT_PATHS[:3], "学校名称", *ENROLMENT_PATHS[3:]], "基础基312")
    # drawn as one merged cell over columns C and D
    assert "school_name" in columns(binding)
    assert columns(binding)["school_name"] == [2]


def test_unmapped_and_missing_columns_are_both_named() -> None:
    binding = bound([path.replace("寄宿生", "住校生") for path in ENROLMENT_PATHS], "基础基312")
    assert binding.blocks[0].missing == ("boarders",)
    assert binding.unmapped == (12,)


def test_columns_that_are_known_and_not_taken_are_no_findings() -> None:
    binding = bound([*ENROLMENT_PATHS, "毕业生数"], "基础基312")
    assert binding.unmapped == ()


def test_headers_that_hold_in_some_years_only() -> None:
    old, new = printed_headers("jichuji", "基础基423", 2015), printed_headers("jichuji", "基础基423", 2016)
    assert set(old) != set(new)
    assert "title_intermediate" in columns(bound(old, "基础基423", year=2015))
    assert "title_intermediate" not in columns(bound(old, "基础基423", year=2016))


EQUIPMENT = printed_headers("jichuji", "基础基522")
VALUE = next(path for path in EQUIPMENT if path.endswith("教学仪器设备资产值"))


@pytest.mark.parametrize(
    ("printed", "sheet_unit", "factor"),
    [
        (VALUE, None, 10000),  # the form's own unit
        (f"{VALUE}（万元）", None, 10000),
        (f"{VALUE}（元）", None, 1),
        (f"{VALUE}（千元）", None, 1000),
        (f"{VALUE}（亿元）", None, 100000000),
        (VALUE, "元", 1),  # what the sheet says is stronger than what the form usually has
        (VALUE, "人", 10000),  # a unit of other columns
        (f"{VALUE}（万元）", "元", 10000),  # what the column says is stronger still
    ],
)
def test_units(printed: str, sheet_unit: str | None, factor: int) -> None:
    paths = [printed if path == VALUE else path for path in EQUIPMENT]
    assert factors(bound(paths, "基础基522", unit=sheet_unit))["equipment_value_yuan"] == factor


def test_mu_of_land() -> None:
    assert factors(bound(printed_headers("jichuji", "基础基512"), "基础基512"))["site_area_m2"] == Fraction(2000, 3)


def test_a_unit_that_does_not_fit_is_told_and_the_column_not_read() -> None:
    paths = [f"{VALUE}（人）" if path == VALUE else path for path in EQUIPMENT]
    binding = bound(paths, "基础基522")
    assert [(misfit.field, misfit.unit) for misfit in binding.misfits] == [("equipment_value_yuan", "人")]
    assert "equipment_value_yuan" not in columns(binding)


def test_equal_bindings_have_one_identity() -> None:
    first, second = bound(ENROLMENT_PATHS, "基础基312"), bound(ENROLMENT_PATHS, "基础基312")
    assert first.identity == second.identity
    assert first.identity != bound(ENROLMENT_PATHS[:-1], "基础基312").identity
    assert hash(first.identity) == hash(second.identity)


def test_equal_headers_with_other_merged_cells_are_understood_each_by_itself() -> None:
    """The same texts in the same cells; in the second workbook the common heading of the pupils ends too early."""
    whole, parted = enrolment(3), enrolment(3)
    widest = max(parted.merges[1:], key=lambda merge: merge[3] - merge[1])
    top, left, bottom, right = widest
    parted.merges = [(top, left, bottom, right - 5) if merge == widest else merge for merge in parted.merges]
    files = {"a.xlsx": xlsx(whole), "b.xlsx": xlsx(parted), "c.xlsx": xlsx(whole)}
    alone = {name: stage_files({name: content}) for name, content in files.items()}
    assert rules(alone["a.xlsx"]) == [] and "missing_column" in rules(alone["b.xlsx"])
    for order in (("a.xlsx", "b.xlsx", "c.xlsx"), ("b.xlsx", "a.xlsx", "c.xlsx")):
        together = stage_files({name: files[name] for name in order})
        expected = sorted(rule for name in order for rule in rules(alone[name]))
        assert rules(together) == expected, order
        assert together.columns.height == sum(alone[name].columns.height for name in order)
