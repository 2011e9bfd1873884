"""Measured recall: faults planted many times at random places, and how many of them the checks find."""
