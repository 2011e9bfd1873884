"""A walk as text, CSV, workbook or page: each made from the sections, with text out of files made harmless.

Belongs here: the formats. Does not belong here: what they show (``sections``), the document itself (``walk``).
"""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.defuse import defused_cell
from pipelines.explain.sections import Section, headline, sections, verdict
from pipelines.explain.words import load

Document = Mapping[str, Any]
#: Rows of a section that the text for a terminal shows; every other format has all.
TEXT_ROWS = 60
_WIDEST = 44
_SHEET_NAME = 31


def as_json(document: Document, language: str) -> bytes:
    """The document itself; the language makes no difference."""
    del language
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def as_text(document: Document, language: str) -> bytes:
    """For a terminal: aligned columns, long sections cut."""
    words = load(language)
    release = document["release"]["release_id"] or ""
    lines = [headline(document, words), f"{words('word.release')}{words('word.colon')}{release}"]
    lines += [f"{words('word.how')}{words('word.colon')}{document['how']}", "", words("title.recomputed")]
    lines += [f"  {each}" for each in verdict(document, words)]
    for section in sections(document, words):
        if section.key == "cells":
            continue  # each stands with the term it makes; the other formats list them
        lines += ["", section.title, *_aligned(section, words("word.more", count=len(section.rows) - TEXT_ROWS))]
    if not document["terms"]:
        cells = next((each for each in sections(document, words) if each.key == "cells"), None)
        if cells is not None:
            lines += ["", cells.title, *_aligned(cells, words("word.more", count=len(cells.rows) - TEXT_ROWS))]
    return ("\n".join(line.rstrip() for line in lines) + "\n").encode()


def _aligned(section: Section, more: str) -> list[str]:
    table = [[_printable(cell) for cell in row] for row in (section.columns, *section.rows[:TEXT_ROWS])]
    widths = [min(_WIDEST, max(_width(row[i]) for row in table)) for i in range(len(section.columns))]
    lines = ["  " + "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)) for row in table]
    return [*lines, *([f"  … {more}"] if len(section.rows) > TEXT_ROWS else [])]


def _printable(cell: Any) -> str:
    """One line without control characters, which a terminal would obey."""
    return "".join(each if unicodedata.category(each)[0] != "C" else " " for each in str(cell))


def _width(text: str) -> int:
    """Columns of a terminal that a text takes: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _padded(text: str, width: int) -> str:
    while _width(text) > width:
        text = text[:-2] + "…"
    return text + " " * (width - _width(text))


def as_csv(document: Document, language: str) -> bytes:
    """One table: a row for each cell of the walk, with its file and hash."""
    words = load(language)
    made = {section.key: section for section in sections(document, words)}
    hashes = {each["submission_id"]: each["sha256"] for each in document["files"]}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    section = made.get("cells")
    if section is not None:
        writer.writerow([*section.columns[:-1], "note", words("word.sha256")])
        for cell, row in zip(document["cells"], section.rows, strict=True):
            writer.writerow([defused_cell(each) for each in (*row, hashes.get(cell["submission"], ""))])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(document: Document, language: str) -> bytes:
    """A workbook with a sheet for each section."""
    words = load(language)
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#DCE9F5", "border": 1})
        first = book.add_worksheet(words("title.recomputed")[:_SHEET_NAME])
        lines = [headline(document, words), str(document["release"]["release_id"] or ""), document["how"]]
        for row, line in enumerate([*lines, *verdict(document, words)]):
            first.write(row, 0, defused_cell(line))
        first.set_column(0, 0, 100)
        taken: set[str] = {words("title.recomputed")}
        for section in sections(document, words):
            sheet = book.add_worksheet(_sheet_name(section.title, taken))
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(section.columns), 18)
            for column, name in enumerate(section.columns):
                sheet.write(0, column, defused_cell(name), head)
            for number, cells in enumerate(section.rows, start=1):
                for column, cell in enumerate(cells):
                    sheet.write(number, column, defused_cell(cell))
    return out.getvalue()


def _sheet_name(title: str, taken: set[str]) -> str:
    """A name that a workbook takes, and that no other sheet has."""
    plain = "".join("_" if each in "[]:*?/\\'" else each for each in title)[:_SHEET_NAME]
    name, number = plain, 1
    while name in taken:
        number += 1
        name = f"{plain[: _SHEET_NAME - 3]}~{number}"
    taken.add(name)
    return name


def as_html(document: Document, language: str) -> bytes:
    """A page that stands alone: no script, nothing from elsewhere, every text escaped."""
    words = load(language)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    page = environment.get_template("walk.html").render(
        t=words,
        tag={"zh": "zh-CN", "en": "en"}[language],
        headline=headline(document, words),
        document=document,
        verdict=verdict(document, words),
        sections=sections(document, words),
    )
    return page.encode()


FORMATS: Mapping[str, Callable[[Document, str], bytes]] = {
    "text": as_text,
    "json": as_json,
    "csv": as_csv,
    "xlsx": as_xlsx,
    "html": as_html,
}


def format_of(path: Path | None, said: str | None) -> str:
    """The format asked for, else the one that the file's name tells, else text; ``ValueError`` for an unknown one."""
    known: Sequence[str] = list(FORMATS)
    found = said or (path.suffix.lower().removeprefix(".") if path is not None else "") or "text"
    if found == "txt":
        return "text"
    if found not in known:
        raise ValueError(f"no format {found!r}; there are {', '.join(known)}")
    return found
