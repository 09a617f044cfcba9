"""The operator's secret keys: given by the environment, or made once and kept in the home folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from doorstep.secret import Secret
from gateway.config import Settings


def secret_keys(settings: Settings) -> Sequence[Secret]:
    """Newest first; a generated one lies in DOORSTEP_HOME, readable by its owner alone."""
    if settings.secret_keys:
        return settings.secret_keys
    file = settings.home / "secret-key"
    if not file.exists():
        _write_once(file)
    return (Secret(file.read_text().strip()),)


def _write_once(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(secrets.token_urlsafe(48))
    try:
        # A link appears with its whole content: nobody ever reads half a key.
        os.link(draft, file)
    except FileExistsError:
        pass  # another process was first; its key is as good
    finally:
        draft.unlink()
