"""Smaller SVG files that look the same: a picture of matplotlib is mostly outlines of Chinese characters.

Belongs here: rewriting what matplotlib wrote. Does not belong here: anything that changes what is seen.

Outlines stand in 1/6400 em; 1/640 em is 0.01 pt at the size of our text. Written as differences between whole
numbers they take a quarter of the room. Comments (the text of every label once more), the names of groups
(some are given twice) and indents go.
"""

from __future__ import annotations

import re
from functools import lru_cache

_SCALE = 10
_GLYPH = re.compile(r'(<path id="[^"]+" d=")([^"]*)(" transform="scale\()0\.015625(\)"/>)')
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_GROUP = re.compile(r'<g id="[^"]*"')
_DOCTYPE = re.compile(r"<!DOCTYPE[^>]*>")
_BETWEEN = re.compile(r">\s+<")
_PATH = re.compile(r'(?<= d=")[^"]*')
_TOKEN = re.compile(r"[A-Za-z]|-?[0-9.]+(?:e-?\d+)?")
_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3}


def compact(svg: bytes) -> bytes:
    """``svg`` as matplotlib writes it (text as paths), made smaller."""
    text = _METADATA.sub("", _COMMENT.sub("", svg.decode()), count=1)
    text = _GLYPH.sub(lambda m: f"{m[1]}{_outline(m[2])}{m[3]}{0.015625 * _SCALE:g}{m[4]}", text)
    text = _PATH.sub(lambda m: " ".join(m[0].split()), text)
    text = _DOCTYPE.sub("", _GROUP.sub("<g", text), count=1)
    return _BETWEEN.sub("><", text).encode()


@lru_cache(maxsize=20_000)
def _outline(path: str) -> str:
    """A glyph's path in relative whole numbers of 1/640 em; rounding does not add up along the path."""
    tokens = _TOKEN.findall(path)
    parts: list[str] = []
    at, place = (0, 0), 0
    begun = at
    while place < len(tokens):
        command = tokens[place]
        place += 1
        if command in "zZ":
            parts.append("z")
            at = begun
            continue
        if command not in _POINTS:
            raise ValueError(f"an outline with the command {command!r}")
        end = at
        written = ""
        for _ in range(_POINTS[command]):
            end = (round(float(tokens[place]) / _SCALE), round(float(tokens[place + 1]) / _SCALE))
            place += 2
            for number in (end[0] - at[0], end[1] - at[1]):
                written += str(number) if number < 0 or not written else f" {number}"
        parts.append(command.lower() + written)
        at = end
        begun = at if command == "M" else begun
    return "".join(parts)
