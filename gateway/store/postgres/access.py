"""Who gets in, and how: two roles over the unix socket, told apart by the operating system's peer check."""

from __future__ import annotations

import pwd
from typing import Literal
from urllib.parse import quote

from gateway.store.postgres.account import Account
from gateway.store.postgres.folder import PORT, Folder

Role = Literal["owner", "app"]

DATABASE = "doorstep"
OWNER = "doorstep_owner"
APP = "doorstep_app"
SUPERUSER = "postgres"
"""Owns the system tables. No rule lets anybody log in as it; what needs it is done before the first start."""

ROLE_NAMES: dict[Role, str] = {"owner": OWNER, "app": APP}

HOST_RULES = f"local all {OWNER},{APP} peer map=doorstep\n"
"""pg_hba.conf. Whatever no line names is refused: other roles, TCP, replication."""

FIRST_STATEMENTS = (
    # Migrations run as the owner, and under FORCE ROW LEVEL SECURITY an owner without BYPASSRLS sees no rows.
    f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOCREATEROLE CREATEDB BYPASSRLS",
    # DROP DATABASE ... WITH (FORCE) ends the application's connections; a health page shows what they do.
    f"GRANT pg_signal_backend, pg_read_all_stats TO {OWNER}",
    f"CREATE ROLE {APP} LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS",
    f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
)
"""What only the superuser may do, given to PostgreSQL's single-user mode right after initdb."""


def identity_map(account: Account) -> str:
    """pg_ident.conf: the folder's owner and root may take either role.

    Both can read the data files anyway, so this opens nothing that was closed.
    """
    names = {account.name, _root_name()} - {None}
    return "".join(
        f'doorstep "{name}" {role}\n' for name in sorted(str(name) for name in names) for role in (OWNER, APP)
    )


def _root_name() -> str | None:
    try:
        return pwd.getpwuid(0).pw_name
    except KeyError:
        return None


def connection_url(folder: Folder, role: Role, database: str) -> str:
    """A libpq URL over the socket; psycopg and SQLAlchemy read it as it is.

    The port is named because PGPORT in the environment would change the socket's name.
    """
    socket = quote(str(folder.socket), safe="")
    return f"postgresql://{ROLE_NAMES[role]}@/{quote(database, safe='')}?host={socket}&port={PORT}"
