"""Opening and writing files of ours in a folder that may belong to another account.

Root may work in a folder of an ordinary account. Nothing here follows a symbolic link that this account
could have laid, and what is new belongs to whoever owns the folder, so that the owner can go on alone.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def open_private(path: Path, flags: int, mode: int = 0o600) -> int:
    """Open `path`, creating it for the owner of its folder; the descriptor is not inherited by programs.

    Raises
    ------
    OSError
        If the file cannot be opened, or is a symbolic link.
    """
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return os.open(path, flags)
    os.fchmod(descriptor, mode)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


def write_whole(path: Path, text: str) -> None:
    """Replace `path` in one step: a reader sees the old text or the new one, readable by everybody."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = open_private(draft, os.O_WRONLY, 0o644)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def make_folder(path: Path, mode: int, uid: int, gid: int) -> None:
    """Make one folder for an account; one that is already there keeps its mode and owner."""
    try:
        path.mkdir(mode)
    except FileExistsError:
        return
    path.chmod(mode)
    if os.geteuid() == 0:
        os.chown(path, uid, gid, follow_symlinks=False)


def sync_folder(path: Path) -> None:
    """Make a rename inside `path` survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
