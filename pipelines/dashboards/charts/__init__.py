"""Pictures of the dashboards, one kind a file; each function takes rows and gives a matplotlib ``Figure``.

Belongs here: drawing. Does not belong here: reading a release, wording (titles come in as text), HTML.
"""
