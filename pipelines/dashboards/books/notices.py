"""What an overview says besides coefficients: who retreats after recognition, where counties stand, who has not filed.

Belongs here: these queries. Does not belong here: coefficients and verdicts (``release_reader.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.completeness import OUTSTANDING
from pipelines.dashboards.books.headings import LABELS
from pipelines.dashboards.books.words import terms
from pipelines.dashboards.codes import Terms
from pipelines.dashboards.extract import Extract, Extracts
from pipelines.dashboards.tables import Kind

_OWED = "audit.completeness"


@dataclass(frozen=True)
class Notices:
    """What an overview says besides coefficients, in the latest year: who retreats after recognition, the standing of
    every county, who has not filed. None where the release has no table that knows.
    """

    retreat: Extract | None
    standing: Extract | None
    not_filed: Extract | None
    terms: Terms


def notices(extracts: Extracts, latest: int, counties: Sequence[str] | None = None) -> Notices:
    """Read the notices of an overview, of all counties or of some."""
    among = "" if counties is None else f" and county_code in ({', '.join('?' * len(counties))})"
    values = list(counties or ())
    retreat = standing = None
    card = "trends.basic_scorecard"
    shown = ("county_code", "county_name", "standing", "verdict", "recognised_since", "retreat_since", "retreat_years",
             "retreat_parts", "weakest_part", "weakest_margin")  # fmt: skip
    if extracts.has(card, *shown, "retreat", "school_year"):
        columns = ", ".join(shown)
        kinds: Mapping[str, Kind] = {
            "retreat_years": "integer", "retreat_parts": "words", "weakest_part": "words", "weakest_margin": "growth",
        }  # fmt: skip
        base = f"select {columns} from {card} where school_year = {latest}{among}"
        retreat = extracts.query(
            "retreat", f"{base} and retreat order by retreat_years desc, county_code", values, of=card,
            labels=LABELS, kinds=kinds,
        )  # fmt: skip
        standing = extracts.query(
            "standing", f"{base} order by county_code", values, of=card, labels=LABELS, kinds=kinds
        )
    owed = not_filed(extracts, f" and school_year = {latest}{among}", values)
    return Notices(retreat, standing, owed, terms(extracts))


def not_filed(extracts: Extracts, condition: str = "", values: Sequence[Any] = ()) -> Extract | None:
    """Returns that are owed and did not come, or not in order (``pipelines.completeness``)."""
    if not extracts.has(_OWED, "county_code", "school_year", "form", "status"):
        return None
    outstanding = ", ".join(f"'{status}'" for status in OUTSTANDING)
    return extracts.query(
        "not-filed",
        "select county_code, county_name, school_year, form, owner, due, days_late, status as filing_status,"
        f" rows_quarantined from {_OWED} where status in ({outstanding}){condition}"
        " order by school_year desc, county_code, due, form",
        values, of=_OWED, labels=LABELS,
    )  # fmt: skip
