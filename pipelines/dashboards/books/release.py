"""The page on a release: what its manifest says, and what differs from the release before.

Belongs here: reading manifests. Does not belong here: figures that changed (``pipelines.release_diff``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.dashboards.books.words import asked, terms, with_code
from pipelines.dashboards.codes import Terms
from pipelines.dashboards.extract import Extract, Extracts, Field
from pipelines.dashboards.tables import Kind
from pipelines.dashboards.text import LANGUAGES, load

#: What of a manifest can be the cause of other figures, besides the submissions.
_CAUSES = ("code_version", "git_commit", "rulebook_version")
#: Kinds of columns that are not plain text.
_MANIFEST: Mapping[str, Kind] = {
    "rule": "words", "count": "integer", "rows": "integer", "received_at": "moment",
    **dict.fromkeys(("sha256", "submission_id", "table", "file_name", "forms"), "code"),
}  # fmt: skip


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


def _rules(extracts: Extracts) -> dict[str, dict[str, str]]:
    """A rule by what it asks, with its id."""
    return {rule: with_code(words, rule) for rule, words in asked(extracts).items()}


def _whats(extracts: Extracts, manifest: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What can change between releases, in words: the causes, and tables by their titles."""
    found = {key: {language: load(language)(f"site.{key}") for language in LANGUAGES} for key in _CAUSES}
    return found | {name: with_code(extracts.title(name), name) for name in manifest.get("rows", {})}


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


def _listed(name: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Extract:
    fields = tuple(Field(key, _MANIFEST.get(key, "text"), label=f"field.{key}") for key in columns)
    return Extract(name, {}, fields, tuple(tuple(row.get(key) for key in columns) for row in rows))
