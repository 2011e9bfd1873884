"""Rules that come up while a file is read; texts in ``reading_rules.csv``."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from checks.findings import Severity, complete


@dataclass(frozen=True)
class ReadingRule:
    """A rule of reading and what to tell whom; ``owner`` is ``None`` where the field's owner answers."""

    rule: str
    severity: Severity
    owner: str | None
    zh: str
    en: str
    guidance_zh: str
    guidance_en: str


@cache
def reading_rules() -> dict[str, ReadingRule]:
    """All reading rules by name."""
    with Path(__file__).with_name("reading_rules.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["rule"]: ReadingRule(**{**row, "owner": row["owner"] or None})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        }


def found(rule: str, frame: pl.DataFrame, *, severity: Severity | None = None) -> pl.DataFrame:
    """Findings of a reading rule: one per row of ``frame``, which gives the finding columns it knows.

    ``owner`` of the frame (the field's) is used where the rule has none of its own. ``detail_zh`` and
    ``detail_en`` of the frame are put behind the rule's message.
    """
    entry = reading_rules()[rule]
    owner = pl.col("owner") if "owner" in frame.columns else pl.lit(None, dtype=pl.String)

    def message(text: str, language: str) -> pl.Expr:
        if f"detail_{language}" not in frame.columns:
            return pl.lit(text)
        detail = pl.col(f"detail_{language}")
        mark = "：" if language == "zh" else ": "
        return pl.when(detail.is_null()).then(pl.lit(text)).otherwise(pl.lit(text + mark) + detail)

    return complete(
        frame.with_columns(
            pl.lit(rule).alias("rule"),
            pl.lit(severity or entry.severity).alias("severity"),
            (pl.lit(entry.owner) if entry.owner else owner.fill_null("statistics")).alias("owner"),
            message(entry.zh, "zh").alias("message_zh"),
            message(entry.en, "en").alias("message_en"),
            pl.lit(entry.guidance_zh).alias("guidance_zh"),
            pl.lit(entry.guidance_en).alias("guidance_en"),
        )
    )


def found_one(rule: str, *, severity: Severity | None = None, **columns: object) -> pl.DataFrame:
    """A single finding of a reading rule."""
    return found(rule, pl.DataFrame([columns]), severity=severity)
