"""Persons become pseudonyms, and no cell that names one goes any further."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.returns import CONTRACTS
from models.returns.contract import PSEUDONYM
from pipelines.intake.assemble import assemble, is_stale
from pipelines.intake.persons import PersonKeyMissing, Pseudonyms
from pipelines.intake.receive import receive
from pipelines.intake.stage import Staged, ToStage, stage
from pipelines.intake.template import write_template
from pipelines.sample.people import id_number
from tests.intake.books import Row, code, printed_headers, sheet, text, xlsx
from warehouse.home import Home
from warehouse.ledger import Ledger

KEY = bytes(range(32))
ID = "11010519491231002X"  # the example of GB 11643
NAME = "示例王芳"
PREAMBLE: list[Row] = [["教师校长交流轮岗名单"], ["填报单位：安平县　　行政区划代码：990101　　学年：2020-2021学年"]]
FIELDS = (
    "no", "from_school_code", "from_school_name", "name", "person", "stage", "role", "subject", "backbone",
    "to_school_code", "to_school_name", "exchange_kind", "start_date", "planned_end_date", "actual_end_date", "remark",
)  # fmt: skip


def _row(**changed: Any) -> Row:
    cells: dict[str, Any] = {
        "no": 1, "from_school_code": code(1), "from_school_name": "第一小学", "name": NAME, "person": ID,
        "stage": "小学", "role": "教师", "subject": "语文", "backbone": "是", "to_school_code": code(2),
        "to_school_name": "第二小学", "exchange_kind": "定期交流", "start_date": "2020-09-01",
        "planned_end_date": "2023年7月31日", "actual_end_date": None, "remark": None,
    }  # fmt: skip
    assert not set(changed) - set(FIELDS)
    return [{**cells, **changed}[name] for name in FIELDS]


def _list(*rows: Row) -> bytes:
    return xlsx(sheet(printed_headers("jiaoliu", "教师校长交流轮岗名单"), rows, preamble=PREAMBLE, name="名单"))


def _stage(content: bytes, key: bytes | None = KEY, name: str = "a.xlsx") -> Staged:
    submission = ToStage("s0", name, None, None, None, lambda: content)
    return stage([submission], pseudonyms=None if key is None else Pseudonyms(key))


def _of(*cells: str | None, key: bytes = KEY) -> list[str | None]:
    return Pseudonyms(key).of(pl.Series(cells, dtype=pl.String)).to_list()


def _everything(staged: Staged) -> str:
    """All that staging gave, as text."""
    frames = [*staged.rows.values(), staged.quarantine, staged.findings, staged.columns]
    return "\n".join(frame.write_csv() for frame in frames)


def test_a_person_is_the_same_however_the_number_is_written() -> None:
    ways = _of(
        ID,
        ID.lower(),
        f" {ID} ",
        "110105 19491231 002X",
        f"'{ID}",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105491231002",
    )
    assert len(set(ways)) == 1 and ways[0] is not None
    assert pl.Series(ways).str.contains(PSEUDONYM).all()


def test_staff_numbers_are_persons_too_and_not_the_same_as_other_numbers() -> None:
    numbers = _of("T0012", "t0012", "0012", "12", "12.0", "20150901", ID)
    assert numbers[0] == numbers[1] and numbers[3] == numbers[4]
    assert len(set(numbers)) == 5
    assert pl.Series(numbers).str.contains(PSEUDONYM).all()


@pytest.mark.parametrize(
    "cell", ["110105194912310021", "11010519491231002", "1.10105194912310E+17", "110105194912310", "张三", "?"]
)
def test_what_is_no_number_of_a_person_is_malformed(cell: str) -> None:
    staged = _stage(_list(_row(person=cell)))
    assert staged.findings.select("rule", "field", "cell").rows() == [("malformed_code", "person", "E5")]
    assert staged.findings["value"].to_list() == [f"****（{len(cell)}）"]
    assert staged.quarantine.height == 1 and cell not in _everything(staged)


def test_a_blank_number_is_a_missing_key() -> None:
    staged = _stage(_list(_row(person=None), _row(person="—")))
    assert staged.findings.select("rule", "cell").rows() == [("missing_key", "E5"), ("missing_key", "E6")]


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 999), st.dates(), st.integers(100000, 999999))
def test_every_id_number_with_a_right_check_character_is_a_person(serial: int, born: Any, area: int) -> None:
    number = id_number(f"{area}", born.replace(year=1900 + born.year % 120), serial)
    (right,) = _of(number)
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    assert right is not None and right.startswith("p")
    (refused,) = _of(wrong)
    assert refused is not None and refused.startswith("x")


def test_another_key_gives_other_pseudonyms_and_the_same_key_the_same() -> None:
    people = [id_number("990101", datetime(1980, 1, 1, tzinfo=UTC).date(), n) for n in range(200)]
    first, again, other = _of(*people), _of(*people), _of(*people, key=b"k" * 32)
    assert first == again and len(set(first)) == 200
    assert not set(first) & set(other)
    assert KEY.hex() not in repr(Pseudonyms(KEY))


def test_nothing_clear_is_staged() -> None:
    staged = _stage(_list(_row(), _row(person="T0012", name="示例李强", to_school_code=code(1))))
    (row,) = staged.rows["exchange"].to_dicts()
    assert row["person"] == _of(ID)[0] and "name" not in row
    assert str(row["start_date"]) == "2020-09-01" and str(row["planned_end_date"]) == "2023-07-31"
    assert staged.findings["rule"].to_list() == ["an_exchange_leads_to_another_school"]
    assert not any(word in _everything(staged) for word in (ID, NAME, "T0012", "示例李强"))


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("to_school_code", ID), ("to_school_code", NAME), ("start_date", ID), ("start_date", NAME), ("backbone", NAME),
        ("stage", NAME), ("exchange_kind", f"{NAME}"), ("subject", ID), ("from_school_name", f"{ID}（{NAME}）"),
        ("to_school_name", "370882199012257394"), ("backbone", "110105491231002"), ("remark", NAME),
    ],
)  # fmt: skip
def test_a_person_in_the_wrong_column_is_masked_there_too(field: str, cell: str) -> None:
    staged = _stage(_list(_row(**{field: cell}), _row(person="T0012", name="示例李强")))
    told = _everything(staged)
    assert cell not in told and ID not in told and NAME not in told
    if field in ("to_school_code", "start_date", "backbone", "stage", "exchange_kind"):
        assert f"****（{len(cell)}）" in staged.findings["value"].to_list()


def test_short_fillers_of_the_name_column_mask_nothing_else() -> None:
    staged = _stage(_list(_row(name="—"), _row(person="T0012", name="是"), _row(person="T1", name="无")))
    assert staged.rows["exchange"].height == 3 and staged.findings.is_empty()


def test_without_a_key_nothing_about_persons_is_staged() -> None:
    with pytest.raises(PersonKeyMissing):
        _stage(_list(_row()), key=None)


def test_a_text_file_is_read_like_a_workbook() -> None:
    drawn = sheet(printed_headers("jiaoliu", "教师校长交流轮岗名单"), [_row(start_date="2020.9.1")], preamble=PREAMBLE)
    from_text = _stage(text(drawn, "gbk"), name="名单.csv")
    assert from_text.rows["exchange"]["person"].to_list() == _of(ID)
    assert str(from_text.rows["exchange"]["start_date"][0]) == "2020-09-01"


@pytest.mark.parametrize("form", ["exchange", "exchange_eligible", "roster"])
def test_the_fill_in_workbook_is_read_back(form: str, tmp_path: Path) -> None:
    write_template(form, tmp_path / "template.xlsx", 2020)
    book = openpyxl.load_workbook(tmp_path / "template.xlsx")
    page = book[CONTRACTS[form].zh]
    page["D2"] = "990101"
    values: dict[str, Any] = {
        "school_code": code(1), "from_school_code": code(1), "to_school_code": code(2), "person": ID, "name": NAME,
        "stage": "小学", "role": "教师", "post": "专任教师", "exchange_kind": "支教", "backbone": 1, "permanent": 1,
        "start_date": datetime(2020, 9, 1), "planned_end_date": "2021-07-31", "arrived_date": "2012/9/1",
        "permanent_staff": 20, "long_enough": 12, "exempt_nursing": 1, "exempt_illness": 0, "exempt_retirement": 1,
        "exempt_other": 0, "eligible": 10, "exchanged": 2, "backbone_exchanged": 1, "principals_eligible": 1,
        "principals_exchanged": 0, "county_code": "990101",
    }  # fmt: skip
    fields = [info for info in CONTRACTS[form].fields.values() if info.name != "school_year"]
    titles = [page.cell(3, column).value for column in range(1, len(fields) + 1)]
    for column, info in enumerate(fields, start=1):
        assert str(titles[column - 1]).startswith(info.zh)
        page.cell(4, column).value = values.get(info.name)
    buffer = io.BytesIO()
    book.save(buffer)
    staged = _stage(buffer.getvalue())
    assert staged.findings.filter(pl.col("severity") != "note").select("rule", "field").rows() == []
    (row,) = staged.rows[form].to_dicts()
    if form != "exchange_eligible":
        assert row["person"] == _of(ID)[0]
    assert ID not in _everything(staged) and NAME not in _everything(staged)


def _receive(home: Home, ledger: Ledger, name: str, content: bytes, minute: int) -> None:
    path = home.root / name
    path.write_bytes(content)
    receive(home, ledger, [path], received_by="test", now=datetime(2021, 9, 1, 8, minute, tzinfo=UTC))
    path.unlink()


def _rows(home: Home, form: str = "exchange") -> pl.DataFrame:
    return pl.read_parquet(home.staging / "returns" / form / "2020.parquet", glob=False)


def test_who_is_not_on_the_corrected_list_was_taken_back(home: Home, ledger: Ledger) -> None:
    others = [_row(person=f"T{n:04}", name="示例李强") for n in range(3)]
    _receive(home, ledger, "名单.xlsx", _list(_row(person=ID[:-1]), *others), 0)
    assemble(home, ledger, 2020)
    assert (_rows(home).height, _quarantined(home)) == (3, 1)
    _receive(home, ledger, "名单.xlsx", _list(_row(), *others[:2]), 1)
    assemble(home, ledger, 2020)
    assert set(_rows(home)["person"]) == set(_staged_under(home, ID, "T0000", "T0001"))
    assert _quarantined(home) == 0
    findings = pl.read_parquet(home.staging / "findings" / "2020.parquet", glob=False)
    assert findings.select("rule", "superseded").rows() == [("malformed_code", True)]
    _receive(home, ledger, "初中名单.xlsx", _list(_row(person="T0009", stage="初中")), 2)
    assemble(home, ledger, 2020)
    assert _rows(home).height == 4, "a list of another name is another part of the county's list"


def _quarantined(home: Home) -> int:
    return pl.read_parquet(home.staging / "quarantine" / "2020.parquet", glob=False).height


def _staged_under(home: Home, *numbers: str) -> list[str | None]:
    key = bytes.fromhex(home.person_key.read_text())
    return _of(*numbers, key=key)


def test_a_new_key_makes_the_year_stale_and_every_pseudonym_another(home: Home, ledger: Ledger) -> None:
    _receive(home, ledger, "名单.xlsx", _list(_row(), _row(person="T0001", name="示例李强")), 0)
    assert is_stale(home, ledger, 2020) and not home.person_key.exists()
    assemble(home, ledger, 2020)
    first = _rows(home)
    assert not is_stale(home, ledger, 2020) and assemble(home, ledger, 2020).fresh
    assemble(home, ledger, 2020, force=True)
    assert _rows(home).equals(first)
    home.person_key.unlink()
    assert is_stale(home, ledger, 2020)
    assert not assemble(home, ledger, 2020).fresh
    second = _rows(home)
    assert not set(second["person"]) & set(first["person"])
    first, second = (frame.sort("row_number").drop("person") for frame in (first, second))
    assert second.equals(first)


def test_years_without_persons_need_no_key(home: Home, ledger: Ledger) -> None:
    from tests.intake.books import enrolment

    _receive(home, ledger, "a.xlsx", xlsx(enrolment()), 0)
    assemble(home, ledger, 2020)
    assert not is_stale(home, ledger, 2020) and not home.person_key.exists()
