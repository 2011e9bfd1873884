"""Answers to findings: given one by one, or by the workbook that an office fills in.

Belongs here: who may answer what, the workbook of findings and reading it back. Does not belong here: the ledger's rows
(``warehouse.answers``), what an answer does to a status (``checks.status``).
"""
