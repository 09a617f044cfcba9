"""Why a socket ends: codes of graphql-transport-ws.

graphql-ws clients give up on 4401 and come back, with a fresh credential, on 4403.
"""

from __future__ import annotations

BAD_REQUEST = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
BAD_SUBPROTOCOL = 4406
INIT_TIMEOUT = 4408
ID_TAKEN = 4409
INIT_TWICE = 4429
INTERNAL = 4500
TOO_SLOW = 1013


class HangUp(Exception):
    """End the connection with this code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
