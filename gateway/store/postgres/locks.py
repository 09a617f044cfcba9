"""Locks between processes: `flock`, which the kernel drops with its holder, also after kill -9."""

from __future__ import annotations

import fcntl
import os
import weakref
from pathlib import Path

from gateway.store.postgres.files import open_private


class FolderLock:
    """A lock on one file; not held, shared, or exclusive.

    A lock of this kind belongs to the open file, which a forked child shares. Children made by `os.fork` (and
    multiprocessing's "fork") close it at once, else they would hold the folder after this process has died.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        _locks.add(self)

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def take(self, *, shared: bool = False) -> bool:
        """Take the lock if it is free, without waiting.

        Raises
        ------
        OSError
            If the lock file cannot be opened.
        """
        if self._descriptor is not None:
            return True
        descriptor = open_private(self._path, os.O_RDWR)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            # Whoever locked a file that has been deleted meanwhile guards nothing.
            current = os.path.samestat(os.fstat(descriptor), self._path.stat())
        except (BlockingIOError, FileNotFoundError):
            os.close(descriptor)
            return False
        if not current:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back, also on behalf of copies that slipped into other processes."""
        if self._descriptor is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            self.forget()

    def forget(self) -> None:
        """Close our copy only: the lock stays with the processes that inherited it until the last ends."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def fileno(self) -> int:
        """The descriptor to hand to a child process."""
        if self._descriptor is None:
            raise ValueError(f"the lock {self._path.name} is not held")
        return self._descriptor


_locks: weakref.WeakSet[FolderLock] = weakref.WeakSet()


def _close_inherited_locks() -> None:
    for lock in list(_locks):
        lock.forget()


os.register_at_fork(after_in_child=_close_inherited_locks)
