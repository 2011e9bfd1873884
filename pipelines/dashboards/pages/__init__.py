"""Pages of the site, one kind a file: rows in, the bytes of the page and its pictures out.

Belongs here: what stands on a page and in which order. Does not belong here: queries, drawing, writing files.
"""
