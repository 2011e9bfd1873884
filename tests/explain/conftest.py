"""A published sample of several counties and years, made once for the tests of this folder. Not to be changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipelines.comments import release_comments
from pipelines.content import sql_models
from pipelines.explain.context import Context, open_context
from pipelines.intake.assemble import assemble
from pipelines.intake.receive import receive
from pipelines.marts import run_models
from pipelines.publish import inputs, release_tables
from pipelines.rules import check_across
from pipelines.sample import write_sample
from tests.real.warehouse_of import RECEIVED
from warehouse.home import Home
from warehouse.ledger import Ledger
from warehouse.releases import Releases

#: Both generations of forms, both standards, a quarantine or two: with planted faults.
COUNTIES, YEARS, SEED = 2, range(2019, 2022), 20140901


@pytest.fixture(scope="session")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a release, made by the way that the demo takes."""
    folder = tmp_path_factory.mktemp("explained")
    home = Home(folder / "home").ensure()
    sample = write_sample(folder / "sample", counties=COUNTIES, years=YEARS, seed=SEED)
    with Ledger.open(home.ledger_url) as ledger:
        receive(home, ledger, sample.files, received_by="test", now=RECEIVED)
        for period in ledger.periods():
            assemble(home, ledger, period)
        run_models(home, sql_models(), inputs(home))
        check_across(home, ledger, sql_models(), inputs(home))
        _release(home, ledger)
    return home


def _release(home: Home, ledger: Ledger) -> None:
    """A release without gate: what it says is not the subject here."""
    releases, models = Releases(home.releases), sql_models()
    tables = release_tables(home, ledger, models, now=RECEIVED)
    candidate = releases.build_candidate(tables, release_comments(models))
    releases.publish(candidate, "r20261122T080000-explained", {"created_at": RECEIVED.isoformat()})


@pytest.fixture
def context(explained: Home) -> Iterator[Context]:
    """The release with its received files."""
    with open_context(explained) as opened:
        yield opened
