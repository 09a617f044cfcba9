"""Under which account of the operating system the server runs: never root, always the owner of its data."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from gateway.store.postgres.errors import PostgresUnavailable

SERVICE_ACCOUNTS = ("postgres", "nobody")
"""Taken in this order when root starts the first time and names none (DOORSTEP_POSTGRES_USER)."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the operating system; `name` is None where no list of accounts knows the number."""

    uid: int
    gid: int
    name: str | None

    @property
    def label(self) -> str:
        return self.name or f"user {self.uid}"


def account_for(root: Path, data: Path, run_as: str | None = None) -> Account:
    """The account that the server of this folder runs under.

    An ordinary user runs it as itself. Root runs it as the owner of the data, else as the owner of the
    folder, else as `run_as`, else as the first of `SERVICE_ACCOUNTS` that exists.

    Raises
    ------
    PostgresUnavailable
        If the data belong to another user, to root, or no account can be found.
    """
    return _account_of_user(root, data) if os.geteuid() != 0 else _account_for_root(root, data, run_as)


def _account_of_user(root: Path, data: Path) -> Account:
    me = _named(os.geteuid(), os.getegid())
    if me.name is None:
        raise PostgresUnavailable(
            f"The embedded PostgreSQL needs an account with a name, and user id {me.uid} has none. "
            f"Run under a user listed in /etc/passwd, or set DATABASE_URL."
        )
    owner = _owner(data) or me
    if owner.uid != me.uid or (root.exists() and not os.access(root, os.W_OK | os.X_OK)):
        whose = (owner if owner.uid != me.uid else _owner(root) or owner).label
        raise PostgresUnavailable(
            f"The database folder {root} is {whose}'s, not {me.name}'s (root sets it up for another account)."
            f" Run doorstep as root or as its owner; or choose a data folder of your own; or, while nothing "
            f"uses it, hand it over: sudo chown -R {me.name} {root}"
        )
    return me


def _account_for_root(root: Path, data: Path, run_as: str | None) -> Account:
    owner = _owner(data)
    if owner is not None and owner.uid == 0:
        raise PostgresUnavailable(
            f"The database in {data} belongs to root, and PostgreSQL refuses to run as root. "
            f"Give it to a service account: chown -R {run_as or SERVICE_ACCOUNTS[0]} {data}"
        )
    if owner is None:
        owner = _owner(root)
    if owner is not None and owner.uid != 0:
        return owner
    for name in (run_as,) if run_as else SERVICE_ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)
    wanted = run_as or " or ".join(SERVICE_ACCOUNTS)
    raise PostgresUnavailable(
        f"PostgreSQL refuses to run as root, and there is no ordinary account {wanted} to run it under."
        f" Name an existing one in DOORSTEP_POSTGRES_USER, or set DATABASE_URL."
    )


def closed_door(path: Path, account: Account) -> Path | None:
    """The first folder on the way to `path`, or `path` itself, that the account may not enter or execute.

    Judged by modes and the account's main group, which is all that the server's process is given.
    """
    for step in (*reversed(path.parents), path):
        found = step.stat()
        if found.st_uid == account.uid:
            allowed = found.st_mode >> 6
        elif found.st_gid == account.gid:
            allowed = found.st_mode >> 3
        else:
            allowed = found.st_mode
        if not allowed & 0o1:
            return step
    return None


def _owner(path: Path) -> Account | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    except PermissionError:
        raise PostgresUnavailable(
            f"The database folder {path.parent} is closed to {_named(os.geteuid(), os.getegid()).label}. "
            f"Run doorstep as its owner or as root, or choose a data folder of your own."
        ) from None
    return _named(found.st_uid, found.st_gid)


def _named(uid: int, gid: int) -> Account:
    try:
        return Account(uid, gid, pwd.getpwuid(uid).pw_name)
    except KeyError:
        return Account(uid, gid, None)
