"""Templates to HTML: escaping always on, every page with the same surroundings.

Belongs here: the jinja environment and what ``base.html`` needs. Does not belong here: contents of one page.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from pipelines.dashboards import numbers
from pipelines.dashboards.facts import is_above
from pipelines.dashboards.fonts import licence
from pipelines.dashboards.sentences import verdict_class
from pipelines.dashboards.site import Site, link
from pipelines.dashboards.tables import shown, sort_value
from pipelines.dashboards.text import load

HERE = Path(__file__).parents[1]
STYLE = "assets/site.css"
SCRIPT = "assets/site.js"
#: Pages that every page leads to, in this order.
MENU = ("index", "indicators", "quality", "release", "methods")
#: Chinese fonts a reader's system may have, by weight; the site's own file is fetched only where none is there.
OWN = {
    400: ("PingFangSC-Regular", "Microsoft YaHei", "NotoSansCJKsc-Regular", "Noto Sans SC", "WenQuanYi Micro Hei"),
    700: ("PingFangSC-Semibold", "Microsoft YaHei Bold", "NotoSansCJKsc-Bold", "Noto Sans SC Bold"),
}


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The jinja environment: autoescape on for every template, an unknown name is an error."""
    found = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.globals["numbers"] = numbers
    found.globals["verdict_class"] = verdict_class
    found.globals["is_above"] = is_above
    found.globals["shown"] = shown
    found.globals["sort_value"] = sort_value
    found.filters["breakable"] = breakable
    return found


def breakable(code: str) -> Markup:
    """A code, escaped, that may go on in the next line after each underscore."""
    return Markup("_<wbr>").join(escape(part) for part in code.split("_"))


def render(site: Site, language: str, name: str, template: str, **content: Any) -> tuple[str, bytes]:
    """Address and bytes of the page ``name``; ``content`` goes to the template."""
    address = site.page(language, name)
    text = load(language)
    others = [
        (load(other)("language.name"), load(other)("language.tag"), link(address, site.page(other, name)))
        for other in site.languages
        if other != language
    ]
    html = environment().get_template(template).render(
        site=site,
        t=text,
        others=others,
        href=lambda target: link(address, target),
        home=link(address, site.page(language, "index")),
        style=link(address, STYLE),
        script=link(address, SCRIPT),
        root=link(address, "."),
        prefix=site.page(language, "").removesuffix(".html"),
        menu=[(key, link(address, site.page(language, key))) for key in MENU],
        here=name,
        methods=link(address, site.page(language, "methods")),
        foot=Markup(foot(language, site.release_id, site.about)),
        **content,
    )  # fmt: skip
    return address, html.encode()


def foot(language: str, release_id: str, about: Mapping[str, str]) -> str:
    """The foot of every page of a language: all that tells one release from another (``stamp.py`` renews it)."""
    return environment().get_template("foot.html").render(t=load(language), release_id=release_id, about=about)


def assets(site: Site) -> dict[str, bytes]:
    """Files that all pages share: style sheet, script and the fonts for readers whose system has no Chinese one.

    The fonts are those of the pictures (some hundred KB).
    """
    found = {STYLE: (HERE / "static" / "site.css").read_bytes(), "assets/OFL.txt": licence()}
    found[SCRIPT] = (HERE / "static" / "site.js").read_bytes()
    faces, families = [], list(dict.fromkeys(family for family, _, _ in site.fonts.faces()))
    for family, weight, path in site.fonts.faces():
        found[f"assets/{path.name}"] = path.read_bytes()
        own = OWN[weight] if family == families[0] else ()
        local = "".join(f'local("{name}"), ' for name in own)
        faces.append(
            f'@font-face {{ font-family: "Junheng {families.index(family) + 1}"; font-weight: {weight}; '
            f'font-display: block; src: {local}url("{path.name}"); }}\n'
        )
    found[STYLE] += "".join(faces).encode()
    return found
