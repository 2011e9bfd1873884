"""What pages and pictures are made from: frozen rows, plain enough to be sent to another process.

Belongs here: shapes of the figures and what follows from them without further data (order, counts, gaps).
Does not belong here: reading a release (``release_reader.py``), words (``sentences.py``), drawing.

Numbers are as published: coefficients and shares are fractions, never rounded; ``None`` is "not known".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.dashboards.extract import Extract

#: At the line is within it: a difference of this size is rounding (as in ``trends.differential_coefficient``).
ROUNDING = 1e-12


@dataclass(frozen=True)
class Term:
    """Titles of an indicator; ``unit`` is the unit of its county mean."""

    key: str
    title: Mapping[str, str]
    unit: Mapping[str, str]


@dataclass(frozen=True)
class Standard:
    """Title of a standard and the rule document it stands in."""

    key: str
    title: Mapping[str, str]
    document: str


@dataclass(frozen=True)
class Composite:
    """One row of ``trends.composite_coefficient``."""

    county_code: str
    county_name: str
    school_year: int
    stage: str
    standard: str
    indicators: int | None
    indicators_available: int | None
    schools: int | None
    enrolment: float | None
    composite: float | None
    threshold: float | None
    meets: bool | None
    every_indicator_meets: bool | None
    indicators_above: str | None
    verdict: bool | None
    verdict_rule: str | None
    reason: str | None
    change_from_last_year: float | None
    last_crossed_year: int | None
    years_since_crossing: int | None

    @property
    def above(self) -> list[str]:
        """Keys of the indicators above their line."""
        return [key.strip() for key in (self.indicators_above or "").split(",") if key.strip()]

    @property
    def binding(self) -> bool:
        """True where the composite's own line decides the verdict."""
        return self.verdict_rule == "composite"


@dataclass(frozen=True)
class Coefficient:
    """One row of ``trends.differential_coefficient`` (the county is known from the book it lies in)."""

    school_year: int
    stage: str
    standard: str
    indicator: str
    schools: int | None
    schools_missing: int | None
    schools_without_pupils: int | None
    enrolment: float | None
    enrolment_missing: float | None
    mean: float | None
    standard_deviation: float | None
    coefficient: float | None
    threshold: float | None
    threshold_binding: bool | None
    meets: bool | None
    reason: str | None


@dataclass(frozen=True)
class Attainment:
    """One row of ``trends.county_attainment``."""

    school_year: int
    stage: str
    schools: int | None
    schools_attaining: int | None
    schools_missing: int | None
    share: float | None
    all_attain: bool | None
    reason: str | None


@dataclass(frozen=True)
class Census:
    """Schools of a stage in the latest year that are in no figure: left out by the rules, or not identified."""

    schools_left_out: int
    schools_unidentified: int


@dataclass(frozen=True)
class Contribution:
    """A school's part in the gap of one stage and standard in the latest year.

    ``values`` and ``shares`` go by indicator; ``share`` is the mean of the shares over the indicators that the
    county has, so that all schools of the county sum to 1.
    """

    school_code: str
    school_name: str
    pupils: float | None
    values: Mapping[str, float | None]
    shares: Mapping[str, float | None]
    share: float

    @property
    def top(self) -> str | None:
        """The indicator of which the school holds the largest share."""
        known = [(share, key) for key, share in self.shares.items() if share]
        return max(known, key=lambda pair: pair[0])[1] if known else None

    @property
    def missing(self) -> list[str]:
        """Indicators for which the school has no value though it has (or may have) pupils."""
        return [] if self.pupils == 0 else [key for key, value in self.values.items() if value is None]


@dataclass(frozen=True)
class Point:
    """One year of a line: ``value`` None is a gap; ``withheld`` says that the value has no verdict."""

    year: int
    value: float | None
    line: float | None
    withheld: bool = False

    @property
    def above(self) -> bool | None:
        """Whether the unrounded value is above the line; None where either is unknown."""
        return is_above(self.value, self.line)


def is_above(value: float | None, line: float | None) -> bool | None:
    """Whether ``value`` is above ``line`` as the models compare them; None where either is unknown."""
    return None if value is None or line is None else value > line + ROUNDING


Key = tuple[str, str]
"""(standard, stage)."""


@dataclass(frozen=True)
class Frame:
    """What all pages of a release share: the continuous run of years, stages, standards and indicators in order.

    ``unassigned`` counts, by stage, the schools of the latest year whose rows carry no county code. ``terms`` are
    the rulebook's words for codes: column, code, language.
    """

    years: tuple[int, ...]
    stages: tuple[str, ...]
    standards: Mapping[str, Standard]
    indicators: Mapping[str, tuple[Term, ...]]
    counties: tuple[tuple[str, str], ...]
    unassigned: Mapping[str, int]
    terms: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)

    @property
    def latest(self) -> int:
        """The latest school year of the release."""
        return self.years[-1]

    @property
    def keys(self) -> list[Key]:
        """Standards × stages, in the order in which pages show them."""
        return [(standard, stage) for standard in self.standards for stage in self.stages]

    def term(self, standard: str, indicator: str) -> Term:
        """Titles of an indicator (its key stands in where the rulebook does not know it)."""
        for term in self.indicators.get(standard, ()):
            if term.key == indicator:
                return term
        return Term(indicator, {}, {})


@dataclass(frozen=True)
class SchoolPanel:
    """One indicator of a school over the years of the frame, beside the county mean, the line and the floor under it.

    All tuples have one entry a year; None where the school has no value, or no line holds. ``share`` is the school's
    part in the county's variance of the latest year it has.
    """

    standard: str
    indicator: str
    values: tuple[float | None, ...]
    means: tuple[float | None, ...]
    lines: tuple[float | None, ...]
    floors: tuple[float | None, ...]
    share: float | None


