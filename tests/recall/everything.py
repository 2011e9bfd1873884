"""Everything that is found in the files of a sample: by the reader, the contracts and the rules across rows.

Belongs here: the way from files to findings, by the same functions as ``junheng run``. Does not belong here: what they
are compared with.
"""

from __future__ import annotations

import polars as pl

from checks.findings import concat
from pipelines.content import sql_models
from pipelines.intake.assemble import assemble, audit_bindings
from pipelines.intake.receive import receive
from pipelines.marts import run_models
from pipelines.publish import inputs
from pipelines.rules import check_across
from pipelines.sample import SampleSummary
from tests.real.warehouse_of import RECEIVED
from warehouse.home import Home
from warehouse.ledger import Ledger


def everything_found(home: Home, sample: SampleSummary) -> pl.DataFrame:
    """Receive, read, model and check; all findings (``checks.findings.FINDING_SCHEMA``)."""
    with Ledger.open(home.ledger_url) as ledger:
        receive(home, ledger, sample.files, received_by="test", now=RECEIVED)
        for period in ledger.periods():
            assemble(home, ledger, period)
        given = inputs(home)
        run_models(home, sql_models(), given)
        across = check_across(home, ledger, sql_models(), given).findings
    return concat([*(pl.read_parquet(path, glob=False) for path in audit_bindings(home)["audit.finding"]), across])
