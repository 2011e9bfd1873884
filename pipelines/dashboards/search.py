"""The index behind the search box: names and codes of counties and schools as scripts.

Belongs here: how names are shared out over files. Does not belong here: searching (``static/site.js``).

A page opened from ``file://`` may load scripts but fetch nothing, so the index is JavaScript that hands itself over.
Few schools are one file. More are shared out by character: bucket *n* holds every school with a character whose code
point is *n* modulo ``MODULUS``; whoever seeks a word needs only the smallest bucket of its characters. At 140,000
schools (2,800 counties) that is some ten thousand names instead of all.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

MODULUS = 256
#: Up to so many schools are one file (some hundred KB).
SINGLE = 5_000
FOLDER = "assets/search"

Place = tuple[str, str, str]
"""Code, name, address in the first language."""


def index_files(counties: Sequence[Place], schools: Iterable[tuple[Place, str]]) -> dict[str, bytes]:
    """Address → bytes of the index. ``schools``: each with the code of its county."""
    order = {code: number for number, (code, _, _) in enumerate(counties)}
    rows = [[code, name, order.get(county, -1), address] for (code, name, address), county in schools]
    head: dict[str, Any] = {"counties": [list(county) for county in counties], "single": len(rows) <= SINGLE}
    if head["single"]:
        return {f"{FOLDER}/index.js": _script("index", head), f"{FOLDER}/all.js": _script("bucket", "all", rows)}
    buckets: dict[str, list[list[Any]]] = defaultdict(list)
    for row in rows:
        for bucket in {ord(character) % MODULUS for character in f"{row[1]}{row[0]}".lower()}:
            buckets[f"b{bucket}"].append(row)
    head |= {"modulus": MODULUS, "sizes": {name: len(each) for name, each in sorted(buckets.items())}}
    files = {f"{FOLDER}/{name}.js": _script("bucket", name, each) for name, each in sorted(buckets.items())}
    return {f"{FOLDER}/index.js": _script("index", head), **files}


def _script(call: str, *values: Any) -> bytes:
    """A call as a script of plain ASCII: it means the same in every encoding and inside every context."""
    arguments = ",".join(json.dumps(value, separators=(",", ":")).replace("<", "\\u003c") for value in values)
    return f"junheng.{call}({arguments});\n".encode("ascii")
