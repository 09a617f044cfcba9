"""All doors of a world behind one port: each actor under its own path, the control desk under /control."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from simulator.world.control import ControlDesk
from simulator.world.world import World


def world_app(world: World) -> Starlette:
    """Put the actors' apps together."""
    routes: list[BaseRoute] = [Mount("/control", routes=ControlDesk(world).routes)]
    routes += [Mount(f"/{actor.name}", app=actor.app) for actor in world.actors if actor.app is not None]
    return Starlette(routes=routes)
