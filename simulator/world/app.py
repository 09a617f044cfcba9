"""All doors of a world behind one port: each actor under its own path, the control desk under /control."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from simulator.world.control import ControlDesk
from simulator.world.world import World


def world_app(world: World) -> Starlette:
    """Put the actors' apps together."""
    routes: list[BaseRoute] = [Mount("/control", routes=ControlDesk(world).routes)]
    for actor in world.actors:
        app = world.carriers.door(actor.name) or actor.app
        if app is not None:
            routes.append(Mount(f"/{actor.name}", app=app))
    return Starlette(routes=routes)
