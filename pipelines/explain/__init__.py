"""From a figure back to its cells: the walk, and the figure worked out again from nothing but these cells.

Belongs here: finding a figure, the rules in force, terms and cells, recomputation, and showing all of it. Does not
belong here: reading returns (``pipelines.intake``), making figures (``models``), column lineage
(``pipelines.column_lineage``).
"""
