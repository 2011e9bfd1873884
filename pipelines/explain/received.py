"""The texts of received files, read again for a walk.

Belongs here: giving back the rows of a sheet as they stand in the received bytes. Does not belong here: what a cell
means (``exact``, ``cells``). A home without the received files (a release that was handed on) still gives addresses.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.intake.grid import UnreadableFile, read_grids
from pipelines.intake.sniff import sniff
from warehouse.landing import Landing, LandingError

#: Files kept open in memory: a walk goes through few, a test through all of a home.
_KEPT = 64


@dataclass(frozen=True)
class Sheet:
    """Rows of a sheet as text; ``rows[0]`` is row 1, and the first cell of each stands in ``first_column``."""

    rows: list[tuple[str | None, ...]]
    first_column: int
    workbook: bool

    def text(self, row_number: int, column: int) -> str | None:
        """The cell in a row (from 1) and a column (A is 0); None where it is blank or there is none."""
        if not 0 < row_number <= len(self.rows):
            return None
        row, index = self.rows[row_number - 1], column - self.first_column
        return row[index] if 0 <= index < len(row) else None


@dataclass
class ReceivedFiles:
    """Sheets by submission and name, as far as the landing has the bytes.

    ``landing`` None: the files are not at hand. ``sha256``: hash by submission.
    """

    landing: Landing | None
    sha256: Mapping[str, str]
    missing: dict[str, str] = field(default_factory=dict)
    _files: OrderedDict[str, dict[str, Sheet]] = field(default_factory=OrderedDict)

    def sheet(self, submission_id: str, name: str) -> Sheet | None:
        """Return a sheet; None where the file is not at hand (``missing`` then says why)."""
        if self.landing is None or submission_id in self.missing:
            return None
        if submission_id not in self._files:
            try:
                self._files[submission_id] = self._read(submission_id)
            except (LandingError, UnreadableFile, KeyError) as error:
                self.missing[submission_id] = str(error)
                return None
            while len(self._files) > _KEPT:
                self._files.popitem(last=False)
        self._files.move_to_end(submission_id)
        return self._files[submission_id].get(name)

    def _read(self, submission_id: str) -> dict[str, Sheet]:
        assert self.landing is not None
        content = self.landing.read(self.sha256[submission_id])
        return {
            grid.sheet: Sheet(grid.cells.rows(), grid.first_column, grid.from_workbook)
            for grid in read_grids(content, sniff(content))
        }
