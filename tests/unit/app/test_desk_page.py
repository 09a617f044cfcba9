"""The page of the desk."""

from __future__ import annotations

import re

from starlette.routing import Route

from gateway.app.pages import STATIC, page_routes


def test_the_desk_is_served() -> None:
    assert "/desk" in [route.path for route in page_routes() if isinstance(route, Route)]


def test_all_that_the_desk_loads_is_there_and_it_lets_nobody_else_in() -> None:
    page = (STATIC / "desk.html").read_text()
    scripts = [STATIC / "desk.js", *sorted((STATIC / "desk").glob("*.js"))]
    loaded = [STATIC / name for name in re.findall(r'(?:src|href)="/static/([^"]+)"', page)]
    for script in scripts:
        loaded += [script.parent / name for name in re.findall(r"from '(\.[^']+)'", script.read_text())]
    assert {STATIC / "desk.css", *scripts} <= {path.resolve() for path in loaded}
    assert [path for path in loaded if not path.is_file()] == []
    assert "default-src 'none'; script-src 'self'" in page
