"""Intake: from the bytes of a received file to typed, checked rows with their addresses.

sniff (what file is it) → grid (text cells) → header and bind (which column is which field) → extract and coerce
(typed rows) → ``checks.contracts`` (accepted, quarantined) → assemble (one partition of a return).
"""
