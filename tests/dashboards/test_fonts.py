"""Fonts: every character of the labels draws, rare ones come from sisters, many processes may ask at once."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from fontTools.ttLib import TTFont

from pipelines.dashboards.fonts import GETA, FontSet, plain, prepare
from pipelines.dashboards.site import Site
from pipelines.dashboards.text import LANGUAGES, load


def test_every_label_can_be_drawn(site: Site) -> None:
    labels = set("".join(words for language in LANGUAGES for words in load(language).labels.values()))
    assert not labels & site.fonts.missing
    with TTFont(site.fonts.paths[0]) as font:
        held = {chr(point) for point in font.getBestCmap()}
    assert {letter for letter in labels if "一" <= letter <= "鿿"} <= held


def test_a_character_outside_gb2312_is_drawn_and_one_outside_all_fonts_is_marked(tmp_path: Path) -> None:
    made = prepare(["㛃𠮷𠀂县"], tmp_path)
    assert made.missing == {"𠀂"}
    assert made.drawable("㛃𠮷𠀂县") == f"㛃𠮷{GETA}县"
    held = {}
    for family, weight, path in made.faces():
        with TTFont(path) as font:
            held[family, weight] = {chr(point) for point in font.getBestCmap()}
            assert font["OS/2"].usWeightClass == weight
            assert "fvar" not in font
    main, sister = made.families[:2]
    assert "㛃" in held[main, 400] and "㛃" in held[main, 700] and "𠮷" not in held[main, 400]
    assert "𠮷" in held[sister, 400] and "𠮷" in held[sister, 700]


def test_weights_differ(tmp_path: Path) -> None:
    regular, bold = (TTFont(path) for path in prepare(["县"], tmp_path).paths[:2])
    name = regular.getBestCmap()[ord("县")]
    assert regular["glyf"][name].getCoordinates(regular["glyf"]) != bold["glyf"][name].getCoordinates(bold["glyf"])
    regular.close()
    bold.close()


def test_fonts_are_made_once(tmp_path: Path) -> None:
    first = prepare(["县"], tmp_path)
    stamps = {path: path.stat().st_mtime_ns for path in first.paths}
    assert prepare(["县", "县县"], tmp_path) == first
    assert {path: path.stat().st_mtime_ns for path in first.paths} == stamps
    assert prepare(["市"], tmp_path).paths != first.paths


def test_several_processes_may_make_the_same_fonts_at_once(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        made: list[FontSet] = list(pool.map(prepare, [["县域均衡"]] * 4, [tmp_path] * 4))
    assert len(set(made)) == 1
    assert sorted(tmp_path.iterdir()) == sorted(made[0].paths)
    for path in made[0].paths:
        with TTFont(path) as font:
            assert ord("衡") in font.getBestCmap()


def test_control_and_direction_marks_do_not_reach_the_pictures() -> None:
    assert plain("\u202eabc\x00\n县\u200f ") == "abc 县"
