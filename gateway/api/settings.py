"""What an operator can set about the API."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """Limits and switches of the API; the defaults suit a shop of any size.

    Attributes
    ----------
    introspection
        Whether clients may ask the schema about itself; the SDL is served either way.
    explorer
        Whether a browser that opens the endpoint gets a page to try queries on.
    max_body_bytes
        Longest request body, and longest message on a socket.
    max_tokens, max_depth, max_aliases
        Longest, deepest and most repetitive document.
    max_cost
        Most points that one document may ask for; see docs of `extensions.cost`.
    bucket_points, restore_per_s
        What a key may spend at once, and how fast it is given back.
    cached_documents
        How many documents are kept parsed, validated and measured.
    connection_init_s, ping_every_s
        How long a socket may stay silent before it says who it is; how often the server pings.
    slow_socket_s
        How long a socket may be full, because its client does not read, before it is ended.
    max_operations_per_socket
        Operations that one socket may run at a time.
    max_waiting_bytes
        What may wait in memory for a socket that is full, beside 64 KiB on their way out. Where it is more
        the socket is ended, and its client resumes from its last cursors.
    """

    introspection: bool = True
    explorer: bool = False
    max_body_bytes: int = 262_144
    max_tokens: int = 4_000
    max_depth: int = 14
    max_aliases: int = 30
    max_cost: int = 50_000
    bucket_points: int = 200_000
    restore_per_s: int = 10_000
    cached_documents: int = 1_000
    connection_init_s: float = 10.0
    ping_every_s: float = 20.0
    slow_socket_s: float = 30.0
    max_operations_per_socket: int = 50
    max_waiting_bytes: int = 393_216

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if not isinstance(value, bool) and value <= 0:
                raise ValueError(f"{name} must be positive, got {value}")
        if self.bucket_points < self.max_cost:
            raise ValueError("bucket_points must not be less than max_cost, or a document could never run")
