"""Tests of the gate and of publishing."""
