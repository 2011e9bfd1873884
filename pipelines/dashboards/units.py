"""The units a site is made of: each is one page (with its pictures and files) that can be drawn on its own.

Belongs here: kinds of units, their keys, drawing or renewing one. Does not belong here: which units a release has
(``build.py``), reading; importing duckdb or pandera, which every worker would pay for with seconds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipelines.dashboards.keys import code_key, key_of
from pipelines.dashboards.pages import county, indicator, methods, overview, quality, release, school
from pipelines.dashboards.pages.html import foot
from pipelines.dashboards.site import Site, forms_file
from pipelines.dashboards.stamp import Stamp, blank_for
from pipelines.forms.workbook import forms_bytes

#: Functions that make the files of a unit, by kind.
KINDS: Mapping[str, Callable[[Site, Any], dict[str, bytes]]] = {
    "overview": overview.files,
    "region": overview.files,
    "county": county.files,
    "schools": school.files,
    "indicators": lambda site, _: indicator.list_files(site),
    "indicator": indicator.files,
    "quality": quality.files,
    "release": release.files,
    "methods": methods.files,
    "forms": lambda site, book: {
        forms_file(site, language, book.county_code): forms_bytes(book, site.release_id, language, sample=site.sample)
        for language in site.languages
    },
}
#: Where a site keeps the key of each unit and the names of its files.
FOLDER = ".units"


@dataclass(frozen=True)
class Unit:
    """One page to be made: ``name`` is unique and lasts, ``title`` is told while drawing, ``book`` are its facts."""

    kind: str
    name: str
    title: str
    book: Any


@dataclass(frozen=True)
class Built:
    """Files written (all languages), what they weigh, and how many units were drawn or taken from the site before."""

    pages: int = 0
    pictures: int = 0
    bytes: int = 0
    drawn: int = 0
    reused: int = 0

    def __add__(self, other: Built) -> Built:
        return Built(
            self.pages + other.pages,
            self.pictures + other.pictures,
            self.bytes + other.bytes,
            self.drawn + other.drawn,
            self.reused + other.reused,
        )


@dataclass(frozen=True)
class Before:
    """A finished site whose pages may be used again."""

    folder: Path
    release_id: str


def stamp_of(site: Site) -> Stamp:
    """What this site's release puts on every file."""
    prefixes = {language: site.page(language, "").removesuffix(".html") for language in site.languages}
    blank = replace(site, release_id=blank_for(site.release_id))
    return Stamp(
        site.release_id,
        {prefix: foot(language, site.release_id, site.about) for language, prefix in prefixes.items()},
        {language: blank.pen(language) for language in site.languages},
    )


def seen_by(site: Site, unit: Unit) -> Site:
    """What a unit sees of the site: nothing of the release, and of the frame only what is its own."""
    frame = site.frame
    if frame is not None and unit.kind == "schools":
        frame = replace(frame, counties=((unit.book.county_code, unit.book.county_name),), unassigned={})
    elif frame is not None and unit.kind == "county":
        frame = replace(frame, counties=((unit.book.code, unit.book.name),), unassigned={})
    elif unit.kind == "forms":
        frame = None
    elif frame is not None and unit.kind == "region":
        frame = replace(
            frame, counties=tuple(each for each in frame.counties if each[0].startswith(unit.book.region[0]))
        )
    return replace(site, release_id=blank_for(site.release_id), about={}, frame=frame)


def unit_key(site: Site, unit: Unit) -> str:
    """What a unit is made from, as a digest."""
    seen = seen_by(site, unit)
    return key_of(
        code_key(), unit.kind, seen.release_id, seen.sample, seen.languages, seen.frame, seen.fonts.missing, unit.book
    )


def unchanged(unit: Unit, key: str, before: Before) -> bool:
    """Whether the site before has the unit, made from the same, with all its files."""
    return _same(before.folder, unit.name, key) is not None


def make(site: Site, unit: Unit, key: str, folder: Path, before: Before | None) -> Built:
    """Put the files of a unit below ``folder``: taken from the site before where its key is the same, else drawn."""
    marks = stamp_of(site)
    if before is not None and (names := _same(before.folder, unit.name, key)) is not None:
        built = _renewed(names, before, folder, marks) + Built(reused=1)
    else:
        drawn = KINDS[unit.kind](seen_by(site, unit), unit.book)
        blank = blank_for(site.release_id)
        files = {address: marks.on(address, content, blank) for address, content in drawn.items()}
        built, names = write(folder, files) + Built(drawn=1), sorted(files)
    record = json.dumps({"key": key, "files": names}).encode()
    write(folder, {_record(unit.name): record})
    return built


def write(folder: Path, files: Mapping[str, bytes]) -> Built:
    """Write ``files`` (address → bytes) below ``folder``."""
    for address, content in files.items():
        path = folder / address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return _counted({address: len(content) for address, content in files.items()})


def _same(folder: Path, name: str, key: str) -> list[str] | None:
    """Files of the unit in the site at ``folder`` if it was made from the same and all of them are there."""
    try:
        record = json.loads((folder / _record(name)).read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    names = [str(each) for each in record.get("files", [])]
    return names if record.get("key") == key and all((folder / each).is_file() for each in names) else None


def _renewed(names: list[str], before: Before, folder: Path, marks: Stamp) -> Built:
    sizes = {}
    for address in names:
        old, new = before.folder / address, folder / address
        new.parent.mkdir(parents=True, exist_ok=True)
        if marks.concerns(address):
            new.write_bytes(marks.on(address, old.read_bytes(), before.release_id))
        else:
            try:
                os.link(old, new)
            except OSError:  # another disk, or a file system without links
                new.write_bytes(old.read_bytes())
        sizes[address] = new.stat().st_size
    return _counted(sizes)


def _counted(sizes: Mapping[str, int]) -> Built:
    return Built(
        pages=sum(address.endswith(".html") for address in sizes),
        pictures=sum(address.endswith(".svg") for address in sizes),
        bytes=sum(sizes.values()),
    )


def _record(name: str) -> str:
    return f"{FOLDER}/{name}.json"
