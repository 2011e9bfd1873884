"""The inbox: files that people drop into a folder are received as if given to ``junheng receive``.

Belongs here: which files are ready, receiving them, putting them away. Does not belong here: Dagster (``sensors``),
receiving itself (``pipelines.intake.receive``).

    inbox/*.xlsx                     layout recognised by its header
    inbox/<layout>/*.xlsx            layout named by the folder
    inbox/.received/<submission>/…   put away after receiving
    inbox/.rejected/<submission>/…   put away, with a text beside it that says why

A file is ready when its size and time are the same as at the tick before, so that a file being copied is not read half.
A crash between receiving and putting away does no harm: receiving the same bytes again gives the same submission.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl

from models.returns.layout import load_layouts
from pipelines.intake.receive import Receipt, receive
from warehouse.files import make_folder, write_bytes
from warehouse.home import Home
from warehouse.ledger import Ledger

#: Left by programs while a file is open or being copied.
_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".download", ".filepart", ".swp")

#: Signature of a file: size in bytes and time of the last change in ns.
Signature = tuple[int, int]

RECEIVED_BY = "inbox"

#: Stands in the cursor behind the signature of a file that could not be received: not tried again until it changes.
_TROUBLED = "troubled"


@dataclass
class Tick:
    """What one look into the inbox gave.

    ``years``: submissions by school year, also of files received before but not put away; ``waiting``: files left for a
    later tick; ``troubled``: files that could not even be received, with the reason.
    """

    years: dict[int, list[str]] = field(default_factory=dict)
    received: int = 0
    rejected: int = 0
    waiting: int = 0
    troubled: dict[str, str] = field(default_factory=dict)
    cursor: str = ""


def look(
    home: Home,
    ledger: Ledger,
    cursor: str | None,
    *,
    now: datetime,
    limit: int = 50,
    tell: Callable[[str], None] = lambda _: None,
) -> Tick:
    """Receive the files of the inbox that are ready, at most ``limit``; the rest wait for the next look.

    Args:
        cursor: what the look before returned (None the first time).
        tell: told a line for each file.
    """
    before = _parse(cursor)
    present = _signatures(home.inbox)
    ready = [name for name, signature in present.items() if before.get(name) == [*signature]]
    tick = Tick(waiting=len(present) - len(ready[:limit]))
    layouts = load_layouts()
    for name in ready[:limit]:
        path = home.inbox / name
        layout = None if path.parent == home.inbox else path.relative_to(home.inbox).parts[0]
        try:
            if layout is not None and layout not in layouts:
                raise ValueError(
                    f"no layout {layout!r}; a folder of the inbox is named by one of: {', '.join(layouts)}"
                )
            (receipt,) = receive(home, ledger, [path], layout=layout, received_by=RECEIVED_BY, now=now)
        except (OSError, ValueError) as error:
            tick.troubled[name] = str(error)
            tell(f"{name}: {error}")
            continue
        del present[name]
        _put_away(home, path, receipt)
        tell(f"{name}: {receipt.submission.status} as {receipt.submission.submission_id}")
        _count(tick, receipt)
    tick.cursor = json.dumps(
        {
            name: [*signature, _TROUBLED]
            if name in tick.troubled or before.get(name) == [*signature, _TROUBLED]
            else [*signature]
            for name, signature in present.items()
        },
        sort_keys=True,
    )
    return tick


def _count(tick: Tick, receipt: Receipt) -> None:
    if receipt.submission.status == "rejected":
        tick.rejected += 1
        return
    tick.received += 1
    for year in sorted({period for _, period in receipt.submission.returns}):
        tick.years.setdefault(year, []).append(receipt.submission.submission_id)


def _parse(cursor: str | None) -> dict[str, list[object]]:
    try:
        found = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _files(inbox: Path) -> list[str]:
    """Names of files from the inbox, hidden and unfinished ones left out, in order."""
    found = []
    for path in sorted(inbox.rglob("*")):
        parts = path.relative_to(inbox).parts
        hidden = any(part.startswith((".", "~$")) for part in parts)
        if not hidden and path.suffix.lower() not in _UNFINISHED and path.is_file() and not path.is_symlink():
            found.append("/".join(parts))
    return found


def _signatures(inbox: Path) -> dict[str, Signature]:
    found: dict[str, Signature] = {}
    for name in _files(inbox):
        with suppress(FileNotFoundError):  # taken away since the folder was read
            status = (inbox / name).stat()
            found[name] = (status.st_size, status.st_mtime_ns)
    return found


def _put_away(home: Home, path: Path, receipt: Receipt) -> None:
    rejected = receipt.submission.status == "rejected"
    folder = home.inbox / (".rejected" if rejected else ".received") / receipt.submission.submission_id
    make_folder(folder)
    target = folder / path.name
    if rejected:
        write_bytes(folder / f"{path.name}.findings.txt", explained(receipt).encode())
    path.replace(target)


def explained(receipt: Receipt) -> str:
    """Return what was found in a received file, as text for the person who sent it."""
    submission = receipt.submission
    lines = [f"{submission.file_name}: {submission.status} ({submission.submission_id})", ""]
    for row in receipt.findings.sort("severity", "sheet", "cell", nulls_last=True).iter_rows(named=True):
        place = " ".join(part for part in (row["sheet"], row["cell"]) if part)
        value = "" if row["value"] is None else f" [{row['value']}]"
        lines += [f"* {row['severity']} {row['rule']}" + (f" — {place}" if place else "") + value]
        lines += [f"    {row[key]}" for key in ("message_zh", "message_en", "guidance_zh", "guidance_en") if row[key]]
    return "\n".join(lines) + "\n"


def summary(findings: pl.DataFrame) -> str:
    """Return the number of findings by severity, e.g. ``2 errors, 1 note``."""
    counts = findings.group_by("severity").len().sort("severity")
    told = [f"{count} {name}" if count == 1 else f"{count} {_plural(name)}" for name, count in counts.iter_rows()]
    return ", ".join(told) or "no findings"


def _plural(severity: str) -> str:
    return {"query": "queries"}.get(severity, f"{severity}s")


def waiting(home: Home) -> list[str]:
    """Return the names of the files in the inbox that wait to be received."""
    return _files(home.inbox)
