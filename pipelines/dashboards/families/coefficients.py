"""Inter-school coefficients (校际差异系数): a block a standard and stage, with the schools that make the gap.

Belongs here: the blocks of coefficients on a county's page. Does not belong here: comparison with other counties.
"""
