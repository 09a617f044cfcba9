"""What loaders are made of: many ids are asked for at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from strawberry.dataloader import DataLoader

MOST_KEYS = 250
"""How many ids a loader asks for at once."""


def one[T](
    read: Callable[[Sequence[str]], Awaitable[Mapping[str, T]]],
) -> DataLoader[str, T | None]:
    """By id; None for what there is not."""

    async def load(ids: list[str]) -> list[T | None]:
        found = await read(ids)
        return [found.get(id_) for id_ in ids]

    return DataLoader(load, max_batch_size=MOST_KEYS)


def many[T](
    read: Callable[[Sequence[str]], Awaitable[Mapping[str, Sequence[T]]]],
) -> DataLoader[str, Sequence[T]]:
    """By id; () for what there is not."""

    async def load(ids: list[str]) -> list[Sequence[T]]:
        found = await read(ids)
        return [found.get(id_, ()) for id_ in ids]

    return DataLoader(load, max_batch_size=MOST_KEYS)
