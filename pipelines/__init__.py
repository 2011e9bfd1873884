"""How data move: intake of files, Dagster definitions, dashboards, command line.

Belongs here: orchestration and everything that touches files of users. Does not belong here: what figures
mean (``models``), what good means (``checks``), where things are kept (``warehouse``).
"""
