"""The dashboards: a static site made from the current release.

Belongs here: the assets ``dashboards/overview`` and ``dashboards/county``. Does not belong here: pages and pictures
(``pipelines.dashboards``).

Two assets of one step: a site is put in its place whole, with every page of the same release.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines import progress
from pipelines.assets.release import RELEASE_KEY
from pipelines.partitions import ONE_RUN
from pipelines.resources import HomeResource
from pipelines.site import build_site, site_index
from warehouse.releases import ReleaseError, Releases

_SHARED: dict[str, Any] = {
    "deps": [RELEASE_KEY],
    "group_name": "dashboards",
    "kinds": {"matplotlib", "html"},
    "owners": ["team:statistics"],
    "tags": {"layer": "dashboards"},
}


@dg.multi_asset(
    name="dashboards",
    backfill_policy=ONE_RUN,
    specs=[
        dg.AssetSpec(
            dg.AssetKey(["dashboards", "overview"]),
            description="**总览** Counties × years: composite coefficients against their lines.",
            **_SHARED,
        ),
        dg.AssetSpec(
            dg.AssetKey(["dashboards", "county"]),
            description="**县页** One page a county: trends of every indicator, and the schools that make the gap.",
            **_SHARED,
        ),
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
    for name in ("overview", "county"):
        yield dg.MaterializeResult(asset_key=dg.AssetKey(["dashboards", name]), metadata=metadata)
