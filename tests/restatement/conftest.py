"""Installations for these tests."""

from tests.pipelines.places import books, modelled, modelled_home, received_home, sample

__all__ = ["books", "modelled", "modelled_home", "received_home", "sample"]
