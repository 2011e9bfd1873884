"""The dashboards: a static site made from the current release.

Belongs here: the assets ``dashboards/<kind of page>``. Does not belong here: pages and pictures
(``pipelines.dashboards``).

Assets of one step: a site is put in its place whole, with every page of the same release.
"""

import base64
from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines import progress
from pipelines.assets.release import RELEASE_KEY
from pipelines.partitions import ONE_RUN
from pipelines.resources import HomeResource
from pipelines.site import build_site, site_index, site_previews
from warehouse.releases import ReleaseError, Releases

_SHARED: dict[str, Any] = {
    "deps": [RELEASE_KEY],
    "group_name": "dashboards",
    "kinds": {"matplotlib", "html"},
    "owners": ["team:statistics"],
    "tags": {"layer": "dashboards"},
}


#: Kind of page → what it shows.
PAGES = {
    "overview": "**总览** Counties × years: composite coefficients against lines; who retreats; who did not file.",
    "county": "**县页** One page a county with its booklet and forms, and one page a school.",
    "indicator": "**指标** One page an indicator: every county over the years.",
    "quality": "**数据质量** Findings by rule, department and year; completeness; tables of the audit.",
    "release": "**发布说明** What the release is made of and what changed since the one before.",
    "methods": "**方法** Formulas with a worked example; lines and choices in force with their documents.",
}


@dg.multi_asset(
    name="dashboards",
    backfill_policy=ONE_RUN,
    specs=[
        dg.AssetSpec(dg.AssetKey(["dashboards", name]), description=description, **_SHARED)
        for name, description in PAGES.items()
    ],
)
def dashboards(context: dg.AssetExecutionContext, home: HomeResource) -> Iterator[dg.MaterializeResult[None]]:
    """Build the site of the current release, unless the present code has drawn it already."""
    place = home.home()
    release = Releases(place.releases).current()
    if release is None:
        raise ReleaseError(f"nothing has been published in {place.releases} yet; materialise the release first")

    def told(done: int, total: int, what: str) -> None:
        progress.report("dashboards", done, total)
        if done == total or done % 25 == 0:
            context.log.info(f"page of {what} ({done} of {total})")

    built = build_site(place, release, told)
    metadata = {
        "release_id": release.release_id,
        "path": dg.MetadataValue.path(site_index(place, release)),
        "drawn_now": dg.MetadataValue.bool(built is not None),
        **(built or {}),
    }
    pictures = site_previews(place, release) if built is not None else {}
    for name in PAGES:
        shown = {"preview": _preview(pictures[name])} if name in pictures else {}
        yield dg.MaterializeResult(asset_key=dg.AssetKey(["dashboards", name]), metadata={**metadata, **shown})


def _preview(png: bytes) -> dg.MarkdownMetadataValue:
    """A picture inside the metadata: the UI shows it without asking anyone for it."""
    return dg.MetadataValue.md(f"![preview](data:image/png;base64,{base64.b64encode(png).decode()})")
