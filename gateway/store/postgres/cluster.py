"""Making the database once, and refusing one that is not ours to open."""

from __future__ import annotations

import secrets
import shutil

from gateway.store.postgres.access import FIRST_STATEMENTS, HOST_RULES, SUPERUSER, identity_map
from gateway.store.postgres.account import Account
from gateway.store.postgres.binaries import MAJOR, Binaries
from gateway.store.postgres.errors import PostgresUnavailable
from gateway.store.postgres.files import make_folder, sync_folder, write_whole
from gateway.store.postgres.folder import Folder
from gateway.store.postgres.launching import TIE, Tie, run
from gateway.store.postgres.settings import configuration


def exists(folder: Folder) -> bool:
    """Whether the folder holds a database of our version.

    Raises
    ------
    PostgresUnavailable
        If it holds one of another major version, or something else.
    """
    if not folder.data.exists():
        return False
    try:
        version = (folder.data / "PG_VERSION").read_text("ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        raise PostgresUnavailable(
            f"{folder.data} is no PostgreSQL database. Move it away, or choose another data folder."
        ) from None
    if version != str(MAJOR):
        raise PostgresUnavailable(
            f"{folder.data} was written by PostgreSQL {version}, and doorstep carries PostgreSQL {MAJOR}. "
            f"Dump it with pg_dump under the doorstep that wrote it and restore it into a new folder, "
            f"or set DATABASE_URL to a PostgreSQL {version} of yours."
        )
    return True


def create(
    folder: Folder, account: Account, binaries: Binaries, *, fast: bool = False, tie: Tie = TIE
) -> None:
    """Make the database with its roles. It appears under its name whole, or not at all.

    Only the holder of the supervisor's lock may call this.

    Raises
    ------
    PostgresUnavailable
        If initdb or the first statements fail.
    """
    _sweep_drafts(folder)
    draft = folder.root / f"data.new-{secrets.token_hex(4)}"
    make_folder(draft, 0o700, account.uid, account.gid)
    try:
        run(_initdb(binaries, str(draft), fast=fast), account, folder.log, tie=tie)
        single = [str(binaries.program("postgres")), "--single", "-D", str(draft), "-c", "exit_on_error=on"]
        # Single-user mode takes one statement per line and needs no server, no password and no open door.
        single += ["-c", "log_statement=none", *(("-F",) if fast else ()), "postgres"]
        run(single, account, folder.log, tie=tie, text="".join(f"{line}\n" for line in FIRST_STATEMENTS))
        draft.rename(folder.data)
        sync_folder(folder.root)
    finally:
        # Once more for the others as well: an initdb whose parent was killed may have written on a while.
        _sweep_drafts(folder)


def _sweep_drafts(folder: Folder) -> None:
    for draft in folder.root.glob("data.new-*"):
        shutil.rmtree(draft, ignore_errors=True)


def _initdb(binaries: Binaries, data: str, *, fast: bool) -> list[str]:
    return [
        str(binaries.program("initdb")),
        *("-D", data, "-U", SUPERUSER, "-E", "UTF8"),
        # PostgreSQL's own C.UTF-8 sorts the same on every system and after every upgrade of the C library.
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        *("--auth-local=peer", "--auth-host=reject", "--no-instructions"),
        # Log files of 1 MB instead of 16: a test's database is smaller, and quicker to make and to copy.
        *(("--no-sync", "--wal-segsize=1") if fast else ()),
    ]


def write_settings(folder: Folder, account: Account, *, fast: bool) -> None:
    """Write what the server reads at its start: settings, who gets in, who is who."""
    write_whole(folder.etc / "postgresql.conf", configuration(folder, fast=fast))
    write_whole(folder.etc / "pg_hba.conf", HOST_RULES)
    write_whole(folder.etc / "pg_ident.conf", identity_map(account))
