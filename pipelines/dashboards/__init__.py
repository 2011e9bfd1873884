"""The static site made from one release: an overview and a page for every county, in Chinese and English.

Belongs here: reading a published release, pictures (matplotlib), pages (jinja), putting the site in place.
Does not belong here: computing any figure of the field (``models/``), Dagster assets (``pipelines/assets``).

The way: ``release_reader`` (SQL → rows of ``facts``) → ``sentences`` and ``charts`` → ``pages`` → ``publish``;
``build`` is the entry. Nothing is imported here: worker processes would import it too.
"""
