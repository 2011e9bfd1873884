"""Findings against an answer key: which planted faults were found, and what else was raised.

Belongs here: when a finding answers to a line of the key. Does not belong here: planting, and any expectation.

A finding that answers to no line of its rule *follows* from another one where it speaks of the same school (or, of a
county as a whole, of the same return), in that year or the next to it, or in any year of a school with a fault of data:
a row that is held back is missed by the rules that need it. What is computed of a county from all its returns follows
from any fault of data in it. Otherwise it is *wrong*.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

import polars as pl

Line = dict[str, str | None]
#: Years to either side in which a fault shows itself to other rules: a jump there is a jump back.
NEAR = 1


@dataclass
class Tally:
    """Counts of a rule: faults planted and found; findings raised, answering, following from other faults, wrong."""

    severity: str = ""
    planted: int = 0
    found: int = 0
    raised: int = 0
    follows: int = 0
    wrong: int = 0

    @property
    def recall(self) -> float | None:
        """Found ÷ planted."""
        return self.found / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        """Raised that are not wrong ÷ raised."""
        return (self.raised - self.wrong) / self.raised if self.raised else None


@dataclass(frozen=True)
class Matched:
    """Tallies by rule, the lines that were missed and the findings that are wrong."""

    tallies: dict[str, Tally]
    missed: list[Line]
    wrong: pl.DataFrame


def match(findings: pl.DataFrame, key: pl.DataFrame) -> Matched:
    """Hold findings against the answer key (``Planted`` as a frame of text)."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    answered: set[str] = set()
    missed: list[Line] = []
    by_rule = {str(rule[0]): frame for rule, frame in findings.partition_by("rule", as_dict=True).items()}
    for line in key.filter(pl.col("rule") != "none").to_dicts():
        tally = tallies[line["rule"]]
        tally.severity = line["severity"]
        tally.planted += 1
        hits = _answers(by_rule[line["rule"]], line) if line["rule"] in by_rule else findings.clear()
        tally.found += not hits.is_empty()
        if hits.is_empty():
            missed.append(line)
        answered |= set(hits["finding_id"])
    rest = findings.filter(~pl.col("finding_id").is_in(sorted(answered)))
    following = _following(rest, key)
    for name, frame in by_rule.items():
        tallies[name].raised = frame.height
        tallies[name].severity = tallies[name].severity or frame["severity"][0]
    for name, count in following.group_by("rule").len().rows():
        tallies[name].follows = count
    wrong = rest.join(following, on="finding_id", how="anti")
    for name, count in wrong.group_by("rule").len().rows():
        tallies[name].wrong = count
    return Matched(dict(tallies), missed, wrong)


def _answers(hits: pl.DataFrame, line: Line) -> pl.DataFrame:
    if line["file"]:
        return _in_file(hits, line)
    hits = hits.filter(
        pl.col("county_code") == line["county_code"], pl.col("school_year") == int(line["school_year"] or 0)
    )
    if line["school_code"]:
        return hits.filter(pl.col("school_code").is_in(line["school_code"].split("|")))
    return hits.filter(pl.col("form").is_null() | (pl.col("form") == line["form"]))


def _in_file(hits: pl.DataFrame, line: Line) -> pl.DataFrame:
    """Findings in the file and, where it was read, in the sheet, of the school or in the cell."""
    hits = hits.filter(pl.col("file_name") == line["file"])
    if line["sheet"] and hits["sheet"].null_count() == 0:
        hits = hits.filter(pl.col("sheet") == line["sheet"])
    if line["school_code"] and hits["school_code"].null_count() == 0:
        by_school = hits.filter(pl.col("school_code") == line["school_code"])
        hits = by_school if by_school.height else hits.filter(pl.col("cell") == line["cell"])
    elif line["cell"] and hits["cell"].null_count() == 0:
        part = _LETTERS if line["rule"] in _OF_A_COLUMN else _DIGITS
        hits = hits.filter(pl.col("cell").str.extract(part) == re.findall(part, line["cell"])[0])
    return hits


#: Rules about a column; of the others the row is compared, as a rule may name another cell of it.
_OF_A_COLUMN = frozenset({"ambiguous_column", "unmapped_column", "unit_mismatch", "printed_total_differs"})
_LETTERS, _DIGITS = r"([A-Z]+)", r"([0-9]+)"


def _following(rest: pl.DataFrame, key: pl.DataFrame) -> pl.DataFrame:
    """Findings beside a fault of another kind."""
    faults = key.filter(pl.col("rule") != "none").select(
        pl.col("school_code").str.split("|").alias("school"),
        pl.col("county_code").alias("county"),
        pl.col("form").alias("of_form"),
        pl.col("file"),
        pl.col("school_year").cast(pl.Int32).alias("year"),
        (pl.col("school_code").fill_null("") == "").alias("whole"),
    )
    schools = faults.explode("school").filter(pl.col("school").fill_null("") != "")
    cells = schools.filter(pl.col("file").fill_null("") != "").select("school", "year").unique()
    data = (
        schools.filter(pl.col("file").fill_null("") == "").select("school").unique()
    )  # such a school is not as it was
    of_school = pl.concat(
        [
            rest.join(cells, left_on="school_code", right_on="school", how="inner").filter(_near()).select(_IDS),
            rest.join(data, left_on="school_code", right_on="school", how="semi").select(_IDS),
        ]
    )
    whole = faults.filter("whole")
    tables = whole.filter(pl.col("file").fill_null("") == "").select("county", "year").unique()
    of_table = rest.join(tables, left_on="county_code", right_on="county", how="inner").filter(_near())
    forms = faults.select("county", "of_form", "year").unique()
    of_county = (
        rest.filter(pl.col("school_code").is_null())
        .join(forms, left_on=["county_code", "form"], right_on=["county", "of_form"], how="inner")
        .filter(_near())
    )
    in_data = faults.filter(pl.col("file").fill_null("") == "").select("county").unique()
    computed = rest.filter(pl.col("rule").is_in(_OF_ALL_RETURNS)).join(
        in_data, left_on="county_code", right_on="county", how="semi"
    )
    files = whole.filter(pl.col("file").fill_null("") != "").select("file").unique()
    of_file = rest.join(files, left_on="file_name", right_on="file", how="semi")
    ids = pl.concat([frame.select(_IDS) for frame in (of_school, of_table, of_county, computed, of_file)])
    return ids.unique()


_IDS = ("finding_id", "rule")
#: Rules about what all the returns of a county come to.
_OF_ALL_RETURNS = ("government_score_is_the_computed", "junior_entrants_within_primary_graduates")


def _near() -> pl.Expr:
    return (pl.col("school_year") - pl.col("year")).abs() <= NEAR
