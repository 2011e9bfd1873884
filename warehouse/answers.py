"""Written answers to what checks found: explanations, what was decided about them, and waivers.

Belongs here: recording answers in the ledger's database and reading them back. Does not belong here: which thing an
answer is about, what it does to a figure, and who may give it (``checks``, ``pipelines``).

Rows are added and never changed: an explanation is accepted or rejected by a further row, a waiver revoked by one.
A *subject* is whatever an answer is about, under an id that stays the same while the thing does; ``seen`` is what it
showed when it was answered. ``rule``, ``region`` and ``period`` say the same for people, and are all there is where a
waiver is about a whole rule (``subject`` None).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from warehouse.ledgerdb import decision_table, explanation_table, insert_once, revocation_table, waiver_table

#: Ids that are asked for by name; for more, all rows are read (a statement holds only so many values).
_FEW = 1000


class AnswerError(Exception):
    """An answer that cannot be recorded; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A written reason. ``occasion`` tells two explanations in the same words apart that were given for different
    appearances of the subject; ``dated`` is the day written on it; ``source`` is how it came (a file, a command).

    ``accepted``, ``decided_by``, ``decided_at``, ``remark``: the last decision; None while there is none.
    """

    explanation_id: str = ""
    subject: str
    occasion: str
    seen: str
    rule: str
    region: str = ""
    period: int | None = None
    reason: str
    explained_by: str
    dated: date | None = None
    recorded_at: datetime
    source: str
    accepted: bool | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    remark: str | None = None


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """A permission to let something pass, from ``valid_from`` up to (not at) ``valid_until``, unless revoked.

    ``subject`` and ``seen`` are None where it is about a rule in a region; ``period`` None is every period.
    """

    waiver_id: str = ""
    subject: str | None = None
    seen: str | None = None
    rule: str
    region: str = ""
    period: int | None = None
    reason: str
    approver: str
    valid_from: datetime
    valid_until: datetime
    recorded_at: datetime
    recorded_by: str
    revoked_by: str | None = None
    revoked_at: datetime | None = None
    revoked_reason: str | None = None

    def in_force(self, now: datetime) -> bool:
        """Say whether it holds at ``now``."""
        revoked = self.revoked_at is not None and self.revoked_at <= now
        return self.valid_from <= now < self.valid_until and not revoked


class Answers:
    """The answers in an open ledger (``warehouse.ledger.Ledger.answers``)."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def explain(self, explanation: Explanation) -> tuple[Explanation, bool]:
        """Record an explanation; return it as recorded, and whether this call did it.

        The same words by the same person about the same appearance of the same subject are one explanation. Its id is
        made here. ``AnswerError`` for a blank reason or name, or a time without time zone.
        """
        (recorded,) = self.explain_all([explanation])
        return recorded

    def explain_all(self, explanations: Iterable[Explanation]) -> list[tuple[Explanation, bool]]:
        """Record explanations (see ``explain``) all together or, where one cannot be, none."""
        given = [_identified(each) for each in explanations]
        created: dict[str, bool] = {}
        with self._engine.begin() as connection:
            for each in given:
                values = _columns(explanation_table, asdict(each))
                row = connection.execute(
                    insert_once(self._engine, explanation_table, values, "explanation_id").returning(
                        explanation_table.c.sequence
                    )
                ).scalar_one_or_none()
                created[each.explanation_id] = created.get(each.explanation_id, False) or row is not None
        some = list(created) if len(created) <= _FEW else None
        known = {each.explanation_id: each for each in self.explanations(ids=some)}
        return [(known[each.explanation_id], created[each.explanation_id]) for each in given]

    def decide(
        self, explanation_id: str, *, accepted: bool, decided_by: str, decided_at: datetime, remark: str = ""
    ) -> bool:
        """Accept or reject an explanation; return whether that is new (the same verdict again changes nothing).

        ``AnswerError`` if there is no such explanation, or for a blank name.
        """
        _require(decided_by, "who decides")
        _require_zone(decided_at)
        while True:
            found = self.explanations(ids=[explanation_id])
            if not found:
                raise AnswerError(f"no explanation {explanation_id!r}")
            if found[0].accepted is accepted:
                return False
            values = {
                "explanation_id": explanation_id,
                "number": self._decisions(explanation_id) + 1,
                "accepted": accepted,
                "decided_by": decided_by.strip(),
                "decided_at": decided_at,
                "remark": remark.strip(),
            }
            insert = insert_once(self._engine, decision_table, values, "explanation_id", "number")
            with self._engine.begin() as connection:  # writes at once: SQLite queues here instead of failing half-way
                if connection.execute(insert.returning(decision_table.c.sequence)).scalar_one_or_none() is not None:
                    return True
            # Somebody else decided in between: look again at what holds now.

    def _decisions(self, explanation_id: str) -> int:
        query = sa.select(sa.func.count()).where(decision_table.c.explanation_id == explanation_id)
        with self._engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def explanations(self, *, ids: list[str] | None = None) -> list[Explanation]:
        """Return explanations with the last decision about each, in the order in which they were recorded."""
        last = (
            sa.select(decision_table.c.explanation_id, sa.func.max(decision_table.c.number).label("number"))
            .group_by(decision_table.c.explanation_id)
            .subquery()
        )
        decided = sa.join(
            decision_table,
            last,
            sa.and_(decision_table.c.explanation_id == last.c.explanation_id, decision_table.c.number == last.c.number),
        )
        columns = [column for column in explanation_table.c if column.name != "sequence"]
        query = (
            sa.select(
                *columns,
                *(decision_table.c[name] for name in ("accepted", "decided_by", "decided_at", "remark")),
            )
            .select_from(
                sa.outerjoin(
                    explanation_table, decided, explanation_table.c.explanation_id == decision_table.c.explanation_id
                )
            )
            .order_by(explanation_table.c.sequence)
        )
        if ids is not None:
            query = query.where(explanation_table.c.explanation_id.in_(ids))
        with self._engine.connect() as connection:
            return [Explanation(**row) for row in connection.execute(query).mappings()]

    def waive(self, waiver: Waiver) -> tuple[Waiver, bool]:
        """Record a waiver; return it as recorded, and whether this call did it.

        The same waiver again is the one that is there, unless that was revoked. Its id is made here. ``AnswerError``
        for a blank reason, approver or rule, an end that is not after the beginning, or a time without time zone.
        """
        for text, what in ((waiver.reason, "the reason"), (waiver.approver, "the approver"), (waiver.rule, "the rule")):
            _require(text, what)
        for moment in (waiver.valid_from, waiver.valid_until, waiver.recorded_at):
            _require_zone(moment)
        if waiver.valid_from >= waiver.valid_until:
            raise AnswerError(f"the waiver would end ({waiver.valid_until}) before it begins ({waiver.valid_from})")
        again = 0
        while True:
            identified = Waiver(**{**asdict(waiver), "waiver_id": _waiver_id(waiver, again)})
            values = _columns(waiver_table, asdict(identified))
            with self._engine.begin() as connection:
                insert = insert_once(self._engine, waiver_table, values, "waiver_id")
                row = connection.execute(insert.returning(waiver_table.c.sequence)).scalar_one_or_none()
            (recorded,) = self.waivers(ids=[identified.waiver_id])
            if row is not None or recorded.revoked_at is None:
                return recorded, row is not None
            again += 1

    def revoke(self, waiver_id: str, *, revoked_by: str, revoked_at: datetime, reason: str) -> bool:
        """Revoke a waiver; return whether that is new. ``AnswerError`` if there is none, or for a blank name/reason."""
        _require(revoked_by, "who revokes")
        _require(reason, "the reason")
        _require_zone(revoked_at)
        if not self.waivers(ids=[waiver_id]):
            raise AnswerError(f"no waiver {waiver_id!r}")
        values = {
            "waiver_id": waiver_id,
            "revoked_by": revoked_by.strip(),
            "revoked_at": revoked_at,
            "reason": reason.strip(),
        }
        with self._engine.begin() as connection:
            insert = insert_once(self._engine, revocation_table, values, "waiver_id")
            row = connection.execute(insert.returning(revocation_table.c.waiver_id)).scalar_one_or_none()
        return row is not None

    def waivers(self, *, ids: list[str] | None = None) -> list[Waiver]:
        """Return waivers in the order in which they were recorded, expired and revoked ones too."""
        columns = [column for column in waiver_table.c if column.name != "sequence"]
        query = (
            sa.select(
                *columns,
                revocation_table.c.revoked_by,
                revocation_table.c.revoked_at,
                revocation_table.c.reason.label("revoked_reason"),
            )
            .select_from(sa.outerjoin(waiver_table, revocation_table))
            .order_by(waiver_table.c.sequence)
        )
        if ids is not None:
            query = query.where(waiver_table.c.waiver_id.in_(ids))
        with self._engine.connect() as connection:
            return [Waiver(**row) for row in connection.execute(query).mappings()]


def _identified(given: Explanation) -> Explanation:
    for text, what in ((given.reason, "the reason"), (given.explained_by, "who explains"), (given.subject, "what")):
        _require(text, what)
    _require_zone(given.recorded_at)
    tidy = {**asdict(given), "reason": given.reason.strip(), "explained_by": given.explained_by.strip()}
    identity = [tidy[name] for name in ("subject", "occasion", "seen", "reason", "explained_by")]
    return Explanation(**{**tidy, "explanation_id": "e" + _digest(identity)})


def _waiver_id(waiver: Waiver, again: int) -> str:
    names = ("subject", "seen", "rule", "region", "period", "reason", "approver", "valid_from", "valid_until")
    return "w" + _digest([*(str(getattr(waiver, name)) for name in names), again])


def _digest(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:12]


def _columns(table: sa.Table, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in table.c}


def _require(text: str, what: str) -> None:
    if not text.strip():
        raise AnswerError(f"{what} is blank")


def _require_zone(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise AnswerError(f"{moment} has no time zone")
