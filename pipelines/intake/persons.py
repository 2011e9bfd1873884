"""Persons: who somebody is becomes a pseudonym, and nothing clear goes further than the cells of a received file.

Belongs here: how a person is written in a cell, the keyed hash, masking cells that name a person. Does not belong here:
the key's file (``warehouse.secret``), which fields are persons (``models.returns``).

A person is an ID number (18 characters with a check character; the old one of 15 digits is brought to 18, so that both
are the same person) or a staff number of up to 14 letters and digits, which is taken to be unique within its county.
The pseudonym is ``p`` and 96 bits of HMAC-SHA256 in hexadecimal: among a hundred million persons the chance that two
share one is one in ten million million, and without the key nobody can try out numbers.

Masking comes before anything is read: of a sheet that is about persons, every cell that is a person's number or name,
in whatever column it was written, is replaced. What is told of such a cell later (findings, quarantine) is the mask.
"""

from __future__ import annotations

import hashlib
import hmac
import re

import polars as pl

from models.returns import CONTRACTS
from pipelines.intake.bind import Binding
from pipelines.intake.classify import SUBTOTALS, TOTALS
from pipelines.intake.coerce import clean
from warehouse import secret

_HEX = 24
#: A cell that holds a person's number, in any column: 18 characters, or 15 digits with a possible date of birth.
_ID_IN_A_CELL = (
    r"(?:^|[^0-9])(?:[0-9]{17}[0-9Xx]|[0-9]{8}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3})(?:$|[^0-9A-Za-z])"
)
_ID = r"^[1-9][0-9]{16}[0-9X]$"
_OLD_ID = r"^[1-9][0-9]{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}$"
_STAFF_NUMBER = r"^[0-9A-Z][0-9A-Z_/-]{1,13}$"
#: Shorter texts in other columns are not taken for somebody's name or number (无, 1 …).
_FEWEST_OF_A_NAME, _FEWEST_OF_A_NUMBER = 2, 6
#: ISO 7064 MOD 11-2, as GB 11643 says for ID numbers.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


class PersonKeyMissing(RuntimeError):
    """Rows about persons were to be staged without a key."""


class Pseudonyms:
    """Persons to pseudonyms under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return f"Pseudonyms({self.fingerprint})"

    @property
    def fingerprint(self) -> str:
        """What tells this key from another one."""
        return secret.fingerprint(self._key)

    def of(self, cells: pl.Series) -> pl.Series:
        """Pseudonyms of cells; null where blank; where a cell is no person, an ``x…`` that no contract accepts."""
        distinct = pl.DataFrame({"cell": cells.drop_nulls().unique()}).with_columns(_canonical(pl.col("cell")))
        made = {
            cell: None if text is None else self._hash(person, text)
            for cell, text, person in distinct.select("cell", "text", "person").rows()
        }
        return pl.DataFrame({"cell": cells.cast(pl.String)}).select(
            pl.col("cell").replace_strict(made, default=None, return_dtype=pl.String)
        )["cell"]

    def _hash(self, person: str | None, text: str) -> str:
        message = (text if person is None else person).encode()
        digest = hmac.digest(self._key, message, hashlib.sha256).hex()[:_HEX]
        return ("x" if person is None else "p") + digest


def _canonical(cell: pl.Expr) -> list[pl.Expr]:
    """``text``: the cell without ornament; ``person``: its one way of being written, null where it is no person."""
    text = clean(cell).str.replace_all(r"\s", "").str.strip_prefix("'").str.to_uppercase()
    text = text.str.replace(r"^([0-9]{1,14})\.0+$", "$1")
    grown = text.str.slice(0, 6) + "19" + text.str.slice(6)
    person = (
        pl.when(text.str.contains(_ID) & (text.str.slice(17, 1) == _check(text)))
        .then(text)
        .when(text.str.contains(_OLD_ID))
        .then(grown + _check(grown))
        .when(text.str.contains(_STAFF_NUMBER))
        .then(pl.lit("staff number ") + text)
    )
    return [text.alias("text"), person.alias("person")]


def _check(digits: pl.Expr) -> pl.Expr:
    """The check character of the first 17 digits."""
    total = pl.sum_horizontal(
        [digits.str.slice(i, 1).cast(pl.Int32, strict=False) * weight for i, weight in enumerate(_WEIGHTS)]
    )
    return (total % 11).replace_strict(dict(enumerate(_CHECK)), default=None, return_dtype=pl.String)


def pseudonym_columns(raw: pl.DataFrame, binding: Binding, pseudonyms: Pseudonyms | None) -> dict[int, pl.Series]:
    """Pseudonyms of the rows of ``raw`` by the column that persons stand in (none where the sheet is not about any).

    Raises:
        PersonKeyMissing: the sheet is about persons and there is no key.
    """
    columns = _columns(binding, "person")
    if columns and pseudonyms is None:
        raise PersonKeyMissing(f"{', '.join(binding.forms)}: persons cannot be staged without a key")
    return {column: pseudonyms.of(raw[f"c{column}"]) for column in columns} if pseudonyms is not None else {}


def masked(raw: pl.DataFrame, binding: Binding) -> pl.DataFrame:
    """``raw`` with every cell that names a person replaced by a mask; sheets that are not about persons as they are."""
    persons, named = _columns(binding, "person"), _columns(binding, "name")
    if not persons and not named:
        return raw
    names = _known(raw, named, fewest=_FEWEST_OF_A_NAME)
    numbers = _known(raw, persons, fewest=_FEWEST_OF_A_NUMBER)
    figures = {column for kind in ("date", "year", "count", "number") for column in _columns(binding, kind)}
    masks = []
    for column in range(len(binding.header.columns)):
        cell = pl.col(f"c{column}")
        if column in persons or column in named:
            masks.append(_mask(cell).alias(f"c{column}"))
            continue
        telling = cell.str.contains(_ID_IN_A_CELL) | cell.str.strip_chars().is_in(names.implode())
        if column not in figures:  # a staff number may look like a date or a figure
            telling = telling | cell.str.strip_chars().is_in(numbers.implode())
        masks.append(pl.when(telling).then(_mask(cell)).otherwise(cell).alias(f"c{column}"))
    return raw.with_columns(masks)


def tells_a_person(text: str) -> bool:
    """Whether a cell holds a person's number, in whatever column it was written."""
    return re.search(_ID_IN_A_CELL, text) is not None


def _known(raw: pl.DataFrame, columns: set[int], *, fewest: int) -> pl.Series:
    """What stands in the columns, but for the words of totals and what is too short to tell anybody."""
    cells = [pl.Series(dtype=pl.String), *(raw[f"c{column}"].cast(pl.String).str.strip_chars() for column in columns)]
    known = pl.concat([cell.rename("") for cell in cells]).drop_nulls().unique()
    return known.filter((known.str.len_chars() >= fewest) & ~known.is_in([*TOTALS, *SUBTOTALS]))


def _mask(cell: pl.Expr) -> pl.Expr:
    """``****（18）``: only how many characters there are is told; a missing or doubled digit is seen by it."""
    return pl.when(cell.is_not_null()).then(pl.format("****（{}）", cell.str.len_chars()))


def _columns(binding: Binding, kind: str) -> set[int]:
    return {
        part.column
        for block in binding.blocks
        for bound in block.fields
        if CONTRACTS[block.form].fields[bound.field].kind == kind
        for part in bound.parts
    }
