"""Understanding a sheet: which known table it is, with all its columns bound, or why not.

Belongs here: one sheet, from its first rows. Does not belong here: the file as a whole (``identify``), matching single
headers (``bind``).
"""

from __future__ import annotations

from dataclasses import dataclass

from models.returns import CONTRACTS
from models.returns.layout import Layout, Table
from pipelines.intake.bind import SHARE_OF_COLUMNS, Binding, bind, match, numbered_tables, vocabulary
from pipelines.intake.grid import Grid
from pipelines.intake.header import USUAL_ROWS, Cells, Header, find_header_rows, flatten, head_rows
from pipelines.intake.preamble import Preamble, file_name_year, read_preamble


@dataclass(frozen=True)
class IdentifiedSheet:
    """A sheet that is a known table."""

    grid: Grid
    binding: Binding
    preamble: Preamble


class BindingCache:
    """Bindings by what they depend on, so that a thousand equal sheets are understood once."""

    def __init__(self) -> None:
        self._bindings: dict[tuple[object, ...], Binding | str | None] = {}
        self._equal: dict[tuple[object, ...], Binding] = {}

    def get(self, key: tuple[object, ...]) -> tuple[bool, Binding | str | None]:
        """Whether the key is known, and its binding (or the rule that speaks against one)."""
        return key in self._bindings, self._bindings.get(key)

    def put(self, key: tuple[object, ...], binding: Binding | str | None) -> Binding | str | None:
        """Remember a binding; gives an equal one that is known already, so that their sheets are read together."""
        if isinstance(binding, Binding):
            binding = self._equal.setdefault(binding.identity, binding)
        self._bindings[key] = binding
        return binding


def understand(
    grid: Grid, layouts: tuple[Layout, ...], cache: BindingCache, year: int | None, file_name: str
) -> IdentifiedSheet | str | None:
    """The sheet as a known table; the rule that speaks against it; or ``None`` where it is no known table.

    ``year`` is the declared one; it and the file's name help where the sheet does not say its year.
    """
    words = vocabulary(tuple(layout.name for layout in layouts))
    rows = head_rows(grid, USUAL_ROWS)
    where = find_header_rows(rows, words)
    if where is None or where[1] + 1 >= len(rows):
        rows = head_rows(grid)
        where = find_header_rows(rows, words)
    if where is None:
        return None
    first, last = where
    offset = max((layout.year_offset for layout in layouts), default=0)
    above = [grid.sheet, *(cell for row in rows[:first] for cell in row if cell)]
    preamble = read_preamble(above, offset)
    named = {file_name_year(file_name, layout.filename_year, layout.year_offset) for layout in layouts} - {None}
    years = preamble.school_years or ({year} if year else named)
    one_year = next(iter(years)) if len(years) == 1 else None
    numbered = numbered_tables(layouts, preamble.text)
    key: tuple[object, ...] = (
        tuple(f"{layout.name}/{table.name}" for layout, table in numbered) or tuple(layout.name for layout in layouts),
        first,
        last,
        tuple(tuple(row) for row in rows[first : last + 1]),
        grid.merges_between(first, last) if last > first else None,
        one_year,
        preamble.unit,
    )
    known, binding = cache.get(key)
    if not known:
        binding = _choose(grid, rows, first, last, layouts, numbered, one_year, preamble.unit)
        binding = cache.put(key, binding)
    if isinstance(binding, Binding):
        return IdentifiedSheet(grid, binding, preamble)
    return binding


def _choose(
    grid: Grid,
    rows: Cells,
    first: int,
    last: int,
    layouts: tuple[Layout, ...],
    numbered: list[tuple[Layout, Table]],
    year: int | None,
    unit: str | None,
) -> Binding | str | None:
    """The binding of a sheet, the rule that speaks against one, or ``None`` where it is no known table."""
    header = flatten(rows, first, last, grid.merges() if last > first else None)
    tables = numbered or [
        (layout, table)
        for layout in layouts
        if year is None or layout.from_year <= year <= layout.to_year
        for table in layout.tables
    ]
    scored = sorted(
        (match(layout, table, header, year) for layout, table in tables), key=lambda c: c.share, reverse=True
    )
    if not scored or scored[0].share == 0 or (not numbered and scored[0].share < SHARE_OF_COLUMNS):
        return None
    best = scored[0]
    if numbered and best.share < SHARE_OF_COLUMNS and _fits_better(best.share, numbered, layouts, header, year):
        return "ambiguous_table"
    ties = [other for other in scored[1:] if other.share == best.share]
    binding = bind(best, header, year, unit)
    if ties and any(_shape(bind(tie, header, year, unit)) != _shape(binding) for tie in ties):
        return "ambiguous_table"
    for block in binding.blocks:
        present = {bound.field for bound in block.fields}
        for name in CONTRACTS[block.form].grain:
            info = CONTRACTS[block.form].fields[name]
            if name not in present and info.expected:
                return "missing_key_column"
    return binding if binding.blocks else None


def _fits_better(
    share: float, numbered: list[tuple[Layout, Table]], layouts: tuple[Layout, ...], header: Header, year: int | None
) -> bool:
    """Whether the columns are those of another table than the number printed says."""
    others = [
        match(layout, table, header, year).share
        for layout in layouts
        for table in layout.tables
        if (layout, table.name) not in [(own, known.name) for own, known in numbered]
    ]
    return max(others, default=0.0) >= max(SHARE_OF_COLUMNS, share)


def _shape(binding: Binding) -> tuple[object, ...]:
    """What a binding does to a sheet, without the names of the table and layout it came from."""
    return tuple((block.form, block.fields) for block in binding.blocks)
