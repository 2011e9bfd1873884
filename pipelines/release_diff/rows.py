"""Which rows of the returns differ between two releases, and why.

Belongs here: the cause of each row that differs. Does not belong here: what it did to figures (``states``,
``figures``).

A row (a key of a return in a period) can count, be in quarantine, or not be there. Where that or what it says differs:

    new_return               nothing was known of it, and its submission is new
    restatement              a newer submission says something else of it (or a newer listing has or lacks it)
    withdrawn                its submission does not count any more and no newer one speaks of it
    explanation_or_waiver    the same submission, in quarantine in one release and counted in the other
    code                     the same submission, read otherwise, by contracts, checks or a reader that changed
    other                    none of these can be shown; the report says how many rows
"""

from __future__ import annotations

import duckdb

from models.returns import CONTRACTS
from models.returns.contract import PROVENANCE, Contract
from warehouse import duck

NEW, RESTATED, WITHDRAWN, WAIVED = "new_return", "restatement", "withdrawn", "explanation_or_waiver"
CODE, OTHER = "code", "other"
#: Rows of which code and waivers both may be the cause: both changed, and nothing tells them apart.
CODE_OR_WAIVED = f"{CODE},{WAIVED}"

#: In this order their effects are taken one after the other.
ORDER = (NEW, RESTATED, WITHDRAWN, WAIVED, CODE_OR_WAIVED, CODE, OTHER)


