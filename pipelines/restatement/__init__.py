"""Restatements and what they did to the published coefficients.

Belongs here: the audit tables on figures that changed between submissions. Does not belong here: finding the changes
(``pipelines.intake.restate``), comparing releases (``pipelines.release_diff``).
"""