@dataclass(frozen=True)
class SchoolStage:
    """A school in one stage: its panels, and by year its pupils and verdicts.

    ``latest`` is the last school year it has figures of. ``attains`` is of the lines of quality balance,
    ``standard_attains`` of the provincial school standard, whose indicators of the latest year are ``below`` their line
    or ``missing``. ``shares`` are its parts in the county's gap by standard, ``ranks`` its places (1: largest) of all.
    """

    stage: str
    latest: int
    pupils: tuple[float | None, ...]
    panels: tuple[SchoolPanel, ...]
    attains: tuple[bool | None, ...]
    standard_attains: tuple[bool | None, ...]
    attains_reason: str | None
    standard_reason: str | None
    below: tuple[str, ...]
    missing: tuple[str, ...]
    shares: Mapping[str, float]
    ranks: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class SchoolBook:
    """Everything the page of one school shows.

    ``code`` is the one at the end of the chain of succession, ``former`` the other codes and names it had with the last
    school year of each. ``conditions`` is its row of ``trends.school_conditions`` of the latest year.
    """

    code: str
    name: str
    former: tuple[tuple[str, str, int], ...]
    stages: tuple[SchoolStage, ...]
    conditions: Mapping[str, str | float | bool | None]


@dataclass(frozen=True)
class SchoolsBook:
    """The schools of one county, each with its page."""

    county_code: str
    county_name: str
    schools: tuple[SchoolBook, ...]


@dataclass(frozen=True)
class SchoolLine:
    """A school and stage in the list of its county: what the list says, and by which codes tables may name it."""

    code: str
    name: str
    codes: tuple[str, ...]
    stage: str
    latest: int
    pupils: float | None
    attains: bool | None
    standard_attains: bool | None
    shares: Mapping[str, float]


@dataclass(frozen=True)
class CountyBook:
    """Everything the page of one county shows.

    ``families`` are the rows of the trend tables by name, ``schools`` the list of its schools; ``has_forms`` says
    whether its self-assessment tables can be filled in.
    """

    code: str
    name: str
    composite: Mapping[Key, tuple[Composite, ...]]
    coefficients: Mapping[Key, tuple[Coefficient, ...]]
    contributions: Mapping[Key, tuple[Contribution, ...]]
    attainment: Mapping[str, tuple[Attainment, ...]]
    census: Mapping[str, Census]
    findings: Mapping[str, int] | None = None
    families: Mapping[str, Extract] = field(default_factory=dict)
    schools: tuple[SchoolLine, ...] = ()
    has_forms: bool = False

    def points(self, key: Key, years: Iterable[int]) -> list[Point]:
        """The composite as a line over ``years``; a year without a row is a gap."""
        rows = {row.school_year: row for row in self.composite.get(key, ())}
        return [
            Point(year, row.composite, row.threshold, row.verdict is None) if row else Point(year, None, None)
            for year, row in ((year, rows.get(year)) for year in years)
        ]

    def indicator_points(self, key: Key, indicator: str, years: Iterable[int]) -> list[Point]:
        """One indicator's coefficient as a line over ``years``."""
        rows = {row.school_year: row for row in self.coefficients.get(key, ()) if row.indicator == indicator}
        return [
            Point(year, row.coefficient, row.threshold, row.reason is not None) if row else Point(year, None, None)
            for year, row in ((year, rows.get(year)) for year in years)
        ]


@dataclass(frozen=True)
class OverviewBook:
    """Everything an overview shows; findings are None where the release has no findings table.

    ``region``: code and name where it is the overview of one region of a larger release. ``regions``: where counties
    are shown by region, each with the codes of its counties; the rows are then of all of them.
    """

    composite: Mapping[Key, tuple[Composite, ...]]
    findings: Mapping[str, Mapping[str, int]] | None = None
    region: tuple[str, str] | None = None
    regions: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    notices: Any = None


@dataclass(frozen=True)
class Tally:
    """Counties by verdict."""

    met: int = 0
    missed: int = 0
    withheld: int = 0

    @property
    def counties(self) -> int:
        """All counties counted."""
        return self.judged + self.withheld

    @property
    def judged(self) -> int:
        """Those with a verdict."""
        return self.met + self.missed

    @property
    def share(self) -> float | None:
        """Those that meet ÷ those with a verdict."""
        return self.met / self.judged if self.judged else None


def tally(verdicts: Iterable[bool | None]) -> Tally:
    """Count verdicts (None is withheld)."""
    found = list(verdicts)
    return Tally(found.count(True), found.count(False), found.count(None))


def joint_verdict(verdicts: Iterable[bool | None]) -> bool | None:
    """A county's verdict over its stages: not met if any is not, met if all are, else withheld."""
    found = list(verdicts)
    if False in found:
        return False
    return None if None in found or not found else True


@dataclass(frozen=True)
class Ranked:
    """A county's place in the table of one stage and standard; ``row`` is None where it has none for the year."""

    code: str
    name: str
    row: Composite | None = field(default=None)


def ranked(frame: Frame, rows: Iterable[Composite]) -> list[Ranked]:
    """Every county for the latest year: not met, withheld, met; within each the largest composite first."""
    latest = {row.county_code: row for row in rows if row.school_year == frame.latest}
    order = {False: 0, None: 1, True: 2}

    def place(entry: Ranked) -> tuple[int, bool, float, str]:
        value = entry.row.composite if entry.row else None
        return (order[entry.row.verdict if entry.row else None], value is None, -(value or 0.0), entry.code)

    return sorted((Ranked(code, name, latest.get(code)) for code, name in frame.counties), key=place)
