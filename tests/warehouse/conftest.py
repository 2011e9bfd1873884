"""Databases for these tests."""

from tests.warehouse.databases import url

__all__ = ["url"]
