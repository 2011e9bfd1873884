"""Staff of the public schools of a county of the sample: who is where, who is exchanged, comes back, leaves, is hired.

As many persons are at each school and stage as its teacher return has teachers. Belongs here: people and their moves.
Does not belong here: returns made of them (``exchange``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from pipelines.sample.names import County
from pipelines.sample.people import Person, newcomers
from pipelines.sample.plan import PRIVATE

STAGES = ("primary", "junior")
#: Years at one school that make somebody eligible, as the counties of the sample have it.
YEARS_OF_TEACHERS, YEARS_OF_PRINCIPALS = 6, 10
RETIRE_AT, NEAR_RETIREMENT = 60, 56
#: Share of the eligible that is exchanged in the first year and what is added each year, by county (six in turn).
RATES = ((0.085, 0.006), (0.12, 0.004), (0.07, 0.002), (0.06, 0.012), (0.14, 0.0), (0.10, 0.005))
KINDS = ("rotation", "support", "group", "transfer")
KIND_SHARES = (0.68, 0.15, 0.12, 0.05)
SECOND_TERM, EARLY_END = 0.06, 0.06
SUBJECTS = ("语文", "数学", "英语", "体育", "音乐", "美术", "科学", "道德与法治")

#: School code and stage.
Place = tuple[str, str]


@dataclass
class Member:
    """A member of staff: where, since when, as what; ``home`` is the place that an exchanged member comes back to."""

    person: Person
    place: Place
    arrived: date
    role: str = "teacher"
    subject: str = ""
    permanent: bool = True
    backbone: bool = False
    exempt: str | None = None
    home: tuple[Place, date] | None = None
    stint: Stint | None = None


@dataclass
class Stint:
    """A stint at another school; ``ends`` is the day it ends in fact."""

    member: Member
    left: str
    served: str
    stage: str
    role: str
    backbone: bool
    kind: str
    start: date
    planned_end: date | None
    ends: date | None


class Staff:
    """The staff of a county. ``next_year`` goes on by a year; what it is then can be read off the attributes.

    Attributes:
        members: who serves where on 1 September.
        stints: all stints so far.
        eligible, counts: by place, who could be exchanged this year, and the numbers that lead there.
        chosen: by place, the stints that begin this year (transfers included).
        names: school names by code.
    """

    def __init__(self, county: County, rng: np.random.Generator, returns: dict[str, pl.DataFrame], first: int) -> None:
        self.county, self.rng, self.returns, self.first = county, rng, returns, first
        self.source = newcomers(county, rng)
        next(self.source)
        self.members: list[Member] = []
        self.stints: list[Stint] = []
        self.names: dict[str, str] = {}
        self.eligible: dict[Place, list[Member]] = {}
        self.counts: dict[Place, Counter[str]] = {}
        self.chosen: dict[Place, list[Stint]] = {}
        wanted = self._wanted(first)
        for place, count in wanted.items():
            self.members += [self._hired(place, first - 1, longest=18) for _ in range(count)]
        self._appoint(wanted)

    def next_year(self, year: int) -> None:
        """Schools change, stints end, others begin, staff come and go. Years follow each other."""
        wanted = self._wanted(year)
        self._follow_schools(year, wanted)
        self.eligible = self._declared(year, wanted)
        self._come_back(year)
        self._second_terms(year, wanted)
        self.chosen = self._exchange(year, wanted, self.eligible)
        self._fill(year, wanted)
        self._appoint(wanted)
        self._excuse(year)

    def _wanted(self, year: int) -> dict[Place, int]:
        """Teachers by public school and stage."""
        register = self.returns["school"].filter(pl.col("school_year") == year, pl.col("operator") != PRIVATE)
        self.register = {row["school_code"]: row for row in register.iter_rows(named=True)}
        teachers = self.returns["teacher"].filter(pl.col("school_year") == year, pl.col("stage").is_in(STAGES))
        self.backbone = {(r["school_code"], r["stage"]): r["backbone_teachers"] for r in teachers.iter_rows(named=True)}
        self.names |= {code: row["school_name"] for code, row in self.register.items()}
        return {
            (row["school_code"], row["stage"]): row["teachers"]
            for row in teachers.iter_rows(named=True)
            if row["school_code"] in self.register and row["teachers"] > 0
        }

    def _hired(self, place: Place, year: int, longest: int = 0) -> Member:
        luck = self.rng.random(5)
        service = int(luck[0] * (longest + 1))
        age = 22 + service + int(luck[1] * 14)
        arrived = date(year - service, 3, 1) if service and luck[2] < 0.1 else date(year - service, 9, 1)
        return Member(
            person=self.source.send(year - min(age, RETIRE_AT - 3)),
            place=place,
            arrived=arrived,
            subject=SUBJECTS[int(luck[3] * len(SUBJECTS))],
            permanent=bool(luck[4] < 0.97),
        )

    def _follow_schools(self, year: int, wanted: dict[Place, int]) -> None:
        """Whose school is carried on goes with it; whose school was closed, or has the stage no more, leaves."""
        ended = self.returns["school_succession"].filter(pl.col("school_year") == year)
        carried = dict(ended.select("school_code", "successor_code").rows())

        def now(place: Place) -> Place:
            code = carried.get(place[0], place[0])
            return (code or "", place[1])

        for member in self.members:
            member.place = now(member.place)
            if member.home is not None:
                home, arrived = member.home
                member.home = (now(home), arrived) if now(home) in wanted else None
        self.members = [member for member in self.members if member.place in wanted]

    def _declared(self, year: int, wanted: dict[Place, int]) -> dict[Place, list[Member]]:
        """The eligible of each place, by who was there a year ago; remembers the counts for the return."""
        self.counts = {place: Counter() for place in wanted}
        eligible: dict[Place, list[Member]] = {place: [] for place in wanted}
        for member in self.members:
            if not member.permanent:
                continue
            counts = self.counts[member.place]
            counts["permanent_staff"] += 1
            needed = YEARS_OF_TEACHERS if member.role == "teacher" else YEARS_OF_PRINCIPALS
            served = year - member.arrived.year - (member.arrived.month > 9)
            if served < needed:
                continue
            counts["long_enough"] += 1
            if member.exempt:
                counts[f"exempt_{member.exempt}"] += 1
            else:
                eligible[member.place].append(member)
                counts["principals_eligible"] += member.role != "teacher"
        return eligible

    def _come_back(self, year: int) -> None:
        for member in self.members:
            stint = member.stint
            if stint is None or stint.ends is None or stint.ends > date(year, 8, 31):
                continue
            if member.home is not None and stint.start < date(year, 8, 1):
                member.place, member.arrived = member.home
            member.home = member.stint = None

    def _second_terms(self, year: int, wanted: dict[Place, int]) -> None:
        """Stints that began after the last roster: now they are seen; where the host is gone, they are over."""
        for stint in self.stints:
            member, host = stint.member, (stint.served, stint.stage)
            if member.stint is not stint or stint.start != date(year, 3, 1) or member.home is not None:
                continue
            if host in wanted:
                member.home = (member.place, member.arrived)
                member.place, member.arrived = host, stint.start
            else:
                stint.ends, member.stint = date(year, 8, 1), None

    def _exchange(
        self, year: int, wanted: dict[Place, int], eligible: dict[Place, list[Member]]
    ) -> dict[Place, list[Stint]]:
        base, more = RATES[(self.county.number - 1) % len(RATES)]
        everybody = [m for members in eligible.values() for m in members if m.stint is None and m.place in wanted]
        count = round((base + more * (year - self.first)) * sum(map(len, eligible.values())))
        weights = np.array([3.0 if m.backbone else 1.0 for m in everybody])
        count = min(count, len(everybody))
        picked = (
            self.rng.choice(len(everybody), count, replace=False, p=weights / weights.sum()).tolist() if count else []
        )
        guests = Counter(m.place for m in self.members if m.stint is not None)
        room = {place: size // 3 - guests[place] for place, size in wanted.items()}
        leaving: Counter[Place] = Counter()
        chosen: dict[Place, list[Stint]] = defaultdict(list)
        for index in sorted(picked):
            member = everybody[index]
            origin = member.place
            hosts = [p for p in wanted if p[1] == origin[1] and p != origin and room[p] > 0]
            if not hosts or leaving[origin] >= max(1, wanted[origin] // 3):
                continue
            host = hosts[self._host(origin, hosts)]
            room[host] -= 1
            leaving[origin] += 1
            chosen[origin].append(self._stint(year, member, host))
        return chosen

    def _host(self, origin: Place, hosts: list[Place]) -> int:
        """Mostly downwards: from the city to the towns and villages, and round about in the countryside."""
        level = {"1": {"1": 0, "2": 1}, "2": {"1": 2, "2": 2}}

        def height(place: Place) -> int:
            code = str(self.register[place[0]]["urban_rural"])
            return level[code[0]].get(code[1], 1)

        weights = np.array([3.0 if height(host) > height(origin) else 1.0 for host in hosts])
        return int(self.rng.choice(len(hosts), p=weights / weights.sum()))

    def _stint(self, year: int, member: Member, host: Place) -> Stint:
        kind = str(self.rng.choice(KINDS, p=KIND_SHARES))
        length = int(self.rng.choice((1, 2, 3), p=(0.45, 0.2, 0.35)))
        second = kind != "transfer" and bool(self.rng.random() < SECOND_TERM)
        start = date(year + 1, 3, 1) if second else date(year, 8, 25) if self.rng.random() < 0.3 else date(year, 9, 1)
        planned = None if kind == "transfer" else date(year + length + second, 7, 31)
        ends = planned
        if not second and length > 1 and self.rng.random() < EARLY_END and planned is not None:
            ends = date(year + 1, 1, 31)
        stint = Stint(
            member, member.place[0], host[0], host[1], member.role, member.backbone, kind, start, planned, ends
        )
        self.stints.append(stint)
        if kind == "transfer":
            member.place, member.arrived = host, start
        elif second:
            member.stint = stint
        else:
            member.stint, member.home = stint, (member.place, member.arrived)
            member.place, member.arrived = host, start
        if member.role != "teacher" and not second:
            member.role = "vice_principal"
        return stint

    def _fill(self, year: int, wanted: dict[Place, int]) -> None:
        """As many as there are teachers: the old retire, some leave, young ones come."""
        by_place: dict[Place, list[Member]] = defaultdict(list)
        for member in self.members:
            by_place[member.place].append(member)
        self.members = []
        for place, count in wanted.items():
            here = by_place[place]
            free = [m for m in here if m.stint is None and m.arrived < date(year, 8, 1)]
            old = [m for m in free if year - m.person.born >= RETIRE_AT]
            gone = {id(m) for m in old}
            ranked = sorted(
                (m for m in free if id(m) not in gone), key=lambda m: (m.permanent, -m.person.born, m.person.number)
            )
            surplus = max(0, len(here) - len(old) - count)
            gone |= {id(m) for m in ranked[:surplus]}
            guests = [m for m in here if m.stint is not None and m.stint.start < date(year, 8, 1)]
            for member in guests[: max(0, surplus - len(ranked))]:
                assert member.stint is not None
                member.stint.ends, member.stint = date(year, 7, 31), None
                gone.add(id(member))
            stay = [m for m in here if id(m) not in gone]
            self.members += stay + [self._hired(place, year) for _ in range(count - len(stay))]

    def _appoint(self, wanted: dict[Place, int]) -> None:
        """Every school has one principal, large ones a vice principal; backbone teachers as the teacher return has."""
        by_place: dict[Place, list[Member]] = defaultdict(list)
        by_school: dict[str, list[Member]] = defaultdict(list)
        for member in self.members:
            by_place[member.place].append(member)
            by_school[member.place[0]].append(member)
        for staff in by_school.values():
            heads = [m for m in staff if m.role == "principal"]
            for extra in heads[1:]:
                extra.role = "vice_principal"
            if not heads:
                ranked = sorted(
                    staff, key=lambda m: (m.stint is not None, m.role == "teacher", m.arrived, m.person.number)
                )
                ranked[0].role = "principal"
            if len(staff) >= 25 and not any(m.role == "vice_principal" for m in staff):
                teachers = [m for m in staff if m.role == "teacher" and m.stint is None]
                if teachers:
                    min(teachers, key=lambda m: (m.arrived, m.person.number)).role = "vice_principal"
        for place in wanted:
            lacking = int(self.backbone.get(place) or 0) - sum(m.backbone for m in by_place[place])
            plain = sorted((m for m in by_place[place] if not m.backbone), key=lambda m: (m.arrived, m.person.number))
            for member in plain[: max(0, lacking)]:
                member.backbone = True

    def _excuse(self, year: int) -> None:
        """Who has a reason to stay, as the roster of the year says."""
        for member, luck in zip(self.members, self.rng.random(len(self.members)).tolist(), strict=True):
            age = year - member.person.born
            member.exempt = (
                "retirement"
                if age >= NEAR_RETIREMENT
                else "nursing" if luck < 0.02 and age < 40
                else "illness" if luck > 0.992
                else None
            )  # fmt: skip
