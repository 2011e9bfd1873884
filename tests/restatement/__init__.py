"""Tests of restatements and their effects, and of the comparison of releases."""
