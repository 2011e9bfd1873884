"""What the pages besides county and overview are made from, read out of one release.

Belongs here: the queries of the pages on quality, releases, methods and single indicators. Does not belong here: any
formula of the field, the figures of the county pages (``release_reader.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.completeness import OUTSTANDING
from pipelines.dashboards.codes import Terms
from pipelines.dashboards.extract import Extract, Extracts, Field
from pipelines.dashboards.facts import Coefficient, Frame, Point
from pipelines.dashboards.tables import Kind
from pipelines.dashboards.text import LANGUAGES, load

#: Rows of a table of the audit that stand in its files; the release holds the rest.
MOST = 20_000
#: Labels of columns that no table of a release names.
#: Short headings for tables of findings, of what is owed and of retreats; the titles of the release are sentences.
_LABELS = {
    each: f"field.{each}"
    for each in (
        "findings", "counties", "latest", "filing_status", "asked_zh", "asked_en", "severity", "owner", "rule", "value",
        "file_name", "guidance_zh", "guidance_en", "message_zh", "message_en", "due", "days_late", "rows_quarantined",
        "standing", "recognised_since", "retreat_since", "retreat_years", "retreat_parts", "weakest_part",
        "weakest_margin",
    )
} | {"county_code": "column.county_code", "county_name": "column.county", "school_year": "column.year",
     "verdict": "column.verdict"}  # fmt: skip
_OWED = "audit.completeness"
_RULES = {
    key: f"field.{key}"
    for key in (
        "standard", "measure", "indicator", "stage", "value", "binding", "region_code", "from_year", "document",
        "source", "setting", "school_type", "weight", "school_standard", "item", "points", "line", "scoring", "test",
    )
}  # fmt: skip
#: Tables that have a section of their own on the page of data quality or elsewhere.
_WORDS: Mapping[str, Kind] = {
    "latest": "year", "asked_zh": "words", "asked_en": "words",
    "message_zh": "words", "message_en": "words", "guidance_zh": "words", "guidance_en": "words",
    "file_name": "code",
}  # fmt: skip
_TOLD = frozenset(
    {
        "audit.completeness",
        "audit.finding",
        "audit.return_count",
        "audit.rule_trend",
        "audit.source_column",
        "audit.submission",
    }
)
#: Releases whose findings stand side by side in the trend of the rules.
_RELEASES = 8


@dataclass(frozen=True)
class QualityBook:
    """Findings by rule, owner and year, rows by return and year, and every other table of the audit as it stands."""

    totals: Mapping[str, int]
    by_rule: Extract | None
    by_owner: Extract | None
    trend: Extract | None
    findings: Extract | None
    returns: Extract | None
    not_filed: Extract | None
    others: tuple[Extract, ...]
    terms: Terms


@dataclass(frozen=True)
class Notices:
    """What an overview says besides coefficients, in the latest year: who retreats after recognition, the standing of
    every county, who has not filed. None where the release has no table that knows.
    """

    retreat: Extract | None
    standing: Extract | None
    not_filed: Extract | None
    terms: Terms


@dataclass(frozen=True)
class ReleaseBook:
    """What a release is made of and what differs from the one before (None: there is none)."""

    facts: Mapping[str, str]
    previous: str | None
    changes: Extract | None
    accepted: Extract
    submissions: Extract
    rows: Extract
    findings: Extract
    terms: Terms


@dataclass(frozen=True)
class MethodsBook:
    """Thresholds, weights and choices of the rulebook, each with its document."""

    tables: Mapping[str, Extract]
    terms: Terms
    regions: Mapping[str, str]


@dataclass(frozen=True)
class IndicatorBook:
    """One indicator of a standard in every county: points by (stage, county), and its rows of the latest year."""

    standard: str
    indicator: str
    points: Mapping[str, Mapping[str, tuple[Point, ...]]]
    latest: Mapping[str, Mapping[str, Coefficient]]
    binding: bool


def terms(extracts: Extracts) -> Terms:
    """Words for the codes in tables: returns, departments, standards, indicators, settings."""
    found: dict[str, dict[str, Mapping[str, str]]] = {"form": {}, "owner": {}, "standard": {}, "indicator": {}}
    for name in extracts.tables("returns"):
        found["form"][name.removeprefix("returns.")] = extracts.title(name)
    for key, table, code in (
        ("owner", "department", "department"), ("standard", "standard", "standard"), ("setting", "setting", "setting"),
        ("indicator", "indicator", "indicator"), ("item", "government_item", "item"), ("test", "funding_test", "test"),
        ("school_type", "school_type", "school_type"),
    ):  # fmt: skip
        if extracts.has(f"rulebook.{table}", code, "zh", "en"):
            rows = extracts.rows(f"select {code}, zh, en from rulebook.{table} order by all")
            found.setdefault(key, {}).update({str(name): {"zh": zh, "en": en} for name, zh, en in rows})
    return found


def quality_book(extracts: Extracts) -> QualityBook:
    """Read what the page on data quality shows."""
    by_rule = by_owner = findings = None
    totals: dict[str, int] = {}
    if extracts.has("audit.finding", "rule", "severity", "owner", "school_year", "superseded"):
        open_ = "not superseded"
        totals = {
            str(severity): int(count)
            for severity, count in extracts.rows(
                f"select severity, count(*) from audit.finding where {open_} group by 1"
            )
        }
        known = extracts.has("audit.rule", "rule", "zh", "en")
        asked = (
            "(select rule, min(zh) as zh, min(en) as en from audit.rule group by 1)"
            if known
            else "(select null as rule, null as zh, null as en)"
        )
        by_rule = extracts.query(
            "findings-by-rule",
            "select coalesce(min(asked.zh), rule) as asked_zh, coalesce(min(asked.en), rule) as asked_en, severity,"
            " min(owner) as owner, min(form) as form,"
            " count(*) as findings, count(distinct county_code) as counties, max(school_year) as latest,"
            " min(guidance_zh) as guidance_zh, min(guidance_en) as guidance_en, rule"
            f" from audit.finding left join {asked} as asked using (rule) where {open_} group by rule, severity"
            " order by case severity when 'error' then 1 when 'query' then 2 else 3 end, findings desc, rule",
            of="audit.finding", labels=_LABELS, kinds=_WORDS,
        )  # fmt: skip
        by_owner = _crossed(extracts)
        findings = extracts.query(
            "findings",
            "select finding_id, severity, rule, county_code, school_year, form, school_code, owner, value, file_name,"
            f" sheet, cell, message_zh, message_en from audit.finding where {open_}"
            f" order by school_year desc nulls last, severity, rule, finding_id limit {MOST}",
            of="audit.finding", labels=_LABELS, kinds=_WORDS,
        )  # fmt: skip
    returns = None
    if extracts.has("audit.return_count", "form", "school_year", "county_code", "rows_accepted"):
        returns = extracts.query(
            "returns",
            "select form, school_year, count(distinct county_code) as counties, sum(rows_accepted)::bigint as"
            " rows_accepted, sum(rows_quarantined)::bigint as rows_quarantined, sum(errors)::bigint as errors,"
            " sum(queries)::bigint as queries from audit.return_count where county_code is not null"
            " group by form, school_year order by form, school_year desc",
            of="audit.return_count", labels=_LABELS,
        )  # fmt: skip
    not_filed = _not_filed(extracts)
    others = tuple(extracts.whole(name, limit=MOST) for name in extracts.tables("audit") if name not in _TOLD)
    trend = rule_trend(extracts)
    return QualityBook(totals, by_rule, by_owner, trend, findings, returns, not_filed, others, terms(extracts))


def rule_trend(extracts: Extracts) -> Extract | None:
    """Findings by rule in the latest releases, a column a release; without rules that found nothing in any of them.

    None before there are two releases: one has no trend.
    """
    if not extracts.has("audit.rule_trend", "release_id", "published_at", "rule", "severity", "failing"):
        return None
    releases = extracts.rows(
        "select release_id, strftime(max(published_at at time zone 'UTC'), '%Y-%m-%d %H:%M') from audit.rule_trend"
        f" group by 1 order by max(published_at) desc, 1 desc limit {_RELEASES}"
    )[::-1]
    if len(releases) < 2:
        return None
    counts: dict[str, dict[str, int]] = {}
    severities: dict[str, str] = {}
    for release, rule, severity, failing in extracts.rows(
        "select release_id, rule, severity, failing from audit.rule_trend"
        f" where release_id in ({', '.join('?' * len(releases))})"
        " qualify max(failing) over (partition by rule) > 0 order by published_at",
        [name for name, _ in releases],
    ):
        counts.setdefault(rule, {})[release] = failing
        severities[rule] = severity
    asked = _asked(extracts)
    fields = [Field(f"asked_{language}", "words", label=f"field.asked_{language}") for language in LANGUAGES]
    fields.append(Field("severity", "text", label="field.severity"))
    fields += [Field(f"release_{name}", "integer", {"zh": at, "en": at}) for name, at in releases]
    fields.append(Field("rule", "code", label="field.rule"))
    latest = releases[-1][0]
    rows = [
        (
            *(asked.get(rule, {}).get(language, rule) for language in LANGUAGES), severities[rule],
            *(of.get(name) for name, _ in releases), rule,
        )
        for rule, of in sorted(counts.items(), key=lambda each: (-(each[1].get(latest) or 0), each[0]))
    ]  # fmt: skip
    return Extract("rule-trend", {}, tuple(fields), tuple(rows))


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
            labels=_LABELS, kinds=kinds,
        )  # fmt: skip
        standing = extracts.query(
            "standing", f"{base} order by county_code", values, of=card, labels=_LABELS, kinds=kinds
        )
    not_filed = _not_filed(extracts, f" and school_year = {latest}{among}", values)
    return Notices(retreat, standing, not_filed, terms(extracts))


def _not_filed(extracts: Extracts, condition: str = "", values: Sequence[Any] = ()) -> Extract | None:
    """Returns that are owed and did not come, or not in order (``pipelines.completeness``)."""
    if not extracts.has(_OWED, "county_code", "school_year", "form", "status"):
        return None
    outstanding = ", ".join(f"'{status}'" for status in OUTSTANDING)
    return extracts.query(
        "not-filed",
        "select county_code, county_name, school_year, form, owner, due, days_late, status as filing_status,"
        f" rows_quarantined from {_OWED} where status in ({outstanding}){condition}"
        " order by school_year desc, county_code, due, form",
        values, of=_OWED, labels=_LABELS,
    )  # fmt: skip


def _crossed(extracts: Extracts) -> Extract:
    """Open findings by department and school year: a row a department, a column a year."""
    counted = extracts.rows(
        "select coalesce(owner, ''), school_year, count(*) from audit.finding where not superseded"
        " group by all order by all"
    )
    years = sorted({int(year) for _, year, _ in counted if year is not None})
    cells = {(owner, year): int(count) for owner, year, count in counted}
    fields = [Field("owner", "text", label="field.owner")]
    # A year is a title in both languages that needs no label.
    fields += [
        Field(f"year_{year}", "integer", {language: load(language).year(year) for language in LANGUAGES})
        for year in years
    ]
    fields.append(Field("no_year", "integer", label="field.no_year"))
    rows = tuple(
        (owner, *(cells.get((owner, year), 0) for year in [*years, None]))
        for owner in sorted({o for o, _, _ in counted})
    )
    return Extract("findings-by-owner", {}, tuple(fields), rows)


def release_book(extracts: Extracts, manifest: Mapping[str, Any], previous: Mapping[str, Any] | None) -> ReleaseBook:
    """What the manifest of a release says, compared with the manifest of the one before."""
    keys = ("created_at", "code_version", "git_commit", "rulebook_version", "duckdb_version", "digest", "sha256")
    submissions = [dict(each) for each in manifest.get("submissions", [])]
    return ReleaseBook(
        facts={key: str(manifest[key]) for key in keys if manifest.get(key)},
        previous=str(previous["release_id"]) if previous and previous.get("release_id") else None,
        changes=_changes(manifest, previous) if previous else None,
        accepted=_listed("accepted", manifest.get("accepted", []), ("rule", "count", "reason")),
        submissions=_listed(
            "submissions",
            [
                {
                    **each,
                    "received_at": str(each.get("received_at", ""))[:16].replace("T", " "),
                    "forms": ", ".join(f"{part['form']}:{part['period']}" for part in each.get("returns", [])),
                }
                for each in submissions
            ],
            ("file_name", "received_at", "forms", "submission_id", "sha256"),
        ),
        rows=_listed(
            "rows",
            [
                {"table": name, **{f"title_{language}": words for language, words in extracts.title(name).items()},
                 "rows": count}
                for name, count in manifest.get("rows", {}).items()
            ],
            ("table", "title_zh", "title_en", "rows"),
        ),
        findings=_listed("findings", manifest.get("findings", []), ("rule", "severity", "count")),
        terms={**terms(extracts), "what": _whats(extracts, manifest), "rule": _rules(extracts)},
    )  # fmt: skip


def _asked(extracts: Extracts) -> dict[str, dict[str, str]]:
    """What a rule asks, by rule and language; nothing where the release has no list of rules."""
    if not extracts.has("audit.rule", "rule", "zh", "en"):
        return {}
    rows = extracts.rows("select rule, min(zh), min(en) from audit.rule group by rule")
    return {rule: {"zh": zh, "en": en} for rule, zh, en in rows}


def _rules(extracts: Extracts) -> dict[str, dict[str, str]]:
    """A rule by what it asks, with its id."""
    words = {language: load(language) for language in LANGUAGES}
    return {
        rule: {language: words[language]("forms.place", county=told, code=rule) for language, told in asked.items()}
        for rule, asked in _asked(extracts).items()
    }


def _whats(extracts: Extracts, manifest: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What can change between releases, in words: the causes, and tables by their titles."""
    words = {language: load(language) for language in LANGUAGES}
    found = {key: {language: text(f"site.{key}") for language, text in words.items()} for key in _CAUSES}
    for name in manifest.get("rows", {}):
        title = extracts.title(name)
        found[name] = {
            language: text("forms.place", county=title[language], code=name) if title.get(language) else name
            for language, text in words.items()
        }
    return found


