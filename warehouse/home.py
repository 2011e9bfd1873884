"""The folders of one installation.

Belongs here: where things lie under ``JUNHENG_HOME``, and the address of the ledger.
Does not belong here: what is in the folders, and settings of anything else.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from warehouse.files import make_folder


@dataclass(frozen=True)
class Home:
    """One installation: an absolute root folder and everything below it.

    The environment is read by ``from_environment`` only, so a ``Home`` made of a path (as in a test) never reaches the
    ledger of somebody else.
    """

    root: Path
    ledger: str | None = None
    key_file: Path | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", Path(self.root).expanduser().absolute())

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Home:
        """Read ``JUNHENG_HOME`` (default ``./data``), ``JUNHENG_LEDGER`` (default: SQLite in the home) and
        ``JUNHENG_PERSON_KEY_FILE`` (default: see ``person_key``)."""
        source = os.environ if environment is None else environment
        key_file = source.get("JUNHENG_PERSON_KEY_FILE")
        return cls(
            Path(source.get("JUNHENG_HOME") or "data"),
            source.get("JUNHENG_LEDGER") or None,
            Path(key_file).expanduser().absolute() if key_file else None,
        )

    @property
    def landing(self) -> Path:
        """Received bytes by their SHA-256; never changed."""
        return self.root / "landing"

    @property
    def inbox(self) -> Path:
        """Where people drop files to be received."""
        return self.root / "inbox"

    @property
    def staging(self) -> Path:
        """Typed Parquet and findings made from the landing; can be deleted and made again."""
        return self.root / "staging"

    @property
    def marts(self) -> Path:
        """Parquet made by the SQL models; can be deleted and made again."""
        return self.root / "marts"

    @property
    def releases(self) -> Path:
        """Published DuckDB files, their manifests and the pointer."""
        return self.root / "releases"

    @property
    def dashboards(self) -> Path:
        """Static sites made from releases."""
        return self.root / "dashboards"

    @property
    def dagster(self) -> Path:
        """Dagster's own storage."""
        return self.root / "dagster"

    @property
    def cache(self) -> Path:
        """Whatever is only kept to save time, also what DuckDB spills."""
        return self.root / "cache"

    @property
    def person_key(self) -> Path:
        """Key file of the pseudonyms (``warehouse.secret``); beside the folders of data, never in one of them."""
        return self.key_file or self.root / "keys" / "person.key"

    @property
    def ledger_url(self) -> str:
        """SQLAlchemy URL of the ledger."""
        return self.ledger or f"sqlite:///{self.root / 'ledger.sqlite'}"

    def ensure(self) -> Home:
        """Create the folders that do not exist yet; return the home itself."""
        for folder in (
            self.landing,
            self.inbox,
            self.staging,
            self.marts,
            self.releases,
            self.dashboards,
            self.dagster,
            self.cache,
        ):
            make_folder(folder)
        return self
