"""Reading 300 county workbooks, against the raw time fastexcel takes to load the same sheets as text.

Belongs here: measuring the reader. Does not belong here: whether it reads right (``tests.intake``).

Run: ``python -m tests.bench.bench_reading``. Both sides run interleaved in one process, so that a busy machine slows
both; the ratio printed is the median of the rounds.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import fastexcel

from pipelines.intake import stage as staging
from pipelines.intake.identify import BindingCache, identify
from pipelines.intake.persons import Pseudonyms
from pipelines.intake.stage import ToStage, stage
from pipelines.sample import write_sample

#: Ratio of the issue: our reading ÷ raw fastexcel time.
AIM = 2.0


def workbooks(folder: Path, number: int, counties: int = 30) -> list[tuple[str, bytes]]:
    """The first ``number`` county workbooks (the returns of a school year) of a sample without faults."""
    years = range(2012, 2012 + -(-number // counties))
    summary = write_sample(folder, counties=counties, years=years, seed=20, faults=False)
    files = [path for path in summary.files if path.name.endswith("学年.xlsx")][:number]
    if len(files) < number:
        raise RuntimeError(f"the sample has {len(files)} county workbooks, {number} are wanted")
    return [(path.name, path.read_bytes()) for path in files]


def raw(files: Sequence[tuple[str, bytes]]) -> int:
    """Load every sheet of every file as text into polars; cells read."""
    cells = 0
    for _, content in files:
        book = fastexcel.read_excel(content)
        for index in range(len(book.sheet_names)):
            frame = book.load_sheet(index, header_row=None, skip_rows=0, dtypes="string").to_polars()
            cells += frame.height * frame.width
    return cells


def ours(files: Sequence[tuple[str, bytes]]) -> int:
    """Identify, type and check every file; accepted rows."""
    staged = stage(
        [
            ToStage(f"s{number}", name, None, None, None, lambda content=content: content)  # type: ignore[misc]
            for number, (name, content) in enumerate(files)
        ],
        pseudonyms=Pseudonyms(bytes(32)),
    )
    return sum(frame.height for frame in staged.rows.values())


def opening(files: Sequence[tuple[str, bytes]]) -> None:
    """The first part of ``ours``: open the files and identify their sheets."""
    cache = BindingCache()
    for number, (name, content) in enumerate(files):
        identify(content, name, submission_id=f"s{number}", cache=cache)


def seconds(work: Callable[[], object]) -> float:
    """How long ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workbooks", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = workbooks(Path(folder), arguments.workbooks)
    rows, cells = ours(files[: staging.CHUNK]), raw(files)
    ratios, opened, read, bare = [], [], [], []
    for _ in range(arguments.rounds):
        bare.append(seconds(lambda: raw(files)))
        read.append(seconds(lambda: ours(files)))
        opened.append(seconds(lambda: opening(files)))
        ratios.append(read[-1] / bare[-1])
    total, first, fast = (statistics.median(times) for times in (read, opened, bare))
    print(f"reading {len(files)} county workbooks ({cells:,} cells, {rows:,} accepted rows), {arguments.rounds} rounds")
    print(f"  raw fastexcel            {fast:6.2f} s")
    print(f"  ours                     {total:6.2f} s")
    print(f"    open and identify      {first:6.2f} s")
    print(f"    type and check         {total - first:6.2f} s")
    print(f"  ours / raw               {statistics.median(ratios):6.2f}   (aim: at most {AIM:g})")


if __name__ == "__main__":
    main()
