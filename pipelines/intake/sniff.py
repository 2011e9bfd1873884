"""What a file really is, by its bytes: its extension is only a claim.

Belongs here: file kinds and text encodings. Does not belong here: tables.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

Kind = Literal["xlsx", "xls", "text", "empty", "other"]

_EXTENSIONS: dict[Kind, tuple[str, ...]] = {
    "xlsx": (".xlsx", ".xlsm", ".et"),
    "xls": (".xls", ".et"),
    "text": (".csv", ".txt", ".tsv"),
}


@dataclass(frozen=True)
class Sniffed:
    """Kind of a file; for text its decoded content, encoding and delimiter."""

    kind: Kind
    text: str | None = None
    encoding: str | None = None
    delimiter: str | None = None

    def fits_extension(self, file_name: str) -> bool:
        """Whether the name's extension is one of this kind's."""
        return PurePath(file_name).suffix.lower() in _EXTENSIONS.get(self.kind, ())

    @property
    def description(self) -> str:
        """For messages: what the content is."""
        if self.kind == "text":
            name = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}[self.delimiter or ","]
            return f"text, {self.encoding}, {name}-separated"
        return self.kind


def sniff(content: bytes) -> Sniffed:
    """Tell the kind of a file from its bytes; never raises."""
    if not content.strip():
        return Sniffed("empty")
    if content.startswith(b"PK\x03\x04"):
        return Sniffed("xlsx")
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return Sniffed("xls")
    decoded = _decode(content)
    if decoded is None:
        return Sniffed("other")
    text, encoding = decoded[0].lstrip("\ufeff"), decoded[1]
    head = text.lstrip()[:200].lower()
    if head.startswith(("<!doctype", "<html", "<?xml", "<table", "{", "%pdf")):
        return Sniffed("other")
    if not text.strip():
        return Sniffed("empty")
    return Sniffed("text", text, encoding, _delimiter(text))


def _decode(content: bytes) -> tuple[str, str] | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        attempts = ["utf-16"]
    elif content.startswith(b"\xef\xbb\xbf"):
        attempts = ["utf-8-sig"]
    elif (unmarked := _utf_16_without_mark(content)) is not None:
        attempts = [unmarked]
    else:
        attempts = ["utf-8", "gb18030"]
    for encoding in attempts:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text or sum(c < " " and c not in "\t\r\n\f" for c in text[:4096]) > 8:
            return None
        return text, encoding
    return None


def _utf_16_without_mark(content: bytes) -> str | None:
    """UTF-16 that does not say so: of digits, commas and line ends one byte is zero (and of 一 the other one)."""
    head = content[:8192]
    first, second = head[0::2].count(0), head[1::2].count(0)
    if len(content) % 2 or not (first or second):
        return None
    encoding = "utf-16-be" if first > second else "utf-16-le"
    try:
        text = head.decode(encoding)
    except UnicodeDecodeError:
        return None
    strange = any(unicodedata.category(c) in ("Cc", "Cn", "Co") and c not in "\t\r\n\f" for c in text)
    return None if strange or not any(mark in text for mark in ",\t\n\r") else encoding


def _delimiter(text: str) -> str:
    lines = [line for line in text[:65536].splitlines() if line.strip()][:50]
    return max((",", "\t", ";", "|"), key=lambda mark: sum(line.count(mark) for line in lines))
