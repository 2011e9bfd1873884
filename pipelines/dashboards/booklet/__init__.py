"""A county's page as a booklet on A4 paper, made without a browser.

Belongs here: PDF pages of the pictures and tables that a page of the site shows. Does not belong here: the pictures
(``charts``), what a page shows (``pages``).
"""
