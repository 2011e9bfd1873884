"""Texts from files on their way into a spreadsheet.

Belongs here: what makes a text harmless there, in one place for every export. Does not belong here: writing files.

A school's name that begins with ``=`` would be executed as a formula by a spreadsheet that opens a CSV file. Text cells
that begin like one get an apostrophe in front, which a spreadsheet shows as text; numbers stay numbers.
"""

from __future__ import annotations

#: What a formula may begin with, also in the wide forms that some spreadsheets accept.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def defused(text: str) -> str:
    """``text`` with an apostrophe in front where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
