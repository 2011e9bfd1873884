"""The PNG beside every picture: the same picture, small, the same bytes again, with the foot of any release."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy
import pytest
from numpy.typing import NDArray
from PIL import Image

from pipelines.dashboards.charts import lines, raster
from pipelines.dashboards.charts.canvas import MUTED, Pen, foot_alone, recorded, source_lines
from pipelines.dashboards.charts.recording import FOOT, Recording, Written, record
from pipelines.dashboards.facts import Point
from pipelines.dashboards.site import Site
from pipelines.dashboards.stamp import BLANK, Stamp, blank_for
from tests.dashboards.conftest import RELEASE
from tests.dashboards.family_figures import figures

LATER = "r20211119T083000-ffee0099"


@pytest.fixture
def blank_pen(pen: Pen, site: Site) -> Pen:
    """A pen whose source line holds the blanks of an id."""
    made = replace(site, release_id=blank_for(RELEASE)).pen(pen.text.language)
    return replace(made, fonts=pen.fonts)


def _drawn(pen: Pen, size: lines.Size = lines.TREND) -> Recording:
    points = [Point(2017, 0.9, 0.65), Point(2018, None, 0.65), Point(2019, 0.7, 0.65), Point(2020, 0.6, 0.65)]
    return recorded(lines.draw(pen, points, size=size, title="甲县", top=1.0, binding=True))


def _opened(content: bytes) -> NDArray[numpy.int32]:
    with Image.open(io.BytesIO(content)) as image:
        image.verify()
    with Image.open(io.BytesIO(content)) as image:
        assert image.mode == "P" and round(image.info["dpi"][0]) == raster.DPI
        return numpy.asarray(image.convert("RGB")).astype(numpy.int32)


def _exact(recording: Recording) -> NDArray[numpy.int32]:
    """The same picture without a palette."""
    with Image.open(io.BytesIO(raster.small_png(recording, raster.DPI))) as image:
        return numpy.asarray(image).astype(numpy.int32)


def test_every_kind_of_picture_looks_the_same_with_256_colours(pen: Pen) -> None:
    for name, figure in figures(pen).items():
        recording = recorded(figure)
        content = raster.png(recording, MUTED)
        assert content == raster.png(recording, MUTED)
        rows = raster.sheet_of(content).rows
        ours, exact = _opened(content)[:-rows], _exact(recording)[:-rows]
        assert ours.shape == exact.shape
        assert numpy.abs(ours - exact).max() < 40, name
        assert numpy.abs(ours - exact).mean() < 0.4, name
        assert (ours[0, 0] == 255).all(), name
        assert len(content) < 120_000, name


def test_nothing_but_the_source_line_lies_in_the_rows_of_the_foot(pen: Pen) -> None:
    for name, figure in figures(pen).items():
        recording = recorded(figure)
        body = replace(
            recording, steps=[each for each in recording.steps if not (isinstance(each, Written) and each.foot)]
        )
        assert len(body.steps) < len(recording.steps)
        rows = int(recording.foot * raster.DPI)
        assert rows > 10
        assert (_exact(body)[-rows:] == 255).all(), name


@pytest.mark.parametrize("size", [lines.TREND, lines.PANEL], ids=["trend", "panel"])
def test_the_foot_of_a_release_takes_the_place_of_any_other(blank_pen: Pen, size: lines.Size) -> None:
    address = f"charts/{blank_pen.text.language}/county/1/a.png"
    blank = raster.png(_drawn(blank_pen, size), MUTED)
    first, second = (Stamp(each, {}, {blank_pen.text.language: blank_pen}) for each in (RELEASE, LATER))
    once, later = first.on(address, blank, ""), second.on(address, blank, "")
    assert second.on(address, once, RELEASE) == later and first.on(address, later, LATER) == once != later
    rows = raster.sheet_of(blank).rows
    one, other, empty = (_opened(each) for each in (once, later, blank))
    assert (one[:-rows] == other[:-rows]).all() and (one[:-rows] == empty[:-rows]).all()
    assert (one[-rows:] != other[-rows:]).any() and (empty[-rows:] == 255).all()
    # The words are those of the SVG: source, mark of the sample, id.
    foot = record(foot_alone(blank_pen, size.width, RELEASE, BLANK))
    said = "".join(each.words for each in foot.steps if isinstance(each, Written))
    assert said == "".join(source_lines(blank_pen, size.width)).replace(blank_for(RELEASE), RELEASE)
    darkest = one[-rows:].min(axis=(0, 1))
    assert numpy.abs(darkest - [0x5C, 0x66, 0x70]).max() < 12


def test_a_figure_without_foot_and_a_foreign_png(pen: Pen) -> None:
    figure = lines.draw(pen, [Point(2020, 0.3, None)], size=lines.PANEL, title="t", top=1.0, binding=False)
    for words in figure.texts:
        words.set_gid(None if words.get_gid() == FOOT else words.get_gid())
    assert recorded(figure).foot == 0.0
    buffer = io.BytesIO()
    Image.new("RGB", (3, 3)).save(buffer, "PNG")
    with pytest.raises(ValueError, match="not made here"):
        raster.sheet_of(buffer.getvalue())
