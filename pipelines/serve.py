"""A small web server for the dashboards, for one's own machine.

Belongs here: handing out the files of the sites, and nothing else. Does not belong here: making them, the command line.

Only GET and HEAD; no listing of folders, nothing whose name begins with a dot, nothing outside the folder (also not
through a link). It listens on a loopback address unless told otherwise, and answers only requests that name the host it
listens on: a page elsewhere that makes its own name point here (DNS rebinding) gets nothing.
"""

from __future__ import annotations

import ipaddress
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".ttf": "font/ttf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "": "application/octet-stream",
}
#: Pages load their own files only; pictures carry their style inside.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'"
)
_LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]"})


def site_server(folder: Path, host: str = "127.0.0.1", port: int = 0, *, public: bool = False) -> ThreadingHTTPServer:
    """A server of the files below ``folder``, bound and not yet serving; port 0 takes a free one.

    Raises ``ValueError`` for an address that is not this machine's own, unless ``public``.
    """
    if not public and not _is_loopback(host):
        raise ValueError(f"{host} can be reached from elsewhere; say --public if that is meant")
    names = None if public else _LOCAL

    class Handler(_Handler):
        allowed = names
        root = folder.resolve()

    return ThreadingHTTPServer((host, port), Handler)


class _Handler(SimpleHTTPRequestHandler):
    """One request. ``root``: the folder; ``allowed``: names in the Host header that are answered (None: any)."""

    root: Path
    allowed: frozenset[str] | None
    extensions_map = TYPES
    server_version = "junheng"
    sys_version = ""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, directory=str(self.root), **more)

    def send_head(self) -> Any:
        """Find what was asked for; anything that is not a plain file of the sites is not found."""
        host = self.headers.get("Host", "").rsplit(":", 1)[0] if "Host" in self.headers else ""
        if self.allowed is not None and host not in self.allowed:
            self.send_error(HTTPStatus.FORBIDDEN, "this server answers to its own address only")
            return None
        path = Path(self.translate_path(self.path)).resolve()
        inside = path.is_relative_to(self.root)
        if not inside or any(part.startswith(".") for part in path.relative_to(self.root).parts):
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def list_directory(self, path: Any) -> None:
        """Folders are not listed."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """Add what keeps a browser from guessing types and loading anything from elsewhere."""
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing; the browser shows what is missing."""


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
