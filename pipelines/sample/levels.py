"""How well the schools of the sample are endowed: levels, how they grow, and how far schools are apart.

Belongs here: the numbers that shape the sample. Does not belong here: what is made of them (``resources``).
"""

from __future__ import annotations

import numpy as np

#: Indicator → level per pupil in the first year (primary, junior) and after ten (primary, junior); spread between
#: schools in the first year.
LEVELS: dict[str, tuple[float, float, float, float, float]] = {
    "teaching_area_m2": (3.6, 4.9, 5.6, 7.0, 0.50),
    "sports_ground_m2": (6.2, 8.2, 9.0, 11.8, 0.62),
    "equipment_value_yuan": (780.0, 1150.0, 2900.0, 3500.0, 0.70),
    "teaching_computers": (0.062, 0.085, 0.155, 0.19, 0.58),
    "books": (15.0, 22.0, 29.0, 41.0, 0.46),
    "teachers": (0.054, 0.071, 0.063, 0.084, 0.24),
    "backbone_teachers": (0.0055, 0.0065, 0.0135, 0.0145, 0.40),
    "subject_teachers": (0.0065, 0.0068, 0.0112, 0.0118, 0.34),
    "multimedia_rooms": (0.011, 0.012, 0.028, 0.030, 0.50),
}
STOCKS = (
    "teaching_area_m2",
    "sports_ground_m2",
    "equipment_value_yuan",
    "teaching_computers",
    "books",
    "multimedia_rooms",
)
#: How much of the way to what a school should have is gone in a year, upwards and downwards.
PACE: dict[str, tuple[float, float]] = {
    "teaching_area_m2": (0.45, 0.16),
    "sports_ground_m2": (0.45, 0.16),
    "equipment_value_yuan": (0.60, 0.30),
    "teaching_computers": (0.60, 0.35),
    "books": (0.50, 0.30),
    "multimedia_rooms": (0.60, 0.40),
}
#: What one pupil of a stage counts for when a school's common stock is sized.
STOCK_WEIGHT = {"primary": 1.0, "junior": 1.1, "senior": 1.32}
#: Better teachers and more equipment in town, more room and smaller classes in the villages (urban, town, village).
PLACE_EFFECT: dict[str, tuple[float, float, float]] = {
    "teaching_area_m2": (-0.35, 0.1, 0.35),
    "sports_ground_m2": (-0.55, 0.2, 0.5),
    "equipment_value_yuan": (0.35, -0.1, -0.6),
    "teaching_computers": (0.25, 0.0, -0.4),
    "multimedia_rooms": (0.25, 0.0, -0.4),
    "teachers": (-0.35, 0.1, 0.8),
    "backbone_teachers": (0.5, -0.2, -1.0),
}
DEGREES = ("degree_postgraduate", "degree_bachelor", "degree_associate", "degree_secondary", "degree_below")
TITLES = (
    "title_full_senior",
    "title_associate_senior",
    "title_intermediate",
    "title_assistant",
    "title_junior",
    "title_none",
)
#: Shares of degrees and titles in the first year and after ten, by stage.
DEGREE_SHARES = {
    "primary": ((0.004, 0.33, 0.50, 0.156, 0.01), (0.035, 0.72, 0.237, 0.008, 0.0)),
    "junior": ((0.012, 0.70, 0.27, 0.016, 0.002), (0.07, 0.86, 0.07, 0.0, 0.0)),
}
TITLE_SHARES = {
    "primary": ((0.0, 0.03, 0.46, 0.36, 0.05, 0.10), (0.003, 0.11, 0.45, 0.30, 0.03, 0.107)),
    "junior": ((0.001, 0.14, 0.40, 0.34, 0.04, 0.079), (0.005, 0.22, 0.42, 0.26, 0.02, 0.075)),
}
#: A special-education school has that many times the teachers and rooms per pupil.
SPECIAL_FACTOR = 4.0
SUBJECTS = {"pe_teachers": 0.40, "music_teachers": 0.28, "fine_art_teachers": 0.27, "arts_teachers": 0.05}


def spread(county_number: int, age: int) -> float:
    """How wide the spread still is: narrowing, but in every sixth county widening again after five years."""
    start = (1.45, 1.3, 1.55, 1.5, 1.25, 1.6)[(county_number - 1) % 6]
    if county_number % 6 == 3 and age > 5:
        return float(start * np.exp(-0.09 * 5 + 0.13 * (age - 5)))
    pace = (0.085, 0.06, 0.09, 0.1, 0.055, 0.09)[(county_number - 1) % 6]
    return float(start * np.exp(-pace * age))
