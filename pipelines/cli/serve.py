"""``junheng serve``.

Belongs here: the command. Does not belong here: the server (``pipelines.serve``).
"""

from __future__ import annotations

from typing import Annotated

import typer

from pipelines.cli.common import HomeOption, error_console, open_home


def serve(
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; only this machine's unless --public.")] = "127.0.0.1",
    public: Annotated[
        bool, typer.Option("--public", help="Allow another address: everybody who reaches it can read.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Show the dashboards on 127.0.0.1. Ctrl-C ends it."""
    from pipelines.serve import site_server

    place = open_home(home)
    if not (place.dashboards / "index.html").exists():
        raise FileNotFoundError(f"no dashboards in {place.dashboards} yet: junheng run")
    with site_server(place.dashboards, host, port, public=public) as server:
        address = f"http://{host}:{server.server_address[1]}/"
        error_console().print(f"dashboards on {address}", markup=False, soft_wrap=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            raise typer.Exit() from None
