"""Pupil movement (基础基331): from last year's pupils to this year's, column by column."""

from __future__ import annotations

import polars as pl

from models.returns.common import GENERAL, StageReturn
from models.returns.contract import Contract, RowRule, count, sum_identity


def _column(number: int) -> dict[str, str]:
    return {"基础基": f"331.{number}"}


class Movement(StageReturn):
    """One row per school and stage; the numbers are the columns of the form (domain §4)."""

    pupils_last_year: int = count("上学年初在校生数", "1 Pupils a year ago", owner=GENERAL, forms=_column(1))
    increase: int = count("增加学生数", "2 Increase", owner=GENERAL, forms=_column(2))
    entrants: int = count("招生", "3 Entrants", owner=GENERAL, forms=_column(3))
    returned: int = count("复学", "4 Returned", owner=GENERAL, forms=_column(4))
    transferred_in: int = count("转入", "5 Transferred in", owner=GENERAL, forms=_column(5))
    other_increase: int = count("其他增加", "6 Other increase", owner=GENERAL, forms=_column(6))
    decrease: int = count("减少学生数", "7 Decrease", owner=GENERAL, forms=_column(7))
    graduates: int = count("毕业", "8 Graduates", owner=GENERAL, forms=_column(8))
    completed: int = count("结业", "9 Completed without graduating", owner=GENERAL, forms=_column(9))
    suspended: int = count("休学", "10 Suspended", owner=GENERAL, forms=_column(10))
    withdrew: int = count("退学", "11 Withdrew", owner=GENERAL, forms=_column(11))
    died: int = count("死亡", "12 Died", owner=GENERAL, forms=_column(12))
    transferred_out: int = count("转出", "13 Transferred out", owner=GENERAL, forms=_column(13))
    other_decrease: int = count("其他减少", "14 Other decrease", owner=GENERAL, forms=_column(14))
    pupils: int = count("本学年初在校生数", "15 Pupils now", owner=GENERAL, forms=_column(15))


CONTRACT = Contract(
    name="movement",
    zh="学生变动情况",
    en="Pupil movement",
    model=Movement,
    grain=("school_year", "school_code", "stage"),
    forms={"基础基": "331"},
    rules=(
        sum_identity(
            "increase_is_the_sum_of_its_parts",
            "increase",
            ("entrants", "returned", "transferred_in", "other_increase"),
            zh="增加学生数等于各增加项之和",
            en="Column 2 equals columns 3 to 6",
        ),
        sum_identity(
            "decrease_is_the_sum_of_its_parts",
            "decrease",
            ("graduates", "completed", "suspended", "withdrew", "died", "transferred_out", "other_decrease"),
            zh="减少学生数等于各减少项之和",
            en="Column 7 equals columns 8 to 14",
        ),
        RowRule(
            name="pupils_now_follow_from_movement",
            severity="error",
            fields=("pupils", "pupils_last_year", "increase", "decrease"),
            holds=pl.col("pupils") == pl.col("pupils_last_year") + pl.col("increase") - pl.col("decrease"),
            expected=pl.col("pupils_last_year") + pl.col("increase") - pl.col("decrease"),
            zh="本学年初在校生数 = 上学年初在校生数 + 增加 − 减少",
            en="Column 15 = column 1 + column 2 − column 7",
            guidance_zh="核对第1、2、7、15栏，更正后重新报送。",
            guidance_en="Check columns 1, 2, 7 and 15, correct and send again.",
        ),
    ),
)
