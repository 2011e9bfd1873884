"""``junheng restatements``.

Belongs here: showing which figures were stated differently by a later file. Does not belong here: finding them out
(``pipelines.intake.restate``) and their effects (``pipelines.restatement``).
"""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.common import HomeOption, console, open_home, year_of
from pipelines.cli.printing import Format
from pipelines.cli.query import print_result

#: Restatements that are shown; csv and json give all.
_SHOWN = 200

_LINES = """
    concat_ws('  ', strftime(received_at, '%Y-%m-%d'), county_code, cast(school_year as varchar),
        coalesce(school_name, school_code, row_key), stage),
    concat_ws('.', form, nullif(field, '')) || case change
        when 'restated' then ': ' || coalesce(old_text, '–') || ' → ' || coalesce(new_text, '–')
        when 'became_usable' then ': not usable (' || coalesce(old_text, '–') || ') → ' || coalesce(new_text, '–')
        when 'became_unusable'
            then ': ' || coalesce(old_text, '–') || ' → not usable (' || coalesce(new_text, '–') || ')'
        else ': ' || replace(change, '_', ' ')
    end,
    concat_ws(' ', old_file_name, old_sheet, old_cell) || ' → ' || concat_ws(' ', new_file_name, new_sheet, new_cell),
    case when effect_indicator is not null then concat_ws(
        ' ', effect_county_code, effect_stage, effect_standard, effect_indicator,
        coalesce(printf('%.4f', coefficient_old), 'none'), '→', coalesce(printf('%.4f', coefficient_new), 'none'),
        printf('(%+.4f)', effect), case effect_basis when 'submission' then 'all that the file restated together' end
    ) end,
    case when composite_old is distinct from composite_new or coalesce(flips, 0) > 0 then concat_ws(
        ' ', 'composite', coalesce(printf('%.4f', composite_old), 'none'), '→',
        coalesce(printf('%.4f', composite_new), 'none'),
        case when verdict_old is distinct from verdict_new
            then 'verdict ' || coalesce(cast(verdict_old as varchar), 'withheld')
                || ' → ' || coalesce(cast(verdict_new as varchar), 'withheld') end,
        case when flips > 0 then printf('(changes %d verdict(s) in all)', flips) end
    ) end
"""


def restatements(
    county: Annotated[str | None, typer.Option(help="Only this county (code as reported or as of today).")] = None,
    year: Annotated[str | None, typer.Option(help="Only this school year (2020 = 2020/21).")] = None,
    output: Annotated[Format, typer.Option("--format", help="How to print; csv and json give every column.")] = "table",
    release: Annotated[str | None, typer.Option(help="Release to ask (default: the current one).")] = None,
    home: HomeOption = None,
) -> None:
    """Print the figures that a later file stated differently: old, new, both cells, effect on the coefficient.

    The effect is on the single coefficient it moves most, and on the composite of the same county, stage and standard
    and its verdict: with the old value in place of the new, all else as now. All effects: audit.restatement_effect,
    audit.submission_effect and audit.restated_point (`junheng query`).
    """
    from warehouse.releases import Releases

    wanted: dict[str, object] = {}
    conditions = ["true"]
    if county is not None:
        wanted["county"] = county
        conditions.append(
            """(county_code = $county or effect_county_code = $county or county_code in (
                    select reported_code from core.reported_county where core.reported_county.county_code = $county))"""
        )
    if year is not None:
        wanted["year"] = year_of(year)
        conditions.append("school_year = $year")
    columns = _LINES if output == "table" else "*"
    with Releases(open_home(home).releases).connect(release) as connection:
        connection.execute(
            f"""select {columns} from audit.restatement where {" and ".join(conditions)}
                order by audit.restatement.received_at, audit.restatement.county_code, audit.restatement.school_year,
                audit.restatement.row_key, audit.restatement.field""",
            wanted,
        )
        if output == "table":
            _tell(connection.fetchall())
        else:
            print_result(connection, output)


def _tell(rows: list[tuple[str | None, ...]]) -> None:
    out = console()
    for who, what, where, effect, composite in rows[:_SHOWN]:
        out.print(f"{who}  {what}", markup=False, soft_wrap=True)
        out.print(f"    {where}", markup=False, soft_wrap=True)
        if effect:
            out.print(f"    effect: {effect}", markup=False, soft_wrap=True)
        if composite:
            out.print(f"    on the verdict: {composite}", markup=False, soft_wrap=True)
    if len(rows) > _SHOWN:
        out.print(f"… and {len(rows) - _SHOWN} more: --format csv gives all", markup=False)
    out.print(f"{len(rows)} restatements", markup=False)
