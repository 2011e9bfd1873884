"""What tests share: a home of their own, the folder of real files made by others, and how tests are shared out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests import workers
from warehouse.files import locked
from warehouse.home import Home
from warehouse.ledger import Ledger

REPOSITORY = Path(__file__).parent.parent

# The same examples every time: what fails for one commit must not pass for the next by chance. `make search` draws others.
settings.register_profile("fixed", derandomize=True)
settings.register_profile("search", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first."""
    items.sort(key=lambda item: workers.rank(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests that share costly fixtures go to one worker."""
    return workers.scheduler(config, log)