def _changes(manifest: Mapping[str, Any], previous: Mapping[str, Any]) -> Extract:
    """What differs between two manifests, by cause: returns, code, rulebook; then rows and findings that moved."""
    rows: list[tuple[str, str, str, str]] = []
    for key in _CAUSES:
        before, after = str(previous.get(key) or ""), str(manifest.get(key) or "")
        if before != after:
            rows.append(("cause", key, before[:12], after[:12]))
    files = [
        {str(each["submission_id"]): str(each["file_name"]) for each in one.get("submissions", [])}
        for one in (previous, manifest)
    ]
    rows += [("submission_new", name, "", key) for key, name in files[1].items() if key not in files[0]]
    rows += [("submission_gone", name, key, "") for key, name in files[0].items() if key not in files[1]]
    counts = [{str(name): int(count) for name, count in one.get("rows", {}).items()} for one in (previous, manifest)]
    found = [
        {f"{each['rule']} ({each['severity']})": int(each["count"]) for each in one.get("findings", [])}
        for one in (previous, manifest)
    ]
    for kind, (before_by, after_by) in (("rows", counts), ("findings", found)):
        for name in sorted(before_by.keys() | after_by.keys()):
            pair = before_by.get(name, 0), after_by.get(name, 0)
            if pair[0] != pair[1]:
                rows.append((kind, name, str(pair[0]), str(pair[1])))
    fields = tuple(
        Field(key, "code" if key in ("before", "after") else "text", label=f"field.{key}")
        for key in ("change", "what", "before", "after")
    )
    return Extract("changes", {}, fields, tuple(rows))


