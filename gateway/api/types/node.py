"""Anything with a global id."""

from __future__ import annotations

import strawberry

from gateway.api.marks import ANYONE, interface


@interface(to=ANYONE)
class Node:
    """Anything with a global id."""

    id: strawberry.ID
