"""What the pages besides county and overview are made from, read out of one release: a module a page.

Belongs here: the queries of these pages. Does not belong here: any formula of the field, the figures of the county
pages (``release_reader.py``).
"""
