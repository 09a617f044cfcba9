"""Settings: which version of them somebody saw, so that two people do not overwrite each other unseen."""

from __future__ import annotations

import hashlib

import msgspec

from doorstep.errors import StateConflict

_MOST_VERSION = 0x7FFFFFFF
"""GraphQL's Int has 32 bits and a sign."""


def version_of(*settings: object) -> int:
    """A number for settings as they stand, another one after every change of them.

    It is made of what they say and nothing counts it, so that it follows whoever changes them: the API, the
    command line, or an operator in the database.
    """
    text = msgspec.json.encode(settings, order="deterministic")
    return int.from_bytes(hashlib.sha256(text).digest()[:4]) & _MOST_VERSION


def require_version(expected: int | None, *settings: object) -> None:
    """See that settings are still what somebody saw; to be asked under the lock that they are saved under.

    Parameters
    ----------
    expected
        None saves over whatever stands there.

    Raises
    ------
    StateConflict
        If they were changed meanwhile, with the version that stands.
    """
    version = version_of(*settings)
    if expected is not None and expected != version:
        text = "Somebody changed these settings in between; read them again."
        raise StateConflict(text, current_version=version)
