"""Tests of the Dagster side: steps, checks, jobs, schedules, sensors, runs."""
