"""A picture is taken away as PNG, made in the browser from the SVG on the page."""

from __future__ import annotations

import io
from pathlib import Path
from threading import Thread

from PIL import Image

from pipelines.dashboards.charts import lines
from pipelines.dashboards.charts.canvas import Pen, svg
from pipelines.dashboards.facts import Point
from pipelines.dashboards.pages.html import HERE
from pipelines.serve import site_server
from tests.dashboards.browser import browser, window

PAGE = """<!doctype html><html lang="zh-CN"><title>t</title><link rel="icon" href="data:,">
<div class="picture"><img src="a.svg" alt="甲" width="{width}" height="{height}" loading="lazy">
<p class="files take"><a href="a.svg" download>SVG</a></p></div>
<script src="site.js" data-root="." data-prefix="" data-found="{{count}}"></script>"""


def test_a_picture_is_saved_three_times_as_large_and_from_a_file_only_the_svg_is_offered(
    pen: Pen, tmp_path: Path
) -> None:
    points = [Point(2019, 0.7, 0.65), Point(2020, 0.6, 0.65)]
    figure = lines.draw(pen, points, size=lines.TREND, title="甲县", top=1.0, binding=True)
    width, height = (round(inches * 96) for inches in figure.get_size_inches())
    (tmp_path / "a.svg").write_bytes(svg(figure, "甲"))
    (tmp_path / "site.js").write_bytes((HERE / "static" / "site.js").read_bytes())
    (tmp_path / "index.html").write_text(PAGE.format(width=width, height=height), encoding="utf-8")
    with browser() as chrome, site_server(tmp_path) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            opened = window(chrome.new_context())
            opened.page.goto(f"http://127.0.0.1:{server.server_address[1]}/index.html")
            with opened.page.expect_download() as taken:
                opened.page.get_by_role("button", name="PNG").click()
            image = Image.open(io.BytesIO(Path(taken.value.path()).read_bytes()))
            assert (taken.value.suggested_filename, image.size) == ("a.png", (3 * width, 3 * height))
            assert len(image.convert("L").getcolors(1 << 16) or []) > 20
            opened.open(tmp_path / "index.html")
            assert opened.page.get_by_role("button", name="PNG").count() == 0
            assert opened.faults == []
        finally:
            server.shutdown()
            thread.join()
