"""The comment that opens every SQL model: its titles, prose, grain and columns.

Belongs here: the grammar of that comment and what is said when it is broken.
Does not belong here: the SQL below it (``sqlmodels``).

    -- zh: 差异系数（按县、学年）
    -- en: Differential coefficients by county and school year.
    -- Any further lines are prose for the reader; an empty comment line ends a paragraph.
    -- grain: county_code, school_year
    -- columns:
    --   county_code: 县级行政区划代码 | County code
    --   coefficient: 差异系数 | Differential coefficient: a long text
    --     goes on in a line that is indented further
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_KEY = re.compile(r"(zh|en|grain|columns)\s*[:：]\s*(.*)", re.IGNORECASE)
_COLUMN = re.compile(r"([^\s:：|｜]+)\s*[:：]\s*(.*)")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_BAR = re.compile(r"\s*[|｜]\s*")

_WANTED = {
    "zh": "its Chinese title, `-- zh: …`",
    "en": "its English title, `-- en: …`",
    "grain": "the columns that identify a row, `-- grain: county_code, school_year`",
    "columns": "`-- columns:` and below it one line a column, `--   name: 中文 | English`",
}


@dataclass(frozen=True)
class ColumnDoc:
    """What a column means, in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file, in which line (1 = first; 0 = no line in particular) and what to do."""

    line: int
    message: str


@dataclass
class Header:
    """The parsed comment. ``lines`` says in which line of the file each column is documented."""

    title_zh: str = ""
    title_en: str = ""
    description: str = ""
    grain: tuple[str, ...] = ()
    columns: dict[str, ColumnDoc] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def parse_header(text: str) -> tuple[Header, list[Fault]]:
    """Read the comment lines at the top of ``text``; return what was understood and all that is wrong with it."""
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("--"):
            break
        content = line[2:].rstrip()
        reader.take(number, content[1:] if content.startswith(" ") else content)
    return reader.finish()


class _Reader:
    def __init__(self) -> None:
        self.header = Header()
        self.faults: list[Fault] = []
        self.seen: dict[str, int] = {}
        self.prose: list[str] = []
        self.texts: dict[str, str] = {}
        self.indent = 0

    def take(self, number: int, content: str) -> None:
        indent = len(content) - len(content.lstrip())
        key = _KEY.fullmatch(content)
        if key is not None:
            self._key(number, key[1].lower(), key[2].strip())
        elif "columns" not in self.seen:
            self._prose(number, content)
        elif content.strip() and indent == 0:
            self._fault(number, "text after `-- columns:`; put prose above `-- grain:`, and indent the columns")
        elif content.strip():
            self._column(number, indent, content.strip())

    def finish(self) -> tuple[Header, list[Fault]]:
        if not self.seen:
            wanted = "; ".join(_WANTED.values())
            self._fault(1, f"no header: the file must open with comment lines that give {wanted}")
            return self.header, self.faults
        for key, wanted in _WANTED.items():
            if key not in self.seen:
                self._fault(1, f"the header lacks {wanted}")
        for name, text in self.texts.items():
            parts = _BAR.split(text, maxsplit=1)
            if len(parts) != 2 or not all(parts):
                self._fault(self.header.lines[name], f"column {name}: write `--   {name}: 中文 | English`")
            self.header.columns[name] = ColumnDoc(parts[0], parts[-1])
        if "columns" in self.seen and not self.header.lines:
            self._fault(self.seen["columns"], f"no column is documented: write {_WANTED['columns']}")
        for name in self.header.grain:
            if self.header.lines and name not in self.header.lines:
                self._fault(self.seen["grain"], f"grain names {name}, which is not among the columns")
        self.header.description = "\n".join(self.prose).strip()
        return self.header, self.faults

    def _key(self, number: int, key: str, value: str) -> None:
        if key in self.seen:
            self._fault(number, f"`{key}:` stands a second time (first in line {self.seen[key]}); leave one")
            return
        self.seen[key] = number
        if key == "columns":
            if value:
                self._fault(number, "write each column on a line of its own below `-- columns:`")
        elif not value:
            self._fault(number, f"`{key}:` is empty; give {_WANTED[key]}")
        elif key == "zh":
            self.header.title_zh = value
        elif key == "en":
            self.header.title_en = value
        else:
            self.header.grain = tuple(part.strip() for part in re.split("[,，、]", value) if part.strip())

    def _prose(self, number: int, content: str) -> None:
        if content.strip() and not self.seen.keys() & {"zh", "en"}:
            self._fault(number, "prose before the titles; open the file with `-- zh: …` and `-- en: …`")
        self.prose.append(content)

    def _column(self, number: int, indent: int, content: str) -> None:
        if self.header.lines and indent > self.indent:
            last = next(reversed(self.texts), None)
            if last is not None:
                self.texts[last] += " " + content
            return
        self.indent = indent
        match = _COLUMN.fullmatch(content)
        if match is None or not _NAME.fullmatch(match[1]):
            self._fault(number, f"not a column: {content!r}; write `--   name: 中文 | English`, name in snake_case")
        elif match[1] in self.texts:
            self._fault(number, f"column {match[1]} is documented twice (first in line {self.header.lines[match[1]]})")
        else:
            self.header.lines[match[1]] = number
            self.texts[match[1]] = match[2].strip()

    def _fault(self, line: int, message: str) -> None:
        self.faults.append(Fault(line, message))
