"""Is the process alive, and is it ready for work?"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from doorstep.health import HealthCheck
from gateway.bootstrap.house import House
from gateway.store.migrate import newest_revision


def health_routes(house: House) -> list[Route]:
    """`/health` answers as long as the process runs, `/ready` only while it can do its work."""

    async def health(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def ready(_request: Request) -> JSONResponse:
        checks = [await _database(house), house.live.health(), _plugins(house)]
        # Live updates between processes may be away for a while; orders go on without them.
        is_ready = checks[0].passed
        body = {"status": "ready" if is_ready else "not ready", "checks": [_row(check) for check in checks]}
        return JSONResponse(body, status_code=200 if is_ready else 503)

    return [Route("/health", health), Route("/ready", ready)]


async def _database(house: House) -> HealthCheck:
    try:
        async with house.database.doors() as connection:
            revision = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    except (SQLAlchemyError, OSError) as error:
        return HealthCheck(
            "database", False, f"PostgreSQL does not answer ({type(error).__name__}).", "database_away"
        )
    if revision != newest_revision():
        return HealthCheck(
            "database", False, "The schema is older than this version; run `doorstep migrate`.", "old_schema"
        )
    return HealthCheck("database", True, "PostgreSQL answers and its schema is current.")


def _plugins(house: House) -> HealthCheck:
    broken = house.plugins.broken
    if broken:
        names = ", ".join(sorted(broken))
        return HealthCheck("plugins", False, f"These plug-ins could not be loaded: {names}.", "plugin_broken")
    return HealthCheck("plugins", True, "All plug-ins are loaded.")


def _row(check: HealthCheck) -> dict[str, object]:
    return {"name": check.name, "passed": check.passed, "text": check.text, "fault": check.fault}
