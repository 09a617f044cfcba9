"""The folder of one embedded PostgreSQL: what lies where.

supervisor.lock   held by the process whose child the server is
attached.lock     shared by the processes that only use it
running.lock      held by every process of the server itself, from its first to its last
data/             PostgreSQL's own files
etc/              settings and access rules, rewritten at every start
local.conf        the operator's own settings, if there are any; read last
socket/           the socket, unless its path would be too long
postgres.log      what the server says, at most two files of a few megabytes
"""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from gateway.store.postgres.account import Account
from gateway.store.postgres.errors import PostgresUnavailable
from gateway.store.postgres.files import make_folder

PORT = 5432
"""Only a part of the socket's name: nothing listens on TCP."""

LONGEST_SOCKET_PATH = 100
"""Bytes. The address of a unix socket holds 107 on Linux and 103 on macOS."""


@dataclass(frozen=True, slots=True)
class Folder:
    """Paths inside the folder `root`, which must be absolute and free of symbolic links (`Folder.at`)."""

    root: Path

    @classmethod
    def at(cls, path: Path) -> Folder:
        """The folder at `path`; nothing is created yet."""
        return cls(path.expanduser().resolve())

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def etc(self) -> Path:
        return self.root / "etc"

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"

    @property
    def socket(self) -> Path:
        """The folder of the socket.

        The same in every process whatever its environment, since a connection string outlives a restart
        by another process. A comma or a quote would be read as a list of folders by libpq and by the server.
        """
        inside = self.root / "socket"
        name = os.fsencode(inside / f".s.PGSQL.{PORT}")
        if len(name) <= LONGEST_SOCKET_PATH and not set(b',"') & set(name):
            return inside
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:20]
        return Path("/tmp") / f"doorstep-{digest}"  # noqa: S108  checked by `make_socket_folder` before use

    def lock(self, name: str) -> Path:
        return self.root / f"{name}.lock"


def default_data_dir() -> Path:
    """Where the data lies when nobody says otherwise: a folder per user, root's where others can enter."""
    if os.geteuid() == 0:
        return Path("/var/lib/doorstep/postgres")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "doorstep" / "postgres"
    given = os.environ.get("XDG_DATA_HOME", "")
    data_home = Path(given) if Path(given).is_absolute() else Path.home() / ".local" / "share"
    return data_home / "doorstep" / "postgres"


def make_root(folder: Folder) -> None:
    """Make the folder itself and what is missing above it; folders that exist are left as they are.

    Root's is open for passing through, because the server runs under another account and must get inside.
    """
    passable = os.geteuid() == 0
    missing = [path for path in (folder.root, *folder.root.parents) if not path.exists()]
    for path in reversed(missing):
        mode = 0o755 if path != folder.root else 0o711 if passable else 0o700
        make_folder(path, mode, os.geteuid(), os.getegid())


def make_parts(folder: Folder, account: Account) -> None:
    """Make the parts that belong to us (etc) and to the server's account (socket), and close its own."""
    owner = folder.root.stat()
    make_folder(folder.etc, 0o755, owner.st_uid, owner.st_gid)
    for own in (folder.data, folder.socket):
        # A mount may open a volume to a group (Kubernetes' fsGroup), which PostgreSQL refuses.
        if own.parent == folder.root and own.is_dir() and not own.is_symlink() and own.stat().st_mode & 0o077:
            own.chmod(0o700)
    make_socket_folder(folder.socket, account)


def make_socket_folder(path: Path, account: Account) -> None:
    """Make the socket's folder, open to the server's account alone.

    Raises
    ------
    PostgresUnavailable
        If something else is in its place, such as another user's folder of that name under /tmp.
    """
    make_folder(path, 0o700, account.uid, account.gid)
    found = path.lstat()
    if not path.is_dir() or path.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
        raise PostgresUnavailable(
            f"PostgreSQL's socket cannot be put into {path}: it is not a folder that only {account.label} "
            f"can enter. Remove it, or choose a data folder with a shorter path, or set DATABASE_URL."
        )
