"""Installations for these tests."""

from tests.pipelines.places import published_home, received_home, sample

__all__ = ["published_home", "received_home", "sample"]
