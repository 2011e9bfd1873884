"""Names of the sample prefecture: invented, and marked 示例 (sample) wherever a reader could meet them alone.

Belongs here: names and codes. Does not belong here: how many schools there are, or what happens to them (``plan``).
"""

from __future__ import annotations

from dataclasses import dataclass

MARK = "示例"
PREFECTURE = "示例市"
#: Province code 99 is not assigned, so no code of the sample can be taken for a real place or school.
PROVINCE_CODE = "99"

_COUNTIES = (
    "安平县", "清河区", "桐山县", "云溪县", "望川区", "白石县", "柳湾县", "松岭县", "南屏区", "青田县", "临溪县",
    "东皋区", "石门县", "竹山县", "平桥区", "长堤县", "雁门县", "梅岭县", "西坪区", "龙泉县", "凤台县", "金沙区",
    "北塘县", "玉河县",
)  # fmt: skip
_PLACES = (
    "柳林", "石桥", "双河", "大坪", "新塘", "白杨", "枫树", "长岭", "清水", "黄陂", "马鞍", "东湖", "西沟", "南岗",
    "北坡", "龙潭", "凤凰", "金坑", "银滩", "竹园", "松坪", "梅溪", "桃源", "李庄", "杏花", "槐荫", "榆树", "桑园",
    "茶亭", "稻香", "麦坡", "荷塘",
    "沙湾", "石井", "古渡", "土桥", "高桥", "花园", "红岩", "青峰",
)  # fmt: skip
_ORDINALS = "一二三四五六七八九"


@dataclass(frozen=True)
class County:
    """A county of the sample: ``number`` counts from 1."""

    number: int
    code: str
    name: str
    urban: bool

    @property
    def short(self) -> str:
        """The name without its last character (县, 区), as schools carry it."""
        return self.name[:-1]


def county(number: int) -> County:
    """The county of that number (1–99)."""
    base = _COUNTIES[(number - 1) % len(_COUNTIES)]
    again = (number - 1) // len(_COUNTIES)
    name = f"{MARK}{base[:-1]}{_ORDINALS[again] if again else ''}{base[-1]}"
    return County(number, f"{PROVINCE_CODE}01{number:02d}", name, base.endswith("区"))


def places(county_number: int, count: int) -> list[str]:
    """``count`` different place names (at most as many as there are), beginning elsewhere for every county."""
    return [_PLACES[(county_number * 7 + i) % len(_PLACES)] for i in range(min(count, len(_PLACES)))]


def ordinal(number: int) -> str:
    """1 → 一 … 19 → 十九."""
    return _ORDINALS[number - 1] if number < 10 else "十" + (_ORDINALS[number - 11] if number > 10 else "")


def school_code(kind: str, county_number: int, serial: int) -> str:
    """School code of ten digits: kind (21 primary, 31 junior, 34 secondary, 51 special), province, serial number."""
    return f"{kind}{PROVINCE_CODE}{county_number:02d}{serial:04d}"
