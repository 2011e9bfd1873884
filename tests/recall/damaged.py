"""2,000 files damaged at random: what became of each, by kind of damage (see ``tests.intake.outcome``).

Run: ``python -m tests.recall.damaged --number 2000 --seed 0``. Ends with 1 where something was lost or made up.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict

from pipelines.intake.stage import Staged
from tests.intake.books import stage_files
from tests.intake.damage import damaged_file, good_sheets, workbook
from tests.intake.outcome import by_submission, judge, records

BATCH = 200
KINDS = ("refused", "found", "harmless", "harmless, told", "says otherwise")


def main() -> int:
    """Damage, read, account for every row and value, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="of the first file")
    arguments = parser.parse_args()
    good = records(stage_files({"a.xlsx": workbook(good_sheets())}))
    by_damage: dict[str, Counter[str]] = defaultdict(Counter)
    total: Counter[str] = Counter()
    otherwise: Counter[str] = Counter()
    problems = 0
    begun = time.process_time()
    for start in range(arguments.seed, arguments.seed + arguments.number, BATCH):
        files = [damaged_file(n) for n in range(start, min(start + BATCH, arguments.seed + arguments.number))]
        parts = by_submission(stage_files({file.name: file.content for file in files}, year=2020))
        for number, file in enumerate(files):
            outcome = judge(file, parts.get(f"s{number}", Staged()), good)
            kind, _, reasons = outcome.kind.partition(": ")
            total[kind] += 1
            if reasons:
                otherwise[reasons] += 1
            for damage in set(file.done):
                by_damage[damage][kind] += 1
            for problem in outcome.problems:
                problems += 1
                print(f"{file.name} {file.done}: {problem}", file=sys.stderr)
    print(f"| damage (1 to 3 in a file) | files | {' | '.join(KINDS)} |")
    print("|---|--:|" + "--:|" * len(KINDS))
    for damage, counts in sorted(by_damage.items()):
        print(f"| {damage} | {sum(counts.values())} | {' | '.join(str(counts[kind]) for kind in KINDS)} |")
    print(f"| **all files** | {arguments.number} | {' | '.join(str(total[kind]) for kind in KINDS)} |")
    print("\nWhat those that say otherwise say instead: " + "; ".join(f"{k} {n}" for k, n in otherwise.most_common()))
    print(
        f"\nseeds {arguments.seed}–{arguments.seed + arguments.number - 1}: no crash, {problems} rows or values lost or "
        f"made up without a word, {time.process_time() - begun:.0f} s of processor time"
    )
    return int(problems > 0)


if __name__ == "__main__":
    sys.exit(main())
