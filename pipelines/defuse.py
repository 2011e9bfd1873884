"""Text out of files that spreadsheets would run as a formula, made harmless.

Belongs here: what is done to a text before it is written to CSV or a workbook for people. Does not belong here: HTML
(templates escape by themselves), writing files.

A school's name that begins with ``=`` is a formula to a spreadsheet that opens a CSV. Such texts get an apostrophe in
front, which spreadsheets show as text; numbers stay numbers.
"""

from __future__ import annotations

from typing import Any

#: What a formula may begin with, also in the wide forms that some spreadsheets accept.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def defused(text: str) -> str:
    """Return the text, with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def defused_cell(value: Any) -> Any:
    """Return a value with its text defused; what is no text is returned as it is."""
    return defused(value) if isinstance(value, str) else value
