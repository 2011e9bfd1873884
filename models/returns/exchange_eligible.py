"""Who could be exchanged and who was, as the school declares it: the denominator of the exchange rate (domain §5)."""

from __future__ import annotations

import polars as pl

from models.returns.common import PERSONNEL, StageReturn
from models.returns.contract import Contract, RowRule, count, field, not_above

_EXEMPT = ("exempt_nursing", "exempt_illness", "exempt_retirement", "exempt_other")


class ExchangeEligible(StageReturn):
    """One row per school and stage; persons on 1 September, exchanges since the one before."""

    good_school: int = field(
        "是否优质学校",
        "Counted as a good school by the county (1) or not (0)",
        owner=PERSONNEL,
        kind="count",
        isin=[0, 1],
        expected=False,
    )
    permanent_staff: int = count("在编教师数", "Permanent staff, principals included", owner=PERSONNEL)
    long_enough: int = count("任教达到规定年限人数", "Of them at the school for the years locally set", owner=PERSONNEL)
    exempt_nursing: int = count("不交流：孕产哺乳期", "Exempt: pregnancy or nursing", owner=PERSONNEL)
    exempt_illness: int = count("不交流：重大疾病", "Exempt: serious illness", owner=PERSONNEL)
    exempt_retirement: int = count("不交流：临近退休", "Exempt: near retirement", owner=PERSONNEL)
    exempt_other: int = count("不交流：其他", "Exempt: other reasons", owner=PERSONNEL)
    eligible: int = count("符合交流条件人数", "Eligible, principals included", owner=PERSONNEL)
    should_exchange: int = count(
        "应交流名单人数", "On the list of those who should be exchanged", owner=PERSONNEL, expected=False
    )
    exchanged: int = count("交流人数", "Exchanged to another school in the year, as declared", owner=PERSONNEL)
    backbone_exchanged: int = count("交流人数中骨干教师", "Backbone teachers among them", owner=PERSONNEL)
    principals_eligible: int = count("符合交流条件的校长数", "Principals among the eligible", owner=PERSONNEL)
    principals_exchanged: int = count("交流校长数", "Principals among the exchanged", owner=PERSONNEL)


CONTRACT = Contract(
    name="exchange_eligible",
    zh="教师校长应交流与交流情况",
    en="Teachers eligible for exchange, and exchanged as declared",
    model=ExchangeEligible,
    grain=("school_year", "school_code", "stage"),
    rules=(
        not_above(
            "long_enough_within_permanent_staff",
            "long_enough",
            "permanent_staff",
            zh="任教达到规定年限人数不大于在编教师数",
            en="Those at the school long enough do not exceed the permanent staff",
        ),
        RowRule(
            name="eligible_are_those_long_enough_less_the_exempt",
            severity="error",
            fields=("eligible", "long_enough", *_EXEMPT),
            holds=pl.col("eligible") == pl.col("long_enough") - pl.sum_horizontal(_EXEMPT, ignore_nulls=False),
            expected=pl.col("long_enough") - pl.sum_horizontal(_EXEMPT, ignore_nulls=False),
            zh="符合交流条件人数 = 达到规定年限人数 − 各类不交流人数",
            en="Eligible = at the school long enough − exempt for any reason",
            guidance_zh="核对各项人数，更正后重新报送。",
            guidance_en="Check the numbers, correct and send again.",
        ),
        not_above(
            "backbone_exchanged_within_exchanged",
            "backbone_exchanged",
            "exchanged",
            zh="交流骨干教师数不大于交流人数",
            en="Backbone teachers exchanged do not exceed all exchanged",
        ),
        not_above(
            "principals_eligible_within_eligible",
            "principals_eligible",
            "eligible",
            zh="符合交流条件的校长数不大于符合交流条件人数",
            en="Eligible principals do not exceed all eligible",
        ),
        not_above(
            "principals_exchanged_within_exchanged",
            "principals_exchanged",
            "exchanged",
            zh="交流校长数不大于交流人数",
            en="Principals exchanged do not exceed all exchanged",
        ),
        not_above(
            "exchanged_within_eligible",
            "exchanged",
            "eligible",
            severity="query",
            zh="交流人数一般不大于符合交流条件人数",
            en="Those exchanged do not normally exceed the eligible",
        ),
    ),
)