#: What of a manifest can be the cause of other figures, besides the submissions.
_CAUSES = ("code_version", "git_commit", "rulebook_version")
_MANIFEST: Mapping[str, Kind] = {
    "rule": "words", "count": "integer", "rows": "integer", "received_at": "moment",
    **dict.fromkeys(("sha256", "submission_id", "table", "file_name", "forms"), "code"),
}  # fmt: skip


def _listed(name: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Extract:
    fields = tuple(Field(key, _MANIFEST.get(key, "text"), label=f"field.{key}") for key in columns)
    return Extract(name, {}, fields, tuple(tuple(row.get(key) for key in columns) for row in rows))


def methods_book(extracts: Extracts, latest: int) -> MethodsBook:
    """The rulebook in force in the school year ``latest``: lines, weights, choices, by region."""
    in_force = f"from_year <= {latest} and (to_year is null or to_year >= {latest})"
    found = {}
    for name, (table, keys, figures) in _RULE_TABLES.items():
        if extracts.has(f"rulebook.{table}"):
            columns = (*keys, *figures, "region_code", "from_year", "document", "source")
            kinds: dict[str, Kind] = dict.fromkeys(figures, "number")
            kinds["source"] = kinds["scoring"] = "words"
            if table == "choice":
                kinds["value"] = "words"
            found[name] = extracts.query(
                name,
                f"select {', '.join(columns)} from rulebook.{table} where {in_force}"
                f" order by {', '.join(keys)}, region_code",
                of=f"rulebook.{table}", labels=_RULES, kinds={**kinds, **dict.fromkeys(keys, "text")},
            )  # fmt: skip
    regions: dict[str, str] = {}
    if extracts.has("core.region", "rule_region"):
        regions = {
            str(code): str(name)
            for code, name in extracts.rows("select region_code, any_value(region_name) from core.region group by 1")
        }
    return MethodsBook(found, terms(extracts), regions)


#: Section of the methods page → table of the rulebook, its keys, what it lays down.
_RULE_TABLES: Mapping[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "thresholds": ("threshold", ("standard", "measure", "indicator", "stage"), ("value", "binding")),
    "choices": ("choice", ("setting", "standard"), ("value",)),
    "weights": ("stage_weight", ("school_type", "stage"), ("weight",)),
    "school-lines": ("school_standard_line", ("school_standard", "indicator", "stage"), ("value",)),
    "government-lines": ("government_item_line", ("item",), ("points", "line", "scoring")),
    "funding-lines": ("funding_line", ("test", "stage"), ("value", "binding")),
}


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
