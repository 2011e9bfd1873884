"""Giving answers: an explanation, the decision about it, a waiver, its end.

Belongs here: which finding can be answered how, in words. Does not belong here: keeping answers
(``warehouse.answers``).

The ministry's system knows hard errors, and queries that pass with a written reason (domain §6). So an explanation
answers a query; a hard error needs a correction or, where its values are known, a waiver.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from checks.findings import shown
from checks.waivers import never_waived
from pipelines.days import end_of, start_of
from warehouse.answers import AnswerError, Answers, Explanation, Waiver


class AnswerRefused(ValueError):
    """An answer that cannot be given; the message says why and what can be done instead."""


@dataclass(frozen=True)
class Given:
    """Answers as recorded, and of each whether it is new."""

    explanations: tuple[tuple[Explanation, bool], ...] = ()
    waivers: tuple[tuple[Waiver, bool], ...] = ()


def faults_of(findings: pl.DataFrame, given_id: str) -> pl.DataFrame:
    """Return what of a finding (``f…``) or fault (``x…``) counts now: one row for each figure it shows, with ``seen``.

    Raises:
        AnswerRefused: there is none of that id, or a later submission has settled it.
    """
    named = findings.filter((pl.col("finding_id") == given_id) | (pl.col("fault_id") == given_id))
    if named.is_empty():
        raise AnswerRefused(f"no finding {given_id!r}; `junheng findings` lists them (as of the last `junheng run`)")
    counts = findings.join(named.select("fault_id").unique(), on="fault_id", how="semi").filter(~pl.col("superseded"))
    if counts.is_empty():
        raise AnswerRefused(f"{given_id} is settled: the latest submission does not show it any more")
    own = counts.filter(pl.col("finding_id") == given_id)
    asked = counts if own.is_empty() else own
    return asked.with_columns(shown().alias("seen")).unique(["fault_id", "seen"], keep="first", maintain_order=True)


def why_no_explanation(severity: str, rule: str) -> str | None:
    """Say why a finding of this severity cannot be explained; None where it can."""
    if severity == "error":
        return (
            f"{rule} is a hard error: an explanation does not settle it; correct the return and send it again, or have "
            "it waived (junheng waive)"
        )
    return f"{rule} is a note: nothing is asked" if severity == "note" else None


def why_no_waiver(severity: str, rule: str, form: str | None) -> str | None:
    """Say why a finding cannot be waived; None where it can."""
    if severity == "note":
        return f"{rule} is a note: nothing is asked"
    if form is not None and rule in never_waived():
        return f"{rule} leaves the row without a usable value or key: nobody can say what would be approved; correct it"
    return None


def explanation_of(
    fault: dict[str, object], *, reason: str, by: str, dated: date | None, source: str, now: datetime
) -> Explanation:
    """Return the explanation of a row of ``faults_of``."""
    since = fault["since"]
    return Explanation(
        subject=str(fault["fault_id"]),
        occasion=since.isoformat() if isinstance(since, datetime) else "",
        seen=str(fault["seen"]),
        rule=str(fault["rule"]),
        region=str(fault["county_code"] or ""),
        period=fault["school_year"] if isinstance(fault["school_year"], int) else None,
        reason=reason,
        explained_by=by,
        dated=dated,
        recorded_at=now,
        source=source,
    )


def explain(
    answers: Answers, findings: pl.DataFrame, given_id: str, *, reason: str, by: str, source: str, now: datetime
) -> Given:
    """Explain a finding in writing.

    Raises:
        AnswerRefused: it is no query, or there is none of that id that counts.
        warehouse.answers.AnswerError: reason or name are blank.
    """
    asked = faults_of(findings, given_id)
    for severity, rule in asked.select("severity", "rule").rows():
        if (refusal := why_no_explanation(severity, rule)) is not None:
            raise AnswerRefused(f"{given_id}: {refusal}")
    given = [
        explanation_of(row, reason=reason, by=by, dated=None, source=source, now=now)
        for row in asked.iter_rows(named=True)
    ]
    return Given(explanations=tuple(answers.explain_all(given)))


def decide(
    answers: Answers, findings: pl.DataFrame, given_id: str, *, accepted: bool, by: str, remark: str, now: datetime
) -> list[tuple[str, bool]]:
    """Accept or reject an explanation (``e…``), or those that a finding or fault stands answered by.

    Returns:
        The explanations by id, and of each whether the verdict is new.

    Raises:
        AnswerRefused: nothing was explained.
        warehouse.answers.AnswerError: there is no such explanation.
    """
    if given_id.startswith("e"):
        ids = [given_id]
    else:
        asked = faults_of(findings, given_id)
        ids = asked["explanation_id"].drop_nulls().unique(maintain_order=True).to_list()
        if not ids:
            raise AnswerRefused(f"{given_id} has no explanation that holds; `junheng explain-finding` gives one")
    return [
        (each, answers.decide(each, accepted=accepted, decided_by=by, decided_at=now, remark=remark)) for each in ids
    ]


def waive(
    answers: Answers,
    findings: pl.DataFrame,
    given_id: str,
    *,
    approver: str,
    reason: str,
    first: date,
    last: date,
    by: str,
    now: datetime,
) -> Given:
    """Waive a finding as it is shown, from the beginning of day ``first`` to the end of day ``last`` (in China).

    Raises:
        AnswerRefused: there is none of that id that counts, it cannot be waived, or the waiver would have ended.
        warehouse.answers.AnswerError: approver or reason are blank.
    """
    _require_time(first, last, now)
    asked = faults_of(findings, given_id)
    for severity, rule, form in asked.select("severity", "rule", "form").rows():
        if (refusal := why_no_waiver(severity, rule, form)) is not None:
            raise AnswerRefused(f"{given_id}: {refusal}")
    return Given(
        waivers=tuple(
            answers.waive(
                Waiver(
                    subject=row["fault_id"],
                    seen=row["seen"],
                    rule=row["rule"],
                    region=row["county_code"] or "",
                    period=row["school_year"],
                    reason=reason,
                    approver=approver,
                    valid_from=start_of(first),
                    valid_until=end_of(last),
                    recorded_at=now,
                    recorded_by=by,
                )
            )
            for row in asked.iter_rows(named=True)
        )
    )


def waive_rule(
    answers: Answers,
    known_rules: Sequence[str],
    rule: str,
    county: str,
    *,
    year: int | None,
    approver: str,
    reason: str,
    first: date,
    last: date,
    by: str,
    now: datetime,
) -> Given:
    """Waive whatever a rule finds in a county, in one school year or (None) in all (see ``waive``)."""
    _require_time(first, last, now)
    if rule not in known_rules:
        raise AnswerRefused(f"no rule {rule!r}; `junheng findings --format csv` tells the rule of each finding")
    if rule in never_waived():
        raise AnswerRefused(why_no_waiver("error", rule, "") or "")
    if not (len(county) == 6 and county.isdigit()):
        raise AnswerRefused(f"{county!r} is no county code (six digits)")
    waiver = Waiver(
        rule=rule,
        region=county,
        period=year,
        reason=reason,
        approver=approver,
        valid_from=start_of(first),
        valid_until=end_of(last),
        recorded_at=now,
        recorded_by=by,
    )
    return Given(waivers=(answers.waive(waiver),))


def revoke(
    answers: Answers, findings: pl.DataFrame, given_id: str, *, by: str, reason: str, now: datetime
) -> list[tuple[Waiver, bool]]:
    """Revoke a waiver (``w…``), or those of a finding or fault that are in force.

    Returns:
        The waivers, and of each whether it was still in force.

    Raises:
        AnswerRefused: there is no such waiver or finding, or nothing is waived.
    """
    if given_id.startswith("w"):
        found = answers.waivers(ids=[given_id])
        if not found:
            raise AnswerRefused(f'no waiver {given_id!r}; `junheng query "from audit.waiver"` lists them')
    else:
        named = findings.filter((pl.col("finding_id") == given_id) | (pl.col("fault_id") == given_id))
        if named.is_empty():
            raise AnswerRefused(f"no waiver or finding {given_id!r}")
        faults = set(named["fault_id"].to_list())
        found = [each for each in answers.waivers() if each.subject in faults and each.in_force(now)]
        if not found:
            by_rule = named["waiver_id"].drop_nulls().unique().to_list()
            more = f"; it is covered by {', '.join(by_rule)}, revoke that by its id" if by_rule else ""
            raise AnswerRefused(f"{given_id} has no waiver of its own in force{more}")
    return [(each, answers.revoke(each.waiver_id, revoked_by=by, revoked_at=now, reason=reason)) for each in found]


def _require_time(first: date, last: date, now: datetime) -> None:
    if last < first:
        raise AnswerRefused(f"the waiver would end ({last}) before it begins ({first})")
    if end_of(last) <= now:
        raise AnswerRefused(f"the waiver would have ended already: {last} is over")


__all__ = [
    "AnswerError", "AnswerRefused", "Given", "decide", "explain", "explanation_of", "faults_of", "revoke", "waive",
    "waive_rule", "why_no_explanation", "why_no_waiver",
]  # fmt: skip
