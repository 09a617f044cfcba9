"""`python -m gateway.api` prints the SDL; `make` writes it to schema.graphql."""

import sys

from gateway.api.schema import build_schema, sdl_of

sys.stdout.write(sdl_of(build_schema()))
