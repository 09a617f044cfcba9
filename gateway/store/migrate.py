"""Brings a database to the newest schema."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from gateway.store.tables import APP_ROLE

_MIGRATIONS = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = 0x0D005  # any number of our own, as the key of an advisory lock


def migrate(owner_dsn: str, *, shared_login: bool = False) -> tuple[str | None, str]:
    """Run every migration that is missing, as the owner of the database; safe to call from many processes.

    Creates the role `doorstep_app` where it is missing and the owner may.

    Parameters
    ----------
    shared_login
        The application logs in as the owner too and then works as `doorstep_app`, which the owner must
        be a member of for that.

    Returns
    -------
    (before, after)
        Revisions; before is None for an empty database.
    """
    engine = create_engine(make_url(owner_dsn).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _ONE_AT_A_TIME})
            connection.commit()
            _ensure_application_role(connection, shared_login)
            before = _revision(connection)
            if before == newest_revision():
                return before, before
            _upgrade(connection)
            return before, str(_revision(connection))
    finally:
        engine.dispose()


@cache
def newest_revision() -> str:
    """What this version of the code expects: migrations are files that are named by their numbers."""
    files = (path.name for path in (_MIGRATIONS / "versions").glob("r[0-9]*.py"))
    return max(files).partition("_")[0]


def _revision(connection: Connection) -> str | None:
    """Where a database stands; None for an empty one."""
    if connection.execute(text("SELECT to_regclass('alembic_version')")).scalar() is None:
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _upgrade(connection: Connection) -> None:
    # Every command opens the database, and few find something to do: the others need not load this.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()


def _ensure_application_role(connection: Connection, shared_login: bool) -> None:
    known = text("SELECT 1 FROM pg_roles WHERE rolname = :name")
    if not connection.execute(known, {"name": APP_ROLE}).scalar():
        connection.execute(text(f"CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS"))
    member = text("SELECT pg_has_role(current_user, :name, 'SET')")
    if shared_login and not connection.execute(member, {"name": APP_ROLE}).scalar():
        connection.execute(text(f"GRANT {APP_ROLE} TO CURRENT_USER"))
    connection.commit()
