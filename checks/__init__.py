"""What good means: contracts applied to data, rules, findings and the gate.

Belongs here: judging data and saying what is wrong with them. Does not belong here: what a figure means
(``models``), how data move (``pipelines``) or where they are kept (``warehouse``).
"""
