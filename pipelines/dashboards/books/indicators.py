"""The pages on single indicators: one of them in every county and year.

Belongs here: their queries. Does not belong here: the coefficients of one county (``release_reader.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelines.dashboards.extract import Extracts
from pipelines.dashboards.facts import Coefficient, Frame, Point


@dataclass(frozen=True)
class IndicatorBook:
    """One indicator of a standard in every county: points by (stage, county), and its rows of the latest year."""

    standard: str
    indicator: str
    points: Mapping[str, Mapping[str, tuple[Point, ...]]]
    latest: Mapping[str, Mapping[str, Coefficient]]
    binding: bool


def indicator_books(extracts: Extracts, frame: Frame) -> Iterator[IndicatorBook]:
    """One book for each standard and indicator, in the order of pages."""
    names = list(Coefficient.__dataclass_fields__)
    present = set(extracts.columns("trends.differential_coefficient"))
    wanted = ", ".join(name if name in present else f"null as {name}" for name in names)
    counties = {code for code, _ in frame.counties}
    for standard in frame.standards:
        for term in frame.indicators[standard]:
            rows = extracts.rows(
                f"select county_code, {wanted} from trends.differential_coefficient"
                " where standard = ? and indicator = ? order by county_code, stage, school_year",
                [standard, term.key],
            )
            by_place: dict[tuple[str, str], dict[int, Coefficient]] = {}
            for code, *cells in rows:
                row = Coefficient(*cells)
                if str(code) in counties:
                    by_place.setdefault((row.stage, str(code)), {})[row.school_year] = row
            yield IndicatorBook(
                standard=standard,
                indicator=term.key,
                points={
                    stage: {
                        code: tuple(_point(year, by_place.get((stage, code), {}).get(year)) for year in frame.years)
                        for code, _ in frame.counties
                    }
                    for stage in frame.stages
                },
                latest={
                    stage: {
                        code: found[frame.latest]
                        for code, _ in frame.counties
                        if frame.latest in (found := by_place.get((stage, code), {}))
                    }
                    for stage in frame.stages
                },
                binding=any(row.threshold_binding for found in by_place.values() for row in found.values()),
            )


def _point(year: int, row: Coefficient | None) -> Point:
    return Point(year, row.coefficient, row.threshold, row.reason is not None) if row else Point(year, None, None)
