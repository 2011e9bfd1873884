"""Installations for these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.findings.office import ASKED, BAD, GOOD, Office
from tests.intake.books import enrolment_row
from tests.pipelines.places import copied, modelled_home, received_home, sample
from warehouse.home import Home
from warehouse.ledger import Ledger

__all__ = ["begun", "modelled_home", "office", "received_home", "sample"]


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An installation with a release in which one school has a hard error and one a query. Not to be changed."""
    home = Home(tmp_path_factory.mktemp("begun") / "home").ensure()
    with Ledger.open(home.ledger_url) as ledger:
        office = Office(home, ledger)
        office.send(enrolment_row(GOOD), enrolment_row(BAD, female_pupils=999), enrolment_row(ASKED, boarders=None))
        office.run()
    return home


@pytest.fixture
def office(begun: Home, tmp_path: Path) -> Iterator[Office]:
    home = copied(begun, tmp_path)
    with Ledger.open(home.ledger_url) as ledger:
        office = Office(home, ledger)
        office.wait(hours=3)
        yield office
