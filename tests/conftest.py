"""What tests share: a home of their own, the folder of real files made by others, and how tests are shared out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from warehouse.files import locked
from warehouse.home import Home
from warehouse.ledger import Ledger

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real files (``JUNHENG_SHARED``, default ``../shared``); tests that need it skip without it."""
    folder = Path(os.environ.get("JUNHENG_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"the real files are not here: {folder}/data (set JUNHENG_SHARED)")
    return folder / "data"


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that ``make`` filled, once for all workers of a test run; nobody may change it."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder = base / name
    with locked(base / f"{name}.lock"):
        if not (folder / "made").exists():
            folder.mkdir()
            make(folder)
            (folder / "made").touch()
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty installation."""
    return Home(tmp_path / "home").ensure()


@pytest.fixture
def ledger(home: Home) -> Iterator[Ledger]:
    """The ledger of ``home``."""
    with Ledger.open(home.ledger_url) as opened:
        yield opened


@pytest.hookimpl(tryfirst=True)  # xdist reads the marks in the same hook: they must be there before
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file go to one worker (they share fixtures), unless they name a group of their own."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(name=str(item.path)))
