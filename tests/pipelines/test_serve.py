"""The server of the dashboards: what it hands out, and everything it does not."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.serve import site_server


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A server of a small folder with a secret beside it."""
    root = tmp_path / "dashboards"
    (root / "r1" / ".units").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret")
    for name, content in (
        ("index.html", "<p>首页</p>"), ("r1/a.svg", "<svg/>"), ("r1/a.xlsx", "PK"), ("r1/a.js", "1"), ("r1/a.csv", "a"),
        (".drawn_by.json", "{}"), ("r1/.units/a.json", "{}"),
    ):  # fmt: skip
        (root / name).write_text(content, encoding="utf-8")
    (root / "r1" / "link.txt").symlink_to(tmp_path / "secret.txt")
    with site_server(root) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def _ask(port: int, path: str, method: str = "GET", host: str | None = None) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers={"Host": host} if host else {})
    response = connection.getresponse()
    response.body = response.read()  # type: ignore[attr-defined]
    connection.close()
    return response


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/r1/a.svg", "image/svg+xml"),
        ("/r1/a.js", "text/javascript; charset=utf-8"),
        ("/r1/a.csv", "text/csv; charset=utf-8"),
        ("/r1/a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_files_have_their_types(port: int, path: str, kind: str) -> None:
    response = _ask(port, path)
    assert (response.status, response.headers["Content-Type"]) == (200, kind)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/r1/", "/.drawn_by.json", "/r1/.units/a.json", "/../secret.txt", "/%2e%2e/secret.txt", "/r1/link.txt", "/no"]
)  # fmt: skip
def test_nothing_else_is_found(port: int, path: str) -> None:
    response = _ask(port, path)
    assert response.status == 404
    assert b"secret" not in response.body  # type: ignore[attr-defined]


def test_only_reading(port: int) -> None:
    assert _ask(port, "/", "HEAD").status == 200
    for method in ("POST", "PUT", "DELETE"):
        assert _ask(port, "/", method).status == 501


def test_a_name_that_was_made_to_point_here_is_refused(port: int) -> None:
    assert _ask(port, "/", host="example.com").status == 403
    assert _ask(port, "/", host=f"localhost:{port}").status == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "example.com"])
def test_other_addresses_are_refused(host: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--public"):
        site_server(tmp_path, host)
