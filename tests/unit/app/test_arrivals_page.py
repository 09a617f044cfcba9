"""The page on which one sees how good arrival times were."""

from __future__ import annotations

import re

from starlette.routing import Route

from gateway.app.pages import STATIC, page_routes


def test_the_page_of_arrivals_is_served() -> None:
    assert "/arrivals" in [route.path for route in page_routes() if isinstance(route, Route)]


def test_all_that_the_page_of_arrivals_loads_is_there() -> None:
    page, script = ((STATIC / name).read_text() for name in ("arrivals.html", "arrivals.js"))
    loaded = re.findall(r'(?:src|href)="/static/([^"]+)"', page) + re.findall(r"from '\./([^']+)'", script)
    assert {"arrivals.css", "arrivals.js", "documents.js"} <= set(loaded)
    assert [name for name in loaded if not (STATIC / name).is_file()] == []
