"""The rulebook: what its files must hold, what wins, and what is refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import rules
from models.returns.school import SCHOOL_TYPES, URBAN_RURAL
from tests.models.helpers import (
    COUNTY,
    YEAR,
    code,
    full_equipment,
    full_premises,
    full_teacher,
    rulebook_with,
    run_balance,
    school,
    together,
)


def test_the_rulebook_of_the_house_is_in_order() -> None:
    tables = rules.load()
    assert set(tables["school_type"]["school_type"]) == set(SCHOOL_TYPES)
    assert set(tables["urban_rural"]["urban_rural"]) == set(URBAN_RURAL)
    assert tables["indicator"].group_by("standard").len().sort("standard")["len"].to_list() == [8, 7]
    assert {"110103": "110101", "310108": "310106"}.items() <= dict(
        tables["county_succession"].select("county_code", "successor_code").iter_rows()
    ).items()
    # every setting has a national default for every standard it is chosen by
    defaults = {(r["setting"], r["standard"]) for r in tables["choice"].iter_rows(named=True) if not r["region_code"]}
    for setting in tables["setting"].iter_rows(named=True):
        standards = ("basic_2012", "quality_2017") if setting["by_standard"] else ("",)
        assert {(setting["setting"], standard) for standard in standards} <= defaults


def test_written_as_parquet_by_table_name(tmp_path: Path) -> None:
    files = rules.write(tmp_path)
    assert set(files) == {f"rulebook.{path.stem}" for path in rules.FOLDER.glob("*.csv")}
    assert all(path.exists() for path in files.values())


def test_the_fingerprint_changes_with_the_rules(tmp_path: Path) -> None:
    same = rulebook_with(tmp_path / "same", {})
    other = rulebook_with(tmp_path / "other", {"department": ["audit,督导室,Inspection"]})
    assert rules.fingerprint(same) == rules.fingerprint()
    assert rules.fingerprint(other) != rules.fingerprint()


@pytest.mark.parametrize(
    ("file", "line", "told"),
    [
        ("choice", "private_schools,,sometimes,,2000,,d,s", "value 'sometimes' is not one of count, leave_out"),
        ("expected_return", "school,1,nobody,9,20,0,33,2012,,d,s", "owner 'nobody' is not in department.csv"),
        ("expected_return", "school,1,statistics,2,30,0,33,2012,,d,s", "due_month and due_day: day"),
        ("expected_return", "rumours,1,statistics,9,20,0,33,2012,,d,s", "form 'rumours' is not known"),
        ("county_roster", "9901,某县,2012,,s", "county_code '9901' is not a county code"),
        ("choice", "privat_schools,,count,,2000,,d,s", "setting 'privat_schools' is not in setting.csv"),
        ("choice", "private_schools,basic_2012,count,33,2000,,d,s", "is chosen for all standards"),
        ("choice", "minimum_coverage,basic_2012,1.5,33,2000,,d,s", "is not between 0 and 1"),
        ("choice", "private_schools,,count,333,2000,,d,s", "region_code '333' is not a region code"),
        ("choice", "private_schools,,leave_out,33,2005,2003,d,s", "from_year 2005 is after to_year 2003"),
        ("choice", "private_schools,,leave_out,,2000,2010,d,s", "for years that overlap"),
        ("choice", "private_schools,,leave_out,33,2000,,,s", "document is empty"),
        ("choice", "private_schools,,leave_out,33,2000", "5 cells, expected 8"),
        (
            "threshold",
            "basic_2012,composite_coefficient,,primary,0.6,1,,2015,,d,s",
            "says the same as line 2 for years that overlap",
        ),
        ("threshold", "basic_2012,indicator_coefficient,pianos,primary,0.6,1,33,2015,,d,s", "'pianos' of basic_2012"),
        ("threshold", "basic_2012,composite,,primary,0.6,1,33,2015,,d,s", "measure 'composite' is not known"),
        ("threshold", "basic_2012,composite_coefficient,,primary,0,1,33,2015,,d,s", "is not above zero"),
        ("stage_weight", "999,primary,1,33,2015,,d,s", "school_type '999' is not known"),
        ("county_succession", "110101,110103,2011,东城区,s", "closes a circle"),
        ("county_succession", "110103,110102,2011,崇文区,s", "says the same as line"),
        ("school_type", "211,小学,Primary,school,1,0,0", "says the same as line 2"),
        ("funding_line", "wages,all,0,1,33,2000,,d,s", "test 'wages' is not in funding_test.csv"),
        ("funding_line", "teacher_wage,nursery,0,1,33,2000,,d,s", "stage 'nursery' is not known"),
        ("funding_line", "teacher_wage,primary,0.01,1,,2020,,d,s", "for years that overlap"),
        ("funding_test", "pens,shares,9,pens,gdp,above,0,笔,Pens", "item 'pens' is not known"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, file: str, line: str, told: str) -> None:
    folder = rulebook_with(tmp_path / "rulebook", {file: [line]})
    with pytest.raises(rules.RulebookError) as error:
        rules.load(folder)
    number = len((folder / f"{file}.csv").read_text(encoding="utf-8").splitlines())
    assert told in str(error.value)
    # a circle is told at every row of it
    assert f"{folder / file}.csv:{number}: " in str(error.value)


def test_rows_of_one_setting_may_follow_each_other(tmp_path: Path) -> None:
    lines = ["private_schools,,leave_out,33,2000,2009,d,s", "private_schools,,count,33,2010,,d,s"]
    extended = rules.load(rulebook_with(tmp_path / "rulebook", {"choice": lines}))["choice"]
    assert extended.height == rules.load()["choice"].height + 2


def test_missing_strange_and_headless_files_are_told(tmp_path: Path) -> None:
    folder = rulebook_with(tmp_path / "rulebook", {})
    (folder / "operator.csv").unlink()
    (folder / "weights.csv").write_text("a\n", encoding="utf-8")
    (folder / "department.csv").write_text("department,zh\n", encoding="utf-8")
    with pytest.raises(rules.RulebookError) as error:
        rules.load(folder)
    assert "operator.csv: the file is missing" in str(error.value)
    assert "weights.csv: not a file of the rulebook" in str(error.value)
    assert "department.csv:1: the columns must be department,zh,en" in str(error.value)


def _line(value: str, region: str, years: str) -> str:
    return f"basic_2012,composite_coefficient,,primary,{value},1,{region},{years},地方文件,测试"


def test_the_most_specific_row_of_its_years_wins(tmp_path: Path) -> None:
    """A province overrides the nation, a prefecture the province, a county all of them, each for its own years."""
    counties = ("110105", "990101", "990102", "990203")
    rows = together(
        *(
            school(
                code(10 * place + n), 100 * n, year=year, county=county,
                teacher=full_teacher(), premises=full_premises(), equipment=full_equipment(),
            )
            for place, county in enumerate(counties)
            for year in (YEAR, YEAR + 1)
            for n in (1, 2)
        )
    )  # fmt: skip
    rulebook = rulebook_with(
        tmp_path / "rulebook",
        {
            "threshold": [
                _line("0.60", "99", f"{YEAR},"),
                _line("0.50", "9901", f"{YEAR + 1},"),
                _line("0.30", "990102", f"{YEAR},{YEAR}"),
            ]
        },
    )
    results = run_balance(tmp_path / "run", rows, rulebook=rulebook)
    frame = results.table("trends.composite_coefficient", standard="basic_2012", stage="primary")
    found = {(r["county_code"], r["school_year"]): r["threshold"] for r in frame.iter_rows(named=True)}
    assert found == {
        ("110105", YEAR): 0.65,
        ("110105", YEAR + 1): 0.65,
        ("990101", YEAR): 0.60,
        ("990101", YEAR + 1): 0.50,
        ("990102", YEAR): 0.30,
        ("990102", YEAR + 1): 0.50,
        ("990203", YEAR): 0.60,
        ("990203", YEAR + 1): 0.60,
    }
    regions = dict(results.table("core.county").select("county_code", "rule_region").iter_rows())
    assert regions == {"110105": "", "990101": "9901", "990102": "990102", "990203": "99"}


def test_choices_are_resolved_the_same_way(tmp_path: Path) -> None:
    rulebook = rulebook_with(
        tmp_path / "rulebook",
        {
            "choice": [
                f"teacher_ratio_staff,,all_staff,99,{YEAR},,d,s",
                f"gymnasium_in_teaching_area,basic_2012,out,{COUNTY},{YEAR},,d,s",
                f"verdict_rule,quality_2017,composite,9901,{YEAR},,d,s",
            ]
        },
    )
    rows = together(
        school(code(1), 100, teacher=full_teacher(10, staff=15), premises=full_premises()),
        school(code(2), 100, county="110105", teacher=full_teacher(10, staff=15), premises=full_premises()),
        school(code(1), 100, year=YEAR - 1, teacher=full_teacher(10, staff=15), premises=full_premises()),
    )
    results = run_balance(tmp_path / "run", rows, rulebook=rulebook)

    def figures(county: str, year: int) -> tuple[float, float]:
        row = results.row("core.school_stage", county_code=county, school_year=year)
        return row["teachers"], row["teaching_area_basic"]

    assert figures(COUNTY, YEAR) == (15.0, 900.0)
    assert figures(COUNTY, YEAR - 1) == (10.0, 1000.0)
    assert figures("110105", YEAR) == (10.0, 1000.0)
    rules_of = results.table("trends.composite_coefficient", standard="quality_2017", school_year=YEAR)
    assert dict(rules_of.select("county_code", "verdict_rule").iter_rows()) == {
        COUNTY: "composite",
        "110105": "every_indicator",
    }


def test_a_line_for_one_indicator_beats_the_line_for_all(tmp_path: Path) -> None:
    line = f"quality_2017,indicator_coefficient,sports_area,primary,0.6,1,,{YEAR},,d,s"
    rulebook = rulebook_with(tmp_path / "rulebook", {"threshold": [line]})
    results = run_balance(tmp_path / "run", school(code(1), 100, premises=full_premises()), rulebook=rulebook)
    frame = results.table("trends.differential_coefficient", standard="quality_2017")
    lines = dict(frame.select("indicator", "threshold").iter_rows())
    assert lines.pop("sports_area") == 0.6
    assert set(lines.values()) == {0.5}


def test_before_the_rule_there_is_no_line(tmp_path: Path) -> None:
    rows = together(*(school(code(n), 100, year=2010, premises=full_premises()) for n in (1, 2)))
    row = run_balance(tmp_path, rows).row(
        "trends.differential_coefficient", indicator="sports_area", standard="quality_2017"
    )
    assert (row["coefficient"], row["threshold"], row["meets"], row["reason"]) == (0.0, None, None, "no_line")
