"""The sample prefecture: a seeded, invented 示例市 with ten years of returns and planted faults.

plan (which schools there are) → pupils (cohorts) → resources (teachers, rooms, stock) → world (one table per return)
→ sheets (printed tables, the inverse of the layouts) → faults (planted, with an answer key) → write (files).
"""

from pipelines.sample.manyfaults import write_many
from pipelines.sample.write import SampleSummary, write_sample

__all__ = ["SampleSummary", "write_many", "write_sample"]