def tables_of(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, dict[str, str]]:
    """Return column types by column by ``schema.table`` of an attached database."""
    rows = connection.execute(
        """select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()
           where database_name = ? order by column_index""",
        [catalog],
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def row_key(contract: Contract) -> str:
    """Return the SQL of what identifies a row in its period, as ``returns.quarantine`` writes it."""
    parts = [f"cast({duck.quoted(key)} as varchar)" for key in contract.grain if key != contract.period]
    return " || '|' || ".join(parts)


#: The same for a quarantined row; one whose key cannot be read is known by where it stands.
QUARANTINE_KEY = "coalesce(row_key, concat_ws('|', submission_id, sheet, cast(row_number as varchar)))"


def find_changed_rows(connection: duckdb.DuckDBPyConnection, reading_changed: bool) -> None:
    """Make the table ``row_change`` (form, period, row_key, cause) from the attached releases ``a`` and ``b``.

    The table ``not_staged`` (period) must be there: school years of which ``a`` had not read every file.
    ``reading_changed``: whether contracts, layouts, checks or reader differ between them (unknown counts as changed).
    """
    known = {catalog: tables_of(connection, catalog) for catalog in ("a", "b")}
    connection.execute(
        "create or replace table row_change (form varchar, period bigint, row_key varchar, cause varchar)"
    )
    unsettled = CODE if not reading_changed else _settled(connection, known)
    for form, contract in CONTRACTS.items():
        if any(f"returns.{form}" in known[catalog] for catalog in ("a", "b")):
            connection.execute(_touched_periods(contract, known))
            connection.execute(_form_sql(contract, known, reading_changed, unsettled))


def _settled(connection: duckdb.DuckDBPyConnection, known: dict[str, dict[str, dict[str, str]]]) -> str:
    """What moved a row in or out of quarantine when the reader changed too: only the reader, if no waiver did."""
    for table in ("audit.waiver", "audit.explanation"):
        there = [catalog for catalog in ("a", "b") if table in known[catalog]]
        if not there:
            continue
        if len(there) == 1:
            counted = connection.execute(f"select count(*) from {there[0]}.{table}").fetchone()
            if counted and counted[0]:
                return CODE_OR_WAIVED
            continue
        columns = ", ".join(map(duck.quoted, known["a"][table].keys() & known["b"][table].keys()))
        for one, other in (("a", "b"), ("b", "a")):
            differing = connection.execute(
                f"""select 1 from (
                        select {columns} from {one}.{table} except select {columns} from {other}.{table}
                    ) limit 1"""
            ).fetchone()
            if differing:
                return CODE_OR_WAIVED
    return CODE


def _form_sql(
    contract: Contract, known: dict[str, dict[str, dict[str, str]]], reading_changed: bool, unsettled: str
) -> str:
    listing = "true" if contract.listing else "false"
    read = "true" if reading_changed else "false"
    moved = f"'{unsettled}'" if reading_changed else f"'{WAIVED}'"
    return f"""
        insert into row_change
        with a_row as ({_statements(contract, known, "a")}), b_row as ({_statements(contract, known, "b")}),
        differing as (
            select
                coalesce(a_row.period, b_row.period) as period,
                coalesce(a_row.row_key, b_row.row_key) as row_key,
                a_row.submission_id as a_id,
                b_row.submission_id as b_id,
                a_row.usable as a_usable,
                b_row.usable as b_usable
            from a_row
            full outer join b_row on a_row.period = b_row.period and a_row.row_key = b_row.row_key
            where a_row.content is distinct from b_row.content or a_row.held is distinct from b_row.held
        ),
        a_known as (select submission_id, sequence from a.audit.submission where status = 'accepted'),
        b_known as (select submission_id, sequence, supersedes from b.audit.submission where status = 'accepted'),
        replaced as (select distinct supersedes as submission_id from b_known where supersedes is not null)
        select
            '{contract.name}',
            differing.period,
            differing.row_key,
            case
                when a_id is null and a_of_b.submission_id is null
                    then case when {listing} and b_of_b.supersedes is not null then '{RESTATED}' else '{NEW}' end
                when a_id is null and not_staged.period is not null then '{NEW}'
                when b_id is null and b_of_a.submission_id is null then '{WITHDRAWN}'
                when b_id is null and {listing} and replaced.submission_id is not null then '{RESTATED}'
                when a_id = b_id and a_usable is distinct from b_usable then {moved}
                when a_id <> b_id and b_of_b.sequence > b_of_a.sequence then '{RESTATED}'
                when a_id <> b_id and b_of_a.submission_id is null
                    then case when a_of_b.submission_id is null then '{RESTATED}' else '{WITHDRAWN}' end
                when {read} then '{CODE}'
                else '{OTHER}'
            end
        from differing
        left join a_known as a_of_b on a_of_b.submission_id = differing.b_id
        left join b_known as b_of_b on b_of_b.submission_id = differing.b_id
        left join b_known as b_of_a on b_of_a.submission_id = differing.a_id
        left join replaced on replaced.submission_id = differing.a_id
        left join not_staged on not_staged.period = differing.period
    """


def _touched_periods(contract: Contract, known: dict[str, dict[str, dict[str, str]]]) -> str:
    """Make the table ``touched_period``: those in which anything differs, told by a sum of hashes of each."""
    hashed = [
        f"""select coalesce(period, 0) as period, count(*) as rows, sum(hash(row_key, content, held)) as hashes
            from ({_both_parts(contract, known, catalog)}) group by 1"""
        for catalog in ("a", "b")
    ]
    return f"""
        create or replace temp table touched_period as
        select coalesce(one.period, other.period) as period
        from ({hashed[0]}) as one full outer join ({hashed[1]}) as other on one.period = other.period
        where one.hashes is distinct from other.hashes or one.rows is distinct from other.rows
    """


def _statements(contract: Contract, known: dict[str, dict[str, dict[str, str]]], catalog: str) -> str:
    """One row for each key: what a release says of it, counted (``content``) and in quarantine (``held``)."""
    return f"""
        select coalesce(period, 0) as period, row_key, max(submission_id) as submission_id, max(content) as content,
            bit_xor(held) as held, count(content) > 0 as usable
        from ({_both_parts(contract, known, catalog)})
        where coalesce(period, 0) in (select period from touched_period) group by 1, 2
    """


def _both_parts(contract: Contract, known: dict[str, dict[str, dict[str, str]]], catalog: str) -> str:
    """The rows that count and those in quarantine, as they stand."""
    table = f"returns.{contract.name}"
    parts = []
    types = {each: known[each].get(table, {}) for each in ("a", "b")}
    if types[catalog]:
        one, other = types["a"] or types["b"], types["b"] or types["a"]
        same = [
            duck.quoted(name) if one[name] == other[name] else f"cast({duck.quoted(name)} as varchar)"
            for name in sorted(one.keys() & other.keys() - PROVENANCE.keys())
        ]
        parts.append(
            f"""select cast({duck.quoted(contract.period)} as bigint) as period, {row_key(contract)} as row_key,
                    submission_id, hash({", ".join(same)}) as content, cast(null as ubigint) as held
                from {catalog}.{table}"""
        )
    if "returns.quarantine" in known[catalog]:
        parts.append(
            f"""select cast(school_year as bigint), {QUARANTINE_KEY}, submission_id, cast(null as ubigint),
                    hash(county_code, school_code, stage)
                from {catalog}.returns.quarantine where form = '{contract.name}'"""
        )
    return " union all ".join(parts) or (
        "select cast(null as bigint) as period, cast(null as varchar) as row_key,"
        " cast(null as varchar) as submission_id, cast(null as ubigint) as content,"
        " cast(null as ubigint) as held limit 0"
    )
