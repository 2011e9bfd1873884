"""The sections of a county's page, one family of figures a file: facts → picture → table → words.

Belongs here: what a section shows and in which words. Does not belong here: queries (``reading.py`` alone lists the
tables that are read), kinds of pictures (``charts/``), the frame of the page (``pages/county.py``).

To change what a supervisor sees of, say, consolidation, open ``consolidation.py``; its words stand in
``text/families.csv``, its titles of columns in the release (the header of the model). A new family is a file with a
function ``section(desk)``, a line in ``SECTIONS`` of ``pages/county.py`` and its tables in ``reading.py``.
"""
