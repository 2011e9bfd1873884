"""The tables of a walk, in words: what every format for people shows, whatever it looks like.

Belongs here: which sections there are and their rows, from the document. Does not belong here: text, HTML, workbooks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.explain.words import Words

Document = Mapping[str, Any]
_DECIMALS = 6


@dataclass(frozen=True)
class Section:
    """A titled table; ``numbers``: columns that hold numbers. ``key`` names it in every language."""

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def headline(document: Document, words: Words) -> str:
    """What the figure is, of whom and when, and what it comes to."""
    figure = document["figure"]
    keys = ", ".join(str(value) for value in figure["keys"].values())
    title, column = words.pick(figure["zh"], figure["en"]), words.pick(figure["column_zh"], figure["column_en"])
    name = figure["row"].get("county_name") or figure["row"].get("region_name") or figure["row"].get("school_name")
    place = f"{name} ({keys})" if name else keys
    return f"{title} · {place} · {column} = {words.value(figure['value'])}"


def verdict(document: Document, words: Words) -> list[str]:
    """What the recomputation says, in sentences."""
    again = document["recomputed"]
    kind = ("equal" if again["equal"] else "unlike") + ("_by_models" if again["by"] == "models" else "")
    said = [
        words(f"said.{kind}", cells=again["cells"], value=words.value(again["value"]),
              published=words.value(again["published"]), tolerance=again["tolerance"]),
        words("said.columns", columns=again["columns"]),
        words("said.read_again", count=again["cells_read_again"]),
    ]  # fmt: skip
    disagreeing = sum(cell.get("agrees") is False for cell in document["cells"])
    if disagreeing:
        said.append(words("said.disagree", count=disagreeing))
    reason = document["figure"]["row"].get("reason")
    return [*said, *([words("said.why", reason=words.of("reason", reason))] if reason else [])]


def sections(document: Document, words: Words) -> list[Section]:
    """Every section of a walk that has something in it."""
    made = [
        Section("figure", words("title.figure"), (words("word.field"), words("word.value")), _pairs(document, words)),
        _rules(document, words),
        _terms(document, words),
        *_inputs(document, words),
        _cells(document, words),
        _files(document, words),
        _findings(document, words),
    ]
    return [each for each in made if each.rows]


def _pairs(document: Document, words: Words) -> list[tuple[str, str]]:
    return [(name, words.value(value)) for name, value in document["figure"]["row"].items()]


def _rules(document: Document, words: Words) -> Section:
    columns = (words("word.code"), words("word.field"), words("word.value"), words("word.region"), words("word.years"),
               words("word.document"), words("word.overrides"))  # fmt: skip
    rows = []
    for rule in document["rules"]:
        row = rule["row"]
        value = row.get("value", row.get("weight", row.get("points")))
        region = row.get("region_code")
        years = f"{row['from_year']}–{row.get('to_year') or ''}" if "from_year" in row else ""
        rows.append(
            (
                rule["table"],
                rule["purpose"],
                words.value(value) if value is not None else words.pick(row.get("zh", ""), row.get("en", "")),
                words("word.nation") if region == "" else region or "",
                years,
                row.get("document", ""),
                "; ".join(f"{words.value(each.get('value'))} ({each.get('region_code') or words('word.nation')})"
                          for each in rule["overrides"]),
            )
        )  # fmt: skip
    return Section("rules", words("title.rules"), columns, rows)


def _terms(document: Document, words: Words) -> Section:
    facts = list(dict.fromkeys(name for term in document["terms"] for name in term.get("facts", {})))
    columns = ("", words("word.code"), words("word.name"), words("word.value"),
               *(words.of("fact", name) for name in facts), words("word.reason"), words("word.cell"))  # fmt: skip
    rows = [tuple(row) for term in document["terms"] for row in _term_rows(term, document, words, facts, 0)]
    return Section("terms", words("title.terms"), columns, rows)


def _term_rows(
    term: Document, document: Document, words: Words, facts: Sequence[str], depth: int
) -> Iterator[list[str]]:
    """A term and what it is made of, indented; parts that are only a cell say it in the same line."""
    own = term.get("facts", {})
    included = term.get("included")
    mark = "" if included is None else words("word.in") if included else words("word.out")
    cell = document["cells"][term["cell"] - 1] if "cell" in term else None
    note = words.of("note", term.get("note"))
    yield [
        mark if depth == 0 else "",
        "　" * depth + (term["name"] if depth == 0 else words.term(term["name"])),
        term.get("title", "") if depth == 0 else term.get("how", ""),
        _short(term.get("value"), words),
        *(_short(own.get(name), words) if name in own else "" for name in facts),
        words.of("reason", term.get("reason")) or note,
        "" if cell is None else _address(cell, document["files"]),
    ]
    for part in term.get("parts", ()):
        yield from _term_rows(part, document, words, facts, depth + 1)


def _short(value: Any, words: Words) -> str:
    if value is None:
        return ""
    return f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".") if isinstance(value, float) else words.value(value)


def _address(cell: Document, files: Sequence[Document]) -> str:
    """``基础基522!D8 “5526”``; with the number of its file in front where there are several."""
    if not cell.get("cell"):
        return ""
    number = next((n for n, each in enumerate(files, start=1) if each["submission_id"] == cell["submission"]), 0)
    file = f"[{number}] " if len(files) > 1 else ""
    sheet = f"{cell['sheet']}!" if cell.get("sheet") else ""
    said = cell["text"] if cell.get("text") is not None else cell.get("value")
    return f"{file}{sheet}{cell['cell']} “{'' if said is None else said}”"


def _inputs(document: Document, words: Words) -> Iterator[Section]:
    for each in document.get("inputs", ()):
        rows = [[words.value(row[name]) for name in each["columns"]] for row in each["rows"]]
        more = "" if each["count"] <= len(rows) else f" ({len(rows)} / {each['count']})"
        yield Section(each["table"], f"{words('title.inputs')} · {each['table']}{more}", each["columns"], rows)


def _cells(document: Document, words: Words) -> Section:
    names = {each["submission_id"]: each["file_name"] for each in document["files"]}
    columns = (words("word.field"), words("word.file"), words("word.sheet"), words("word.cell"), words("word.header"),
               words("word.text"), words("word.factor"), words("word.typed"), "")  # fmt: skip
    rows = [
        (
            f"{cell['form']}.{cell['field']}",
            names.get(cell["submission"], cell["submission"]),
            cell.get("sheet", ""),
            cell.get("cell", ""),
            cell.get("header", ""),
            "" if cell.get("text") is None else cell["text"],
            cell.get("factor", ""),
            words.value(cell.get("value")),
            words.of("note", cell.get("note")) or ("≠" if cell.get("agrees") is False else ""),
        )
        for cell in document["cells"]
    ]
    return Section("cells", words("title.cells"), columns, rows)


def _files(document: Document, words: Words) -> Section:
    columns = (
        "",
        words("word.code"),
        words("word.file"),
        words("word.sha256"),
        words("word.received"),
        words("word.by"),
        "",
    )
    rows = [
        (f"[{number}]", each["submission_id"], each["file_name"], each["sha256"], each["received_at"],
         each["received_by"], each.get("why_not") or "")
        for number, each in enumerate(document["files"], start=1)
    ]  # fmt: skip
    return Section("files", words("title.files"), columns, rows)


def _findings(document: Document, words: Words) -> Section:
    columns = (
        "",
        words("word.code"),
        words("word.sheet"),
        words("word.cell"),
        words("word.value"),
        words("word.reason"),
    )
    rows = [
        (each["severity"], each["rule"], each.get("sheet", ""), each.get("cell", ""), each.get("value", ""),
         words.pick(each.get("message_zh", ""), each.get("message_en", "")))
        for each in document["findings"]
    ]  # fmt: skip
    return Section("findings", words("title.findings"), columns, rows)
