"""What the numbers mean: return contracts, header layouts, the rulebook and the SQL models.

Belongs here: definitions (fields, thresholds, formulas). Does not belong here: moving data, opening
files, deciding whether data are good enough (see ``pipelines`` and ``checks``).
"""
