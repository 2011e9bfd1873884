"""The page on data quality: findings by rule, owner and year, trend of the rules, completeness, the audit as it is.

Belongs here: its queries. Does not belong here: what is owed (``notices.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.dashboards.books.headings import KINDS, LABELS
from pipelines.dashboards.books.notices import not_filed
from pipelines.dashboards.books.words import asked, asked_of, terms
from pipelines.dashboards.codes import Terms
from pipelines.dashboards.extract import Extract, Extracts, Field
from pipelines.dashboards.text import LANGUAGES, load

#: Rows of a table of the audit that stand in its files; the release holds the rest.
MOST = 20_000
#: Tables that have a section of their own on the page or elsewhere.
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
        by_rule = extracts.query(
            "findings-by-rule",
            "select coalesce(min(asked.zh), rule) as asked_zh, coalesce(min(asked.en), rule) as asked_en, severity,"
            " min(owner) as owner, min(form) as form,"
            " count(*) as findings, count(distinct county_code) as counties, max(school_year) as latest,"
            " min(guidance_zh) as guidance_zh, min(guidance_en) as guidance_en, rule"
            f" from audit.finding left join {asked_of(extracts)} as asked using (rule) where {open_}"
            " group by rule, severity"
            " order by case severity when 'error' then 1 when 'query' then 2 else 3 end, findings desc, rule",
            of="audit.finding", labels=LABELS, kinds=KINDS,
        )  # fmt: skip
        by_owner = _crossed(extracts)
        findings = extracts.query(
            "findings",
            "select finding_id, severity, rule, county_code, school_year, form, school_code, owner, value, file_name,"
            f" sheet, cell, message_zh, message_en from audit.finding where {open_}"
            f" order by school_year desc nulls last, severity, rule, finding_id limit {MOST}",
            of="audit.finding", labels=LABELS, kinds=KINDS,
        )  # fmt: skip
    returns = None
    if extracts.has("audit.return_count", "form", "school_year", "county_code", "rows_accepted"):
        returns = extracts.query(
            "returns",
            "select form, school_year, count(distinct county_code) as counties, sum(rows_accepted)::bigint as"
            " rows_accepted, sum(rows_quarantined)::bigint as rows_quarantined, sum(errors)::bigint as errors,"
            " sum(queries)::bigint as queries from audit.return_count where county_code is not null"
            " group by form, school_year order by form, school_year desc",
            of="audit.return_count", labels=LABELS,
        )  # fmt: skip
    owed = not_filed(extracts)
    others = tuple(extracts.whole(name, limit=MOST) for name in extracts.tables("audit") if name not in _TOLD)
    trend = rule_trend(extracts)
    return QualityBook(totals, by_rule, by_owner, trend, findings, returns, owed, others, terms(extracts))


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
    told = asked(extracts)
    fields = [Field(f"asked_{language}", "words", label=f"field.asked_{language}") for language in LANGUAGES]
    fields.append(Field("severity", "text", label="field.severity"))
    fields += [Field(f"release_{name}", "integer", {"zh": at, "en": at}) for name, at in releases]
    fields.append(Field("rule", "code", label="field.rule"))
    latest = releases[-1][0]
    rows = [
        (
            *(told.get(rule, {}).get(language, rule) for language in LANGUAGES), severities[rule],
            *(of.get(name) for name, _ in releases), rule,
        )
        for rule, of in sorted(counts.items(), key=lambda each: (-(each[1].get(latest) or 0), each[0]))
    ]  # fmt: skip
    return Extract("rule-trend", {}, tuple(fields), tuple(rows))


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
