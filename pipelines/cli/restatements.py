"""``junheng restatements``.

Belongs here: showing which figures were stated differently by a later file. Does not belong here: finding them out
(``pipelines.intake.restate``) and their effects (``pipelines.restatement``).
"""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.common import HomeOption, console, open_home, year_of
from pipelines.cli.query import Format, print_result

_SHORT = """
    strftime(received_at, '%Y-%m-%d') as received, county_code as county, school_year as year,
    coalesce(school_name, school_code, row_key) as school, concat_ws('.', form, nullif(field, '')) as figure, change,
    old_text as old, new_text as new, concat_ws(' ', old_sheet, old_cell) as old_cell,
    concat_ws(' ', new_file_name, new_sheet, new_cell) as new_cell,
    case when effect_indicator is null then '' else concat_ws(
        ' ', effect_indicator, coalesce(printf('%+.4f', effect), 'gained or lost'),
        case effect_basis when 'submission' then '(file)' end
    ) end as effect
"""


def restatements(
    county: Annotated[str | None, typer.Option(help="Only this county (code as reported or as of today).")] = None,
    year: Annotated[str | None, typer.Option(help="Only this school year (2020 = 2020/21).")] = None,
    output: Annotated[Format, typer.Option("--format", help="How to print; csv and json give every column.")] = "table",
    release: Annotated[str | None, typer.Option(help="Release to ask (default: the current one).")] = None,
    home: HomeOption = None,
) -> None:
    """Print the figures that a later file stated differently: old, new, both cells, effect on the coefficient.

    The effect is on the single coefficient it moves most; (file) marks the joint effect of all that the file restated.
    All effects: audit.restatement_effect, audit.submission_effect and audit.restated_point (`junheng query`).
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
    columns = _SHORT if output == "table" else "*"
    with Releases(open_home(home).releases).connect(release) as connection:
        connection.execute(
            f"""select {columns} from audit.restatement where {" and ".join(conditions)}
                order by audit.restatement.received_at, audit.restatement.county_code, audit.restatement.school_year,
                audit.restatement.row_key, audit.restatement.field""",
            wanted,
        )
        if output == "table" and not (count := connection.rowcount) and count == 0:
            console().print("nothing was restated", markup=False)
            return
        print_result(connection, output)
