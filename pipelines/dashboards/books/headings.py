"""Headings and kinds of columns that several books share.

Belongs here: short labels where the titles of the release are sentences. Does not belong here: the words (``text/``).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.dashboards.tables import Kind

#: Short headings for tables of findings, of what is owed and of retreats.
LABELS = {
    each: f"field.{each}"
    for each in (
        "findings", "counties", "latest", "filing_status", "asked_zh", "asked_en", "severity", "owner", "rule", "value",
        "file_name", "guidance_zh", "guidance_en", "message_zh", "message_en", "due", "days_late", "rows_quarantined",
        "standing", "recognised_since", "retreat_since", "retreat_years", "retreat_parts", "weakest_part",
        "weakest_margin",
    )
} | {"county_code": "column.county_code", "county_name": "column.county", "school_year": "column.year",
     "verdict": "column.verdict"}  # fmt: skip


#: Kinds that neither name nor type of these columns tell.
KINDS: Mapping[str, Kind] = {
    "latest": "year", "asked_zh": "words", "asked_en": "words",
    "message_zh": "words", "message_en": "words", "guidance_zh": "words", "guidance_en": "words",
    "file_name": "code",
}  # fmt: skip
